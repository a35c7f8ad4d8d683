/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory: all of it is there and zero, nothing is beside it, and it stays coherent under all its names.
 */
#include "pages.h"
#include <arch.h>
#include <mmio.h>
#include <mmu.h>
#include <trap.h>

#include <string.h>

#define VA_ALIAS MMU_FREE_START
#define VA_NC    (MMU_FREE_START + (1ULL << 30))
#define VA_FETCH (MMU_FREE_START + (2ULL << 30))
#define FAR_AWAY 0x3f00000000

const char guest_name[] = "memory";

extern char _start[], image_end[];

/* The hypervisor put something there: this image, the device tree, what firmware keeps. */
static bool is_used(uint64_t page)
{
	uint64_t dtb = (uint64_t)machine.dtb & ~(PAGE - 1);

	if (dt_is_reserved(page))
		return true;
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

static void read_absent(const char *name, uint64_t address)
{
	struct trap trap;

	trap_catch();
	mmio_read64(address);
	trap = trap_caught();
	check_absent(name, &trap, TRAP_READ, address);
}

static void write_absent(const char *name, uint64_t address)
{
	struct trap trap;

	trap_catch();
	mmio_write64(address, 0);
	trap = trap_caught();
	check_absent(name, &trap, TRAP_WRITE, address);
}

static void check_edges(void)
{
	const struct bank *bank = &machine.ram[0];
	uint64_t end = bank->base + bank->size;

	read_absent("read-above", end);
	write_absent("write-above", end + PAGE);
	read_absent("read-far-above", FAR_AWAY);
	if (!bootarg("bare")) { /* QEMU has PCI below memory */
		read_absent("read-below", bank->base - 8);
		write_absent("write-below", bank->base - PAGE);
	}
	/* The last word is there. */
	*(volatile uint64_t *)(end - 8) = 42;
	check_eq("last-word", *(volatile uint64_t *)(end - 8), 42);
}

/* Instructions where nothing is: the fetch is refused, we return to the caller. */
static void check_fetch(void)
{
	uint64_t absent = machine.ram[0].base + machine.ram[0].size;
	struct trap trap;

	mmu_map(VA_FETCH, absent, PAGE, MMU_NORMAL);
	trap_catch();
	((void (*)(void))(VA_FETCH + 16))();
	trap = trap_caught();
	check_absent("fetch-nowhere", &trap, TRAP_FETCH, VA_FETCH + 16);
	check_eq("fetch-nowhere-pc", trap.pc, VA_FETCH + 16);
}

uint64_t buffer[PAGE / 8] __attribute__((aligned(4096)));

/* Cached and uncached aliases see the same after maintenance; on TCG none is needed. */
static void check_aliases(void)
{
	volatile uint64_t *cached = (volatile uint64_t *)VA_ALIAS, *uncached = (volatile uint64_t *)VA_NC;
	unsigned i, wrong = 0;

	check(mmu_map(VA_ALIAS, (uint64_t)buffer, PAGE, MMU_NORMAL) &&
		      mmu_map(VA_NC, (uint64_t)buffer, PAGE, MMU_UNCACHED),
	      "map", "no more tables");
	for (i = 0; i < PAGE / 8; i++)
		cached[i] = i;
	cache_clean((const void *)VA_ALIAS, PAGE);
	for (i = 0; i < PAGE / 8; i++)
		wrong += uncached[i] != i || buffer[i] != i;
	check_eq("cached-to-uncached", wrong, 0);
	for (i = 0; i < PAGE / 8; i++)
		uncached[i] = ~(uint64_t)i;
	cache_clean((const void *)VA_ALIAS, PAGE);
	for (i = 0, wrong = 0; i < PAGE / 8; i++)
		wrong += cached[i] != ~(uint64_t)i;
	check_eq("uncached-to-cached", wrong, 0);
}

/* "return N" - written, executed, changed, executed */
static void check_new_code(void)
{
	uint32_t *code = (uint32_t *)buffer;
	uint64_t (*run)(void) = (uint64_t(*)(void))(uintptr_t)code;
	unsigned i, wrong = 0;

	for (i = 0; i < 100; i++) {
		memory_code(code, i);
		icache_sync(code, 8);
		wrong += run() != i;
	}
	check_eq("code-is-written-and-run", wrong, 0);
}

void guest_main(void)
{
	unsigned i;

	for (i = 0; i < machine.ram_count; i++)
		check_bank(&machine.ram[i]);
	check_edges();
	check_fetch();
	check_aliases();
	check_new_code();
	check_memory_arch();
}
