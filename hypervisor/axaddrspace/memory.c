/* SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"
#include <axalloc/frame.h>
#include <axhal/mem.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include "region.h"

#define LAZY_ORDER 9 /* 2 MiB */

/* Work under the lock between two looks at pending interrupts. */
#define BATCH_EXTENTS 32
#define BATCH_LEAVES  512

static void publish(struct aspace *as, paddr_t pa, uint64_t size)
{
	if (as->ops->publish)
		as->ops->publish(as, phys_to_virt(pa), size);
}

static int map_owned(struct aspace *as, gpa_t gpa, paddr_t pa, uint64_t size, unsigned flags)
{
	uint64_t irq = spin_lock_irqsave(&as->lock);
	int err = pgtable_map(&as->table, gpa, pa, size, flags);

	if (!err)
		as->memory_bytes += size;
	spin_unlock_irqrestore(&as->lock, irq);
	return err;
}

int memory_map_identity(struct aspace *as, gpa_t gpa, uint64_t size, unsigned flags)
{
	int err = frame_reserve(gpa, size >> PAGE_SHIFT, OWNER_GUEST);

	if (err)
		return err;
	mem_zero_pages(phys_to_virt(gpa), size);
	publish(as, gpa, size);
	err = map_owned(as, gpa, gpa, size, flags);
	if (err)
		frame_free_pages(gpa, size >> PAGE_SHIFT);
	return err;
}

/* Zeroed memory for the start of [gpa, end), as large and as aligned as that allows; @order gets its size. */
static paddr_t take_piece(gpa_t gpa, gpa_t end, unsigned *order)
{
	paddr_t pa = 0;

	*order = FRAME_MAX_ORDER;
	if (gpa)
		*order = MIN(*order, (unsigned)__builtin_ctzll(gpa >> PAGE_SHIFT));
	while (PAGE_SIZE << *order > end - gpa)
		--*order;
	while (!(pa = frame_alloc(*order, FRAME_ZERO, OWNER_GUEST)) && *order)
		--*order;
	return pa;
}

int memory_map_pieces(struct aspace *as, gpa_t gpa, uint64_t size, unsigned flags)
{
	gpa_t start = gpa, end = gpa + size;
	int err = 0;

	while (gpa < end && !err) {
		unsigned order;
		paddr_t pa = take_piece(gpa, end, &order);

		if (!pa) {
			err = -AX_ENOMEM;
			break;
		}
		publish(as, pa, PAGE_SIZE << order);
		err = map_owned(as, gpa, pa, PAGE_SIZE << order, flags);
		if (err)
			frame_free(pa, order);
		else
			gpa += PAGE_SIZE << order;
	}
	if (err)
		memory_unmap(as, start, gpa - start, MEMORY_FREE);
	return err;
}

/* Of which order can memory be taken for @gpa now? -1: not at all. Called with the address space locked. */
static int lazy_order(const struct aspace *as, gpa_t gpa)
{
	const struct aspace_region *r = region_at(as, gpa);
	uint64_t size = PAGE_SIZE << LAZY_ORDER;
	gpa_t start = ALIGN_DOWN(gpa, size), leaf;
	struct pt_translation t;

	if (!r || r->kind != ASPACE_LAZY)
		return -1;
	if (start >= r->gpa && region_end(r) - start >= size &&
	    pgtable_next(&as->table, start, start + size, &leaf, &t))
		return LAZY_ORDER;
	return pgtable_translate(&as->table, gpa, &t) ? 0 : -1;
}

/* Is there a lazy region, and is only the memory missing? Return: 1: missing, 0: there already, -AX_EFAULT. */
static int lazy_look(struct aspace *as, gpa_t gpa, int *order)
{
	uint64_t irq = spin_lock_irqsave(&as->lock);
	const struct aspace_region *r = region_at(as, gpa);
	int result = r && r->kind == ASPACE_LAZY ? 0 : -AX_EFAULT;

	*order = lazy_order(as, gpa);
	spin_unlock_irqrestore(&as->lock, irq);
	return *order >= 0 ? 1 : result;
}

int memory_populate(struct aspace *as, gpa_t gpa)
{
	int order, err = lazy_look(as, gpa, &order);
	bool wanted;
	uint64_t irq;
	paddr_t pa;

	if (err <= 0)
		return err;
	pa = frame_alloc(order, FRAME_ZERO | FRAME_PROMISED, OWNER_GUEST);
	if (!pa && order) {
		order = 0;
		pa = frame_alloc(order, FRAME_ZERO | FRAME_PROMISED, OWNER_GUEST);
	}
	if (!pa)
		return -AX_ENOMEM;
	publish(as, pa, PAGE_SIZE << order);

	/* Another CPU may have been faster, or the region may be gone: the memory is given if it is still wanted. */
	irq = spin_lock_irqsave(&as->lock);
	err = 0;
	wanted = lazy_order(as, gpa) >= order;
	if (wanted)
		err = pgtable_map(&as->table, ALIGN_DOWN(gpa, PAGE_SIZE << order), pa, PAGE_SIZE << order,
				  region_at(as, gpa)->flags);
	if (wanted && !err)
		as->memory_bytes += PAGE_SIZE << order;
	spin_unlock_irqrestore(&as->lock, irq);
	if (!wanted || err)
		frame_return_range(pa, (size_t)1 << order);
	return err;
}

struct batch {
	struct {
		paddr_t pa;
		uint64_t size;
	} extents[BATCH_EXTENTS];
	unsigned num_extents;
	uint64_t bytes;
	gpa_t next; /* where the next batch starts */
};

/* Collect what is mapped from @gpa on; neighbours in host memory become one extent. Return: is there anything? */
static bool batch_collect(const struct pgtable *table, gpa_t gpa, gpa_t end, struct batch *b)
{
	struct pt_translation t;
	gpa_t leaf;

	b->num_extents = 0;
	b->bytes = 0;
	b->next = gpa;
	for (unsigned leaves = 0; leaves < BATCH_LEAVES; leaves++) {
		unsigned n = b->num_extents;

		if (pgtable_next(table, b->next, end, &leaf, &t))
			break;
		if (n && b->extents[n - 1].pa + b->extents[n - 1].size == t.pa) {
			b->extents[n - 1].size += t.size;
		} else {
			if (n == BATCH_EXTENTS)
				break;
			b->extents[n].pa = t.pa;
			b->extents[n].size = t.size;
			b->num_extents++;
		}
		b->bytes += t.size;
		b->next = leaf + t.size;
	}
	return b->num_extents;
}

static void batch_release(const struct batch *b, enum memory_fate fate)
{
	for (unsigned i = 0; i < b->num_extents; i++) {
		if (fate == MEMORY_FREE)
			frame_free_range(b->extents[i].pa, b->extents[i].size >> PAGE_SHIFT);
		else if (fate == MEMORY_RETURN)
			frame_return_range(b->extents[i].pa, b->extents[i].size >> PAGE_SHIFT);
	}
}

uint64_t memory_unmap(struct aspace *as, gpa_t gpa, uint64_t size, enum memory_fate fate)
{
	gpa_t end = gpa + size;
	uint64_t removed = 0;
	struct batch b;

	while (gpa < end) {
		uint64_t irq = spin_lock_irqsave(&as->lock);
		bool more = batch_collect(&as->table, gpa, end, &b);
		int err = more ? pgtable_unmap(&as->table, gpa, b.next - gpa) : 0;

		if (more && !err && fate != MEMORY_KEEP)
			as->memory_bytes -= b.bytes;
		spin_unlock_irqrestore(&as->lock, irq);
		if (err) {
			/* Whole leaves need no memory: a fault of ours. What a guest may still reach is not freed. */
			log_error("address space: unmapping %#llx failed (%s)", (unsigned long long)gpa,
				  error_text(err));
			break;
		}
		if (!more)
			break;
		batch_release(&b, fate);
		removed += b.bytes;
		gpa = b.next;
	}
	return removed;
}

void memory_clear(struct aspace *as, gpa_t gpa, uint64_t size)
{
	gpa_t end = gpa + size, leaf;
	struct pt_translation t;

	while (gpa < end) {
		uint64_t irq = spin_lock_irqsave(&as->lock);
		int err = pgtable_next(&as->table, gpa, end, &leaf, &t);

		spin_unlock_irqrestore(&as->lock, irq);
		if (err)
			return;
		mem_zero_pages(phys_to_virt(t.pa), t.size);
		publish(as, t.pa, t.size);
		gpa = leaf + t.size;
	}
}
