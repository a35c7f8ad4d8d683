/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Device registers: single instructions of this width. */
#include <stdint.h>

#define MMIO_ACCESSORS(bits, type, load, store)                                                \
	static inline type mmio_read##bits(uint64_t address)                                   \
	{                                                                                      \
		type value;                                                                    \
		__asm__ volatile(load " %0, (%1)" : "=r"(value) : "r"(address) : "memory");    \
		return value;                                                                  \
	}                                                                                      \
	static inline void mmio_write##bits(uint64_t address, type value)                      \
	{                                                                                      \
		__asm__ volatile(store " %z0, (%1)" : : "rJ"(value), "r"(address) : "memory"); \
	}
MMIO_ACCESSORS(8, uint8_t, "lbu", "sb")
MMIO_ACCESSORS(16, uint16_t, "lhu", "sh")
MMIO_ACCESSORS(32, uint32_t, "lwu", "sw")
MMIO_ACCESSORS(64, uint64_t, "ld", "sd")
