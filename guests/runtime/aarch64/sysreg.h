/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* System registers by name, barriers, cache maintenance by address. */
#include "mmio.h"

#include <stdint.h>

#define sysreg_read(name)                                                       \
	({                                                                      \
		uint64_t value_;                                                \
		__asm__ volatile("mrs %0, " #name : "=r"(value_) : : "memory"); \
		value_;                                                         \
	})
#define sysreg_write(name, value)                                                              \
	do {                                                                                   \
		__asm__ volatile("msr " #name ", %x0" : : "rZ"((uint64_t)(value)) : "memory"); \
	} while (0)

static inline void isb(void)
{
	__asm__ volatile("isb" : : : "memory");
}

static inline void dsb(void)
{
	__asm__ volatile("dsb sy" : : : "memory");
}

#define DCACHE_LINE 16 /* the smallest that the architecture allows, so right everywhere */

/** cache_clean - to the point of coherency: what the caches know and what memory has become the same */
static inline void cache_clean(const void *start, uint64_t size)
{
	uint64_t at = (uint64_t)start & ~(DCACHE_LINE - 1ULL);

	for (; at < (uint64_t)start + size; at += DCACHE_LINE)
		__asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
	dsb();
}

/** icache_sync - instructions that were just written can be executed */
static inline void icache_sync(const void *start, uint64_t size)
{
	cache_clean(start, size);
	__asm__ volatile("ic iallu\n\tdsb sy\n\tisb" : : : "memory");
}
