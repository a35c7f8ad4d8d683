/* unit: axstd/arena.c */
/* SPDX-License-Identifier: Apache-2.0 */
#include <axstd/arena.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static bool is_zero(const char *mem, size_t size)
{
	while (size--)
		if (*mem++)
			return false;
	return true;
}

static void memory_is_zeroed_aligned_and_apart(void **state)
{
	char *buf = malloc(4096), *before = NULL;
	struct arena arena;

	memset(buf, 0xaa, 4096);
	arena_init(&arena, buf + 3, 4093);
	for (size_t size = 1; size < 64; size++) {
		char *mem = arena_alloc(&arena, 1, size);

		assert_non_null(mem);
		assert_int_equal((uintptr_t)mem % 16, 0);
		assert_true(is_zero(mem, size));
		assert_true(mem > before);
		memset(mem, 0xbb, size);
		before = mem + size - 1;
	}
	free(buf);
}

static void the_last_byte_can_be_used_but_no_more(void **state)
{
	for (size_t offset = 0; offset < 16; offset++) {
		char *buf = aligned_alloc(16, 64);
		struct arena arena;
		size_t usable = 64 - (offset + 15) / 16 * 16;

		arena_init(&arena, buf + offset, 64 - offset);
		assert_null(arena_alloc(&arena, 1, usable + 1));
		assert_non_null(arena_alloc(&arena, 1, usable));
		assert_null(arena_alloc(&arena, 1, 1));
		assert_non_null(arena_alloc(&arena, 0, 8));
		free(buf);
	}
}

static void a_size_that_overflows_is_too_large(void **state)
{
	char buf[64];
	struct arena arena;

	arena_init(&arena, buf, sizeof(buf));
	assert_null(arena_alloc(&arena, SIZE_MAX / 2, 3));
	assert_null(arena_alloc(&arena, 1, SIZE_MAX));
	assert_null(arena_strndup(&arena, "", SIZE_MAX));
	assert_int_equal(arena.used, 0);
}

static void a_buffer_smaller_than_the_alignment_holds_nothing(void **state)
{
	char buf[32];
	struct arena arena;

	arena_init(&arena, buf + (17 - (uintptr_t)buf % 16) % 16, 3);
	assert_null(arena_alloc(&arena, 1, 4));
}

static void strings_are_copied_with_an_end(void **state)
{
	char buf[64];
	struct arena arena;
	const char *copy;

	arena_init(&arena, buf, sizeof(buf));
	copy = arena_strndup(&arena, "abcdef", 3);
	assert_string_equal(copy, "abc");
	assert_string_equal(arena_strndup(&arena, "", 0), "");
	assert_null(arena_strndup(&arena, "abcdefghijklmnopqrstuvwxyz0123456789", 36));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(the_last_byte_can_be_used_but_no_more),
		cmocka_unit_test(a_size_that_overflows_is_too_large),
		cmocka_unit_test(a_buffer_smaller_than_the_alignment_holds_nothing),
		cmocka_unit_test(strings_are_copied_with_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
