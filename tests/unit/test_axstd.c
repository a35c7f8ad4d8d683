/* unit: axstd/error.c axstd/log.c axstd/bitmap.c axstd/ring.c axstd/arena.c */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <axstd/bitmap.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axstd/ring.h>
#include <axstd/util.h>
#include "host/host.h"

/* --- errors --- */

static void every_error_has_a_text_of_its_own(void **state)
{
	for (int err = 0; err < AX_EMAX; err++) {
		assert_string_not_equal(error_text(err), "unknown error");
		assert_string_equal(error_text(err), error_text(-err));
		for (int other = 0; other < err; other++)
			assert_string_not_equal(error_text(err), error_text(other));
	}
}

static void numbers_that_are_no_errors_are_unknown(void **state)
{
	assert_string_equal(error_text(AX_EMAX), "unknown error");
	assert_string_equal(error_text(-AX_EMAX), "unknown error");
	assert_string_equal(error_text(INT32_MIN), "unknown error");
	assert_string_equal(error_text(INT32_MAX), "unknown error");
}

/* --- bitmaps, against an array of bool --- */

#define BITS_MAX 200

static size_t model_next(const bool *model, size_t bits, size_t from, bool value)
{
	while (from < bits && model[from] != value)
		from++;
	return from < bits ? from : bits;
}

static void bitmaps_agree_with_a_model(void **state)
{
	static const size_t sizes[] = { 1, 63, 64, 65, 127, 128, 129, BITS_MAX };

	srand(1);
	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		/* What lies behind the last bit must not matter. */
		uint64_t map[BITMAP_WORDS(BITS_MAX)] = { [0 ... BITMAP_WORDS(BITS_MAX) - 1] = ~UINT64_C(0) };
		bool model[BITS_MAX];
		size_t bits = sizes[s];

		memset(model, true, sizeof(model));
		for (unsigned round = 0; round < 400; round++) {
			size_t bit = (size_t)rand() % bits;
			size_t from = (size_t)rand() % (bits + 2);
			size_t count = 0;

			model[bit] = rand() % 4 == 0;
			if (model[bit])
				bitmap_set(map, bit);
			else
				bitmap_clear(map, bit);
			assert_int_equal(bitmap_test(map, bit), model[bit]);
			for (size_t i = 0; i < bits; i++)
				count += model[i];
			assert_int_equal(bitmap_count(map, bits), count);
			assert_int_equal(bitmap_next_set(map, bits, from), model_next(model, bits, from, true));
			assert_int_equal(bitmap_next_clear(map, bits, from), model_next(model, bits, from, false));
		}
	}
}

static void walking_a_bitmap_visits_the_set_bits_in_order(void **state)
{
	uint64_t map[BITMAP_WORDS(130)] = { 0 };
	static const size_t expected[] = { 0, 63, 64, 129 };
	size_t n = 0;
	size_t bit;

	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		bitmap_set(map, expected[i]);
	bitmap_for_each_set (bit, map, 130)
		assert_int_equal(bit, expected[n++]);
	assert_int_equal(n, ARRAY_SIZE(expected));
}

/* --- rings --- */

static void a_ring_takes_as_much_as_it_holds(void **state)
{
	uint8_t buffer[8];
	char out[9] = "";
	struct ring r;

	ring_init(&r, buffer, sizeof(buffer));
	assert_int_equal(ring_write(&r, "abcdefghij", 10), 8);
	assert_int_equal(ring_free(&r), 0);
	assert_int_equal(ring_write(&r, "x", 1), 0);
	assert_int_equal(ring_read(&r, out, 3), 3);
	assert_string_equal(out, "abc");
	assert_int_equal(ring_write(&r, "klmn", 4), 3);
	assert_int_equal(ring_read(&r, out, 8), 8);
	assert_memory_equal(out, "defghklm", 8);
	assert_int_equal(ring_read(&r, out, 8), 0);
}

static void overwriting_drops_the_oldest_bytes(void **state)
{
	uint8_t buffer[8];
	char out[8];
	struct ring r;

	ring_init(&r, buffer, sizeof(buffer));
	assert_int_equal(ring_overwrite(&r, "abcdef", 6), 0);
	assert_int_equal(ring_overwrite(&r, "ghij", 4), 2);
	assert_int_equal(ring_peek(&r, 0, out, 8), 8);
	assert_memory_equal(out, "cdefghij", 8);
	assert_int_equal(ring_overwrite(&r, "0123456789", 10), 10);
	assert_int_equal(ring_read(&r, out, 8), 8);
	assert_memory_equal(out, "23456789", 8);
	assert_int_equal(ring_overwrite(&r, NULL, 0), 0);
}

static void peeking_leaves_the_bytes_where_they_are(void **state)
{
	uint8_t buffer[8];
	char out[8];
	struct ring r;

	ring_init(&r, buffer, sizeof(buffer));
	r.head = r.tail = UINT32_MAX - 2; /* the free-running positions wrap around */
	ring_write(&r, "abcdef", 6);
	assert_int_equal(ring_peek(&r, 4, out, 8), 2);
	assert_memory_equal(out, "ef", 2);
	assert_int_equal(ring_peek(&r, 6, out, 8), 0);
	assert_int_equal(ring_peek(&r, SIZE_MAX, out, 8), 0);
	assert_int_equal(ring_used(&r), 6);
	assert_int_equal(ring_read(&r, out, 8), 6);
	assert_memory_equal(out, "abcdef", 6);
}

/* --- the log --- */

static char lines[4096];
static unsigned writes;
static uint64_t now;

static void take_line(const char *text, size_t len)
{
	assert_true(strlen(lines) + len < sizeof(lines));
	assert_true(len <= LOG_LINE_MAX);
	strncat(lines, text, len);
	writes++;
}

static uint64_t fake_now(void)
{
	return now;
}

static unsigned fake_cpu(void)
{
	return 3;
}

static const char *fake_task(void)
{
	return "main";
}

static int log_set_up(void **state)
{
	static const struct log_backend backend = { take_line, fake_now, fake_cpu, fake_task };

	log_set_backend(&backend);
	log_set_level(LOG_INFO);
	log_set_colour(false);
	lines[0] = 0;
	writes = 0;
	now = UINT64_C(1234567890);
	return 0;
}

static void a_line_says_when_where_and_who(void **state)
{
	log_write(LOG_INFO, "axvm", 123, "text %d %s", 7, "seven");
	assert_string_equal(lines, "[  1.234567 3:main axvm:123] text 7 seven\n");
	assert_int_equal(writes, 1);
}

static void colours_tell_the_levels_apart(void **state)
{
	log_set_colour(true);
	log_write(LOG_WARN, "m", 1, "careful");
	log_write(LOG_INFO, "m", 2, "fine");
	assert_string_equal(lines, "\033[33m[  1.234567 3:main m:1] careful\033[0m\n"
				   "[  1.234567 3:main m:2] fine\n");
}

static void a_long_line_is_cut_but_stays_a_line(void **state)
{
	char text[2 * LOG_LINE_MAX];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	log_set_colour(true);
	log_write(LOG_ERROR, "m", 1, "%s", text);
	assert_int_equal(writes, 1);
	assert_in_range(strlen(lines), LOG_LINE_MAX - 8, LOG_LINE_MAX);
	assert_non_null(strstr(lines, "xx\033[0m\n"));
}

static void control_characters_do_not_reach_the_terminal(void **state)
{
	log_write(LOG_INFO, "m", 1, "a\033[2Jb\nc\td\x7f e\r\n\n");
	assert_string_equal(lines, "[  1.234567 3:main m:1] a.[2Jb.c\td. e\n");
}

static void levels_have_names(void **state)
{
	for (int level = LOG_OFF; level <= LOG_TRACE; level++)
		assert_int_equal(log_level_parse(log_level_name((enum log_level)level)), level);
	assert_int_equal(log_level_parse("verbose"), -AX_EINVAL);
	assert_int_equal(log_level_parse(""), -AX_EINVAL);
}

static unsigned evaluations;

static int evaluated(void)
{
	return (int)++evaluations;
}

static void what_is_below_the_level_costs_nothing(void **state)
{
	evaluations = 0;
	log_debug("%d", evaluated());
	assert_int_equal(evaluations, 0);
	assert_int_equal(writes, 0);
	log_set_level(LOG_TRACE);
	log_trace("%d", evaluated());
	assert_int_equal(evaluations, 1);
	assert_int_equal(writes, 1);
	log_set_level(LOG_OFF);
	log_error("%d", evaluated());
	assert_int_equal(writes, 1);
}

static void complain(unsigned n)
{
	log_warn_ratelimited("complaint %u", n);
}

static void a_flood_is_cut_and_counted(void **state)
{
	for (unsigned i = 0; i < 100; i++)
		complain(i);
	assert_int_equal(writes, LOG_BURST);
	now += LOG_WINDOW_NS - 1;
	complain(100);
	assert_int_equal(writes, LOG_BURST);
	lines[0] = 0;
	now++;
	complain(101);
	assert_int_equal(writes, LOG_BURST + 2);
	assert_non_null(strstr(lines, "91 more messages like this were dropped\n"));
	assert_non_null(strstr(lines, "complaint 101\n"));
}

static void the_limit_holds_per_place(void **state)
{
	now += 2 * LOG_WINDOW_NS;
	for (unsigned i = 0; i < 100; i++)
		complain(i);
	writes = 0;
	log_warn_ratelimited("another place");
	assert_int_equal(writes, 1);
}

static void without_a_backend_lines_are_lost(void **state)
{
	log_set_backend(NULL);
	log_error("nobody hears this");
	complain(1);
	assert_int_equal(writes, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_a_text_of_its_own),
		cmocka_unit_test(numbers_that_are_no_errors_are_unknown),
		cmocka_unit_test(bitmaps_agree_with_a_model),
		cmocka_unit_test(walking_a_bitmap_visits_the_set_bits_in_order),
		cmocka_unit_test(a_ring_takes_as_much_as_it_holds),
		cmocka_unit_test(overwriting_drops_the_oldest_bytes),
		cmocka_unit_test(peeking_leaves_the_bytes_where_they_are),
		cmocka_unit_test_setup(a_line_says_when_where_and_who, log_set_up),
		cmocka_unit_test_setup(colours_tell_the_levels_apart, log_set_up),
		cmocka_unit_test_setup(a_long_line_is_cut_but_stays_a_line, log_set_up),
		cmocka_unit_test_setup(control_characters_do_not_reach_the_terminal, log_set_up),
		cmocka_unit_test_setup(levels_have_names, log_set_up),
		cmocka_unit_test_setup(what_is_below_the_level_costs_nothing, log_set_up),
		cmocka_unit_test_setup(a_flood_is_cut_and_counted, log_set_up),
		cmocka_unit_test_setup(the_limit_holds_per_place, log_set_up),
		cmocka_unit_test_setup(without_a_backend_lines_are_lost, log_set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
