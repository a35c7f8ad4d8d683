/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * CPUs and per-CPU data. CPUs are numbered 0 .. cpu_count() - 1 in the order of the hardware description with the boot
 * CPU first; the hardware's own number (MPIDR affinity, hart id, APIC id) is cpu_hwid().
 */
#include <stdbool.h>
#include <stdint.h>
#include <axstd/util.h>
#include <axhal/arch/cpu.h>

#define CPU_MAX 64

typedef uint64_t cpumask_t; /* bit n: CPU n */

/* Per-CPU variable: one copy for each CPU, zero-initialized unless given a value. */
#define DEFINE_PER_CPU(type, name)  __attribute__((section(".percpu"))) __typeof__(type) percpu_##name
#define DECLARE_PER_CPU(type, name) extern __typeof__(type) percpu_##name
/* This CPU's copy. Stable only while interrupts are off or the caller cannot migrate. */
#define this_cpu(name)              ((__typeof__(&percpu_##name))((uintptr_t)&percpu_##name + arch_percpu_offset()))
#define per_cpu(name, cpu)          ((__typeof__(&percpu_##name))((uintptr_t)&percpu_##name + cpu_percpu_offset[cpu]))

extern uintptr_t cpu_percpu_offset[CPU_MAX];
DECLARE_PER_CPU(unsigned, cpu_id);

/** cpu_id - number of this CPU */
static inline unsigned cpu_id(void)
{
	return *this_cpu(cpu_id);
}

/** cpu_count - CPUs that may be used: discovered, and limited by the configuration */
unsigned cpu_count(void);
/** cpu_online_mask - CPUs that run */
cpumask_t cpu_online_mask(void);
uint64_t cpu_hwid(unsigned cpu);
/** cpu_by_hwid - Return: CPU number or -AX_ENOENT */
int cpu_by_hwid(uint64_t hwid);

/**
 * cpu_start_secondaries - power on CPUs 1 .. min(@limit, discovered) - 1, each entering @entry on its own stack with
 * interrupts off
 *
 * One CPU after the other; a CPU that does not come up within a second is reported and left out. Return: number of
 * CPUs online.
 */
unsigned cpu_start_secondaries(unsigned limit, void (*entry)(void));

#define for_each_cpu(cpu, mask)                   \
	for ((cpu) = 0; (cpu) < CPU_MAX; (cpu)++) \
		if ((mask) >> (cpu)&1)

/* Sleep until an interrupt is pending. Called with interrupts off; returns with them off. */
static inline void cpu_wait_for_interrupt(void)
{
	arch_wait_for_interrupt();
}
