/* unit: axaddrspace/aspace.c axaddrspace/region.c axaddrspace/memory.c axaddrspace/guest_access.c axaddrspace/info.c axhal/pgtable.c axhal/pgtable_change.c axalloc/frame.c axalloc/frame_buddy.c axalloc/frame_init.c axalloc/heap.c axalloc/heap_debug.c axstd/bitmap.c axstd/error.c arm_vcpu/s2_format.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address spaces on the real frame allocator and heap: not a page is lost, whatever happens.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <axaddrspace/aspace.h>
#include <axalloc/frame.h>
#include <axalloc/heap.h>
#include <axstd/error.h>
#include "host/host.h"
#include "s2_format.h"

#define RW        (PT_READ | PT_WRITE)
#define POOL_SIZE MIB(64)

static char *pool;
static struct mem_region map;
static struct aspace as;
static struct frame_stats before;

static void op_flush(struct aspace *space, gpa_t gpa, uint64_t size)
{
}

static void op_sync(struct aspace *space)
{
}

static const struct aspace_ops ops = { op_flush, op_sync, NULL };

static int setup(void **state)
{
	pool = host_alloc_ram(POOL_SIZE, MIB(64));
	map = (struct mem_region){ virt_to_phys(pool), POOL_SIZE, MEM_FREE };
	host_set_mem_regions(&map, 1);
	memset(pool, 0xff, POOL_SIZE); /* whoever had it before */
	if (frame_init())
		return -1;
	frame_get_stats(&before);
	return aspace_init(&as, s2_format_for(48), &ops);
}

static int teardown(void **state)
{
	struct frame_stats after;
	struct heap_stats heap;

	aspace_destroy(&as);
	frame_get_stats(&after);
	heap_get_stats(&heap);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(heap.used_blocks, 0);
	host_free_ram(pool, POOL_SIZE);
	return 0;
}

static uint64_t owned_by(enum frame_owner owner)
{
	struct frame_stats stats;

	frame_get_stats(&stats);
	return stats.owner_pages[owner];
}

static void memory_and_tables_are_accounted_to_the_guest(void **state)
{
	assert_int_equal(aspace_map_alloc(&as, GIB(1), MIB(16), RW, false), 0);
	assert_int_equal(owned_by(OWNER_GUEST), MIB(16) / PAGE_SIZE);
	assert_int_equal(owned_by(OWNER_GUEST_TABLES), 3);
	assert_int_equal(owned_by(OWNER_HEAP), 4);
}

static void fragmented_memory_is_used_in_the_largest_pieces_there_are(void **state)
{
	paddr_t holes[64];
	uint64_t size, pieces = 0;
	struct aspace_stats stats;

	/* A page in every MiB is in use: no 2 MiB piece is left. */
	for (unsigned i = 0; i < ARRAY_SIZE(holes); i++) {
		holes[i] = map.base + i * MIB(1) + 5 * PAGE_SIZE;
		if (frame_reserve(holes[i], 1, OWNER_FS))
			holes[i] = 0;
	}
	assert_int_equal(aspace_map_alloc(&as, 0, MIB(48), RW, false), 0);
	for (gpa_t gpa = 0; gpa < MIB(48); gpa += size) {
		assert_int_equal(aspace_translate(&as, gpa, NULL, &size, NULL), 0);
		assert_int_equal(size, PAGE_SIZE);
		pieces++;
	}
	assert_int_equal(pieces, MIB(48) / PAGE_SIZE);
	aspace_get_stats(&as, &stats);
	assert_int_equal(stats.table_pages, 3 + 24);
	assert_int_equal(aspace_unmap(&as, 0, MIB(48)), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(holes); i++)
		if (holes[i])
			frame_free(holes[i], 0);
	/* Now they are there again. */
	assert_int_equal(aspace_map_alloc(&as, 0, MIB(8), RW, false), 0);
	assert_int_equal(aspace_translate(&as, 0, NULL, &size, NULL), 0);
	assert_int_equal(size, MIB(2));
}

static void more_memory_than_there_is_is_refused_and_all_comes_back(void **state)
{
	struct frame_stats stats;

	assert_int_equal(aspace_map_alloc(&as, 0, POOL_SIZE, RW, false), -AX_ENOMEM);
	frame_get_stats(&stats);
	assert_int_equal(stats.owner_pages[OWNER_GUEST], 0);
	assert_int_equal(stats.owner_pages[OWNER_GUEST_TABLES], 1);
	assert_int_equal(aspace_map_alloc(&as, 0, POOL_SIZE, RW, true), -AX_ENOMEM);
	frame_get_stats(&stats);
	assert_int_equal(stats.promised_pages, 0);
}

static void what_a_lazy_region_was_promised_is_there_when_it_is_used(void **state)
{
	struct frame_stats stats;
	paddr_t taken[1024];
	unsigned count = 0;

	assert_int_equal(aspace_map_alloc(&as, 0, MIB(60), RW, true), 0);
	assert_int_equal(aspace_map_alloc(&as, GIB(1), MIB(8), RW, true), -AX_ENOMEM);
	assert_int_equal(aspace_map_alloc(&as, GIB(1), MIB(8), RW, false), -AX_ENOMEM);
	/* Others take what they get, but for a few pages for tables. */
	while ((taken[count] = frame_alloc(0, 0, OWNER_FS)))
		count++;
	frame_free(taken[--count], 0);
	for (gpa_t gpa = 0; gpa < MIB(60); gpa += PAGE_SIZE) {
		while (aspace_write(&as, gpa, "x", 1)) {
			assert_true(count); /* a table is missing */
			frame_free(taken[--count], 0);
		}
	}
	frame_get_stats(&stats);
	assert_int_equal(stats.promised_pages, 0);
	assert_int_equal(stats.owner_pages[OWNER_GUEST], MIB(60) / PAGE_SIZE);
	while (count)
		frame_free(taken[--count], 0);
}

static void identical_memory_is_taken_out_of_the_free_memory(void **state)
{
	gpa_t gpa = map.base + MIB(6) + PAGE_SIZE;
	unsigned char bytes[4096];

	assert_int_equal(aspace_map_linear(&as, gpa, gpa, MIB(8), RW, ASPACE_IDENTITY), 0);
	assert_int_equal(owned_by(OWNER_GUEST), MIB(8) / PAGE_SIZE);
	assert_int_equal(aspace_read(&as, gpa + MIB(8) - sizeof(bytes), bytes, sizeof(bytes)), 0);
	for (unsigned i = 0; i < sizeof(bytes); i++)
		assert_int_equal(bytes[i], 0);
	assert_int_equal(aspace_unmap(&as, gpa + MIB(1), MIB(2)), 0);
	assert_int_equal(owned_by(OWNER_GUEST), MIB(6) / PAGE_SIZE);
	assert_int_equal(aspace_map_linear(&as, gpa + MIB(1), gpa + MIB(1), MIB(1), RW, ASPACE_IDENTITY), 0);
}

static void a_hundred_resets_leave_the_counts_as_they_were(void **state)
{
	struct frame_stats first, now;

	assert_int_equal(aspace_map_alloc(&as, 0, MIB(32), RW, true), 0);
	assert_int_equal(aspace_map_alloc(&as, GIB(1), MIB(5), RW, false), 0);
	frame_get_stats(&first);
	srand(5);
	for (unsigned i = 0; i < 100; i++) {
		for (unsigned j = 0; j < 20; j++)
			assert_int_equal(aspace_write(&as, rand() % MIB(32), "g", 1), 0);
		assert_int_equal(aspace_clear(&as), 0);
		frame_get_stats(&now);
		assert_memory_equal(&first, &now, sizeof(now));
	}
}

static void random_use_loses_nothing(void **state)
{
	static const char zero[16];
	char bytes[16];

	srand(6);
	for (unsigned step = 0; step < 20000; step++) {
		gpa_t gpa = rand() % 20000 * PAGE_SIZE;
		uint64_t size = (1 + rand() % (rand() % 8 ? 50 : 4000)) * PAGE_SIZE;
		struct aspace_stats stats;

		switch (rand() % 8) {
		case 0:
		case 1:
			if (aspace_map_alloc(&as, gpa, size, RW, rand() % 2))
				break;
			/* Nothing of any earlier owner is seen. */
			gpa += rand() % (size - sizeof(bytes));
			assert_int_equal(aspace_read(&as, gpa, bytes, sizeof(bytes)), 0);
			assert_memory_equal(bytes, zero, sizeof(bytes));
			break;
		case 2: aspace_unmap(&as, gpa, size); break;
		case 3: aspace_protect(&as, gpa, size, rand() % 2 ? RW : PT_READ); break;
		default: aspace_write(&as, gpa, "0123456789", 10);
		}
		aspace_get_stats(&as, &stats);
		assert_int_equal(owned_by(OWNER_GUEST), stats.memory_bytes / PAGE_SIZE);
		assert_int_equal(owned_by(OWNER_GUEST_TABLES), stats.table_pages);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(memory_and_tables_are_accounted_to_the_guest),
		TEST(fragmented_memory_is_used_in_the_largest_pieces_there_are),
		TEST(more_memory_than_there_is_is_refused_and_all_comes_back),
		TEST(what_a_lazy_region_was_promised_is_there_when_it_is_used),
		TEST(identical_memory_is_taken_out_of_the_free_memory),
		TEST(a_hundred_resets_leave_the_counts_as_they_were),
		TEST(random_use_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
