/* unit: axalloc/frame.c axalloc/frame_buddy.c axalloc/frame_init.c axstd/bitmap.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The heap as it is in release builds: no zones around blocks, errors are told and survived.
 */
#undef AX_DEBUG
#include "heap.c"
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "host/host.h"

#define POOL_SIZE MIB(32)

static char *pool;
static struct mem_region map;

static int setup(void **state)
{
	pool = host_alloc_ram(POOL_SIZE, PAGE_SIZE);
	map = (struct mem_region){ virt_to_phys(pool), POOL_SIZE, MEM_FREE };
	host_set_mem_regions(&map, 1);
	host_log_reset();
	return frame_init();
}

static int teardown(void **state)
{
	struct heap_stats stats;
	struct frame_stats frames_now;

	heap_get_stats(&stats);
	frame_get_stats(&frames_now);
	assert_int_equal(stats.used_blocks + stats.used_bytes + stats.slab_pages + stats.large_pages, 0);
	assert_int_equal(frames_now.free_pages, frames_now.total_pages);
	host_free_ram(pool, POOL_SIZE);
	return 0;
}

static void small_blocks_share_slabs(void **state)
{
	static void *blocks[1009];
	struct heap_stats stats;

	for (unsigned i = 0; i < ARRAY_SIZE(blocks); i++)
		blocks[i] = kmalloc(16);
	heap_get_stats(&stats);
	assert_int_equal(stats.used_blocks, ARRAY_SIZE(blocks));
	assert_int_equal(stats.used_bytes, 16 * ARRAY_SIZE(blocks));
	assert_int_equal(stats.slab_pages, 4);
	assert_int_equal(stats.large_pages, 0);
	for (unsigned i = 0; i < ARRAY_SIZE(blocks); i++)
		kfree(blocks[i]);
}

static void every_size_class_has_the_blocks_it_promises(void **state)
{
	for (unsigned shift = MIN_SHIFT; shift <= MAX_SHIFT; shift++) {
		static char *blocks[MAX_SLOTS];
		unsigned count = 0;
		struct heap_stats stats;

		do {
			blocks[count] = kmalloc((size_t)1 << shift);
			memset(blocks[count], (int)count + 1, (size_t)1 << shift);
			count++;
			heap_get_stats(&stats);
		} while (stats.slab_pages == 4);
		/* 192 bytes of head and a slot at each page boundary that a slot would start at */
		assert_in_range(count - 1, (SLAB_SIZE - SLAB_HEADER) / (1U << shift) - 3,
				(SLAB_SIZE - SLAB_HEADER) >> shift);
		for (unsigned i = 0; i < count; i++) {
			assert_int_not_equal((uintptr_t)blocks[i] % PAGE_SIZE, 0);
			for (size_t b = 0; b < (size_t)1 << shift; b++)
				assert_int_equal((unsigned char)blocks[i][b], (unsigned char)(i + 1));
			kfree(blocks[i]);
		}
	}
}

static void sizes_beyond_the_largest_class_are_frames(void **state)
{
	struct heap_stats stats;
	void *small = kmalloc(2048), *large = kmalloc(2049);

	heap_get_stats(&stats);
	assert_int_equal(stats.slab_pages, 4);
	assert_int_equal(stats.large_pages, 1);
	kfree(small);
	kfree(large);
}

static void impossible_sizes_are_refused(void **state)
{
	volatile size_t huge = SIZE_MAX;
	void *nothing = kmalloc(0);

	assert_null(kmalloc(huge));
	assert_null(kmalloc(huge - 4095));
	assert_null(kmalloc(POOL_SIZE));
	assert_null(kcalloc(huge, 2));
	assert_non_null(nothing);
	kfree(nothing);
}

static void wrong_frees_are_told_and_ignored(void **state)
{
	char *keep = kmalloc(64), *p = kmalloc(64), *large = kmalloc(5000);
	struct heap_stats before, after;

	kfree(p);
	heap_get_stats(&before);
	kfree(p);
	assert_true(host_log_contains("already free; ignored"));
	kfree(keep + 16);
	assert_true(host_log_contains("in the middle of a block; ignored"));
	kfree(large + PAGE_SIZE);
	assert_true(host_log_contains("not a block of the heap"));
	heap_get_stats(&after);
	assert_memory_equal(&before, &after, sizeof(before));
	kfree(keep);
	kfree(large);
	host_log_reset();
	kfree(keep);
	kfree(large);
	assert_true(host_log_contains("already free; ignored"));
}

static void random_load_keeps_all_contents(void **state)
{
	static struct {
		unsigned char *p, value;
		size_t size;
	} live[1000];

	srand(7);
	for (unsigned step = 0; step < 100000; step++) {
		unsigned i = rand() % ARRAY_SIZE(live);

		if (live[i].p) {
			for (size_t b = 0; b < live[i].size; b += 1 + live[i].size / 16)
				assert_int_equal(live[i].p[b], live[i].value);
			kfree(live[i].p);
			live[i].p = NULL;
			continue;
		}
		live[i].size = rand() % 8 ? (size_t)rand() % 300 : (size_t)rand() % 20000;
		live[i].value = rand();
		live[i].p = kmalloc(live[i].size);
		if (live[i].p)
			memset(live[i].p, live[i].value, live[i].size);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(live); i++)
		kfree(live[i].p);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(small_blocks_share_slabs),
		TEST(every_size_class_has_the_blocks_it_promises),
		TEST(sizes_beyond_the_largest_class_are_frames),
		TEST(impossible_sizes_are_refused),
		TEST(wrong_frees_are_told_and_ignored),
		TEST(random_load_keeps_all_contents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
