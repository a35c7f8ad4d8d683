/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPU numbers, per-CPU areas, secondary CPUs.
 */
#include "irq_table.h"
#include <axhal/time.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axstd/spinlock.h>
#include <stdatomic.h>
#include <string.h>

#define START_TIMEOUT_NS NS_PER_SEC

extern char percpu_start[], percpu_end[];

static char boot_emergency_stack[EMERGENCY_STACK_SIZE] __attribute__((aligned(16)));

uintptr_t cpu_percpu_offset[CPU_MAX];
DEFINE_PER_CPU(unsigned, cpu_id);
/* Where exceptions in the hypervisor itself are reported: its stack may be what went wrong. Known to vectors.S. */
DEFINE_PER_CPU(void *, emergency_stack) = boot_emergency_stack + EMERGENCY_STACK_SIZE;

static uint64_t cpu_hwids[CPU_MAX];
static void *stack_tops[CPU_MAX];
static unsigned num_cpus = 1;
static _Atomic uint64_t online = 1;
static void (*secondary_entry_point)(void);

/*
 * What has become of a CPU that was switched on: it decides "running", the boot CPU "given up"; whoever is first
 * wins.
 */
enum start_state { START_PENDING, START_RUNNING, START_GIVEN_UP };
static _Atomic int start_states[CPU_MAX];

static bool decide_start(unsigned cpu, enum start_state state)
{
	int expected = START_PENDING;

	return atomic_compare_exchange_strong(&start_states[cpu], &expected, (int)state);
}

unsigned cpu_count(void)
{
	return num_cpus;
}

cpumask_t cpu_online_mask(void)
{
	return atomic_load_explicit(&online, memory_order_acquire);
}

uint64_t cpu_hwid(unsigned cpu)
{
	return cpu_hwids[cpu];
}

int cpu_by_hwid(uint64_t hwid)
{
	for (unsigned cpu = 0; cpu < num_cpus; cpu++)
		if (cpu_hwids[cpu] == hwid)
			return (int)cpu;
	return -AX_ENOENT;
}

void cpu_init_percpu(const uint64_t *hwids, unsigned count)
{
	size_t size = (uintptr_t)percpu_end - (uintptr_t)percpu_start;

	for (unsigned cpu = 0; cpu < count; cpu++) {
		char *area = mem_early_alloc(size, 64);

		memcpy(area, percpu_start, size);
		cpu_percpu_offset[cpu] = (uintptr_t)area - (uintptr_t)percpu_start;
		*per_cpu(cpu_id, cpu) = cpu;
		*per_cpu(irq_counts, cpu) = mem_early_alloc(IRQ_MAX * sizeof(uint32_t), 64);
		cpu_hwids[cpu] = hwids[cpu];
		if (cpu) {
			*per_cpu(emergency_stack, cpu) = (char *)mem_early_alloc(EMERGENCY_STACK_SIZE, 16) +
							 EMERGENCY_STACK_SIZE;
			stack_tops[cpu] = mem_early_stack(CPU_STACK_SIZE);
		}
	}
	num_cpus = count;
	arch_set_percpu_offset(cpu_percpu_offset[0]);
}

void cpu_secondary_main(void)
{
	if (decide_start(cpu_id(), START_RUNNING)) {
		atomic_fetch_or_explicit(&online, BIT(cpu_id()), memory_order_acq_rel);
		secondary_entry_point();
	}
	arch_cpu_halt();
}

static bool wait_online(unsigned cpu)
{
	uint64_t start = time_now_ns();

	while (!(cpu_online_mask() & BIT(cpu))) {
		if (time_now_ns() - start > START_TIMEOUT_NS && decide_start(cpu, START_GIVEN_UP))
			return false;
		cpu_relax();
	}
	return true;
}

unsigned cpu_start_secondaries(unsigned limit, void (*entry)(void))
{
	unsigned running = 1;

	secondary_entry_point = entry;
	if (limit < num_cpus)
		num_cpus = limit ? limit : 1;
	for (unsigned cpu = 1; cpu < num_cpus; cpu++) {
		int err = arch_cpu_start(cpu, stack_tops[cpu]);

		if (err)
			log_warn("CPU %u (%#llx) cannot be started: %s", cpu, (unsigned long long)cpu_hwids[cpu],
				 error_text(err));
		else if (!wait_online(cpu))
			log_warn("CPU %u (%#llx) did not come up", cpu, (unsigned long long)cpu_hwids[cpu]);
		else
			running++;
	}
	return running;
}
