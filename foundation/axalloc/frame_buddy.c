/* SPDX-License-Identifier: Apache-2.0 */
#include "frame_buddy.h"
#include <axhal/mem.h>
#include <axstd/bitmap.h>

struct frames frames;

static struct free_block *block_at(const struct frame_region *r, uint64_t index)
{
	return phys_to_virt((r->base + index) << PAGE_SHIFT);
}

/* A head that starts a free block has its order as its word. */
static bool is_free_head(const struct frame_region *r, uint64_t index)
{
	return bitmap_test(r->heads, index) && !(r->info[index] & RUN_IN_USE);
}

static uint64_t head_pages(const struct frame_region *r, uint64_t index)
{
	uint32_t info = r->info[index];

	return info & RUN_IN_USE ? RUN_PAGES(info) : UINT64_C(1) << info;
}

struct frame_region *frames_region_of(uint64_t pfn)
{
	size_t low = 0, high = frames.num_regions;

	while (low < high) {
		size_t middle = (low + high) / 2;
		struct frame_region *r = &frames.regions[middle];

		if (pfn < r->base)
			high = middle;
		else if (pfn - r->base >= r->pages)
			low = middle + 1;
		else
			return r;
	}
	return NULL;
}

static void block_add(struct frame_region *r, uint64_t index, unsigned order)
{
	bitmap_set(r->heads, index);
	r->info[index] = order;
	LIST_INSERT_HEAD(&frames.free[order], block_at(r, index), link);
	frames.free_pages += UINT64_C(1) << order;
}

static void block_remove(struct frame_region *r, uint64_t index)
{
	bitmap_clear(r->heads, index);
	LIST_REMOVE(block_at(r, index), link);
	frames.free_pages -= UINT64_C(1) << r->info[index];
}

/* Free one block and join it with its buddy as long as that is free and whole. */
static void block_put(struct frame_region *r, uint64_t index, unsigned order)
{
	for (; order < FRAME_MAX_ORDER; order++) {
		uint64_t buddy = ((r->base + index) ^ UINT64_C(1) << order) - r->base;

		/* A buddy before the region wraps around and is far beyond it. */
		if (buddy >= r->pages || !is_free_head(r, buddy) || r->info[buddy] != order)
			break;
		block_remove(r, buddy);
		index = MIN(index, buddy);
	}
	block_add(r, index, order);
}

void frames_put(struct frame_region *r, uint64_t index, uint64_t pages)
{
	while (pages) {
		uint64_t pfn = r->base + index;
		unsigned order = 63 - __builtin_clzll(pages);

		if (pfn)
			order = MIN(order, (unsigned)__builtin_ctzll(pfn));
		order = MIN(order, (unsigned)FRAME_MAX_ORDER);
		block_put(r, index, order);
		index += UINT64_C(1) << order;
		pages -= UINT64_C(1) << order;
	}
}

/* First page of the free block that holds page @index; -1 if it is in use. */
static int64_t free_block_of(const struct frame_region *r, uint64_t index)
{
	for (unsigned order = 0; order <= FRAME_MAX_ORDER; order++) {
		uint64_t start = ((r->base + index) & ~((UINT64_C(1) << order) - 1)) - r->base;

		if (start > index)
			break; /* before the region */
		if (bitmap_test(r->heads, start))
			return is_free_head(r, start) && r->info[start] >= order ? (int64_t)start : -1;
	}
	return -1;
}

int64_t frames_run_of(const struct frame_region *r, uint64_t index)
{
	uint64_t word = index / 64, bits = r->heads[word] & (~UINT64_C(0) >> (63 - index % 64));

	while (!bits && word)
		bits = r->heads[--word];
	if (!bits)
		return -1;
	word = word * 64 + 63 - __builtin_clzll(bits);
	return r->info[word] & RUN_IN_USE ? (int64_t)word : -1;
}

bool frames_are_free(const struct frame_region *r, uint64_t index, uint64_t pages)
{
	uint64_t end = index + pages;

	while (index < end) {
		int64_t block = free_block_of(r, index);

		if (block < 0)
			return false;
		index = block + head_pages(r, block);
	}
	return true;
}

void frames_take(struct frame_region *r, uint64_t index, uint64_t pages, enum frame_owner owner)
{
	uint64_t first = free_block_of(r, index), next = first;

	while (next < index + pages) {
		uint64_t size = head_pages(r, next);

		block_remove(r, next);
		next += size;
	}
	bitmap_set(r->heads, index);
	r->info[index] = RUN(owner, pages);
	frames.owner_pages[owner] += pages;
	frames_put(r, first, index - first);
	frames_put(r, index + pages, next - (index + pages));
}

static struct frame_region *find_block(uint64_t pages, uint64_t align, uint64_t *index)
{
	uint64_t need = MAX(pages, align);
	unsigned order = need > 1 ? 64 - __builtin_clzll(need - 1) : 0;

	for (; order <= FRAME_MAX_ORDER; order++) {
		struct free_block *block = LIST_FIRST(&frames.free[order]);
		uint64_t pfn = virt_to_phys(block) >> PAGE_SHIFT;
		struct frame_region *r;

		if (!block)
			continue;
		r = frames_region_of(pfn);
		*index = pfn - r->base;
		return r;
	}
	return NULL;
}

/* Join neighbouring free blocks; aligned starts of blocks do not matter here. */
static bool find_in_region(const struct frame_region *r, uint64_t pages, uint64_t align, uint64_t *index)
{
	uint64_t start = 0; /* of the free stretch that ends at i */

	for (uint64_t i = 0; i < r->pages;) {
		bool in_use = r->info[i] & RUN_IN_USE;

		i += head_pages(r, i);
		if (in_use)
			start = i;
		*index = ALIGN_UP(r->base + start, align) - r->base;
		if (*index + pages <= i)
			return true;
	}
	return false;
}

struct frame_region *frames_find(uint64_t pages, uint64_t align, uint64_t *index)
{
	struct frame_region *r = find_block(pages, align, index);

	/* What is a power of two and aligned to itself would be one block, if it were free. */
	if (r || (is_power_of_two(pages) && align >= pages && pages <= UINT64_C(1) << FRAME_MAX_ORDER))
		return r;
	for (size_t i = 0; pages <= frames.free_pages && i < frames.num_regions; i++)
		if (find_in_region(&frames.regions[i], pages, align, index))
			return &frames.regions[i];
	return NULL;
}
