/* unit: axhal/console.c axstd/ring.c axhal/uart/ns16550.c axhal/uart/cadence.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console on a played UART. (The PL011 driver's place is taken by the play.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <axhal/console.h>
#include <axstd/error.h>
#include "hal.h"
#include "host/host.h"
#include "uart/uart.h"

static char sent[4096];
static size_t num_sent;
static const char *input = "";
static bool stuck, rx_irq_on;
static unsigned inits, acks, looks;

static void play_init(struct uart *uart)
{
	inits++;
}

static bool play_tx_ready(struct uart *uart)
{
	looks++;
	return !stuck;
}

static void play_put(struct uart *uart, char c)
{
	assert_true(num_sent < sizeof(sent) - 1);
	sent[num_sent++] = c;
	sent[num_sent] = 0;
}

static int play_get(struct uart *uart)
{
	return *input ? *input++ : -1;
}

static void play_enable_rx_irq(struct uart *uart)
{
	rx_irq_on = true;
}

static void play_ack_irq(struct uart *uart)
{
	acks++;
}

const struct uart_ops uart_pl011 = {
	play_init, play_tx_ready, play_put, play_get, play_enable_rx_irq, play_ack_irq,
};

static const struct uart_desc desc = { .kind = UART_PL011, .irq = { 33, false }, .name = "pl011@9000000" };

static void say(const char *text)
{
	num_sent = 0;
	sent[0] = 0;
	console_write(text, strlen(text));
}

static void without_a_uart_nothing_happens(void **state)
{
	char c;

	assert_string_equal(console_name(), "none");
	say("hello");
	assert_int_equal(num_sent, 0);
	assert_int_equal(console_read(&c, 1), 0);
	assert_int_equal(console_set_rx_handler(NULL), -AX_ENODEV);
}

static void line_ends_become_carriage_return_and_line_feed(void **state)
{
	console_init(&desc);
	console_set_base(sent);
	console_set_base(sent); /* mapped for good: not set up again */
	assert_int_equal(inits, 1);
	assert_string_equal(console_name(), "pl011@9000000");
	say("one\ntwo\n");
	assert_string_equal(sent, "one\r\ntwo\r\n");
	num_sent = 0;
	console_write_raw("a\nb", 3);
	assert_string_equal(sent, "a\nb");
}

static unsigned received;

static void receive(void)
{
	received++;
}

static void input_is_polled_or_comes_by_interrupt(void **state)
{
	char buffer[8];

	input = "polled";
	assert_int_equal(console_read(buffer, 4), 4);
	assert_memory_equal(buffer, "poll", 4);
	assert_int_equal(console_read(buffer, 8), 2);

	assert_int_equal(console_set_rx_handler(receive), 0);
	assert_true(rx_irq_on);
	assert_false(host_irq_is_masked(33));
	input = "x";
	host_irq_raise(33);
	assert_int_equal(acks, 1);
	assert_int_equal(*input, 0);
	assert_int_equal(console_read(buffer, 8), 1);
	assert_int_equal(buffer[0], 'x');
	assert_int_equal(received, 1);
}

static void a_flood_of_input_is_bounded(void **state)
{
	static char flood[5000];
	char buffer[2048];

	memset(flood, 'f', sizeof(flood) - 1);
	input = flood;
	host_irq_raise(33);
	assert_int_equal(strlen(input), sizeof(flood) - 1 - 1024);
	input = "";
	assert_int_equal(console_read(buffer, sizeof(buffer)), 1024);
}

static void a_broken_uart_costs_its_output_but_not_the_machine(void **state)
{
	stuck = true;
	looks = 0;
	say("lost for ever");
	assert_int_equal(num_sent, 0);
	assert_in_range(looks, 1000000, 1000100); /* waited for once, not for every byte */
	stuck = false;
	say("back");
	assert_string_equal(sent, "back");
}

static void a_panic_writes_without_the_lock(void **state)
{
	console_panic_begin();
	say("panic\n");
	assert_string_equal(sent, "panic\r\n");
}

static void another_kind_of_console_takes_its_place(void **state)
{
	char buffer[8];

	console_set_base(NULL);
	assert_false(console_present());
	console_use(&uart_pl011, "firmware");
	assert_true(console_present());
	assert_string_equal(console_name(), "firmware");
	say("hi");
	assert_string_equal(sent, "hi");
	input = "in";
	assert_int_equal(console_read(buffer, 8), 2);
	assert_int_equal(console_set_rx_handler(receive), -AX_ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_uart_nothing_happens),
		cmocka_unit_test(line_ends_become_carriage_return_and_line_feed),
		cmocka_unit_test(input_is_polled_or_comes_by_interrupt),
		cmocka_unit_test(a_flood_of_input_is_bounded),
		cmocka_unit_test(a_broken_uart_costs_its_output_but_not_the_machine),
		cmocka_unit_test(a_panic_writes_without_the_lock),
		cmocka_unit_test(another_kind_of_console_takes_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
