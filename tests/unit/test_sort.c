/* unit: axstd/sort.c */
/* SPDX-License-Identifier: Apache-2.0 */
#include <axstd/sort.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct item {
	uint32_t key, copy;
	char rest[5];
};

static int compare(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

static void lists_of_every_length_are_sorted(void **state)
{
	struct item items[70], expected[70];

	srand(1);
	for (unsigned count = 0; count <= 70; count++) {
		memset(items, 0, sizeof(items));
		for (unsigned i = 0; i < count; i++)
			items[i].key = items[i].copy = (uint32_t)(rand() % (1 + (int)count));
		memcpy(expected, items, sizeof(items));
		sort(items, count, sizeof(items[0]), compare);
		qsort(expected, count, sizeof(expected[0]), compare);
		assert_memory_equal(items, expected, sizeof(items));
	}
}

static void a_sorted_list_and_its_reverse(void **state)
{
	struct item items[1000] = { 0 };

	for (unsigned i = 0; i < 1000; i++)
		items[i].key = 1000 - i;
	sort(items, 1000, sizeof(items[0]), compare);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(items[i].key, i + 1);
	sort(items, 1000, sizeof(items[0]), compare);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(items[i].key, i + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_of_every_length_are_sorted),
		cmocka_unit_test(a_sorted_list_and_its_reverse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
