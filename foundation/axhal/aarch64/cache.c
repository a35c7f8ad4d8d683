/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cache maintenance by address, Arm ARM D7.5. Line sizes are those of CTR_EL0, the smallest in the system.
 */
#include "arch.h"
#include <axhal/arch/sysreg.h>

static uintptr_t line_size(unsigned shift)
{
	return 4ull << FIELD(sysreg_read(ctr_el0), shift + 3, shift);
}

void cache_clean_invalidate(const void *va, size_t size)
{
	uintptr_t line = line_size(16), end = (uintptr_t)va + size;

	for (uintptr_t p = ALIGN_DOWN((uintptr_t)va, line); p < end; p += line)
		__asm__ volatile("dc civac, %0" ::"r"(p) : "memory");
	dsb(sy);
}

void cache_sync_code(const void *va, size_t size)
{
	uintptr_t dline = line_size(16), iline = line_size(0), end = (uintptr_t)va + size;

	for (uintptr_t p = ALIGN_DOWN((uintptr_t)va, dline); p < end; p += dline)
		__asm__ volatile("dc cvau, %0" ::"r"(p) : "memory");
	dsb(ish);
	for (uintptr_t p = ALIGN_DOWN((uintptr_t)va, iline); p < end; p += iline)
		__asm__ volatile("ic ivau, %0" ::"r"(p) : "memory");
	dsb(ish);
	isb();
}
