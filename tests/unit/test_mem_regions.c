/* unit: axhal/mem_regions.c axstd/sort.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory map against a model that knows the kind of every page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include "hal.h"

static struct mem_region out[MEM_MAX_REGIONS];

static void claims_are_cut_out_of_ram(void **state)
{
	static const struct fdt_range ram[] = { { 0x40000000, 0x40000000, false } };
	static const struct mem_claim claims[] = {
		{ 0x40200000, 0x3d123, MEM_IMAGE },
		{ 0x48000800, 0x100, MEM_IMAGE },
		{ 0x10000000, 0x1000, MEM_RESERVED }, /* not RAM: nothing to reserve */
	};

	assert_int_equal(mem_regions_build(ram, 1, claims, 3, out), 5);
	assert_int_equal(out[0].base, 0x40000000);
	assert_int_equal(out[0].size, 0x200000);
	assert_int_equal(out[0].kind, MEM_FREE);
	assert_int_equal(out[1].size, 0x3e000);
	assert_int_equal(out[1].kind, MEM_IMAGE);
	assert_int_equal(out[3].base, 0x48000000);
	assert_int_equal(out[3].size, 0x1000);
	assert_int_equal(out[4].base + out[4].size, 0x80000000);
}

static void a_ramdisk_inside_a_reservation_is_a_ramdisk(void **state)
{
	static const struct fdt_range ram[] = { { 0, 0x10000000, false } };
	static const struct mem_claim claims[] = {
		{ 0x1000000, 0x100000, MEM_RAMDISK },
		{ 0x1000000, 0x200000, MEM_RESERVED },
	};

	assert_int_equal(mem_regions_build(ram, 1, claims, 2, out), 4);
	assert_int_equal(out[1].kind, MEM_RAMDISK);
	assert_int_equal(out[1].size, 0x100000);
	assert_int_equal(out[2].kind, MEM_RESERVED);
}

static void neighbours_of_one_kind_are_joined(void **state)
{
	static const struct fdt_range ram[] = {
		{ 0x80000000, 0x1000000, false },
		{ 0x81000000, 0x1000000, false },
		{ 0x80800000, 0x1000000, false }, /* said twice */
	};

	assert_int_equal(mem_regions_build(ram, 3, NULL, 0, out), 1);
	assert_int_equal(out[0].base, 0x80000000);
	assert_int_equal(out[0].size, 0x2000000);
}

static void parts_of_pages_are_not_used(void **state)
{
	static const struct fdt_range ram[] = { { 0x1800, 0x2000, false }, { 0x10000100, 0x200, false } };

	assert_int_equal(mem_regions_build(ram, 2, NULL, 0, out), 1);
	assert_int_equal(out[0].base, 0x2000);
	assert_int_equal(out[0].size, 0x1000);
}

static void too_many_ranges_are_refused(void **state)
{
	static struct mem_claim claims[1000];

	assert_true(mem_regions_build(NULL, 0, claims, 1000, out) < 0);
}

#define PAGES 64

static void random_maps_agree_with_the_model(void **state)
{
	srand(7);
	for (unsigned round = 0; round < 3000; round++) {
		struct fdt_range ram[4];
		struct mem_claim claims[8];
		int model[PAGES], count;
		unsigned next = 0;

		for (unsigned i = 0; i < PAGES; i++)
			model[i] = -1;
		for (unsigned i = 0; i < 4; i++) {
			unsigned first = (unsigned)rand() % PAGES, pages = (unsigned)rand() % (PAGES - first);

			ram[i] = (struct fdt_range){ first * PAGE_SIZE, pages * PAGE_SIZE, false };
			for (unsigned p = first; p < first + pages; p++)
				model[p] = MEM_FREE;
		}
		for (unsigned i = 0; i < 8; i++) {
			unsigned first = (unsigned)rand() % PAGES, pages = 1 + (unsigned)rand() % 4;

			claims[i] = (struct mem_claim){ first * PAGE_SIZE + 5, pages * PAGE_SIZE - 9,
							(enum mem_kind)(1 + rand() % 4) };
			for (unsigned p = first; p < first + pages && p < PAGES; p++)
				if (model[p] >= 0 && model[p] < (int)claims[i].kind)
					model[p] = (int)claims[i].kind;
		}
		count = mem_regions_build(ram, 4, claims, 8, out);
		assert_true(count >= 0);
		for (int i = 0; i < count; i++) {
			assert_true(out[i].size && IS_ALIGNED(out[i].base | out[i].size, PAGE_SIZE));
			assert_true(
				!i || out[i - 1].base + out[i - 1].size < out[i].base ||
				(out[i - 1].base + out[i - 1].size == out[i].base && out[i - 1].kind != out[i].kind));
			for (; next < out[i].base / PAGE_SIZE; next++)
				assert_int_equal(model[next], -1);
			for (; next < (out[i].base + out[i].size) / PAGE_SIZE; next++)
				assert_int_equal(model[next], out[i].kind);
		}
		for (; next < PAGES; next++)
			assert_int_equal(model[next], -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claims_are_cut_out_of_ram),
		cmocka_unit_test(a_ramdisk_inside_a_reservation_is_a_ramdisk),
		cmocka_unit_test(neighbours_of_one_kind_are_joined),
		cmocka_unit_test(parts_of_pages_are_not_used),
		cmocka_unit_test(too_many_ranges_are_refused),
		cmocka_unit_test(random_maps_agree_with_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
