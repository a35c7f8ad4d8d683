/* unit: axhal/uart/sbi.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firmware's console (SBI DBCN), with the test in the firmware's place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <axhal/arch/sbi.h>
#include "uart.h"

static const char *input = "";
static int64_t error;
static char written;

struct sbi_ret sbi_call(uint64_t ext, uint64_t fid, uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3,
			uint64_t arg4)
{
	assert_int_equal(ext, SBI_EXT_DBCN);
	if (fid == SBI_DBCN_WRITE_BYTE) {
		assert_in_range(arg0, 0, 255);
		written = (char)arg0;
		return (struct sbi_ret){ error, 0 };
	}
	assert_int_equal(fid, SBI_DBCN_READ);
	assert_int_equal(arg0, 1);
	assert_int_equal(arg2, 0);
	if (error || !*input)
		return (struct sbi_ret){ error, 0 };
	*(char *)arg1 = *input++;
	return (struct sbi_ret){ 0, 1 };
}

static void bytes_go_out(void **state)
{
	struct uart uart = { .ops = &uart_sbi };

	uart.ops->init(&uart);
	assert_true(uart.ops->tx_ready(&uart));
	uart.ops->put(&uart, 'a');
	assert_int_equal(written, 'a');
	uart.ops->put(&uart, '\xff');
	assert_int_equal(written, '\xff');
}

static void bytes_come_in_when_there_are_any(void **state)
{
	struct uart uart = { .ops = &uart_sbi };

	input = "a\xff";
	assert_int_equal(uart.ops->get(&uart), 'a');
	assert_int_equal(uart.ops->get(&uart), 0xff);
	assert_int_equal(uart.ops->get(&uart), -1);
	input = "b";
	error = SBI_FAILED;
	assert_int_equal(uart.ops->get(&uart), -1);
	error = 0;
	assert_int_equal(uart.ops->get(&uart), 'b');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_go_out),
		cmocka_unit_test(bytes_come_in_when_there_are_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
