/* unit: axalloc/frame.c axalloc/frame_buddy.c axalloc/frame_init.c axstd/bitmap.c */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <axalloc/frame.h>
#include <axstd/error.h>
#include "host/host.h"
#include "frame_buddy.h"

#define POOL_PAGES 4096

static char *pool;
static struct mem_region map[8];

static paddr_t (*alloc_tables)(unsigned pages);
static void (*free_tables)(paddr_t pa, unsigned pages);

/* In place of axhal's. */
void mem_set_table_allocator(paddr_t (*alloc)(unsigned pages), void (*release)(paddr_t pa, unsigned pages))
{
	alloc_tables = alloc;
	free_tables = release;
}

static uint64_t free_pages(void)
{
	struct frame_stats stats;

	frame_get_stats(&stats);
	return stats.free_pages;
}

/* Three regions with odd borders and a reserved hole. */
static int setup(void **state)
{
	paddr_t base;

	pool = host_alloc_ram(POOL_PAGES * PAGE_SIZE, MIB(16));
	base = virt_to_phys(pool);
	map[0] = (struct mem_region){ base + 3 * PAGE_SIZE, 1000 * PAGE_SIZE, MEM_FREE };
	map[1] = (struct mem_region){ base + 1003 * PAGE_SIZE, 21 * PAGE_SIZE, MEM_IMAGE };
	map[2] = (struct mem_region){ base + 1024 * PAGE_SIZE, 2048 * PAGE_SIZE, MEM_FREE };
	map[3] = (struct mem_region){ base + 3100 * PAGE_SIZE, PAGE_SIZE, MEM_FREE };
	host_set_mem_regions(map, 4);
	assert_int_equal(frame_init(), 0);
	return 0;
}

static int teardown(void **state)
{
	host_free_ram(pool, POOL_PAGES * PAGE_SIZE);
	return 0;
}

static void all_free_memory_is_taken_over_but_for_the_bookkeeping(void **state)
{
	struct frame_stats stats;

	frame_get_stats(&stats);
	assert_int_equal(stats.total_pages, stats.free_pages);
	/* 33 bits per page and the region table: 4 pages here. */
	assert_in_range(stats.total_pages, 3049 - 5, 3049 - 3);
	for (unsigned i = 0; i < FRAME_OWNERS; i++)
		assert_int_equal(stats.owner_pages[i], 0);
	assert_int_equal(stats.largest_free_pages, 1024);
}

static void a_machine_without_free_memory_is_an_error(void **state)
{
	map[0].kind = map[2].kind = map[3].kind = MEM_RESERVED;
	assert_int_equal(frame_init(), -AX_ENOMEM);
	map[3].kind = MEM_FREE;
	assert_int_equal(frame_init(), -AX_ENOMEM);
}

static void the_bookkeeping_stands_at_the_end_that_is_aligned_worse(void **state)
{
	struct frame_stats stats;

	/* A large block at the start stays whole when the end is odd, and the other way round. */
	map[0] = (struct mem_region){ virt_to_phys(pool), 1024 * PAGE_SIZE + 11 * PAGE_SIZE, MEM_FREE };
	host_set_mem_regions(map, 1);
	assert_int_equal(frame_init(), 0);
	frame_get_stats(&stats);
	assert_int_equal(stats.largest_free_pages, 1024);
	map[0] = (struct mem_region){ virt_to_phys(pool) + 1013 * PAGE_SIZE, 1035 * PAGE_SIZE, MEM_FREE };
	assert_int_equal(frame_init(), 0);
	frame_get_stats(&stats);
	assert_int_equal(stats.largest_free_pages, 1024);
}

static void the_hypervisors_page_tables_come_from_here(void **state)
{
	uint64_t before = free_pages();
	paddr_t pa = alloc_tables(4);
	struct frame_stats stats;

	assert_int_equal(pa % (4 * PAGE_SIZE), 0);
	frame_get_stats(&stats);
	assert_int_equal(stats.owner_pages[OWNER_TABLES], 4);
	free_tables(pa, 4);
	assert_int_equal(free_pages(), before);
}

static void blocks_are_aligned_to_their_size(void **state)
{
	for (unsigned order = 0; order <= 10; order++) {
		paddr_t pa = frame_alloc(order, 0, OWNER_GUEST);

		assert_int_not_equal(pa, 0);
		assert_int_equal(pa & ((PAGE_SIZE << order) - 1), 0);
		frame_free(pa, order);
	}
	assert_int_equal(frame_alloc(11, 0, OWNER_GUEST), 0);
	assert_int_equal(frame_alloc(FRAME_MAX_ORDER + 1, 0, OWNER_GUEST), 0);
	assert_int_equal(frame_alloc(63, 0, OWNER_GUEST), 0);
}

static void zeroed_memory_is_zero_even_when_it_was_used_before(void **state)
{
	paddr_t pa = frame_alloc(3, 0, OWNER_GUEST);
	const char *bytes = phys_to_virt(pa);

	memset(phys_to_virt(pa), 0xff, 8 * PAGE_SIZE);
	frame_free(pa, 3);
	assert_int_equal(frame_alloc(3, FRAME_ZERO, OWNER_GUEST), pa);
	for (size_t i = 0; i < 8 * PAGE_SIZE; i++)
		assert_int_equal(bytes[i], 0);
	frame_free(pa, 3);
}

static void a_run_takes_exactly_what_it_needs(void **state)
{
	uint64_t before = free_pages();
	paddr_t pa = frame_alloc_pages(513, PAGE_SIZE, 0, OWNER_FS);
	struct frame_stats stats;

	assert_int_not_equal(pa, 0);
	assert_int_equal(frame_size(pa), 513);
	frame_get_stats(&stats);
	assert_int_equal(stats.free_pages, before - 513);
	assert_int_equal(stats.owner_pages[OWNER_FS], 513);
	frame_free_pages(pa, 513);
	frame_get_stats(&stats);
	assert_int_equal(stats.free_pages, before);
	assert_int_equal(stats.owner_pages[OWNER_FS], 0);
	assert_int_equal(frame_size(pa), 0);
}

static void a_run_longer_than_every_block_is_put_together(void **state)
{
	uint64_t before = free_pages();
	paddr_t pa = frame_alloc_pages(2000, PAGE_SIZE, 0, OWNER_GUEST);

	assert_int_not_equal(pa, 0);
	assert_int_equal(free_pages(), before - 2000);
	memset(phys_to_virt(pa), 1, 2000 * PAGE_SIZE);
	frame_free_pages(pa, 2000);
	assert_int_equal(free_pages(), before);
	assert_int_equal(frame_alloc_pages(3000, PAGE_SIZE, 0, OWNER_GUEST), 0);
	assert_int_equal(frame_alloc_pages(SIZE_MAX, PAGE_SIZE, 0, OWNER_GUEST), 0);
	assert_int_equal(frame_alloc_pages(0, PAGE_SIZE, 0, OWNER_GUEST), 0);
	assert_int_equal(frame_alloc_pages(1, PAGE_SIZE - 1, 0, OWNER_GUEST), 0);
}

static void reserving_takes_a_given_range_only_while_it_is_free(void **state)
{
	paddr_t base = map[2].base + 101 * PAGE_SIZE;
	uint64_t before = free_pages();

	assert_int_equal(frame_reserve(base, 555, OWNER_GUEST), 0);
	assert_int_equal(free_pages(), before - 555);
	assert_int_equal(frame_reserve(base + 554 * PAGE_SIZE, 1, OWNER_GUEST), -AX_EBUSY);
	assert_int_equal(frame_reserve(base - PAGE_SIZE, 2, OWNER_GUEST), -AX_EBUSY);
	assert_int_equal(frame_reserve(base + 555 * PAGE_SIZE, 1, OWNER_GUEST), 0);
	assert_int_equal(frame_reserve(base - PAGE_SIZE, 1, OWNER_GUEST), 0);
	assert_int_equal(frame_reserve(map[1].base, 1, OWNER_GUEST), -AX_EBUSY);
	assert_int_equal(frame_reserve(map[1].base - PAGE_SIZE, 2, OWNER_GUEST), -AX_EINVAL);
	assert_int_equal(frame_reserve(base + 1, 1, OWNER_GUEST), -AX_EINVAL);
	assert_int_equal(frame_reserve(PAGE_SIZE, 1, OWNER_GUEST), -AX_EINVAL);
	frame_free_pages(base, 555);
	frame_free_pages(base + 555 * PAGE_SIZE, 1);
	frame_free_pages(base - PAGE_SIZE, 1);
	assert_int_equal(free_pages(), before);
}

static void a_part_of_an_allocation_can_be_given_back(void **state)
{
	uint64_t before = free_pages();
	paddr_t pa = frame_alloc(9, 0, OWNER_GUEST);

	frame_free_range(pa + 100 * PAGE_SIZE, 50);
	assert_int_equal(free_pages(), before - 462);
	assert_int_equal(frame_size(pa), 100);
	assert_int_equal(frame_size(pa + 150 * PAGE_SIZE), 362);
	assert_panics(frame_free_range(pa + 99 * PAGE_SIZE, 2));
	assert_panics(frame_free_range(pa + 149 * PAGE_SIZE, 2));
	frame_free_range(pa, 100);
	frame_free_range(pa + 150 * PAGE_SIZE, 361);
	frame_free_range(pa + 511 * PAGE_SIZE, 1);
	assert_int_equal(free_pages(), before);
}

static void a_range_over_several_allocations_is_given_back_at_once(void **state)
{
	uint64_t before = free_pages();
	paddr_t base = map[2].base + 512 * PAGE_SIZE;

	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(frame_reserve(base + i * 8 * PAGE_SIZE, 8, OWNER_GUEST), 0);
	frame_free_range(base + 3 * PAGE_SIZE, 120);
	assert_int_equal(free_pages(), before - 8);
	assert_int_equal(frame_size(base), 3);
	assert_int_equal(frame_size(base + 123 * PAGE_SIZE), 5);
	frame_free_pages(base, 3);
	frame_free_pages(base + 123 * PAGE_SIZE, 5);
	assert_int_equal(free_pages(), before);
}

static void wrong_frees_are_told(void **state)
{
	paddr_t pa = frame_alloc(4, 0, OWNER_GUEST);

	assert_panics(frame_free(pa, 3));
	assert_non_null(strstr(host_panic_text, "another size"));
	assert_panics(frame_free(pa + PAGE_SIZE, 0));
	assert_non_null(strstr(host_panic_text, "middle"));
	assert_panics(frame_free(pa + 1, 4));
	assert_panics(frame_free(map[1].base, 0));
	assert_panics(frame_free(0, 0));
	assert_panics(frame_free_pages(pa, SIZE_MAX));
	frame_free(pa, 4);
	assert_panics(frame_free(pa, 4));
	assert_non_null(strstr(host_panic_text, "already free"));
	assert_panics(frame_free_range(pa, 1));
}

static void address_zero_is_never_handed_out(void **state)
{
	map[0] = (struct mem_region){ 0, PAGE_SIZE, MEM_FREE };
	host_set_mem_regions(map, 1);
	assert_int_equal(frame_init(), -AX_ENOMEM);
	host_set_mem_regions(map, 3);
	assert_int_equal(frame_init(), 0);
	assert_null(frames_region_of(0));
	assert_int_equal(frame_reserve(0, 1, OWNER_GUEST), -AX_EBUSY);
}

static void promised_memory_is_kept_for_those_to_whom_it_was_promised(void **state)
{
	uint64_t total = free_pages(), kept = total / 64, left = total - 1000;
	struct frame_stats stats;
	paddr_t pa, rest;

	assert_int_equal(frame_promise(total), -AX_ENOMEM);
	assert_int_equal(frame_promise(SIZE_MAX), -AX_ENOMEM);
	assert_int_equal(frame_promise(total - kept + 1), -AX_ENOMEM);
	assert_int_equal(frame_promise(total - kept), 0);
	assert_int_equal(frame_promise(1), -AX_ENOMEM);
	frame_forget(total - kept - 1000);
	frame_get_stats(&stats);
	assert_int_equal(stats.promised_pages, 1000);
	assert_int_equal(frame_alloc_pages(left + 1, PAGE_SIZE, 0, OWNER_FS), 0);
	for (rest = 0; (pa = frame_alloc(0, 0, OWNER_FS)); rest = pa)
		*(paddr_t *)phys_to_virt(pa) = rest;
	assert_int_equal(free_pages(), 1000);
	pa = frame_alloc(0, FRAME_PROMISED, OWNER_GUEST);
	assert_int_not_equal(pa, 0);
	assert_int_equal(frame_alloc(0, 0, OWNER_FS), 0);
	frame_return_range(pa, 1);
	assert_int_equal(frame_alloc(0, 0, OWNER_FS), 0);
	assert_int_equal(frame_reserve(pa, 1, OWNER_FS), -AX_ENOMEM);
	pa = frame_alloc(0, FRAME_PROMISED, OWNER_GUEST);
	frame_free(pa, 0);
	assert_int_equal(frame_alloc(0, 0, OWNER_FS), pa);
	frame_free(pa, 0);
	while (rest) {
		pa = rest;
		rest = *(paddr_t *)phys_to_virt(pa);
		frame_free(pa, 0);
	}
	frame_forget(999);
	frame_get_stats(&stats);
	assert_int_equal(stats.promised_pages, 0);
	assert_int_equal(stats.free_pages, total);
}

struct allocation {
	paddr_t pa;
	size_t pages;
	enum frame_owner owner;
};

static struct allocation live[512];
static unsigned num_live;
static unsigned char owner_of[POOL_PAGES]; /* the model: 0 free, else the number of the allocation + 1, folded */

static void model_mark(const struct allocation *a, unsigned char value)
{
	size_t first = (a->pa - virt_to_phys(pool)) / PAGE_SIZE;

	for (size_t i = first; i < first + a->pages; i++) {
		assert_true(!owner_of[i] != !value);
		owner_of[i] = value;
	}
}

static void free_one(unsigned i)
{
	model_mark(&live[i], 0);
	frame_free_pages(live[i].pa, live[i].pages);
	live[i] = live[--num_live];
}

static void alloc_one(void)
{
	struct allocation a = { .owner = 1 + rand() % (FRAME_OWNERS - 1) };
	unsigned order = rand() % 8;

	switch (rand() % 3) {
	case 0:
		a.pages = (size_t)1 << order;
		a.pa = frame_alloc(order, 0, a.owner);
		assert_int_equal(a.pa & ((PAGE_SIZE << order) - 1), 0);
		break;
	case 1:
		a.pages = 1 + rand() % 200;
		a.pa = frame_alloc_pages(a.pages, PAGE_SIZE << order, 0, a.owner);
		assert_int_equal(a.pa & ((PAGE_SIZE << order) - 1), 0);
		break;
	default:
		a.pages = 1 + rand() % 30;
		a.pa = map[rand() % 4].base + rand() % 1000 * PAGE_SIZE;
		if (frame_reserve(a.pa, a.pages, a.owner))
			return;
	}
	if (!a.pa)
		return;
	model_mark(&a, 1);
	live[num_live++] = a;
}

static void random_load_agrees_with_the_model(void **state)
{
	uint64_t before = free_pages(), owned[FRAME_OWNERS];
	struct frame_stats stats, fresh;

	frame_get_stats(&fresh);
	srand(1);
	for (unsigned step = 0; step < 200000; step++) {
		/* Grow and shrink by turns, so that memory fills up and empties. */
		bool grow = step / 500 % 2 ? rand() % 4 == 0 : rand() % 4 != 0;

		if ((grow && num_live < ARRAY_SIZE(live)) || !num_live)
			alloc_one();
		else
			free_one(rand() % num_live);
		if (step % 1000)
			continue;
		memset(owned, 0, sizeof(owned));
		for (unsigned i = 0; i < num_live; i++)
			owned[live[i].owner] += live[i].pages;
		frame_get_stats(&stats);
		assert_memory_equal(owned, stats.owner_pages, sizeof(owned));
	}
	while (num_live)
		free_one(num_live - 1);
	assert_int_equal(free_pages(), before);
	/* Everything has grown together again. */
	frame_get_stats(&stats);
	assert_memory_equal(&stats, &fresh, sizeof(stats));
}

static void when_memory_is_full_the_answer_is_zero_and_freeing_helps(void **state)
{
	uint64_t before = free_pages(), taken = 0;
	paddr_t list = 0, pa;

	while ((pa = frame_alloc(0, 0, OWNER_HEAP))) {
		*(paddr_t *)phys_to_virt(pa) = list;
		list = pa;
		taken++;
	}
	assert_int_equal(taken, before);
	assert_int_equal(free_pages(), 0);
	assert_int_equal(frame_alloc_pages(3, PAGE_SIZE, 0, OWNER_HEAP), 0);
	while (list) {
		pa = list;
		list = *(paddr_t *)phys_to_virt(pa);
		frame_free(pa, 0);
	}
	assert_int_equal(free_pages(), before);
	assert_int_not_equal(frame_alloc(10, 0, OWNER_HEAP), 0);
}

static void every_owner_has_a_name(void **state)
{
	for (unsigned i = 0; i < FRAME_OWNERS; i++)
		assert_non_null(frame_owner_name(i));
	assert_string_equal(frame_owner_name(FRAME_OWNERS), "unknown");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_free_memory_is_taken_over_but_for_the_bookkeeping),
		TEST(a_machine_without_free_memory_is_an_error),
		TEST(the_bookkeeping_stands_at_the_end_that_is_aligned_worse),
		TEST(the_hypervisors_page_tables_come_from_here),
		TEST(blocks_are_aligned_to_their_size),
		TEST(zeroed_memory_is_zero_even_when_it_was_used_before),
		TEST(a_run_takes_exactly_what_it_needs),
		TEST(a_run_longer_than_every_block_is_put_together),
		TEST(reserving_takes_a_given_range_only_while_it_is_free),
		TEST(a_part_of_an_allocation_can_be_given_back),
		TEST(a_range_over_several_allocations_is_given_back_at_once),
		TEST(wrong_frees_are_told),
		TEST(address_zero_is_never_handed_out),
		TEST(promised_memory_is_kept_for_those_to_whom_it_was_promised),
		TEST(random_load_agrees_with_the_model),
		TEST(when_memory_is_full_the_answer_is_zero_and_freeing_helps),
		TEST(every_owner_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
