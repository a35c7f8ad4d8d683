/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/* Device registers: single instructions of this width, so that an exit always finds a valid syndrome. */
#define MMIO_ACCESSORS(bits, type, suffix, modifier)                                                             \
	static inline type mmio_read##bits(uint64_t address)                                                     \
	{                                                                                                        \
		type value;                                                                                      \
		__asm__ volatile("ldr" suffix " %" modifier "0, [%1]" : "=r"(value) : "r"(address) : "memory");  \
		return value;                                                                                    \
	}                                                                                                        \
	static inline void mmio_write##bits(uint64_t address, type value)                                        \
	{                                                                                                        \
		__asm__ volatile("str" suffix " %" modifier "0, [%1]" : : "rZ"(value), "r"(address) : "memory"); \
	}
MMIO_ACCESSORS(8, uint8_t, "b", "w")
MMIO_ACCESSORS(16, uint16_t, "h", "w")
MMIO_ACCESSORS(32, uint32_t, "", "w")
MMIO_ACCESSORS(64, uint64_t, "", "x")
