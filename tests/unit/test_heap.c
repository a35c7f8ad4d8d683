/* unit: axalloc/heap.c axalloc/heap_debug.c axalloc/frame.c axalloc/frame_buddy.c axalloc/frame_init.c axstd/bitmap.c */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <axalloc/frame.h>
#include <axalloc/heap.h>
#include <axstd/util.h>
#include "host/host.h"

#define POOL_SIZE MIB(32)

static char *pool;
static struct mem_region map;

static int setup(void **state)
{
	pool = host_alloc_ram(POOL_SIZE, PAGE_SIZE);
	map = (struct mem_region){ virt_to_phys(pool), POOL_SIZE, MEM_FREE };
	host_set_mem_regions(&map, 1);
	return frame_init();
}

static int teardown(void **state)
{
	host_free_ram(pool, POOL_SIZE);
	return 0;
}

static uint64_t free_pages(void)
{
	struct frame_stats stats;

	frame_get_stats(&stats);
	return stats.free_pages;
}

static void blocks_of_every_size_are_aligned_and_writable(void **state)
{
	uint64_t before = free_pages();

	for (size_t size = 0; size < 10000; size += 1 + size / 37) {
		char *p = kmalloc(size), *q = kmalloc(size);

		assert_non_null(p);
		assert_non_null(q);
		assert_ptr_not_equal(p, q);
		assert_int_equal((uintptr_t)p % 16, 0);
		memset(p, 1, size);
		memset(q, 2, size);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 1);
		kfree(p);
		kfree(q);
	}
	assert_int_equal(free_pages(), before);
}

static void zeroed_blocks_are_zero_even_when_they_were_used_before(void **state)
{
	for (size_t size = 1; size < 9000; size = size * 2 + 1) {
		char *p = kmalloc(size);

		memset(p, 0xff, size);
		kfree(p);
		p = kzalloc(size);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		kfree(p);
	}
}

static void arrays_whose_size_overflows_are_refused(void **state)
{
	volatile size_t huge = SIZE_MAX;
	void *p;

	assert_null(kcalloc(huge / 2, 3));
	assert_null(kmalloc(huge));
	assert_null(kmalloc(huge - 16));
	assert_null(kmalloc(POOL_SIZE));
	p = kcalloc(100, 10);
	assert_non_null(p);
	kfree(p);
	kfree(NULL);
}

static void strings_are_copied(void **state)
{
	char *copy = kstrdup("guest");

	assert_string_equal(copy, "guest");
	kfree(copy);
}

static void statistics_count_blocks_slabs_and_pages(void **state)
{
	struct heap_stats stats;
	void *small = kmalloc(100), *large = kmalloc(5000);

	heap_get_stats(&stats);
	assert_int_equal(stats.used_blocks, 2);
	assert_int_equal(stats.large_pages, 2);
	assert_int_equal(stats.slab_pages, 4);
	assert_int_equal(stats.used_bytes, 8192 + 256); /* with the zones of the debug build */
	kfree(small);
	kfree(large);
	heap_get_stats(&stats);
	assert_int_equal(stats.used_blocks + stats.used_bytes + stats.slab_pages + stats.large_pages, 0);
}

static void double_frees_and_foreign_pointers_are_told(void **state)
{
	char *keep = kmalloc(40), *p = kmalloc(40), *large = kmalloc(3 * PAGE_SIZE);

	kfree(p);
	assert_panics(kfree(p));
	assert_non_null(strstr(host_panic_text, "already free"));
	assert_panics(kfree(keep + 16));
	assert_panics(kfree(large + PAGE_SIZE));
	kfree(large);
	assert_panics(kfree(large));
	kfree(keep);
}

static void write_beyond_the_end(size_t size)
{
	char *keep = kmalloc(size), *p = kmalloc(size);

	p[size] ^= 1;
	assert_panics(kfree(p));
	assert_non_null(strstr(host_panic_text, "beyond its end"));
	p[size] ^= 1;
	kfree(p);
	kfree(keep);
}

static void writing_beyond_the_end_is_told_when_the_block_is_freed(void **state)
{
	for (size_t size = 1; size < 2000; size += 37)
		write_beyond_the_end(size);
}

static void writing_before_the_start_is_told_when_the_block_is_freed(void **state)
{
	char *keep = kmalloc(64), *p = kmalloc(64), saved = p[-1];

	p[-1] = 0;
	assert_panics(kfree(p));
	p[-1] = saved;
	kfree(p);
	kfree(keep);
}

static void writing_after_free_is_told_when_the_block_is_taken_again(void **state)
{
	char *keep = kmalloc(64), *p = kmalloc(64);

	kfree(p);
	p[5] = 1;
	assert_panics(kmalloc(64));
	assert_non_null(strstr(host_panic_text, "was written at offset 21"));
	(void)keep;
}

static void random_load_keeps_all_contents(void **state)
{
	static struct {
		unsigned char *p, value;
		size_t size;
	} live[1000];
	uint64_t before = free_pages();

	srand(2);
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
	assert_int_equal(free_pages(), before);
}

static void when_frames_run_out_the_heap_says_so_and_recovers(void **state)
{
	uint64_t before = free_pages();
	void **list = NULL, **p;
	size_t count = 0;

	while ((p = kmalloc(1000))) {
		*p = list;
		list = p;
		count++;
	}
	assert_true(count > POOL_SIZE / 2048 / 2);
	assert_null(kmalloc(1));
	assert_null(kmalloc(100000));
	while (list) {
		p = list;
		list = *p;
		kfree(p);
	}
	assert_int_equal(free_pages(), before);
}

static void *hammer(void *seed)
{
	void *blocks[32] = { 0 };
	unsigned random = (uintptr_t)seed;

	for (unsigned i = 0; i < 20000; i++) {
		void **slot = &blocks[rand_r(&random) % 32];

		kfree(*slot);
		*slot = kmalloc(rand_r(&random) % 3000);
	}
	for (unsigned i = 0; i < 32; i++)
		kfree(blocks[i]);
	return NULL;
}

static void several_cpus_share_it(void **state)
{
	uint64_t before = free_pages();
	pthread_t threads[4];

	for (uintptr_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_create(&threads[i], NULL, hammer, (void *)(i + 1));
	for (unsigned i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(free_pages(), before);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	/* The tests in which the heap panics come last: a panic leaves what it found as it was. */
	const struct CMUnitTest tests[] = {
		TEST(blocks_of_every_size_are_aligned_and_writable),
		TEST(zeroed_blocks_are_zero_even_when_they_were_used_before),
		TEST(arrays_whose_size_overflows_are_refused),
		TEST(strings_are_copied),
		TEST(statistics_count_blocks_slabs_and_pages),
		TEST(random_load_keeps_all_contents),
		TEST(when_frames_run_out_the_heap_says_so_and_recovers),
		TEST(several_cpus_share_it),
		TEST(double_frees_and_foreign_pointers_are_told),
		TEST(writing_beyond_the_end_is_told_when_the_block_is_freed),
		TEST(writing_before_the_start_is_told_when_the_block_is_freed),
		TEST(writing_after_free_is_told_when_the_block_is_taken_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
