/* SPDX-License-Identifier: Apache-2.0 */
/* Address translation by instruction, caches off and on, cache maintenance. */
#include "pages.h"
#include <mmu.h>
#include <sysreg.h>
#include <trap.h>

#include <string.h>

#define VA_NONE (MMU_FREE_START + (3ULL << 30))

/* mov x0, #N; ret */
void memory_code(uint32_t code[2], unsigned value)
{
	code[0] = 0xd2800000 | value << 5;
	code[1] = 0xd65f03c0;
}

/* Address translation by instruction: what is mapped, and what is not. */
static void check_translation(void)
{
	uint64_t page = (uint64_t)machine.dtb & ~(PAGE - 1);

	__asm__ volatile("at s1e1r, %0\n\tisb" : : "r"(page) : "memory");
	check_eq("at-mapped", sysreg_read(par_el1) & 0xfffffffff001, page);
	__asm__ volatile("at s1e1r, %0\n\tisb" : : "r"(VA_NONE) : "memory");
	check_eq("at-unmapped", sysreg_read(par_el1) & 1, 1);
}

static void check_caches_off(void)
{
	uint64_t sctlr = sysreg_read(sctlr_el1);
	volatile uint64_t *word = buffer;

	word[0] = 0x1111;
	cache_clean(buffer, PAGE);
	sysreg_write(sctlr_el1, sctlr & ~(1ULL << 2 | 1ULL << 12));
	isb();
	word[1] = word[0] + 1;
	sysreg_write(sctlr_el1, sctlr);
	isb();
	cache_clean(buffer, PAGE);
	check_eq("caches-off-and-on", word[1], 0x1112);
}

static void check_maintenance(void)
{
	unsigned line = 4u << (sysreg_read(ctr_el0) >> 16 & 0xf);
	uint64_t zva = 4ULL << (sysreg_read(dczid_el0) & 0xf);
	struct trap trap;

	check(line >= 16 && line <= 2048, "ctr-line", "got %u bytes", line);
	memset(buffer, 0xff, PAGE);
	trap_catch();
	__asm__ volatile(
		"dc cvau, %0\n\tdc cvac, %0\n\tdc civac, %0\n\tdc ivac, %0\n\tdsb sy\n\tic ivau, %0\n\tic iallu\n\t"
		"ic ialluis\n\tdsb sy\n\tisb"
		:
		: "r"(buffer)
		: "memory");
	if (!(sysreg_read(dczid_el0) & 0x10))
		__asm__ volatile("dc zva, %0" : : "r"(buffer) : "memory");
	trap = trap_caught();
	check_eq("maintenance", trap.count, 0);
	if (!(sysreg_read(dczid_el0) & 0x10))
		check(zva <= PAGE && !buffer[0] && !buffer[zva / 8 - 1], "dc-zva", "not zeroed");
	/* By set and way: Linux's decompressors and boot loaders do it. */
	trap_catch();
	__asm__ volatile("dc isw, xzr\n\tdc csw, xzr\n\tdc cisw, xzr\n\tdsb sy" : : : "memory");
	trap = trap_caught();
	check_eq("set-way", trap.count, 0);
}

void check_memory_arch(void)
{
	check_translation();
	check_caches_off();
	check_maintenance();
}
