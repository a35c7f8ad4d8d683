/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's own address space: which mode, loading it, TLB maintenance. The format is in sv_format.c.
 */
#include "arch.h"
#include "sv_format.h"
#include <axhal/arch/csr.h>
#include <axhal/arch/hfence.h>
#include <axstd/assert.h>
#include <axstd/log.h>
#include <axstd/spinlock.h>

/* More pages than this: drop everything. Less than a table stands for: of an address only leaves are dropped. */
#define FLUSH_MAX_PAGES 64

#define MODE_OF(levels) ((levels)-3 + SATP_MODE_SV39)

static unsigned chosen_levels;

/*
 * Does satp take the mode? Writing one that it does not take changes nothing; one that it takes is in force at once, so
 * there is a table: one to one, in leaves as large as the root has.
 */
static bool takes_mode(uint64_t *table, unsigned levels)
{
	uint64_t satp = SATP_MODE(MODE_OF(levels)) | virt_to_phys(table) >> PAGE_SHIFT, seen;
	const struct pt_format *format = sv_format(levels, false);

	for (uint64_t i = 0; i < 256; i++)
		table[i] = format->make_leaf(i << (PAGE_SHIFT + 9 * (levels - 1)), PT_READ | PT_WRITE | PT_EXEC,
					     levels - 1);
	__asm__ volatile("sfence.vma\n\t"
			 "csrw satp, %1\n\t"
			 "csrr %0, satp\n\t"
			 "csrw satp, zero\n\t"
			 "sfence.vma"
			 : "=&r"(seen)
			 : "r"(satp)
			 : "memory");
	return seen == satp;
}

static uint64_t highest(const struct fdt_platform *found)
{
	uint64_t end = found->console.base + found->console.size;

	for (unsigned i = 0; i < found->num_ram; i++)
		end = MAX(end, found->ram[i].base + found->ram[i].size);
	return end;
}

/* Memory that is above what any mode reaches. */
static void cut_ram(struct fdt_platform *found, uint64_t limit)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < found->num_ram; i++) {
		struct fdt_range range = found->ram[i];

		if (range.base >= limit || range.size > limit - range.base) {
			log_warn("memory above %#llx is not used: the MMU cannot map it one to one",
				 (unsigned long long)limit);
			range.size = range.base < limit ? limit - range.base : 0;
		}
		if (range.size)
			found->ram[kept++] = range;
	}
	found->num_ram = kept;
}

unsigned mmu_init(struct fdt_platform *found)
{
	static uint64_t table[512] __attribute__((aligned(PAGE_SIZE)));
	unsigned largest = 5;

	while (largest >= 3 && !takes_mode(table, largest))
		largest--;
	if (largest < 3)
		panic("this hart has no MMU with Sv39, Sv48 or Sv57");
	chosen_levels = 3;
	while (chosen_levels < largest && highest(found) > BIT(sv_format(chosen_levels, false)->input_bits))
		chosen_levels++;
	cut_ram(found, BIT(sv_format(chosen_levels, false)->input_bits));
	return largest;
}

const struct pt_format *arch_pt_format(void)
{
	return sv_format(chosen_levels, riscv_has(RISCV_EXT_SVPBMT));
}

static void flush_pages_here(uint64_t va, uint64_t end)
{
	if (!riscv_has(RISCV_EXT_SVINVAL)) {
		for (; va < end; va += PAGE_SIZE)
			__asm__ volatile("sfence.vma %0, zero" ::"r"(va) : "memory");
		return;
	}
	sfence_w_inval();
	for (; va < end; va += PAGE_SIZE)
		sinval_vma_address(va);
	sfence_inval_ir();
}

void arch_tlb_flush(uint64_t va, uint64_t size)
{
	uint64_t flags = irq_save();
	cpumask_t others = harts_other();
	bool all = size / PAGE_SIZE > FLUSH_MAX_PAGES;

	if (all)
		__asm__ volatile("sfence.vma" ::: "memory");
	else
		flush_pages_here(va, va + size);
	if (others && sbi_remote_fence(others, SBI_RFENCE_SFENCE_VMA, all ? 0 : va, all ? UINT64_MAX : size, 0))
		panic("the firmware does not flush the TLBs of the other CPUs");
	irq_restore(flags);
}

void arch_table_sync(void)
{
	__asm__ volatile("fence w, w" ::: "memory");
}

/* What a table entry can say. The hardware may have fewer, and does not tell. */
unsigned arch_pa_bits(void)
{
	return 56;
}

bool arch_early_map(paddr_t pa, uint64_t size, bool device)
{
	return true;
}

void arch_mmu_load(paddr_t root)
{
	uint64_t satp = SATP_MODE(MODE_OF(chosen_levels)) | root >> PAGE_SHIFT;

	__asm__ volatile("sfence.vma\n\tcsrw satp, %0\n\tsfence.vma" ::"r"(satp) : "memory");
}
