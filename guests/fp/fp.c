/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FP, SIMD and vector registers belong to the CPU that uses them: interrupts, sleep, exits and other guests leave them
 * alone. The rest of this guest is compiled without them.
 */
#include "registers.h"
#include <arch.h>

#include <stdatomic.h>
#include <string.h>

#define ROUNDS    60
#define MAX_BANKS 2

const char guest_name[] = "fp";

struct result {
	atomic_uint rounds, wrong_registers, wrong_control;
	atomic_bool done;
};

static struct result results[GUEST_MAX_CPUS];

static void disturb(unsigned round)
{
	switch (round % 3) {
	case 0: clock_wait_us(5000); break;
	case 1: fp_call(); break;
	default: print("%s", ""); break;
	}
}

static void run(struct result *result, void (*pause)(unsigned round))
{
	uint64_t in[MAX_BANKS][FP_WORDS], out[FP_WORDS];
	unsigned round, bank, i;

	for (round = 0; round < ROUNDS; round++) {
		for (bank = 0; bank < fp_bank_count(); bank++) {
			for (i = 0; i < FP_WORDS; i++)
				in[bank][i] = 0x9e3779b97f4a7c15ULL *
					      (round * 64 + i + 1 + 7919 * cpu_index() + 104729 * bank);
			fp_banks[bank].load(in[bank]);
		}
		fp_set_control(round);
		pause(round);
		for (bank = 0; bank < fp_bank_count(); bank++) {
			fp_banks[bank].store(out);
			result->wrong_registers += memcmp(in[bank], out, fp_banks[bank].words * 8) != 0;
		}
		result->wrong_control += !fp_control_is(round);
		result->rounds++;
	}
	fp_set_control(0);
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
	check(result->rounds == ROUNDS && !result->wrong_registers && !result->wrong_control, name,
	      "of %u rounds, wrong: %u registers, %u control registers", result->rounds, result->wrong_registers,
	      result->wrong_control);
}

void guest_main(void)
{
	static struct result sleeping;
	unsigned cpu, self = cpu_index();

	for (cpu = 0; cpu < fp_bank_count(); cpu++)
		print("fp: %s, %u words\n", fp_banks[cpu].name, fp_banks[cpu].words);
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
