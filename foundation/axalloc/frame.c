/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <axalloc/frame.h>
#include <axhal/mem.h>
#include <axstd/assert.h>
#include <axstd/bitmap.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axstd/spinlock.h>
#include "frame_buddy.h"

#define PROMISE_KEEP 64 /* one part in so many is never promised */

static struct spinlock lock; /* guards `frames` and all that it points to */

static const char *const owner_names[FRAME_OWNERS] = {
	[OWNER_NONE] = "none",
	[OWNER_TABLES] = "page tables",
	[OWNER_HEAP] = "heap",
	[OWNER_STACK] = "stacks",
	[OWNER_GUEST] = "guest memory",
	[OWNER_GUEST_TABLES] = "guest page tables",
	[OWNER_DEVICE] = "device buffers",
	[OWNER_FS] = "file systems",
};

const char *frame_owner_name(enum frame_owner owner)
{
	return (unsigned)owner < FRAME_OWNERS ? owner_names[owner] : "unknown";
}

/* Free pages for somebody to whom nothing was promised, or to whom these were. */
static uint64_t available(unsigned flags)
{
	uint64_t promised = frames.promised > 0 && !(flags & FRAME_PROMISED) ? frames.promised : 0;

	return frames.free_pages - MIN(promised, frames.free_pages);
}

paddr_t frame_alloc_pages(size_t pages, uint64_t align, unsigned flags, enum frame_owner owner)
{
	uint64_t index = 0, irq;
	struct frame_region *r;
	paddr_t pa = 0;

	if (!pages || pages > RUN_PAGES_MAX || !is_power_of_two(align) || align < PAGE_SIZE)
		return 0;
	irq = spin_lock_irqsave(&lock);
	r = pages <= available(flags) ? frames_find(pages, align >> PAGE_SHIFT, &index) : NULL;
	if (r) {
		if (flags & FRAME_PROMISED)
			frames.promised -= pages;
		frames_take(r, index, pages, owner);
		pa = (r->base + index) << PAGE_SHIFT;
	}
	spin_unlock_irqrestore(&lock, irq);
	if (pa && flags & FRAME_ZERO)
		mem_zero_pages(phys_to_virt(pa), pages << PAGE_SHIFT);
	return pa;
}

paddr_t frame_alloc(unsigned order, unsigned flags, enum frame_owner owner)
{
	return order <= FRAME_MAX_ORDER ? frame_alloc_pages((size_t)1 << order, PAGE_SIZE << order, flags, owner) : 0;
}

/* A caller gives back what is not (or no longer) its own: memory cannot be trusted any more. */
static void bad_free(paddr_t pa, size_t pages, const char *why)
{
#ifdef AX_DEBUG
	panic("frame_free %#llx, %zu pages: %s", (unsigned long long)pa, pages, why);
#else
	log_error("frame_free %#llx, %zu pages: %s; ignored", (unsigned long long)pa, pages, why);
#endif
}

/* The region of a range of pages that one may hope to free; NULL if it is none of ours. */
static struct frame_region *region_of_range(paddr_t pa, size_t pages, uint64_t *index)
{
	struct frame_region *r = frames_region_of(pa >> PAGE_SHIFT);

	if (!r || !IS_ALIGNED(pa, PAGE_SIZE))
		return NULL;
	*index = (pa >> PAGE_SHIFT) - r->base;
	return pages && pages <= r->pages - *index ? r : NULL;
}

static const char *free_run(paddr_t pa, size_t pages)
{
	uint64_t index;
	struct frame_region *r = region_of_range(pa, pages, &index);
	uint32_t info;

	if (!r)
		return "not memory of the allocator";
	if (!bitmap_test(r->heads, index) || !(r->info[index] & RUN_IN_USE))
		return frames_run_of(r, index) < 0 ? "already free" : "in the middle of an allocation";
	info = r->info[index];
	if (RUN_PAGES(info) != pages)
		return "the allocation has another size";
	bitmap_clear(r->heads, index);
	frames.owner_pages[RUN_OWNER(info)] -= pages;
	frames_put(r, index, pages);
	return NULL;
}

void frame_free_pages(paddr_t pa, size_t pages)
{
	uint64_t irq = spin_lock_irqsave(&lock);
	const char *error = free_run(pa, pages);

	spin_unlock_irqrestore(&lock, irq);
	if (error)
		bad_free(pa, pages, error);
}

void frame_free(paddr_t pa, unsigned order)
{
	frame_free_pages(pa, (size_t)1 << order);
}

/* Free what [index, end) has of the run at @head; what is left on either side becomes a run of its own. */
static void cut_run(struct frame_region *r, uint64_t head, uint64_t index, uint64_t end)
{
	uint32_t info = r->info[head];
	uint64_t head_end = head + RUN_PAGES(info);

	bitmap_clear(r->heads, head);
	if (head < index) {
		bitmap_set(r->heads, head);
		r->info[head] = RUN(RUN_OWNER(info), index - head);
	}
	if (end < head_end) {
		bitmap_set(r->heads, end);
		r->info[end] = RUN(RUN_OWNER(info), head_end - end);
	}
	frames.owner_pages[RUN_OWNER(info)] -= end - index;
	frames_put(r, index, end - index);
}

static const char *free_range(paddr_t pa, size_t pages)
{
	uint64_t index, end;
	struct frame_region *r = region_of_range(pa, pages, &index);

	if (!r)
		return "not memory of the allocator";
	end = index + pages;
	for (uint64_t i = index; i < end;) {
		int64_t head = frames_run_of(r, i);

		if (head < 0)
			return "part of it is already free";
		i = head + RUN_PAGES(r->info[head]);
	}
	while (index < end) {
		int64_t head = frames_run_of(r, index);
		uint64_t next = MIN(end, (uint64_t)head + RUN_PAGES(r->info[head]));

		cut_run(r, head, index, next);
		index = next;
	}
	return NULL;
}

static void give_back(paddr_t pa, size_t pages, size_t promise)
{
	uint64_t irq = spin_lock_irqsave(&lock);
	const char *error = free_range(pa, pages);

	if (!error)
		frames.promised += promise;
	spin_unlock_irqrestore(&lock, irq);
	if (error)
		bad_free(pa, pages, error);
}

void frame_free_range(paddr_t pa, size_t pages)
{
	give_back(pa, pages, 0);
}

void frame_return_range(paddr_t pa, size_t pages)
{
	give_back(pa, pages, pages);
}

int frame_promise(size_t pages)
{
	uint64_t irq = spin_lock_irqsave(&lock), kept = frames.total_pages / PROMISE_KEEP;
	uint64_t left = available(0);
	int err = left < kept || pages > left - kept ? -AX_ENOMEM : 0;

	if (!err)
		frames.promised += pages;
	spin_unlock_irqrestore(&lock, irq);
	return err;
}

void frame_forget(size_t pages)
{
	uint64_t irq = spin_lock_irqsave(&lock);

	frames.promised -= pages;
	spin_unlock_irqrestore(&lock, irq);
}

size_t frame_size(paddr_t pa)
{
	uint64_t irq = spin_lock_irqsave(&lock), index;
	struct frame_region *r = region_of_range(pa, 1, &index);
	size_t pages = 0;

	if (r && bitmap_test(r->heads, index) && r->info[index] & RUN_IN_USE)
		pages = RUN_PAGES(r->info[index]);
	spin_unlock_irqrestore(&lock, irq);
	return pages;
}

int frame_reserve(paddr_t pa, size_t pages, enum frame_owner owner)
{
	uint64_t irq, index;
	struct frame_region *r;
	int err = -AX_EBUSY;

	if (!pages || pages > RUN_PAGES_MAX || !IS_ALIGNED(pa, PAGE_SIZE) || !mem_is_ram(pa, pages << PAGE_SHIFT))
		return -AX_EINVAL;
	irq = spin_lock_irqsave(&lock);
	r = region_of_range(pa, pages, &index);
	if (r && frames_are_free(r, index, pages))
		err = pages <= available(0) ? 0 : -AX_ENOMEM;
	if (!err)
		frames_take(r, index, pages, owner);
	spin_unlock_irqrestore(&lock, irq);
	return err;
}

void frame_get_stats(struct frame_stats *stats)
{
	uint64_t irq = spin_lock_irqsave(&lock);

	*stats = (struct frame_stats){
		.total_pages = frames.total_pages,
		.free_pages = frames.free_pages,
		.promised_pages = MAX(frames.promised, INT64_C(0)),
	};
	memcpy(stats->owner_pages, frames.owner_pages, sizeof(stats->owner_pages));
	for (unsigned order = 0; order <= FRAME_MAX_ORDER; order++)
		if (!LIST_EMPTY(&frames.free[order]))
			stats->largest_free_pages = UINT64_C(1) << order;
	spin_unlock_irqrestore(&lock, irq);
}
