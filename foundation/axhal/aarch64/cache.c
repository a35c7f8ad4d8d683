/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cache maintenance by address, Arm ARM D7.5. Line sizes are those of CTR_EL0, the smallest in the system.
 */
#include "arch.h"
#include <axhal/arch/sysreg.h>
#include <string.h>

/* CTR_EL0.DminLine */
static uintptr_t line_size(void)
{
	return 4ull << FIELD(sysreg_read(ctr_el0), 19, 16);
}

/* Eight per turn: guests' memory is many lines. */
static inline uintptr_t clean_eight(uintptr_t p, uintptr_t line)
{
	__asm__ volatile("dc civac, %0\n\tadd %0, %0, %1\n\tdc civac, %0\n\tadd %0, %0, %1\n\t"
			 "dc civac, %0\n\tadd %0, %0, %1\n\tdc civac, %0\n\tadd %0, %0, %1\n\t"
			 "dc civac, %0\n\tadd %0, %0, %1\n\tdc civac, %0\n\tadd %0, %0, %1\n\t"
			 "dc civac, %0\n\tadd %0, %0, %1\n\tdc civac, %0\n\tadd %0, %0, %1"
			 : "+r"(p)
			 : "r"(line)
			 : "memory");
	return p;
}

void cache_clean_invalidate(const void *va, size_t size)
{
	uintptr_t line = line_size(), end = (uintptr_t)va + size, p = ALIGN_DOWN((uintptr_t)va, line);

	while (p + 8 * line <= end)
		p = clean_eight(p, line);
	for (; p < end; p += line)
		__asm__ volatile("dc civac, %0" ::"r"(p) : "memory");
	dsb(sy);
}

void cache_forget_code(void)
{
	__asm__ volatile("dsb ish\n\tic ialluis\n\tdsb ish\n\tisb" ::: "memory");
}

/* DC ZVA, Arm ARM C5.3: DCZID_EL0 says how many words it zeroes (2 KiB at most), or that it must not be used. */
#define DCZID_BS  GENMASK(3, 0)
#define DCZID_DZP BIT(4)

static inline void zero_eight(uintptr_t p, uintptr_t block)
{
	__asm__ volatile("dc zva, %0\n\tadd %0, %0, %1\n\tdc zva, %0\n\tadd %0, %0, %1\n\t"
			 "dc zva, %0\n\tadd %0, %0, %1\n\tdc zva, %0\n\tadd %0, %0, %1\n\t"
			 "dc zva, %0\n\tadd %0, %0, %1\n\tdc zva, %0\n\tadd %0, %0, %1\n\t"
			 "dc zva, %0\n\tadd %0, %0, %1\n\tdc zva, %0"
			 : "+r"(p)
			 : "r"(block)
			 : "memory");
}

void mem_zero_pages(void *va, size_t size)
{
	uint64_t dczid = sysreg_read(dczid_el0);
	uintptr_t block = 4ull << (dczid & DCZID_BS), end = (uintptr_t)va + size;

	if (dczid & DCZID_DZP) {
		memset(va, 0, size);
		return;
	}
	if (block > PAGE_SIZE / 8) {
		for (uintptr_t p = (uintptr_t)va; p < end; p += block)
			__asm__ volatile("dc zva, %0" ::"r"(p) : "memory");
		return;
	}
	/* Eight per turn: for 2 MiB this is 70 k instructions, memset needs six times as many. */
	for (uintptr_t p = (uintptr_t)va; p < end; p += 8 * block)
		zero_eight(p, block);
}
