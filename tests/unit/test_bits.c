/* unit: axstd/riscv64/bits.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in for the compiler's library on riscv64.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <axstd/util.h>

int __ctzdi2(uint64_t value);
int __clzdi2(uint64_t value);

static void the_lowest_bit_is_found_whatever_is_above_it(void **state)
{
	for (int bit = 0; bit < 64; bit++) {
		assert_int_equal(__ctzdi2(BIT(bit)), bit);
		assert_int_equal(__ctzdi2(UINT64_MAX << bit), bit);
		assert_int_equal(__ctzdi2(BIT(63) | BIT(bit)), bit);
	}
}

static void the_highest_bit_is_found_whatever_is_below_it(void **state)
{
	for (int bit = 0; bit < 64; bit++) {
		assert_int_equal(__clzdi2(BIT(bit)), 63 - bit);
		assert_int_equal(__clzdi2(UINT64_MAX >> (63 - bit)), 63 - bit);
		assert_int_equal(__clzdi2(BIT(bit) | 1), 63 - bit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lowest_bit_is_found_whatever_is_above_it),
		cmocka_unit_test(the_highest_bit_is_found_whatever_is_below_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
