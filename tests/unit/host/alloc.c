/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames and heap blocks from malloc. What is given back must be exactly what was taken.
 */
#include "host.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <axalloc/frame.h>
#include <axalloc/heap.h>
#include <axstd/error.h>

struct live {
	struct live *next;
	paddr_t pa;
	size_t pages;
	enum frame_owner owner;
	bool mapped;        /* from mmap, not from malloc */
	size_t freed_pages; /* by frame_free_range() */
	bool *freed;        /* which; NULL: none */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct live *live_frames[4096];
static size_t live_pages, live_blocks;
static long promised; /* only counted: tests look whether promises come out even */
static long fail_countdown = -1;
static bool fail_hit;

size_t host_frame_limit = SIZE_MAX;

void host_fail_after(unsigned n)
{
	fail_countdown = n;
	fail_hit = false;
}

void host_fail_never(void)
{
	fail_countdown = -1;
}

bool host_fail_hit(void)
{
	return fail_hit;
}

bool host_should_fail(void)
{
	if (fail_countdown < 0 || fail_countdown-- > 0)
		return false;
	fail_hit = true;
	return true;
}

size_t host_frames_live(void)
{
	return live_pages;
}

size_t host_heap_live(void)
{
	return live_blocks;
}

static struct live **bucket(paddr_t pa)
{
	return &live_frames[pa / PAGE_SIZE % ARRAY_SIZE(live_frames)];
}

static void remember(paddr_t pa, size_t pages, enum frame_owner owner, bool mapped)
{
	struct live *l = malloc(sizeof(*l));

	*l = (struct live){ .next = *bucket(pa), .pa = pa, .pages = pages, .owner = owner, .mapped = mapped };
	*bucket(pa) = l;
	live_pages += pages;
}

__attribute__((weak)) int frame_init(void)
{
	return 0;
}

__attribute__((weak)) paddr_t frame_alloc_pages(size_t pages, uint64_t align, unsigned flags, enum frame_owner owner)
{
	size_t size = pages * PAGE_SIZE;
	bool mapped = size >= MIB(1);
	void *mem = NULL;

	pthread_mutex_lock(&lock);
	if (!pages || host_should_fail() || live_pages + pages > host_frame_limit)
		goto out;
	mem = mapped ? host_alloc_ram(size, align) : aligned_alloc(align < PAGE_SIZE ? PAGE_SIZE : align, size);
	if (!mem)
		goto out;
	/* Never let a test depend on memory being zero by chance. */
	if (flags & FRAME_ZERO || !mapped)
		memset(mem, flags & FRAME_ZERO ? 0 : 0xa5, mapped ? 0 : size);
	remember((uintptr_t)mem, pages, owner, mapped);
	if (flags & FRAME_PROMISED)
		__atomic_fetch_sub(&promised, (long)pages, __ATOMIC_RELAXED);
out:
	pthread_mutex_unlock(&lock);
	return (uintptr_t)mem;
}

__attribute__((weak)) paddr_t frame_alloc(unsigned order, unsigned flags, enum frame_owner owner)
{
	return frame_alloc_pages((size_t)1 << order, PAGE_SIZE << order, flags, owner);
}

static _Noreturn void bad_free(paddr_t pa, size_t pages, size_t in_use)
{
	char text[128];

	pthread_mutex_unlock(&lock);
	snprintf(text, sizeof(text), "frame_free(%#llx, %zu pages): %zu pages are in use there", (unsigned long long)pa,
		 pages, in_use);
	host_test_failed(__FILE__, __LINE__, text);
}

static void release(struct live *l)
{
	struct live **where = bucket(l->pa);

	while (*where != l)
		where = &(*where)->next;
	*where = l->next;
	if (l->mapped)
		host_free_ram((void *)(uintptr_t)l->pa, l->pages * PAGE_SIZE);
	else
		free((void *)(uintptr_t)l->pa);
	free(l->freed);
	free(l);
}

__attribute__((weak)) void frame_free_pages(paddr_t pa, size_t pages)
{
	struct live *l;

	pthread_mutex_lock(&lock);
	for (l = *bucket(pa); l && l->pa != pa; l = l->next)
		;
	if (!l || l->pages != pages || l->freed)
		bad_free(pa, pages, l ? l->pages - l->freed_pages : 0);
	live_pages -= pages;
	release(l);
	pthread_mutex_unlock(&lock);
}

static struct live *live_with_page(paddr_t pa)
{
	for (struct live *l = *bucket(pa); l; l = l->next)
		if (l->pa == pa)
			return l;
	for (size_t i = 0; i < ARRAY_SIZE(live_frames); i++)
		for (struct live *l = live_frames[i]; l; l = l->next)
			if (pa >= l->pa && pa - l->pa < l->pages * PAGE_SIZE)
				return l;
	return NULL;
}

/* Parts of an allocation go back when all of it has been given back. */
__attribute__((weak)) void frame_free_range(paddr_t pa, size_t pages)
{
	pthread_mutex_lock(&lock);
	while (pages) {
		struct live *l = live_with_page(pa);
		size_t first = l ? (pa - l->pa) / PAGE_SIZE : 0, n = l ? MIN(pages, l->pages - first) : 0;

		if (!l)
			bad_free(pa, pages, 0);
		if (!l->freed)
			l->freed = calloc(l->pages, sizeof(bool));
		for (size_t i = first; i < first + n; i++) {
			if (l->freed[i])
				bad_free(l->pa + i * PAGE_SIZE, 1, 0);
			l->freed[i] = true;
		}
		l->freed_pages += n;
		live_pages -= n;
		pa += n * PAGE_SIZE;
		pages -= n;
		if (l->freed_pages == l->pages)
			release(l);
	}
	pthread_mutex_unlock(&lock);
}

long host_frames_promised(void)
{
	return promised;
}

__attribute__((weak)) int frame_promise(size_t pages)
{
	if (host_should_fail())
		return -AX_ENOMEM;
	__atomic_fetch_add(&promised, (long)pages, __ATOMIC_RELAXED);
	return 0;
}

__attribute__((weak)) void frame_forget(size_t pages)
{
	__atomic_fetch_sub(&promised, (long)pages, __ATOMIC_RELAXED);
}

__attribute__((weak)) void frame_return_range(paddr_t pa, size_t pages)
{
	frame_free_range(pa, pages);
	__atomic_fetch_add(&promised, (long)pages, __ATOMIC_RELAXED);
}

__attribute__((weak)) size_t frame_size(paddr_t pa)
{
	struct live *l = live_with_page(pa);

	return l && l->pa == pa ? l->pages - l->freed_pages : 0;
}

__attribute__((weak)) void frame_free(paddr_t pa, unsigned order)
{
	frame_free_pages(pa, (size_t)1 << order);
}

__attribute__((weak)) int frame_reserve(paddr_t pa, size_t pages, enum frame_owner owner)
{
	void *want = (void *)(uintptr_t)pa, *mem;

	mem = mmap(want, pages * PAGE_SIZE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	if (mem == MAP_FAILED)
		return -AX_EBUSY;
	pthread_mutex_lock(&lock);
	remember(pa, pages, owner, true);
	pthread_mutex_unlock(&lock);
	return 0;
}

__attribute__((weak)) void frame_get_stats(struct frame_stats *stats)
{
	*stats = (struct frame_stats){ .total_pages = host_frame_limit, .free_pages = host_frame_limit - live_pages };
	for (size_t i = 0; i < ARRAY_SIZE(live_frames); i++)
		for (const struct live *l = live_frames[i]; l; l = l->next)
			stats->owner_pages[l->owner] += l->pages - l->freed_pages;
	stats->largest_free_pages = stats->free_pages;
}

__attribute__((weak)) void *kmalloc(size_t size)
{
	void *p;

	if (host_should_fail())
		return NULL;
	p = malloc(size ? size : 1);
	if (p) {
		memset(p, 0xa5, size);
		__atomic_fetch_add(&live_blocks, 1, __ATOMIC_RELAXED);
	}
	return p;
}

__attribute__((weak)) void *kzalloc(size_t size)
{
	void *p = kmalloc(size);

	return p ? memset(p, 0, size) : NULL;
}

__attribute__((weak)) void *kcalloc(size_t n, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : kzalloc(bytes);
}

__attribute__((weak)) void kfree(void *p)
{
	if (p)
		__atomic_fetch_sub(&live_blocks, 1, __ATOMIC_RELAXED);
	free(p);
}

__attribute__((weak)) char *kstrdup(const char *s)
{
	char *copy = kmalloc(strlen(s) + 1);

	return copy ? strcpy(copy, s) : NULL;
}

__attribute__((weak)) void heap_get_stats(struct heap_stats *stats)
{
	*stats = (struct heap_stats){ .used_blocks = live_blocks };
}
