/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Stores to memory before, device stores after (and the reverse), as devices with DMA see them. */
static inline void mmio_wmb(void)
{
	__asm__ volatile("dmb oshst" ::: "memory");
}

static inline void mmio_rmb(void)
{
	__asm__ volatile("dmb oshld" ::: "memory");
}

static inline void mmio_mb(void)
{
	__asm__ volatile("dmb osh" ::: "memory");
}
