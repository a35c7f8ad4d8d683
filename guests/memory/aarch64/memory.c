/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory: all of it is there and zero, nothing is beside it, and it stays coherent with caches on, off and in between.
 */
#include <guest.h>
#include <mmu.h>
#include <sysreg.h>
#include <trap.h>

#include <string.h>

#define PAGE     4096ULL
#define VA_ALIAS MMU_FREE_START
#define VA_NC    (MMU_FREE_START + (1ULL << 30))
#define VA_FETCH (MMU_FREE_START + (2ULL << 30))
#define VA_NONE  (MMU_FREE_START + (3ULL << 30))

const char guest_name[] = "memory";

extern char _start[], image_end[];

/* The hypervisor put something there: this image, the device tree. */
static bool is_used(uint64_t page)
{
	uint64_t dtb = (uint64_t)machine.dtb & ~(PAGE - 1);

	return (page >= ((uint64_t)_start & ~(PAGE - 1)) && page < (uint64_t)image_end) ||
	       (page >= dtb && page < (uint64_t)machine.dtb + machine.dtb_size);
}

static bool is_zero(const uint64_t *page)
{
	unsigned i;

	for (i = 0; i < PAGE / 8; i++) {
		if (page[i])
			return false;
	}
	return true;
}

static void check_bank(const struct bank *bank)
{
	uint64_t page, pages = 0, dirty = 0, wrong = 0;
	volatile uint64_t *word;

	print("memory: %#llx..%#llx\n", (unsigned long long)bank->base, (unsigned long long)(bank->base + bank->size));
	for (page = bank->base; page < bank->base + bank->size; page += PAGE) {
		if (is_used(page))
			continue;
		pages++;
		dirty += !is_zero((const uint64_t *)page);
		word = (volatile uint64_t *)page;
		word[0] = page;
		word[PAGE / 8 - 1] = ~page;
	}
	for (page = bank->base; page < bank->base + bank->size; page += PAGE) {
		if (is_used(page))
			continue;
		word = (volatile uint64_t *)page;
		wrong += word[0] != page || word[PAGE / 8 - 1] != ~page;
	}
	check(pages > 0, "pages", "none is free");
	if (!bootarg("bare")) /* QEMU's boot code lies in memory */
		check_eq("zero-at-start", dirty, 0);
	check_eq("keeps-what-is-written", wrong, 0);
}

static void check_absent(const char *name, uint64_t address, bool write)
{
	struct trap trap;

	trap_catch();
	if (write)
		mmio_write64(address, 0);
	else
		mmio_read64(address);
	trap = trap_caught();
	check(trap.count == 1 && ESR_EC(trap.esr) == EC_DABT && ESR_FSC(trap.esr) == FSC_EXTERNAL &&
		      trap.far == address && !!(trap.esr & ESR_WNR) == write,
	      name, "expected an external abort at %#llx, got %u: esr %#llx far %#llx", (unsigned long long)address,
	      trap.count, (unsigned long long)trap.esr, (unsigned long long)trap.far);
}

static void check_edges(void)
{
	const struct bank *bank = &machine.ram[0];
	uint64_t end = bank->base + bank->size;

	check_absent("read-above", end, false);
	check_absent("write-above", end + 0x1000, true);
	check_absent("read-far-above", 0x3f00000000, false);
	if (!bootarg("bare")) { /* QEMU has PCI below memory */
		check_absent("read-below", bank->base - 8, false);
		check_absent("write-below", bank->base - PAGE, true);
	}
	/* The last word is there. */
	*(volatile uint64_t *)(end - 8) = 42;
	check_eq("last-word", *(volatile uint64_t *)(end - 8), 42);
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

/* Instructions where nothing is: an external abort of the fetch, returned to the caller. */
static void check_fetch(void)
{
	uint64_t absent = machine.ram[0].base + machine.ram[0].size;
	struct trap trap;

	mmu_map(VA_FETCH, absent, PAGE, MMU_NORMAL);
	trap_catch();
	((void (*)(void))(VA_FETCH + 16))();
	trap = trap_caught();
	check(trap.count == 1 && ESR_EC(trap.esr) == EC_IABT && ESR_FSC(trap.esr) == FSC_EXTERNAL, "fetch-nowhere",
	      "expected an external abort of a fetch, got %u: esr %#llx", trap.count, (unsigned long long)trap.esr);
	check_eq("fetch-nowhere-far", trap.far, VA_FETCH + 16);
	check_eq("fetch-nowhere-elr", trap.elr, VA_FETCH + 16);
}

static uint64_t buffer[PAGE / 8] __attribute__((aligned(4096)));

/* Cached and uncached aliases see the same after maintenance; with stage 2 write-back the first needs none on TCG. */
static void check_aliases(void)
{
	volatile uint64_t *cached = (volatile uint64_t *)VA_ALIAS, *uncached = (volatile uint64_t *)VA_NC;
	unsigned i, wrong = 0;

	check(mmu_map(VA_ALIAS, (uint64_t)buffer, PAGE, MMU_NORMAL) &&
		      mmu_map(VA_NC, (uint64_t)buffer, PAGE, MMU_UNCACHED),
	      "map", "no more tables");
	for (i = 0; i < PAGE / 8; i++)
		cached[i] = i;
	dcache_clean_invalidate((const void *)VA_ALIAS, PAGE);
	for (i = 0; i < PAGE / 8; i++)
		wrong += uncached[i] != i || buffer[i] != i;
	check_eq("cached-to-uncached", wrong, 0);
	for (i = 0; i < PAGE / 8; i++)
		uncached[i] = ~(uint64_t)i;
	dcache_clean_invalidate((const void *)VA_ALIAS, PAGE);
	for (i = 0, wrong = 0; i < PAGE / 8; i++)
		wrong += cached[i] != ~(uint64_t)i;
	check_eq("uncached-to-cached", wrong, 0);
}

static void check_caches_off(void)
{
	uint64_t sctlr = sysreg_read(sctlr_el1);
	volatile uint64_t *word = buffer;

	word[0] = 0x1111;
	dcache_clean_invalidate(buffer, sizeof(buffer));
	sysreg_write(sctlr_el1, sctlr & ~(1ULL << 2 | 1ULL << 12));
	isb();
	word[1] = word[0] + 1;
	sysreg_write(sctlr_el1, sctlr);
	isb();
	dcache_clean_invalidate(buffer, sizeof(buffer));
	check_eq("caches-off-and-on", word[1], 0x1112);
}

/* mov x0, #N; ret - written, executed, changed, executed */
static void check_new_code(void)
{
	uint32_t *code = (uint32_t *)buffer;
	uint64_t (*run)(void) = (uint64_t(*)(void))(uintptr_t)code;
	unsigned i, wrong = 0;

	for (i = 0; i < 100; i++) {
		code[0] = 0xd2800000 | i << 5;
		code[1] = 0xd65f03c0;
		icache_sync(code, 8);
		wrong += run() != i;
	}
	check_eq("code-is-written-and-run", wrong, 0);
}

static void check_maintenance(void)
{
	unsigned line = 4u << (sysreg_read(ctr_el0) >> 16 & 0xf);
	uint64_t zva = 4ULL << (sysreg_read(dczid_el0) & 0xf);
	struct trap trap;

	check(line >= 16 && line <= 2048, "ctr-line", "got %u bytes", line);
	memset(buffer, 0xff, sizeof(buffer));
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

void guest_main(void)
{
	unsigned i;

	for (i = 0; i < machine.ram_count; i++)
		check_bank(&machine.ram[i]);
	check_edges();
	check_fetch();
	check_translation();
	check_aliases();
	check_caches_off();
	check_new_code();
	check_maintenance();
}
