/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What neutral code of the runtime asks of the CPU: interrupts on and off, locks, waiting. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

static inline uint64_t interrupts_save(void)
{
	uint64_t flags;

	__asm__ volatile("mrs %0, daif\n\tmsr daifset, #3" : "=r"(flags) : : "memory");
	return flags;
}

static inline void interrupts_restore(uint64_t flags)
{
	__asm__ volatile("msr daif, %0" : : "r"(flags) : "memory");
}

static inline void interrupts_on(void)
{
	__asm__ volatile("msr daifclr, #3" : : : "memory");
}

static inline void interrupts_off(void)
{
	__asm__ volatile("msr daifset, #3" : : : "memory");
}

static inline void wait_for_interrupt(void)
{
	__asm__ volatile("dsb sy\n\twfi" : : : "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}

struct lock {
	atomic_bool taken;
};

static inline uint64_t lock_take(struct lock *lock)
{
	uint64_t flags = interrupts_save();

	while (atomic_exchange_explicit(&lock->taken, true, memory_order_acquire))
		cpu_relax();
	return flags;
}

static inline void lock_release(struct lock *lock, uint64_t flags)
{
	atomic_store_explicit(&lock->taken, false, memory_order_release);
	interrupts_restore(flags);
}
