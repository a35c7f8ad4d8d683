/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page tables of any format: changing what is mapped. First the leaves that cross an end of the range are split (the
 * only step that takes memory), then entries are rewritten.
 */
#include "pgtable_internal.h"
#include <axstd/error.h>

/* Flags that no leaf has: every leaf that crosses an end is split. Otherwise leaves that have the flags stay whole. */
#define ALL_LEAVES UINT32_MAX

/* Count the tables that are needed so that no leaf crosses @at, but for those that splitting at @other gives anyway. */
static void prepare_split(struct pt_change *c, uint64_t at, uint64_t other)
{
	const struct pt_format *f = c->pt->format;
	paddr_t table = c->pt->root;

	for (unsigned level = pt_top(c->pt); !IS_ALIGNED(at, pt_size(level)); level--) {
		uint64_t entry = pt_load(pt_entry(c->pt, table, level, at));

		if (!f->is_valid(entry))
			return;
		if (!f->is_leaf(entry, level)) {
			table = f->entry_pa(entry, level);
			continue;
		}
		if (f->leaf_flags(entry) != c->flags)
			for (; !IS_ALIGNED(at, pt_size(level)); level--)
				c->needed += IS_ALIGNED(other, pt_size(level)) ||
					     at / pt_size(level) != other / pt_size(level);
		return;
	}
}

/* Replace a live entry for all of [va, va + size of the level) by another one for the same addresses. */
static void replace(struct pt_change *c, uint64_t *entry, uint64_t value, unsigned level, uint64_t va)
{
	struct pgtable *pt = c->pt;

	va = ALIGN_DOWN(va, pt_size(level));
	if (pt->format->break_before_make) {
		pt_store(entry, 0);
		pt->ops->sync(pt);
		pt->ops->flush(pt, va, pt_size(level));
	} else {
		pt_change_stale(c, va, va + pt_size(level));
	}
	pt_store(entry, value);
}

static void split_leaf(struct pt_change *c, uint64_t *entry, unsigned level, uint64_t va)
{
	const struct pt_format *f = c->pt->format;
	paddr_t table = pt_change_take(c), pa = f->entry_pa(*entry, level);
	unsigned flags = f->leaf_flags(*entry);
	uint64_t *lower = phys_to_virt(table);

	pt_fill(f, lower, PT_ENTRIES, pa, flags, level - 1);
	c->pt->ops->sync(c->pt);
	replace(c, entry, f->make_table(table), level, va);
}

static void commit_split(struct pt_change *c, uint64_t at)
{
	const struct pt_format *f = c->pt->format;
	paddr_t table = c->pt->root;

	for (unsigned level = pt_top(c->pt); !IS_ALIGNED(at, pt_size(level)); level--) {
		uint64_t *entry = pt_entry(c->pt, table, level, at);

		if (!f->is_valid(*entry))
			return;
		if (f->is_leaf(*entry, level)) {
			if (f->leaf_flags(*entry) == c->flags)
				return;
			split_leaf(c, entry, level, at);
		}
		table = f->entry_pa(*entry, level);
	}
}

/* Split at both ends of [va, va + size). Leaves with the flags c->flags may stay whole. */
static int split_ends(struct pt_change *c, uint64_t va, uint64_t size)
{
	uint64_t limit = BIT(c->pt->format->input_bits);
	int err = pt_check_range(c->pt, va, size);

	if (err)
		return err;
	prepare_split(c, va, 0);
	if (va + size < limit)
		prepare_split(c, va + size, va);
	err = pt_change_begin(c);
	if (err || !c->needed)
		return err;
	commit_split(c, va);
	if (va + size < limit)
		commit_split(c, va + size);
	return 0;
}

int pgtable_split(struct pgtable *pt, uint64_t va, uint64_t size)
{
	struct pt_change c = { .pt = pt, .va = va, .flags = ALL_LEAVES };
	int err = split_ends(&c, va, size);

	if (!err)
		pt_change_end(&c);
	return err;
}

static void bury_tree(struct pt_change *c, paddr_t table, unsigned level)
{
	const struct pt_format *f = c->pt->format;
	const uint64_t *entry = phys_to_virt(table);

	for (unsigned i = 0; level && i < PT_ENTRIES; i++)
		if (f->is_valid(entry[i]) && !f->is_leaf(entry[i], level))
			bury_tree(c, f->entry_pa(entry[i], level), level - 1);
	pt_change_bury(c, table);
}

static bool is_empty(const struct pt_format *f, paddr_t table)
{
	const uint64_t *entry = phys_to_virt(table);

	for (unsigned i = 0; i < PT_ENTRIES; i++)
		if (f->is_valid(entry[i]))
			return false;
	return true;
}

static void commit_unmap(struct pt_change *c, paddr_t table, unsigned level, uint64_t va, uint64_t end)
{
	const struct pt_format *f = c->pt->format;

	for (uint64_t next; va < end; va = next) {
		uint64_t *entry = pt_entry(c->pt, table, level, va), old = pt_load(entry);
		bool whole;
		paddr_t child;

		next = pt_step(va, end, level);
		whole = next - va == pt_size(level);
		if (!f->is_valid(old))
			continue;
		if (f->is_leaf(old, level)) {
			pt_store(entry, 0);
			pt_change_stale(c, va, next);
			continue;
		}
		child = f->entry_pa(old, level);
		if (!whole)
			commit_unmap(c, child, level - 1, va, next);
		if (whole || is_empty(f, child)) {
			uint64_t start = ALIGN_DOWN(va, pt_size(level));

			/* All that the table stood for: a flush of less may leave what a CPU remembers of it. */
			pt_store(entry, 0);
			pt_change_stale(c, start, start + pt_size(level));
			bury_tree(c, child, level - 1);
		}
	}
}

int pgtable_unmap(struct pgtable *pt, uint64_t va, uint64_t size)
{
	struct pt_change c = { .pt = pt, .va = va, .flags = ALL_LEAVES };
	int err = split_ends(&c, va, size);

	if (err)
		return err;
	commit_unmap(&c, pt->root, pt_top(pt), va, va + size);
	pt_change_end(&c);
	return 0;
}

/* A full table of leaves that could be one leaf at @level becomes that. */
static void try_merge(struct pt_change *c, uint64_t *entry, unsigned level, uint64_t va)
{
	const struct pt_format *f = c->pt->format;
	paddr_t table = f->entry_pa(pt_load(entry), level), pa;
	const uint64_t *lower = phys_to_virt(table);

	va = ALIGN_DOWN(va, pt_size(level));
	if (va < c->limit || va + pt_size(level) > c->limit_end)
		return;
	if (!f->leaf_allowed(level) || !f->is_valid(lower[0]) || !f->is_leaf(lower[0], level - 1))
		return;
	pa = f->entry_pa(lower[0], level - 1);
	if (!IS_ALIGNED(pa, pt_size(level)))
		return;
	for (unsigned i = 0; i < PT_ENTRIES; i++)
		if (!f->is_valid(lower[i]) || !f->is_leaf(lower[i], level - 1) || f->leaf_flags(lower[i]) != c->flags ||
		    f->entry_pa(lower[i], level - 1) != pa + i * pt_size(level - 1))
			return;
	replace(c, entry, f->make_leaf(pa, c->flags, level), level, va);
	pt_change_bury(c, table);
}

static void protect_leaf(struct pt_change *c, uint64_t *entry, unsigned level, uint64_t va)
{
	const struct pt_format *f = c->pt->format;
	unsigned old = f->leaf_flags(*entry);
	uint64_t value = f->make_leaf(f->entry_pa(*entry, level), c->flags, level);

	if (old == c->flags)
		return;
	if ((old ^ c->flags) & (PT_DEVICE | PT_UNCACHED)) {
		replace(c, entry, value, level, va);
		return;
	}
	pt_store(entry, value);
	pt_change_stale(c, va, va + pt_size(level));
}

static void commit_protect(struct pt_change *c, paddr_t table, unsigned level, uint64_t va, uint64_t end)
{
	const struct pt_format *f = c->pt->format;

	for (uint64_t next; va < end; va = next) {
		uint64_t *entry = pt_entry(c->pt, table, level, va);

		next = pt_step(va, end, level);
		if (!f->is_valid(*entry))
			continue;
		if (f->is_leaf(*entry, level)) {
			protect_leaf(c, entry, level, ALIGN_DOWN(va, pt_size(level)));
			continue;
		}
		commit_protect(c, f->entry_pa(*entry, level), level - 1, va, next);
		try_merge(c, entry, level, va);
	}
}

int pgtable_protect_within(struct pgtable *pt, uint64_t va, uint64_t size, unsigned flags, uint64_t limit,
			   uint64_t limit_size)
{
	/* As the format will give them back: it may not know all of them. */
	unsigned kept = pt->format->leaf_flags(pt->format->make_leaf(0, flags, 0));
	struct pt_change c = { .pt = pt, .va = va, .flags = kept, .limit = limit, .limit_end = limit + limit_size };
	int err = split_ends(&c, va, size);

	if (err)
		return err;
	commit_protect(&c, pt->root, pt_top(pt), va, va + size);
	pt_change_end(&c);
	return 0;
}

int pgtable_protect(struct pgtable *pt, uint64_t va, uint64_t size, unsigned flags)
{
	return pgtable_protect_within(pt, va, size, flags, 0, BIT(pt->format->input_bits));
}
