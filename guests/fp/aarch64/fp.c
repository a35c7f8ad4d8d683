/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The FP/SIMD registers belong to the CPU that uses them: interrupts, sleep, exits and other guests leave them alone.
 * The rest of this guest is compiled without them.
 */
#include <guest.h>
#include <arch.h>
#include <psci.h>
#include <sysreg.h>

#include <stdatomic.h>
#include <string.h>

#define ROUNDS    60
#define REGISTERS 64 /* halves */

const char guest_name[] = "fp";

void fp_load(const uint64_t registers[REGISTERS]);
void fp_store(uint64_t registers[REGISTERS]);

struct result {
	atomic_uint rounds, wrong_registers, wrong_fpcr, wrong_fpsr;
	atomic_bool done;
};

static struct result results[GUEST_MAX_CPUS];

static void disturb(unsigned round)
{
	switch (round % 3) {
	case 0: clock_wait_us(5000); break;
	case 1: /* an exit that returns at once */ psci_call(PSCI_VERSION, 0, 0, 0); break;
	default: print("%s", ""); break;
	}
}

static void run(struct result *result, void (*pause)(unsigned round))
{
	uint64_t in[REGISTERS], out[REGISTERS];
	unsigned round, i;

	for (round = 0; round < ROUNDS; round++) {
		uint64_t fpcr = (uint64_t)(round & 3) << 22 | (uint64_t)(round & 1) << 24;
		uint64_t fpsr = 1ULL << 27 | (round & 0x1f);

		for (i = 0; i < REGISTERS; i++)
			in[i] = 0x9e3779b97f4a7c15ULL * (round * 64 + i + 1 + 7919 * cpu_index());
		fp_load(in);
		sysreg_write(fpcr, fpcr);
		sysreg_write(fpsr, fpsr);
		pause(round);
		fp_store(out);
		result->wrong_registers += memcmp(in, out, sizeof(in)) != 0;
		result->wrong_fpcr += sysreg_read(fpcr) != fpcr;
		result->wrong_fpsr += sysreg_read(fpsr) != fpsr;
		result->rounds++;
	}
	sysreg_write(fpcr, 0);
}

static void other(void *arg)
{
	struct result *result = arg;

	run(result, disturb);
	result->done = true;
}

static void sleep_between(unsigned round)
{
	clock_sleep_us(round % 2 ? 2000 : 5000);
}

static void check_result(const char *name, struct result *result)
{
	check(result->rounds == ROUNDS && !result->wrong_registers && !result->wrong_fpcr && !result->wrong_fpsr, name,
	      "of %u rounds, wrong: %u registers, %u FPCR, %u FPSR", result->rounds, result->wrong_registers,
	      result->wrong_fpcr, result->wrong_fpsr);
}

/* Three instructions that would trap if the hypervisor kept FP to itself, with their result. */
static void check_arithmetic(void)
{
	uint64_t value;

	__asm__ volatile(".arch_extension fp\n\tmov x1, #3\n\tscvtf d0, x1\n\tfadd d0, d0, d0\n\tfmov %0, d0"
			 : "=r"(value)
			 :
			 : "x1");
	check_eq("fadd", value, 0x4018000000000000ULL);
}

void guest_main(void)
{
	static struct result sleeping;
	unsigned cpu, self = cpu_index();

	check_arithmetic();
	for (cpu = 0; cpu < machine.cpu_count; cpu++) {
		if (cpu != self)
			check_eq("cpu-on", cpu_start(cpu, other, &results[cpu]), 0);
	}
	run(&results[self], disturb);
	check_result("busy", &results[self]);
	interrupts_on();
	run(&sleeping, sleep_between);
	check_result("sleep-and-interrupts", &sleeping);
	for (cpu = 0; cpu < machine.cpu_count; cpu++) {
		while (cpu != self && !results[cpu].done)
			clock_sleep_us(1000);
		if (cpu != self)
			check_result("other-cpu", &results[cpu]);
	}
}
