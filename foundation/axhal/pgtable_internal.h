/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Shared by pgtable.c and pgtable_change.c: entries, and the state of one change from its preparation to its end.
 */
#include <axhal/mem.h>
#include <axhal/pgtable.h>

#define PT_ENTRIES    512
#define PT_LEVEL_BITS 9
#define PT_LEVELS_MAX 5

struct pt_change {
	struct pgtable *pt;
	uint64_t va; /* where the change starts */
	paddr_t pa;  /* map: what it leads to */
	unsigned flags;
	uint64_t limit; /* protect: leaves are merged within [limit, limit_end) only */
	uint64_t limit_end;
	size_t needed;  /* tables that the commit will take */
	paddr_t pool;   /* those tables, chained through their first words */
	paddr_t dead;   /* unlinked tables, freed when nothing cached leads to them any more; chained likewise */
	uint64_t stale; /* cached translations of [stale, stale_end) must go; none if stale_end is 0 */
	uint64_t stale_end;
};

static inline uint64_t pt_size(unsigned level)
{
	return PAGE_SIZE << (PT_LEVEL_BITS * level);
}

static inline unsigned pt_top(const struct pgtable *pt)
{
	return pt->format->levels - 1;
}

/* Walkers of other CPUs read entries at any time: one access each. */
static inline uint64_t pt_load(const uint64_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_RELAXED);
}

static inline void pt_store(uint64_t *entry, uint64_t value)
{
	__atomic_store_n(entry, value, __ATOMIC_RELAXED);
}

/* @count leaves at @level, one after the other, for memory from @pa on: in every format addresses just add up. */
static inline void pt_fill(const struct pt_format *f, uint64_t *entry, size_t count, paddr_t pa, unsigned flags,
			   unsigned level)
{
	uint64_t leaf = f->make_leaf(pa, flags, level);
	uint64_t step = f->make_leaf(pa + pt_size(level), flags, level) - leaf;

	for (uint64_t *end = entry + count; entry < end; leaf += step)
		pt_store(entry++, leaf);
}

static inline uint64_t *pt_entry(const struct pgtable *pt, paddr_t table, unsigned level, uint64_t va)
{
	uint64_t index = va / pt_size(level);

	/* The root may be larger than the other tables; it is never smaller than what input_bits reaches. */
	if (level != pt_top(pt))
		index %= PT_ENTRIES;
	return (uint64_t *)phys_to_virt(table) + index;
}

/* End of the entry at @level that @va lies in, or @end if that comes first. */
static inline uint64_t pt_step(uint64_t va, uint64_t end, unsigned level)
{
	return MIN(end, ALIGN_DOWN(va, pt_size(level)) + pt_size(level));
}

/* Page-aligned, not empty, no wrap-around, within the format's reach. Return: 0 or -AX_EINVAL. */
int pt_check_range(const struct pgtable *pt, uint64_t va, uint64_t size);

/* Take c->needed tables. Return: 0 or -AX_ENOMEM (none taken). */
int pt_change_begin(struct pt_change *c);
/* A table from the pool, linked in at @entry. */
paddr_t pt_change_link(struct pt_change *c, uint64_t *entry);
/* A table from the pool, not linked yet. */
paddr_t pt_change_take(struct pt_change *c);
/* A table that nothing in memory leads to any more. */
void pt_change_bury(struct pt_change *c, paddr_t table);
/* Translations of [va, end) changed. */
void pt_change_stale(struct pt_change *c, uint64_t va, uint64_t end);
/* Make the change visible, flush what is stale, free what is dead and what was not needed. */
void pt_change_end(struct pt_change *c);
