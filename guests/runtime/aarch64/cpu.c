/* SPDX-License-Identifier: Apache-2.0 */
/* The first steps in C, and other CPUs through PSCI. */
#include "cpu.h"
#include "gic.h"
#include "guest.h"
#include "mmu.h"
#include "offsets.h"
#include "psci.h"
#include "timer.h"

#define STACK_SIZE 16384
#define MPIDR_AFF  0xff00ffffffULL

_Static_assert(offsetof(struct cpu, stack_end) == CPU_STACK, "offsets.h");
_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "offsets.h");

void start_c(const void *dtb);
void start_other_c(struct cpu *cpu);
extern char start_other[];

struct cpu cpus[GUEST_MAX_CPUS];
static char stacks[GUEST_MAX_CPUS][STACK_SIZE] __attribute__((aligned(4096)));

void cpu_init_self(unsigned index)
{
	struct cpu *cpu = &cpus[index];

	cpu->index = index;
	cpu->hwid = sysreg_read(mpidr_el1) & MPIDR_AFF;
	cpu->catching = false;
	sysreg_write(tpidr_el1, cpu);
}

uint64_t cpu_entry(void)
{
	return (uint64_t)start_other;
}

static unsigned index_of_this_cpu(void)
{
	uint64_t hwid = sysreg_read(mpidr_el1) & MPIDR_AFF;
	unsigned i;

	for (i = 0; i < machine.cpu_count; i++) {
		if (machine.cpu_hwid[i] == hwid)
			return i;
	}
	return 0;
}

void start_c(const void *dtb)
{
	dt_init(dtb);
	cpu_init_self(index_of_this_cpu());
	mmu_init();
	console_init();
	psci_init();
	gic_init();
	gic_init_cpu();
	timer_init();
	runtime_main();
}

void start_other_c(struct cpu *cpu)
{
	cpu_init_self(cpu->index);
	gic_init_cpu();
	cpu->fn(cpu->arg);
	psci_call(PSCI_CPU_OFF, 0, 0, 0);
	check(false, "cpu-off", "CPU_OFF returned on CPU %u", cpu->index);
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
	dcache_clean_invalidate(cpu, sizeof(*cpu)); /* it is read with the MMU off */
	return (int)psci_call(PSCI_CPU_ON, machine.cpu_hwid[index], cpu_entry(), (uint64_t)cpu);
}

bool cpu_is_off(unsigned index)
{
	return psci_call(PSCI_AFFINITY_INFO, machine.cpu_hwid[index], 0, 0) == PSCI_AFFINITY_OFF;
}
