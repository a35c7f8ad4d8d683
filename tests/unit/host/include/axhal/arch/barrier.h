/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdatomic.h>

static inline void mmio_wmb(void)
{
	atomic_thread_fence(memory_order_release);
}

static inline void mmio_rmb(void)
{
	atomic_thread_fence(memory_order_acquire);
}

static inline void mmio_mb(void)
{
	atomic_thread_fence(memory_order_seq_cst);
}
