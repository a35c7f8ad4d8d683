/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Ticket spinlocks. They are always taken with interrupts off (spin_lock_irqsave), so that a holder is never preempted;
 * spin_lock is for code that already runs with interrupts off (interrupt handlers, the vCPU exit path).
 * Lock order: design rule 4.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <axstd/arch/irqflags.h>

/* Whole words: not every CPU has atomic operations on less (RISC-V before Zabha). */
struct spinlock {
	_Atomic uint32_t next;
	_Atomic uint32_t owner;
};

#define SPINLOCK_INIT ((struct spinlock){ 0 })

static inline __attribute__((always_inline)) void spin_lock(struct spinlock *lock)
{
	uint32_t ticket = atomic_fetch_add_explicit(&lock->next, 1, memory_order_relaxed);

	while (atomic_load_explicit(&lock->owner, memory_order_acquire) != ticket)
		cpu_relax();
}

static inline __attribute__((always_inline)) void spin_unlock(struct spinlock *lock)
{
	uint32_t owner = atomic_load_explicit(&lock->owner, memory_order_relaxed);

	atomic_store_explicit(&lock->owner, owner + 1, memory_order_release);
}

static inline uint64_t spin_lock_irqsave(struct spinlock *lock)
{
	uint64_t flags = irq_save();

	spin_lock(lock);
	return flags;
}

static inline void spin_unlock_irqrestore(struct spinlock *lock, uint64_t flags)
{
	spin_unlock(lock);
	irq_restore(flags);
}
