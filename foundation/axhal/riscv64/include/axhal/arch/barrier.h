/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Stores to memory before, device stores after (and the reverse), as devices with DMA see them. */
static inline void mmio_wmb(void)
{
	__asm__ volatile("fence w, ow" ::: "memory");
}

static inline void mmio_rmb(void)
{
	__asm__ volatile("fence ir, r" ::: "memory");
}

static inline void mmio_mb(void)
{
	__asm__ volatile("fence iorw, iorw" ::: "memory");
}
