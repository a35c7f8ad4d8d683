/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking over the machine's memory: one region per free piece of RAM. What the allocator must remember (33 bits per
 * page) stands in the largest piece, at the end that is worse aligned, so that large blocks stay whole.
 */
#include <string.h>
#include <axhal/mem.h>
#include <axstd/bitmap.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include "frame_buddy.h"

static paddr_t alloc_tables(unsigned pages)
{
	return frame_alloc_pages(pages, pages * PAGE_SIZE, FRAME_ZERO, OWNER_TABLES);
}

static void free_tables(paddr_t pa, unsigned pages)
{
	frame_free_pages(pa, pages);
}

static size_t heads_bytes(uint64_t pages)
{
	return BITMAP_WORDS(pages) * sizeof(uint64_t);
}

static size_t info_bytes(uint64_t pages)
{
	return ALIGN_UP(pages * sizeof(uint32_t), sizeof(uint64_t));
}

/* Address 0 means "none" to callers: that page is never handed out. */
static struct mem_region usable(const struct mem_region *m)
{
	struct mem_region u = *m;

	if (m->kind != MEM_FREE)
		u.size = 0;
	if (!u.base && u.size) {
		u.base = PAGE_SIZE;
		u.size -= PAGE_SIZE;
	}
	return u;
}

/* Cut @bytes, rounded up to pages, off the worse aligned end of @m. */
static void *carve(struct mem_region *m, size_t bytes)
{
	paddr_t start = m->base, end = m->base + m->size;

	bytes = ALIGN_UP(bytes, PAGE_SIZE);
	m->size -= bytes;
	if (end && __builtin_ctzll(end) < __builtin_ctzll(start))
		return phys_to_virt(end - bytes);
	m->base += bytes;
	return phys_to_virt(start);
}

static void add_region(const struct mem_region *m, char **memory)
{
	struct frame_region *r = &frames.regions[frames.num_regions++];

	r->base = m->base >> PAGE_SHIFT;
	r->pages = m->size >> PAGE_SHIFT;
	r->heads = (uint64_t *)*memory;
	*memory += heads_bytes(r->pages);
	r->info = (uint32_t *)*memory;
	*memory += info_bytes(r->pages);
	memset(r->heads, 0, heads_bytes(r->pages));
	frames_put(r, 0, r->pages);
	frames.total_pages += r->pages;
}

int frame_init(void)
{
	struct mem_region largest = { 0 };
	size_t count, used = 0, bytes = 0;
	const struct mem_region *map = mem_regions(&count);
	paddr_t largest_base;
	char *memory;

	memset(&frames, 0, sizeof(frames));
	for (size_t i = 0; i < count; i++) {
		struct mem_region m = usable(&map[i]);

		if (!m.size)
			continue;
		used++;
		bytes += sizeof(struct frame_region) + heads_bytes(m.size >> PAGE_SHIFT) +
			 info_bytes(m.size >> PAGE_SHIFT);
		if (m.size > largest.size)
			largest = m;
	}
	if (!used || largest.size <= ALIGN_UP(bytes, PAGE_SIZE)) {
		log_error("no free memory: %zu regions, the largest has %llu KiB", used,
			  (unsigned long long)largest.size >> 10);
		return -AX_ENOMEM;
	}
	largest_base = largest.base;
	memory = carve(&largest, bytes);
	frames.regions = (struct frame_region *)memory;
	memory += used * sizeof(struct frame_region);
	for (size_t i = 0; i < count; i++) {
		struct mem_region m = usable(&map[i]);

		if (m.size && m.base == largest_base)
			m = largest;
		if (m.size)
			add_region(&m, &memory);
	}
	mem_set_table_allocator(alloc_tables, free_tables);
	return 0;
}
