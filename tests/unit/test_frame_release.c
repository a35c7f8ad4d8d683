/* unit: axalloc/frame_buddy.c axalloc/frame_init.c axstd/bitmap.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame allocator as it is in release builds: a wrong free is told and changes nothing.
 */
#undef AX_DEBUG
#include "frame.c"
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "host/host.h"

static struct mem_region map;

static void refused(paddr_t pa, size_t pages, const char *why)
{
	struct frame_stats before, after;

	host_log_reset();
	frame_get_stats(&before);
	frame_free_pages(pa, pages);
	frame_get_stats(&after);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_true(host_log_contains(why));
}

static void wrong_frees_are_told_and_ignored(void **state)
{
	char *pool = host_alloc_ram(MIB(4), PAGE_SIZE);
	struct frame_stats before, after;
	paddr_t pa;

	map = (struct mem_region){ virt_to_phys(pool), MIB(4), MEM_FREE };
	host_set_mem_regions(&map, 1);
	assert_int_equal(frame_init(), 0);
	frame_get_stats(&before);
	pa = frame_alloc(3, 0, OWNER_GUEST);
	refused(pa, 7, "the allocation has another size; ignored");
	refused(pa + PAGE_SIZE, 7, "in the middle of an allocation; ignored");
	refused(pa + 1, 8, "not memory of the allocator; ignored");
	refused(0, 8, "not memory of the allocator; ignored");
	refused(pa, 0, "not memory of the allocator; ignored");
	frame_free(pa, 3);
	refused(pa, 8, "already free; ignored");
	frame_free_range(pa, 1);
	assert_true(host_log_contains("part of it is already free; ignored"));
	frame_get_stats(&after);
	assert_memory_equal(&before, &after, sizeof(before));
	host_free_ram(pool, MIB(4));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(wrong_frees_are_told_and_ignored) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
