/* SPDX-License-Identifier: Apache-2.0 */
#include <axaddrspace/aspace.h>
#include <axalloc/frame.h>
#include <axalloc/heap.h>
#include <axhal/mem.h>
#include <axstd/error.h>
#include "memory.h"
#include "region.h"

#define RIGHTS      (PT_READ | PT_WRITE | PT_EXEC)
#define KNOWN_FLAGS (RIGHTS | PT_USER | PT_DEVICE | PT_UNCACHED)

static paddr_t alloc_tables(struct pgtable *pt, unsigned pages)
{
	return frame_alloc_pages(pages, pages * PAGE_SIZE, FRAME_ZERO, OWNER_GUEST_TABLES);
}

static void free_tables(struct pgtable *pt, paddr_t tables, unsigned pages)
{
	frame_free_pages(tables, pages);
}

static void flush(struct pgtable *pt, uint64_t va, uint64_t size)
{
	struct aspace *as = container_of(pt, struct aspace, table);

	as->ops->flush(as, va, size);
}

static void sync(struct pgtable *pt)
{
	struct aspace *as = container_of(pt, struct aspace, table);

	as->ops->sync(as);
}

static const struct pt_ops table_ops = {
	.alloc_tables = alloc_tables,
	.free_tables = free_tables,
	.flush = flush,
	.sync = sync,
};

int aspace_init(struct aspace *as, const struct pt_format *format, const struct aspace_ops *ops)
{
	*as = (struct aspace){ .ops = ops };
	return pgtable_init(&as->table, format, &table_ops);
}

/* Take the memory of a region away; what a lazy one was promised and did not take is forgotten. */
static void release_region(struct aspace *as, const struct aspace_region *r)
{
	uint64_t removed = memory_unmap(as, r->gpa, r->size, region_owns_memory(r) ? MEMORY_FREE : MEMORY_KEEP);

	if (r->kind == ASPACE_LAZY)
		frame_forget((r->size - removed) >> PAGE_SHIFT);
}

void aspace_destroy(struct aspace *as)
{
	for (unsigned i = 0; i < as->num_regions; i++)
		release_region(as, &as->regions[i]);
	as->ops->flush(as, 0, BIT(as->table.format->input_bits));
	pgtable_destroy(&as->table);
	kfree(as->regions);
	as->regions = NULL;
	as->num_regions = as->capacity = 0;
}

static int check_range(const struct aspace *as, gpa_t gpa, uint64_t size)
{
	uint64_t limit = BIT(as->table.format->input_bits);

	return size && IS_ALIGNED(gpa | size, PAGE_SIZE) && gpa < limit && size <= limit - gpa ? 0 : -AX_EINVAL;
}

/* Bring flags into the form in which regions have them, so that region and table agree. */
static int check_flags(unsigned *flags)
{
	if (*flags & ~(unsigned)KNOWN_FLAGS || !(*flags & PT_READ))
		return -AX_EINVAL;
	*flags &= ~(unsigned)PT_USER;
	if (*flags & PT_DEVICE)
		*flags &= ~(unsigned)(PT_EXEC | PT_UNCACHED);
	return 0;
}

/* What the hypervisor has for itself is never given to a guest as if it were a device. */
static bool is_hypervisor_memory(paddr_t pa, uint64_t size)
{
	size_t count;
	const struct mem_region *map = mem_regions(&count);

	for (size_t i = 0; i < count; i++)
		if (map[i].kind != MEM_RESERVED && ranges_overlap(map[i].base, map[i].size, pa, size))
			return true;
	return false;
}

/* Put the region in, marked as busy unless there is nothing to build. */
static int region_begin(struct aspace *as, struct aspace_region *r)
{
	struct region_room room;
	uint64_t irq;
	unsigned count;
	int err = check_range(as, r->gpa, r->size);

	if (err)
		return err;
	irq = spin_lock_irqsave(&as->lock);
	region_range(as, r->gpa, r->size, &count);
	err = count ? -AX_EEXIST : region_room_get(as, 1, &room);
	if (!err) {
		region_room_use(as, &room);
		r->id = as->next_id++;
		region_insert(as, r);
	}
	spin_unlock_irqrestore(&as->lock, irq);
	return err;
}

/* The region is built, or building it failed. */
static int region_finish(struct aspace *as, const struct aspace_region *r, int err)
{
	uint64_t irq = spin_lock_irqsave(&as->lock);

	if (err)
		region_remove(as, r->id);
	else
		as->regions[region_index(as, r->gpa)].busy = false;
	spin_unlock_irqrestore(&as->lock, irq);
	return err;
}

static int check_linear(gpa_t gpa, paddr_t hpa, uint64_t size, enum aspace_kind kind)
{
	if (!size || !IS_ALIGNED(hpa | size, PAGE_SIZE) || hpa + (size - 1) < hpa)
		return -AX_EINVAL;
	switch (kind) {
	case ASPACE_LINEAR: return mem_is_ram(hpa, size) ? 0 : -AX_EINVAL;
	case ASPACE_IDENTITY: return hpa == gpa ? 0 : -AX_EINVAL;
	case ASPACE_DEVICE: return is_hypervisor_memory(hpa, size) ? -AX_EINVAL : 0;
	default: return -AX_EINVAL;
	}
}

int aspace_map_linear(struct aspace *as, gpa_t gpa, paddr_t hpa, uint64_t size, unsigned flags, enum aspace_kind kind)
{
	struct aspace_region r = { .gpa = gpa, .size = size, .hpa = hpa, .kind = kind, .busy = true };
	uint64_t irq;
	int err = check_linear(gpa, hpa, size, kind);

	if (kind == ASPACE_DEVICE)
		flags |= PT_DEVICE;
	if (!err)
		err = check_flags(&flags);
	r.flags = flags;
	if (!err)
		err = region_begin(as, &r);
	if (err)
		return err;
	if (kind == ASPACE_IDENTITY) {
		err = memory_map_identity(as, gpa, size, flags);
	} else {
		irq = spin_lock_irqsave(&as->lock);
		err = pgtable_map(&as->table, gpa, hpa, size, flags);
		spin_unlock_irqrestore(&as->lock, irq);
	}
	return region_finish(as, &r, err);
}

int aspace_map_alloc(struct aspace *as, gpa_t gpa, uint64_t size, unsigned flags, bool lazy)
{
	struct aspace_region r = { .gpa = gpa, .size = size, .kind = lazy ? ASPACE_LAZY : ASPACE_ALLOC, .busy = !lazy };
	int err = check_range(as, gpa, size);

	if (!err)
		err = check_flags(&flags);
	if (!err && lazy)
		err = frame_promise(size >> PAGE_SHIFT);
	if (err)
		return err;
	r.flags = flags;
	err = region_begin(as, &r);
	if (err && lazy)
		frame_forget(size >> PAGE_SHIFT);
	if (err || lazy)
		return err;
	return region_finish(as, &r, memory_map_pieces(as, gpa, size, flags));
}

int aspace_reserve(struct aspace *as, gpa_t gpa, uint64_t size)
{
	struct aspace_region r = { .gpa = gpa, .size = size, .kind = ASPACE_RESERVED };

	return region_begin(as, &r);
}

static bool any_busy(const struct aspace *as, unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++)
		if (as->regions[i].busy)
			return true;
	return false;
}

/*
 * Prepare unmapping: cut regions and leaves at the ends and mark what lies between as busy under an id of its own. From
 * then on nothing can fail, and nobody else uses or changes these regions. Called with the address space locked.
 */
static int unmap_begin(struct aspace *as, gpa_t gpa, uint64_t size, unsigned *id)
{
	struct region_room room;
	unsigned count, first = region_range(as, gpa, size, &count);
	int err;

	if (!count)
		return -AX_ENOENT;
	if (any_busy(as, first, count))
		return -AX_EBUSY;
	err = region_room_get(as, 2, &room);
	if (err)
		return err;
	err = pgtable_split(&as->table, gpa, size);
	if (err) {
		region_room_drop(&room);
		return err;
	}
	region_room_use(as, &room);
	region_cut(as, gpa);
	region_cut(as, gpa + size);
	first = region_range(as, gpa, size, &count);
	*id = as->next_id++;
	for (unsigned i = first; i < first + count; i++) {
		as->regions[i].busy = true;
		as->regions[i].id = *id;
	}
	return 0;
}

/* The next region with this id that ends above @gpa. */
static bool next_with_id(struct aspace *as, gpa_t gpa, unsigned id, struct aspace_region *out)
{
	uint64_t irq = spin_lock_irqsave(&as->lock);
	unsigned i = region_index(as, gpa);
	bool found;

	while (i < as->num_regions && as->regions[i].id != id)
		i++;
	found = i < as->num_regions;
	if (found)
		*out = as->regions[i];
	spin_unlock_irqrestore(&as->lock, irq);
	return found;
}

int aspace_unmap(struct aspace *as, gpa_t gpa, uint64_t size)
{
	struct aspace_region r = { 0 };
	unsigned id = 0;
	uint64_t irq;
	int err = check_range(as, gpa, size);

	if (err)
		return err;
	irq = spin_lock_irqsave(&as->lock);
	err = unmap_begin(as, gpa, size, &id);
	spin_unlock_irqrestore(&as->lock, irq);
	if (err)
		return err;
	for (; next_with_id(as, gpa, id, &r); gpa = region_end(&r))
		release_region(as, &r);
	irq = spin_lock_irqsave(&as->lock);
	region_remove(as, id);
	spin_unlock_irqrestore(&as->lock, irq);
	return 0;
}

/* Is every byte of [gpa, gpa + size) in a region that can take these flags? Called with the address space locked. */
static int check_protect(const struct aspace *as, gpa_t gpa, uint64_t size, unsigned flags)
{
	unsigned count, first = region_range(as, gpa, size, &count);
	gpa_t covered = gpa;

	for (unsigned i = first; i < first + count; i++) {
		const struct aspace_region *r = &as->regions[i];

		if (r->gpa > covered)
			return -AX_EFAULT;
		if (r->busy)
			return -AX_EBUSY;
		if (r->kind == ASPACE_DEVICE && !(flags & PT_DEVICE))
			return -AX_EINVAL;
		covered = region_end(r);
	}
	return covered < gpa + size ? -AX_EFAULT : 0;
}

/* The table follows the regions in [gpa, gpa + size). No leaf crosses a border, so no step of this needs memory. */
static int protect_table(struct aspace *as, gpa_t gpa, uint64_t size, unsigned flags)
{
	unsigned count, first = region_range(as, gpa, size, &count);
	int err = 0;

	for (unsigned i = first; i < first + count && !err; i++) {
		const struct aspace_region *r = &as->regions[i];
		gpa_t start = MAX(gpa, r->gpa), end = MIN(gpa + size, region_end(r));

		err = pgtable_protect_within(&as->table, start, end - start, flags, r->gpa, r->size);
	}
	return err;
}

static int protect_locked(struct aspace *as, gpa_t gpa, uint64_t size, unsigned flags)
{
	struct region_room room;
	unsigned count, first;
	int err = check_protect(as, gpa, size, flags);

	if (!err)
		err = region_room_get(as, 2, &room);
	if (err)
		return err;
	err = pgtable_split(&as->table, gpa, size);
	if (err) {
		region_room_drop(&room);
		return err;
	}
	region_room_use(as, &room);
	region_cut(as, gpa);
	region_cut(as, gpa + size);
	first = region_range(as, gpa, size, &count);
	for (unsigned i = first; i < first + count; i++)
		as->regions[i].flags = flags;
	region_join(as, gpa, size);
	return protect_table(as, gpa, size, flags);
}

int aspace_protect(struct aspace *as, gpa_t gpa, uint64_t size, unsigned flags)
{
	uint64_t irq;
	int err = check_range(as, gpa, size);

	if (!err)
		err = check_flags(&flags);
	if (err)
		return err;
	irq = spin_lock_irqsave(&as->lock);
	err = protect_locked(as, gpa, size, flags);
	spin_unlock_irqrestore(&as->lock, irq);
	return err;
}

/* Mark the first region above @gpa that owns memory as busy. Return: 0, -AX_ENOENT (no more), -AX_EBUSY. */
static int clear_begin(struct aspace *as, gpa_t gpa, struct aspace_region *out)
{
	uint64_t irq = spin_lock_irqsave(&as->lock);
	unsigned i = region_index(as, gpa);
	int err = -AX_ENOENT;

	while (i < as->num_regions && !region_owns_memory(&as->regions[i]))
		i++;
	if (i < as->num_regions) {
		err = as->regions[i].busy ? -AX_EBUSY : 0;
		as->regions[i].busy = true;
		*out = as->regions[i];
	}
	spin_unlock_irqrestore(&as->lock, irq);
	return err;
}

int aspace_clear(struct aspace *as)
{
	struct aspace_region r = { 0 };
	int err;

	for (gpa_t gpa = 0; !(err = clear_begin(as, gpa, &r)); gpa = region_end(&r)) {
		if (r.kind == ASPACE_LAZY)
			memory_unmap(as, r.gpa, r.size, MEMORY_RETURN);
		else
			memory_clear(as, r.gpa, r.size);
		region_finish(as, &r, 0);
	}
	return err == -AX_ENOENT ? 0 : err;
}
