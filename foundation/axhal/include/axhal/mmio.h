/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Register accessors: the only place with volatile. They order like the architecture's device accesses; barriers
 * towards normal memory (DMA) are mmio_wmb()/mmio_rmb().
 */
#include <stdint.h>
#include <axhal/arch/barrier.h>

#define MMIO_ACCESSORS(bits)                                                 \
	static inline uint##bits##_t mmio_read##bits(const void *reg)        \
	{                                                                    \
		return *(const volatile uint##bits##_t *)reg;                \
	}                                                                    \
	static inline void mmio_write##bits(void *reg, uint##bits##_t value) \
	{                                                                    \
		*(volatile uint##bits##_t *)reg = value;                     \
	}

MMIO_ACCESSORS(8)
MMIO_ACCESSORS(16)
MMIO_ACCESSORS(32)
MMIO_ACCESSORS(64)
