/* unit: axdevice/common/bus.c */
/* SPDX-License-Identifier: Apache-2.0 */
/* The device bus: regions never overlap, and every address finds its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <axdevice/bus.h>
#include <axstd/error.h>
#include <cmocka.h>
#include <host/host.h>

static struct bus bus;

static int setup(void **state)
{
	bus_init(&bus);
	return 0;
}

static int teardown(void **state)
{
	bus_destroy(&bus);
	assert_int_equal(host_heap_live(), 0);
	return 0;
}

static int add(uint64_t base, uint64_t size, const char *name, const char **other)
{
	/* The name serves as the owner too. */
	return bus_add(&bus, &(struct bus_region){ .base = base, .size = size, .name = name, .opaque = (void *)name },
		       other);
}

static const char *at(uint64_t addr)
{
	const struct bus_region *region = bus_find(&bus, addr);

	return region ? region->name : "nothing";
}

static void an_empty_bus_has_nothing(void **state)
{
	assert_string_equal(at(0), "nothing");
	assert_string_equal(at(UINT64_MAX), "nothing");
}

static void regions_are_found_from_first_to_last_byte(void **state)
{
	assert_int_equal(add(0x9000, 0x1000, "uart", NULL), 0);
	assert_int_equal(add(0x1000, 0x1000, "gic", NULL), 0);
	assert_int_equal(add(0xa000, 0x200, "virtio", NULL), 0);
	assert_string_equal(at(0xfff), "nothing");
	assert_string_equal(at(0x1000), "gic");
	assert_string_equal(at(0x1fff), "gic");
	assert_string_equal(at(0x2000), "nothing");
	assert_string_equal(at(0x9fff), "uart");
	assert_string_equal(at(0xa000), "virtio");
	assert_string_equal(at(0xa200), "nothing");
}

static void both_ends_of_the_address_space_can_be_used(void **state)
{
	assert_int_equal(add(0, 1, "low", NULL), 0);
	assert_int_equal(add(UINT64_MAX - 0xf, 0x10, "high", NULL), 0);
	assert_string_equal(at(0), "low");
	assert_string_equal(at(1), "nothing");
	assert_string_equal(at(UINT64_MAX), "high");
	assert_int_equal(add(UINT64_MAX, 2, "wraps", NULL), -AX_EINVAL);
	assert_int_equal(add(5, 0, "empty", NULL), -AX_EINVAL);
}

static void what_overlaps_is_refused_and_named(void **state)
{
	static const struct {
		uint64_t base, size;
	} bad[] = { { 0x1000, 0x1000 }, { 0xfff, 2 }, { 0x1fff, 1 }, { 0x1800, 0x10 }, { 0, 0x10000 } };
	const char *other = NULL;

	assert_int_equal(add(0x1000, 0x1000, "gic", NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(add(bad[i].base, bad[i].size, "bad", &other), -AX_EEXIST);
		assert_string_equal(other, "gic");
	}
	assert_int_equal(bus.count, 1);
	assert_int_equal(add(0x2000, 1, "after", NULL), 0);
	assert_int_equal(add(0xfff, 1, "before", NULL), 0);
}

static void removing_takes_all_of_a_device_and_nothing_else(void **state)
{
	static const char gic[] = "gic", uart[] = "uart";

	assert_int_equal(add(0x1000, 0x1000, gic, NULL), 0);
	assert_int_equal(add(0x2000, 0x1000, uart, NULL), 0);
	assert_int_equal(add(0x3000, 0x1000, gic, NULL), 0);
	bus_remove(&bus, gic);
	assert_string_equal(at(0x1000), "nothing");
	assert_string_equal(at(0x2000), "uart");
	assert_string_equal(at(0x3000), "nothing");
	bus_remove(&bus, uart);
	assert_int_equal(bus.count, 0);
}

static void random_regions_agree_with_a_map(void **state)
{
	static unsigned char map[1024];
	unsigned owner = 0;

	srand(1);
	memset(map, 0, sizeof(map));
	for (unsigned i = 0; i < 2000; i++) {
		unsigned base = (unsigned)rand() % 1000, size = 1 + (unsigned)rand() % 24, taken = 0;

		for (unsigned b = base; b < base + size; b++)
			taken |= map[b];
		assert_int_equal(add(base, size, "x", NULL), taken ? -AX_EEXIST : 0);
		if (taken || owner == 255)
			continue;
		owner++;
		memset(map + base, (int)owner, size);
	}
	for (unsigned a = 0; a < 1024; a++)
		assert_int_equal(bus_find(&bus, a) != NULL, map[a] != 0);
}

static void without_memory_nothing_changes(void **state)
{
	host_fail_after(0);
	assert_int_equal(add(0x1000, 0x1000, "gic", NULL), -AX_ENOMEM);
	host_fail_never();
	assert_int_equal(bus.count, 0);
	assert_int_equal(add(0x1000, 0x1000, "gic", NULL), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(an_empty_bus_has_nothing),
		T(regions_are_found_from_first_to_last_byte),
		T(both_ends_of_the_address_space_can_be_used),
		T(what_overlaps_is_refused_and_named),
		T(removing_takes_all_of_a_device_and_nothing_else),
		T(random_regions_agree_with_a_map),
		T(without_memory_nothing_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
