/* SPDX-License-Identifier: Apache-2.0 */
/* Translation modes, sfence.vma, page faults, cache blocks. */
#include "pages.h"
#include <csr.h>
#include <mmu.h>
#include <trap.h>

#include <string.h>

#define VA_TEST (MMU_FREE_START + (4ULL << 30))
#define VA_NONE (MMU_FREE_START + (5ULL << 30))

/* li a0, N; ret */
void memory_code(uint32_t code[2], unsigned value)
{
	code[0] = 0x00000513 | value << 20;
	code[1] = 0x00008067;
}

static void check_faults(void)
{
	volatile uint64_t *word = (volatile uint64_t *)(VA_NONE + 0x120);
	struct trap trap;

	trap_catch();
	(void)*word;
	trap = trap_caught();
	check(trap.count == 1 && trap.cause == CAUSE_LOAD_PAGE && trap.address == VA_NONE + 0x120, "load-page-fault",
	      "got %u: cause %llu at %#llx", trap.count, (unsigned long long)trap.cause,
	      (unsigned long long)trap.address);
	trap_catch();
	*word = 0;
	trap = trap_caught();
	check(trap.count == 1 && trap.cause == CAUSE_STORE_PAGE && trap.address == VA_NONE + 0x120, "store-page-fault",
	      "got %u: cause %llu at %#llx", trap.count, (unsigned long long)trap.cause,
	      (unsigned long long)trap.address);
	trap_catch();
	((void (*)(void))(VA_NONE + 0x120))();
	trap = trap_caught();
	check(trap.count == 1 && trap.cause == CAUSE_INSN_PAGE && trap.address == VA_NONE + 0x120, "fetch-page-fault",
	      "got %u: cause %llu at %#llx", trap.count, (unsigned long long)trap.cause,
	      (unsigned long long)trap.address);
	mmu_map(VA_TEST, (uint64_t)buffer, PAGE, MMU_READ_ONLY);
	trap_catch();
	*(volatile uint64_t *)VA_TEST = 1;
	trap = trap_caught();
	check(trap.count == 1 && trap.cause == CAUSE_STORE_PAGE, "read-only", "got %u: cause %llu", trap.count,
	      (unsigned long long)trap.cause);
}

/* The same page of addresses shows one page, then another, after each kind of sfence.vma. */
static void check_sfence(void)
{
	static uint64_t pages[2][PAGE / 8] __attribute__((aligned(4096)));
	volatile uint64_t *seen = (volatile uint64_t *)VA_TEST;
	unsigned i, wrong = 0;

	pages[0][0] = 0x1000;
	pages[1][0] = 0x2000;
	for (i = 0; i < 64; i++) {
		uint64_t *l2 = mmu_table_of(mmu_root()[VA_TEST >> 30 & 511]);
		uint64_t *l3 = mmu_table_of(l2[VA_TEST >> 21 & 511]);

		l3[VA_TEST >> 12 & 511] = mmu_page((uint64_t)pages[i & 1], MMU_NORMAL);
		switch (i / 2 % 3) {
		case 0: __asm__ volatile("sfence.vma" : : : "memory"); break;
		case 1: __asm__ volatile("sfence.vma %0" : : "r"(VA_TEST) : "memory"); break;
		default: __asm__ volatile("sfence.vma %0, x0" : : "r"(VA_TEST) : "memory"); break;
		}
		wrong += *seen != (i & 1 ? 0x2000 : 0x1000);
	}
	check_eq("sfence-vma", wrong, 0);
}

/* A mode that is not there leaves satp as it was (12.1.11); in one that is, what is mapped is there. */
static void check_mode(const char *name, uint64_t mode, unsigned levels)
{
	static uint64_t tables[2][MMU_ENTRIES] __attribute__((aligned(4096)));
	uint64_t saved = csr_read(satp), root = (uint64_t)mmu_root(), got;
	volatile uint64_t *word = buffer;
	unsigned i;

	for (i = 0; i < levels - 3; i++) {
		memset(tables[i], 0, PAGE);
		tables[i][0] = mmu_table((const uint64_t *)root);
		root = (uint64_t)tables[i];
	}
	word[0] = 0x77;
	csr_write(satp, mode | root >> 12);
	__asm__ volatile("sfence.vma" : : : "memory");
	got = csr_read(satp);
	word[0]++;
	csr_write(satp, saved);
	__asm__ volatile("sfence.vma" : : : "memory");
	check(got == (mode | root >> 12) || got == saved, name, "satp %#llx", (unsigned long long)got);
	check_eq(name, word[0], 0x78);
}

static void check_modes(void)
{
	uint64_t saved = csr_read(satp);

	check_mode("sv39", SATP_SV39, 3);
	check_mode("sv48", SATP_SV48, 4);
	check_mode("sv57", SATP_SV57, 5);
	csr_write(satp, 0);
	check_eq("bare", csr_read(satp), 0);
	csr_write(satp, saved);
	__asm__ volatile("sfence.vma" : : : "memory");
	csr_write(satp, 5ULL << 60 | (uint64_t)mmu_root() >> 12); /* reserved */
	check_eq("reserved-mode", csr_read(satp), saved);
}

/* Zicboz: a block of zeros. */
static void check_cbo(void)
{
	struct trap trap;

	memset(buffer, 0xff, PAGE);
	trap_catch();
	__asm__ volatile(".insn i 0x0f, 2, x0, %0, 4" : : "r"(buffer) : "memory");
	trap = trap_caught();
	if (isa_has("zicboz"))
		check(!trap.count && !buffer[0], "cbo-zero", "cause %llu", (unsigned long long)trap.cause);
	else if (!bootarg("bare"))
		check(trap_is_undefined(&trap), "no-cbo-zero", "got %u: cause %llu", trap.count,
		      (unsigned long long)trap.cause);
}

void check_memory_arch(void)
{
	check_faults();
	check_sfence();
	check_modes();
	check_cbo();
}
