/* unit: axstd/random.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seed's way into the C library's generator, of which the test plays the part.
 */
#include <axstd/random.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

int getentropy(void *buf, size_t len);
void arc4random_buf(void *buf, size_t len);

static unsigned calls;

void arc4random_buf(void *buf, size_t len)
{
	calls++;
	assert_int_equal(getentropy(buf, len), 0);
}

static void without_a_seed_there_are_no_numbers(void **state)
{
	uint8_t seed[RANDOM_SEED_MIN - 1] = { 1 }, buf[8] = { 7 };

	assert_false(random_bytes(buf, sizeof(buf)));
	random_seed(NULL, 0);
	assert_false(random_bytes(buf, sizeof(buf)));
	random_seed(seed, sizeof(seed));
	assert_false(random_bytes(buf, sizeof(buf)));
	assert_int_equal(buf[0], 7);
	assert_int_equal(calls, 0);
	random_seed(seed, sizeof(seed)); /* takes it out again: seeds are mixed */
}

static void all_of_the_seed_is_used(void **state)
{
	uint8_t seed[64], buf[40];

	for (unsigned i = 0; i < sizeof(seed); i++)
		seed[i] = (uint8_t)(3 * i + 1);
	random_seed(seed, sizeof(seed));
	assert_true(random_bytes(buf, sizeof(buf)));
	assert_int_equal(calls, 1);
	for (unsigned i = 0; i < sizeof(buf); i++)
		assert_int_equal(buf[i], i < 24 ? seed[i] ^ seed[i + 40] : seed[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_seed_there_are_no_numbers),
		cmocka_unit_test(all_of_the_seed_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
