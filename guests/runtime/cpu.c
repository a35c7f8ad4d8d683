/* SPDX-License-Identifier: Apache-2.0 */
/* The first steps in C, and other CPUs. */
#include "cpu.h"
#include "arch.h"
#include "guest.h"
#include "hooks.h"
#include "mmu.h"
#include "offsets.h"

#define STACK_SIZE 16384

_Static_assert(offsetof(struct cpu, stack_end) == CPU_STACK, "offsets.h");
_Static_assert(offsetof(struct cpu, arch) == CPU_ARCH, "offsets.h");

extern char start_other[];

struct cpu cpus[GUEST_MAX_CPUS];
static char stacks[GUEST_MAX_CPUS][STACK_SIZE] __attribute__((aligned(4096)));

uint64_t cpu_entry(void)
{
	return (uint64_t)start_other;
}

static unsigned index_of(uint64_t hwid)
{
	unsigned i;

	for (i = 0; i < machine.cpu_count; i++) {
		if (machine.cpu_hwid[i] == hwid)
			return i;
	}
	return 0;
}

static void init_self(unsigned index, uint64_t hwid)
{
	struct cpu *cpu = &cpus[index];

	cpu->index = index;
	cpu->hwid = hwid;
	cpu->catching = false;
	cpu_set_self(cpu);
}

void runtime_start(uint64_t hwid, const void *dtb)
{
	dt_init(dtb);
	init_self(index_of(hwid), hwid);
	mmu_init();
	firmware_init();
	console_init();
	intc_init();
	intc_init_cpu();
	timer_init();
	runtime_main();
}

void runtime_start_other(struct cpu *cpu, uint64_t hwid)
{
	init_self(cpu->index, hwid);
	intc_init_cpu();
	cpu->fn(cpu->arg);
	firmware_cpu_off();
	check(false, "cpu-off", "the firmware did not switch CPU %u off", cpu->index);
	check_finish();
}

unsigned cpu_index(void)
{
	return cpu_self()->index;
}

int cpu_start(unsigned index, void (*fn)(void *), void *arg)
{
	struct cpu *cpu = &cpus[index];

	cpu->stack_end = (uint64_t)stacks[index] + STACK_SIZE;
	cpu->index = index;
	cpu->fn = fn;
	cpu->arg = arg;
	cache_clean(cpu, sizeof(*cpu)); /* it is read with the MMU off */
	return firmware_cpu_on(machine.cpu_hwid[index], cpu_entry(), (uint64_t)cpu);
}

bool cpu_is_off(unsigned index)
{
	return firmware_cpu_is_off(machine.cpu_hwid[index]);
}
