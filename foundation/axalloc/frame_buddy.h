/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The buddy system behind frame.h. No locking: frame.c holds the lock.
 *
 * Memory is a set of regions; within a region, each page belongs to exactly one block (free, a power of two in size and
 * aligned to it) or run (in use, of any length). A bitmap marks the first page of every block and run; a word for that
 * page says what it is. Words of other pages are never read, so only the bitmap is cleared at boot. Free blocks are
 * linked through their own first bytes.
 */
#include <sys/queue.h>
#include <axalloc/frame.h>

struct free_block {
	LIST_ENTRY(free_block) link;
};

LIST_HEAD(free_list, free_block);

struct frame_region {
	uint64_t base; /* page frame number */
	uint64_t pages;
	uint64_t *heads; /* bitmap: a block or run starts here */
	uint32_t *info;  /* of heads: RUN_* or the order of a free block */
};

/* Word of a run: who owns it and how many pages it has. */
#define RUN_IN_USE    (UINT32_C(1) << 31)
#define RUN_OWNER(w)  ((enum frame_owner)((w) >> 27 & 15))
#define RUN_PAGES(w)  ((w)&RUN_PAGES_MAX)
#define RUN_PAGES_MAX ((UINT32_C(1) << 27) - 1)
#define RUN(owner, n) (RUN_IN_USE | (uint32_t)(owner) << 27 | (uint32_t)(n))

struct frames {
	struct frame_region *regions; /* sorted by base */
	size_t num_regions;
	struct free_list free[FRAME_MAX_ORDER + 1];
	uint64_t total_pages;
	uint64_t free_pages;
	/*
	 * Of the free pages. Below 0 for a moment when a promise is forgotten while memory that was taken from it is on
	 * its way back.
	 */
	int64_t promised;
	uint64_t owner_pages[FRAME_OWNERS];
};

extern struct frames frames;

/* The region that holds page @pfn, or NULL. */
struct frame_region *frames_region_of(uint64_t pfn);

/* Is [index, index + pages) of @r all free? */
bool frames_are_free(const struct frame_region *r, uint64_t index, uint64_t pages);

/* Make a run of free pages. */
void frames_take(struct frame_region *r, uint64_t index, uint64_t pages, enum frame_owner owner);

/* Put pages that belong to nothing into the free lists, joined with free neighbours. */
void frames_put(struct frame_region *r, uint64_t index, uint64_t pages);

/* First page of the run that holds page @index; -1 if it is free. */
int64_t frames_run_of(const struct frame_region *r, uint64_t index);

/*
 * Find @pages free pages at a multiple of @align pages: in O(orders) where a block large enough is free, else by a
 * walk over all blocks and runs (a run may be put together from neighbouring blocks). Return: the region and @index,
 * or NULL.
 */
struct frame_region *frames_find(uint64_t pages, uint64_t align, uint64_t *index);
