/* SPDX-License-Identifier: Apache-2.0 */
/* Translation tables; what an entry looks like is the architecture's. */
#include "mmu.h"
#include "arch.h"
#include "guest.h"

#include <stddef.h>

#define PAGE_SIZE 4096ULL
#define POOL      24

static uint64_t tables[POOL][MMU_ENTRIES] __attribute__((aligned(4096)));
static unsigned tables_used;

static uint64_t *new_table(void)
{
	return tables_used < POOL ? tables[tables_used++] : NULL;
}

static bool is_ram(uint64_t address)
{
	unsigned i;

	for (i = 0; i < machine.ram_count; i++) {
		if (address - machine.ram[i].base < machine.ram[i].size)
			return true;
	}
	return false;
}

static bool has_ram(uint64_t start, uint64_t size)
{
	unsigned i;

	for (i = 0; i < machine.ram_count; i++) {
		if (machine.ram[i].base < start + size && start < machine.ram[i].base + machine.ram[i].size)
			return true;
	}
	return false;
}

static uint64_t block(uint64_t address)
{
	return mmu_block(address, is_ram(address) ? MMU_NORMAL : MMU_DEVICE);
}

/* A gigabyte with memory gets a table of 2 MiB blocks, so that what is not memory stays device. */
void mmu_init(void)
{
	uint64_t *root = new_table();
	uint64_t address;
	unsigned i;

	for (address = 0; address < MMU_ONE_TO_ONE; address += 1ULL << 30) {
		uint64_t *table = has_ram(address, 1ULL << 30) ? new_table() : NULL;

		root[address >> 30] = table ? mmu_table(table) : block(address);
		for (i = 0; table && i < MMU_ENTRIES; i++)
			table[i] = block(address + ((uint64_t)i << 21));
	}
	cache_clean(tables, sizeof(tables));
	mmu_enable(root);
}

uint64_t *mmu_root(void)
{
	return tables[0];
}

static uint64_t *next_level(uint64_t *entry)
{
	uint64_t *table;

	if (mmu_is_table(*entry))
		return mmu_table_of(*entry);
	table = new_table();
	if (table)
		*entry = mmu_table(table);
	return table;
}

bool mmu_map(uint64_t va, uint64_t pa, uint64_t size, enum mmu_type type)
{
	uint64_t done;

	for (done = 0; done < size; done += PAGE_SIZE) {
		uint64_t at = va + done;
		uint64_t *l2 = next_level(&tables[0][at >> 30 & (MMU_ENTRIES - 1)]);
		uint64_t *l3 = l2 ? next_level(&l2[at >> 21 & (MMU_ENTRIES - 1)]) : NULL;

		if (!l3)
			return false;
		l3[at >> 12 & (MMU_ENTRIES - 1)] = mmu_page(pa + done, type);
	}
	mmu_flush();
	return true;
}
