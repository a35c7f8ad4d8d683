/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Physical page frames: a buddy allocator over all RAM that the platform reports as free.
 */
#include <axstd/util.h>

#define FRAME_MAX_ORDER 18 /* 1 GiB blocks */

enum frame_flags {
	FRAME_ZERO = 1,     /* zeroed before it is handed out */
	FRAME_PROMISED = 2, /* from what frame_promise() has set aside */
};

/* Who owns frames, for accounting (`mem` command). */
enum frame_owner {
	OWNER_NONE,
	OWNER_TABLES,
	OWNER_HEAP,
	OWNER_STACK,
	OWNER_GUEST,
	OWNER_GUEST_TABLES,
	OWNER_DEVICE,
	OWNER_FS,
	FRAME_OWNERS
};

/**
 * frame_init - take over every MEM_FREE region of mem_regions()
 *
 * Once, on the boot CPU, before anything else here; page tables of the hypervisor come from here from then on.
 *
 * Return: 0 or -AX_ENOMEM (there is no memory).
 */
int frame_init(void);

/**
 * frame_alloc - 2^@order contiguous frames, aligned to their size
 * @flags: FRAME_ZERO or 0
 *
 * Takes the allocator's lock, but zeroes without it. Any context. Return: the address, or 0 if there is no such block.
 */
paddr_t frame_alloc(unsigned order, unsigned flags, enum frame_owner owner);
/**
 * frame_alloc_pages - @pages contiguous frames, not rounded up to a power of two
 * @align: bytes, a power of two, PAGE_SIZE at least
 *
 * Where no free block is large enough, neighbouring ones are looked for: that walks over all blocks under the lock.
 * Context and result as for frame_alloc.
 */
paddr_t frame_alloc_pages(size_t pages, uint64_t align, unsigned flags, enum frame_owner owner);

/**
 * frame_free, frame_free_pages - give back exactly what one call above returned
 *
 * A double free or a wrong size panics in debug builds and is refused with an error line otherwise. Any context.
 */
void frame_free(paddr_t pa, unsigned order);
void frame_free_pages(paddr_t pa, size_t pages);

/**
 * frame_free_range - give back any part of what was allocated: of one allocation or of several side by side
 *
 * What is left of an allocation before and after the range is an allocation of its own from then on. Errors as for
 * frame_free.
 */
void frame_free_range(paddr_t pa, size_t pages);
/**
 * frame_promise - set free memory aside, without saying yet which
 *
 * Allocations without FRAME_PROMISED leave that much free. For memory that is handed out piece by piece later and
 * must not run out then. A 64th of all memory is never promised: page tables and the like come out of it.
 *
 * Return: 0 or -AX_ENOMEM.
 */
int frame_promise(size_t pages);
/** frame_forget - @pages of a promise will not be needed */
void frame_forget(size_t pages);
/** frame_return_range - frame_free_range, and a promise for as many pages in one step */
void frame_return_range(paddr_t pa, size_t pages);

/** frame_size - Return: pages of the allocation that starts at @pa, 0 if none does */
size_t frame_size(paddr_t pa);

/**
 * frame_reserve - take one given range out of the free memory (identity-mapped guest memory)
 * Return: 0, -AX_EBUSY (part of it is in use), -AX_EINVAL (not RAM), -AX_ENOMEM (free, but promised to others).
 */
int frame_reserve(paddr_t pa, size_t pages, enum frame_owner owner);

struct frame_stats {
	uint64_t total_pages;
	uint64_t free_pages;
	uint64_t promised_pages; /* of the free ones */
	uint64_t owner_pages[FRAME_OWNERS];
	uint64_t largest_free_pages; /* largest free block */
};

void frame_get_stats(struct frame_stats *stats);
const char *frame_owner_name(enum frame_owner owner);
