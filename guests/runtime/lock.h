/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "arch.h"

#include <stdatomic.h>
#include <stdint.h>

struct lock {
	atomic_uint taken; /* a word: not every CPU swaps bytes */
};

static inline uint64_t lock_take(struct lock *lock)
{
	uint64_t flags = interrupts_save();

	while (atomic_exchange_explicit(&lock->taken, 1, memory_order_acquire))
		cpu_relax();
	return flags;
}

static inline void lock_release(struct lock *lock, uint64_t flags)
{
	atomic_store_explicit(&lock->taken, 0, memory_order_release);
	interrupts_restore(flags);
}
