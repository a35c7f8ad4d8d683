/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The heap: size classes 16 .. 2048, each a set of slabs; larger blocks are frames.
 *
 * A slab is 16 KiB, aligned to its size, so that a block finds its slab by masking its address. A block that starts
 * at a page boundary is a large one: slabs leave the slots out that would (one in each of three pages at most). Free
 * slots are a bitmap in the slab's head, which also tells a double free; nothing is kept in free blocks.
 */
#include <string.h>
#include <stdatomic.h>
#include <sys/queue.h>
#include <axalloc/frame.h>
#include <axalloc/heap.h>
#include <axhal/mem.h>
#include <axstd/assert.h>
#include <axstd/bitmap.h>
#include <axstd/log.h>
#include <axstd/spinlock.h>
#include "heap_debug.h"

#define SLAB_SIZE   KIB(16)
#define SLAB_MAGIC  UINT32_C(0x51ab51ab)
#define MIN_SHIFT   4
#define MAX_SHIFT   11
#define MAX_SLOTS   (SLAB_SIZE >> MIN_SHIFT)
#define SLAB_HEADER 192

struct slab {
	LIST_ENTRY(slab) link; /* in the cache's list, unless full */
	uint32_t magic;
	uint16_t shift; /* log2 of the slot size */
	uint16_t used;
	uint16_t usable; /* slots that are ever handed out */
	uint16_t hint;   /* no free slot below this word of the map */
	uint64_t free[BITMAP_WORDS(MAX_SLOTS)];
};

_Static_assert(sizeof(struct slab) <= SLAB_HEADER, "the head of a slab has grown");

struct cache {
	struct spinlock lock;
	LIST_HEAD(slab_list, slab) slabs; /* with a free slot */
	uint64_t blocks;
	uint64_t slab_count;
};

static struct cache caches[MAX_SHIFT + 1];
static _Atomic uint64_t large_blocks, large_pages;

static char *slot_address(struct slab *slab, unsigned slot)
{
	return (char *)slab + SLAB_HEADER + ((size_t)slot << slab->shift);
}

static struct slab *slab_create(unsigned shift)
{
	unsigned slots = (SLAB_SIZE - SLAB_HEADER) >> shift;
	paddr_t pa = frame_alloc_pages(SLAB_SIZE >> PAGE_SHIFT, SLAB_SIZE, 0, OWNER_HEAP);
	struct slab *slab = phys_to_virt(pa);

	if (!pa)
		return NULL;
	memset(slab, 0, sizeof(*slab));
	slab->magic = SLAB_MAGIC;
	slab->shift = shift;
	slab->usable = slots;
	for (unsigned word = 0; word < slots / 64; word++)
		slab->free[word] = ~UINT64_C(0);
	if (slots % 64)
		slab->free[slots / 64] = BIT(slots % 64) - 1;
	for (size_t page = PAGE_SIZE; page < SLAB_SIZE; page += PAGE_SIZE) {
		if ((page - SLAB_HEADER) % ((size_t)1 << shift))
			continue;
		bitmap_clear(slab->free, (page - SLAB_HEADER) >> shift);
		slab->usable--;
	}
	heap_poison_free(slot_address(slab, 0), (size_t)1 << shift, slots);
	return slab;
}

static unsigned slab_take(struct slab *slab)
{
	unsigned word = slab->hint, slot;

	while (!slab->free[word])
		word++;
	slab->hint = word;
	slot = word * 64 + __builtin_ctzll(slab->free[word]);
	bitmap_clear(slab->free, slot);
	slab->used++;
	return slot;
}

static void *alloc_small(unsigned shift)
{
	struct cache *cache = &caches[shift];
	uint64_t irq = spin_lock_irqsave(&cache->lock);
	struct slab *slab = LIST_FIRST(&cache->slabs);
	void *p = NULL;

	if (!slab) {
		slab = slab_create(shift);
		if (!slab)
			goto out;
		LIST_INSERT_HEAD(&cache->slabs, slab, link);
		cache->slab_count++;
	}
	p = slot_address(slab, slab_take(slab));
	cache->blocks++;
	if (slab->used == slab->usable)
		LIST_REMOVE(slab, link);
out:
	spin_unlock_irqrestore(&cache->lock, irq);
	return p;
}

static void *alloc_large(size_t size)
{
	size_t pages = size / PAGE_SIZE + !!(size % PAGE_SIZE);
	paddr_t pa = frame_alloc_pages(pages, PAGE_SIZE, 0, OWNER_HEAP);

	if (!pa)
		return NULL;
	atomic_fetch_add_explicit(&large_blocks, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&large_pages, pages, memory_order_relaxed);
	return phys_to_virt(pa);
}

void *kmalloc(size_t size)
{
	size_t room = MAX(size, (size_t)1) + HEAP_ZONES;
	unsigned shift;
	void *p;

	if (room < size || room > (size_t)1 << MAX_SHIFT)
		return alloc_large(size);
	shift = room > 1 ? 64 - __builtin_clzll(room - 1) : 0;
	shift = MAX(shift, (unsigned)MIN_SHIFT);
	p = alloc_small(shift);
	return p ? heap_open(p, (size_t)1 << shift, size) : NULL;
}

void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	if (p)
		memset(p, 0, size);
	return p;
}

void *kcalloc(size_t n, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : kzalloc(bytes);
}

char *kstrdup(const char *s)
{
	size_t size = strlen(s) + 1;
	char *copy = kmalloc(size);

	if (copy)
		memcpy(copy, s, size);
	return copy;
}

static void bad_free(const void *p, const char *why)
{
#ifdef AX_DEBUG
	panic("kfree %p: %s", p, why);
#else
	log_error("kfree %p: %s; ignored", p, why);
#endif
}

static const char *free_large(void *p)
{
	size_t pages = frame_size(virt_to_phys(p));

	if (!pages)
		return "not a block of the heap, or already free";
	frame_free_pages(virt_to_phys(p), pages);
	atomic_fetch_sub_explicit(&large_blocks, 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&large_pages, pages, memory_order_relaxed);
	return NULL;
}

/* Called with the cache locked. An empty slab goes back at once: what is free can be used by everybody. */
static const char *slab_give(struct cache *cache, struct slab *slab, char *p)
{
	size_t offset = p - slot_address(slab, 0);
	unsigned slot = offset >> slab->shift;

	if (p < slot_address(slab, 0) || slot_address(slab, slot) != p)
		return "in the middle of a block";
	if (bitmap_test(slab->free, slot))
		return "already free";
	heap_poison_free(p, (size_t)1 << slab->shift, 1);
	bitmap_set(slab->free, slot);
	slab->hint = MIN(slab->hint, (uint16_t)(slot / 64));
	if (slab->used-- == slab->usable)
		LIST_INSERT_HEAD(&cache->slabs, slab, link);
	cache->blocks--;
	if (!slab->used) {
		LIST_REMOVE(slab, link);
		cache->slab_count--;
		slab->magic = 0;
		frame_free_pages(virt_to_phys(slab), SLAB_SIZE >> PAGE_SHIFT);
	}
	return NULL;
}

static const char *free_small(void *p)
{
	struct slab *slab = (void *)ALIGN_DOWN((uintptr_t)p, SLAB_SIZE);
	const char *error = "not a block of the heap, or already free";
	struct cache *cache;
	uint64_t irq;

	if (slab->magic != SLAB_MAGIC || slab->shift < MIN_SHIFT || slab->shift > MAX_SHIFT)
		return error;
	cache = &caches[slab->shift];
	irq = spin_lock_irqsave(&cache->lock);
	if (slab->magic == SLAB_MAGIC)
		error = slab_give(cache, slab, p);
	spin_unlock_irqrestore(&cache->lock, irq);
	return error;
}

void kfree(void *p)
{
	const char *error;

	if (!p)
		return;
	if (IS_ALIGNED((uintptr_t)p, PAGE_SIZE)) {
		error = free_large(p);
	} else {
		void *block = heap_close(p, &error);

		if (!error)
			error = free_small(block);
	}
	if (error)
		bad_free(p, error);
}

void heap_get_stats(struct heap_stats *stats)
{
	*stats = (struct heap_stats){ .large_pages = large_pages };
	stats->used_blocks = large_blocks;
	stats->used_bytes = stats->large_pages << PAGE_SHIFT;
	for (unsigned shift = MIN_SHIFT; shift <= MAX_SHIFT; shift++) {
		struct cache *cache = &caches[shift];
		uint64_t irq = spin_lock_irqsave(&cache->lock);

		stats->used_blocks += cache->blocks;
		stats->used_bytes += cache->blocks << shift;
		stats->slab_pages += cache->slab_count * (SLAB_SIZE >> PAGE_SHIFT);
		spin_unlock_irqrestore(&cache->lock, irq);
	}
}
