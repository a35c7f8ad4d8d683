/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EL2 stage 1: TLB maintenance, and switching from the early map to the real tables. The format is in el2_stage1.c.
 *
 * 48-bit addresses on every CPU: the size of virtual addresses does not depend on how many physical address bits
 * there are.
 */
#include "arch.h"
#include "boot_regs.h"
#include "early_map.h"
#include <axhal/arch/sysreg.h>

/* More pages than this: drop everything, which costs less than one instruction per page. */
#define FLUSH_MAX_PAGES 64

void arch_tlb_flush(uint64_t va, uint64_t size)
{
	dsb(ishst);
	if (size / PAGE_SIZE > FLUSH_MAX_PAGES) {
		__asm__ volatile("tlbi alle2is" ::: "memory");
	} else {
		for (uint64_t page = va; page < va + size; page += PAGE_SIZE)
			__asm__ volatile("tlbi vae2is, %0" ::"r"(page >> PAGE_SHIFT) : "memory");
	}
	dsb(ish);
	isb();
}

void arch_table_sync(void)
{
	dsb(ishst);
	isb();
}

unsigned arch_pa_bits(void)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };
	uint64_t range = FIELD(sysreg_read(id_aa64mmfr0_el1), 3, 0);

	return range < ARRAY_SIZE(bits) ? bits[range] : 48; /* more cannot be said in these tables */
}

bool arch_early_map(paddr_t pa, uint64_t size, bool device)
{
	return early_map(pa, size, device);
}

/*
 * Both maps have the same addresses, but leaves of different sizes: the MMU is off in between, so that no TLB ever
 * holds both. Nothing is read or written meanwhile, and the code is in memory since the boot loader has put it there.
 */
void arch_mmu_load(paddr_t root)
{
	uint64_t off = SCTLR_EL2_OFF, on = SCTLR_EL2_FINAL;

	dsb(sy);
	__asm__ volatile("msr sctlr_el2, %0\n\t"
			 "isb\n\t"
			 "msr ttbr0_el2, %1\n\t"
			 "isb\n\t"
			 "tlbi alle2\n\t"
			 "ic iallu\n\t"
			 "dsb nsh\n\t"
			 "isb\n\t"
			 "msr sctlr_el2, %2\n\t"
			 "isb"
			 :
			 : "r"(off), "r"(root), "r"(on)
			 : "memory");
}

void mmu_fill_secondary(struct secondary_boot *boot)
{
	boot->mair = sysreg_read(mair_el2);
	boot->tcr = sysreg_read(tcr_el2);
	boot->ttbr = sysreg_read(ttbr0_el2);
	boot->sctlr = sysreg_read(sctlr_el2);
}
