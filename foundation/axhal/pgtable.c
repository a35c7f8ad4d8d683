/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page tables of any format: looking up, mapping, and the frame of a change. Recursion goes down one level per call, so
 * it is at most PT_LEVELS_MAX deep. But for the root, no table is ever empty.
 */
#include "pgtable_internal.h"
#include <axstd/assert.h>
#include <axstd/error.h>

int pt_check_range(const struct pgtable *pt, uint64_t va, uint64_t size)
{
	uint64_t limit = BIT(pt->format->input_bits);

	if (!size || !IS_ALIGNED(va | size, PAGE_SIZE) || va >= limit || size > limit - va)
		return -AX_EINVAL;
	return 0;
}

static paddr_t chain_pop(paddr_t *chain)
{
	paddr_t table = *chain;
	uint64_t *first = phys_to_virt(table);

	*chain = *first;
	pt_store(first, 0);
	return table;
}

/* The link is an invalid entry (its low bits are 0), so a walker that still sees the table is not led astray. */
static void chain_push(paddr_t *chain, paddr_t table)
{
	pt_store(phys_to_virt(table), *chain);
	*chain = table;
}

static void chain_free(struct pgtable *pt, paddr_t *chain)
{
	while (*chain)
		pt->ops->free_tables(pt, chain_pop(chain), 1);
}

int pt_change_begin(struct pt_change *c)
{
	for (size_t i = 0; i < c->needed; i++) {
		paddr_t table = c->pt->ops->alloc_tables(c->pt, 1);

		if (!table) {
			chain_free(c->pt, &c->pool);
			return -AX_ENOMEM;
		}
		chain_push(&c->pool, table);
	}
	/* Walkers must not see what was in a table before it was zeroed. */
	if (c->needed)
		c->pt->ops->sync(c->pt);
	return 0;
}

paddr_t pt_change_take(struct pt_change *c)
{
	c->pt->table_pages++;
	return chain_pop(&c->pool);
}

paddr_t pt_change_link(struct pt_change *c, uint64_t *entry)
{
	paddr_t table = pt_change_take(c);

	pt_store(entry, c->pt->format->make_table(table));
	return table;
}

void pt_change_bury(struct pt_change *c, paddr_t table)
{
	c->pt->table_pages--;
	chain_push(&c->dead, table);
}

void pt_change_stale(struct pt_change *c, uint64_t va, uint64_t end)
{
	c->stale = c->stale_end ? MIN(c->stale, va) : va;
	c->stale_end = MAX(c->stale_end, end);
}

void pt_change_end(struct pt_change *c)
{
	c->pt->ops->sync(c->pt);
	if (c->stale_end)
		c->pt->ops->flush(c->pt, c->stale, c->stale_end - c->stale);
	chain_free(c->pt, &c->dead);
	chain_free(c->pt, &c->pool);
}

int pgtable_init(struct pgtable *pt, const struct pt_format *format, const struct pt_ops *ops)
{
	ax_assert(format->levels && format->levels <= PT_LEVELS_MAX);
	ax_assert(BIT(format->input_bits) <= format->root_pages * PT_ENTRIES * pt_size(format->levels - 1));
	*pt = (struct pgtable){ .format = format, .ops = ops };
	pt->root = ops->alloc_tables(pt, format->root_pages);
	if (!pt->root)
		return -AX_ENOMEM;
	pt->table_pages = format->root_pages;
	ops->sync(pt);
	return 0;
}

static void free_below(struct pgtable *pt, paddr_t table, unsigned level, size_t entries)
{
	const struct pt_format *f = pt->format;
	const uint64_t *entry = phys_to_virt(table);

	for (size_t i = 0; level && i < entries; i++) {
		if (!f->is_valid(entry[i]) || f->is_leaf(entry[i], level))
			continue;
		free_below(pt, f->entry_pa(entry[i], level), level - 1, PT_ENTRIES);
		pt->ops->free_tables(pt, f->entry_pa(entry[i], level), 1);
	}
}

void pgtable_destroy(struct pgtable *pt)
{
	size_t root_pages = pt->format->root_pages;

	if (!pt->root)
		return;
	free_below(pt, pt->root, pt_top(pt), root_pages * PT_ENTRIES);
	pt->ops->free_tables(pt, pt->root, root_pages);
	pt->root = 0;
	pt->table_pages = 0;
}

/*
 * End of the entries at @level, from that of @va on, that become one leaf each when [va, end) is mapped; @va: none. If
 * the first one can, all those after it can that lie in the range as a whole.
 */
static uint64_t leaves_end(const struct pt_change *c, unsigned level, uint64_t va, uint64_t end)
{
	paddr_t pa = c->pa + (va - c->va);

	if (!IS_ALIGNED(va | pa, pt_size(level)) || !c->pt->format->leaf_allowed(level))
		return va;
	return ALIGN_DOWN(end, pt_size(level));
}

/* @table is 0 where there will be a new one. */
static int prepare_map(struct pt_change *c, paddr_t table, unsigned level, uint64_t va, uint64_t end)
{
	const struct pt_format *f = c->pt->format;

	for (uint64_t next; va < end; va = next) {
		const uint64_t *slot = table ? pt_entry(c->pt, table, level, va) : NULL;
		uint64_t entry = slot ? pt_load(slot) : 0;
		bool valid = slot && f->is_valid(entry);
		int err;

		next = leaves_end(c, level, va, end);
		if (next > va) {
			for (; slot && va < next; va += pt_size(level))
				if (f->is_valid(pt_load(slot++)))
					return -AX_EEXIST;
			continue;
		}
		next = pt_step(va, end, level);
		if (valid && f->is_leaf(entry, level))
			return -AX_EEXIST;
		if (!valid)
			c->needed++;
		err = prepare_map(c, valid ? f->entry_pa(entry, level) : 0, level - 1, va, next);
		if (err)
			return err;
	}
	return 0;
}

static void commit_map(struct pt_change *c, paddr_t table, unsigned level, uint64_t va, uint64_t end)
{
	const struct pt_format *f = c->pt->format;

	for (uint64_t next; va < end; va = next) {
		uint64_t *entry = pt_entry(c->pt, table, level, va);
		paddr_t child;

		next = leaves_end(c, level, va, end);
		if (next > va) {
			pt_fill(f, entry, (next - va) / pt_size(level), c->pa + (va - c->va), c->flags, level);
			continue;
		}
		next = pt_step(va, end, level);
		child = f->is_valid(pt_load(entry)) ? f->entry_pa(pt_load(entry), level) : pt_change_link(c, entry);
		commit_map(c, child, level - 1, va, next);
	}
}

int pgtable_map(struct pgtable *pt, uint64_t va, paddr_t pa, uint64_t size, unsigned flags)
{
	struct pt_change c = { .pt = pt, .va = va, .pa = pa, .flags = flags };
	int err = pt_check_range(pt, va, size);

	if (err || !IS_ALIGNED(pa, PAGE_SIZE) || pa + (size - 1) < pa)
		return -AX_EINVAL;
	err = prepare_map(&c, pt->root, pt_top(pt), va, va + size);
	if (!err)
		err = pt_change_begin(&c);
	if (err)
		return err;
	commit_map(&c, pt->root, pt_top(pt), va, va + size);
	if (pt->format->flush_after_map)
		pt_change_stale(&c, va, va + size);
	pt_change_end(&c);
	return 0;
}

/* Return: the valid leaf that @va lies in, or 0; @level is that of the entry where the walk ended. */
static uint64_t walk(const struct pgtable *pt, uint64_t va, unsigned *level)
{
	const struct pt_format *f = pt->format;
	paddr_t table = pt->root;

	for (*level = pt_top(pt);; --*level) {
		uint64_t entry = pt_load(pt_entry(pt, table, *level, va));

		if (!f->is_valid(entry))
			return 0;
		if (f->is_leaf(entry, *level))
			return entry;
		table = f->entry_pa(entry, *level);
	}
}

int pgtable_translate(const struct pgtable *pt, uint64_t va, struct pt_translation *out)
{
	unsigned level;
	uint64_t entry = va < BIT(pt->format->input_bits) ? walk(pt, va, &level) : 0;

	if (!entry)
		return -AX_EFAULT;
	out->size = pt_size(level);
	out->pa = pt->format->entry_pa(entry, level) + va % out->size;
	out->flags = pt->format->leaf_flags(entry);
	return 0;
}

int pgtable_next(const struct pgtable *pt, uint64_t va, uint64_t end, uint64_t *leaf_va, struct pt_translation *out)
{
	unsigned level;

	end = MIN(end, BIT(pt->format->input_bits));
	while (va < end) {
		uint64_t entry = walk(pt, va, &level);

		if (entry) {
			*leaf_va = ALIGN_DOWN(va, pt_size(level));
			out->size = pt_size(level);
			out->pa = pt->format->entry_pa(entry, level);
			out->flags = pt->format->leaf_flags(entry);
			return 0;
		}
		va = pt_step(va, end, level);
	}
	return -AX_ENOENT;
}
