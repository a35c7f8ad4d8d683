/* unit: axdevice/common/pl011.c axdevice/common/bus.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated PL011, seen from its drivers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <axdevice/pl011.h>
#include <axstd/error.h>
#include <libfdt.h>
#include <cmocka.h>
#include <host/host.h>
#include "pl011_regs.h"

#define BASE 0x09000000

static struct bus bus;
static struct uart *uart;
static char sent[256];
static size_t num_sent;
static char typed[256];
static size_t num_typed, num_taken;
static bool irq;
static unsigned irq_changes;

static void put(void *opaque, uint8_t byte)
{
	sent[num_sent++ % sizeof(sent)] = (char)byte;
}

static int get(void *opaque)
{
	return num_taken < num_typed ? (uint8_t)typed[num_taken++] : -1;
}

static void set_irq(void *controller, unsigned number, bool level)
{
	assert_int_equal(number, 33);
	assert_int_not_equal(irq, level);
	irq = level;
	irq_changes++;
}

static int setup(void **state)
{
	struct device_env env = { .mmio = &bus, .irq = { .set = set_irq, .number = 33 } };
	struct console_backend console = { .put = put, .get = get };

	num_sent = num_typed = num_taken = irq_changes = 0;
	memset(sent, 0, sizeof(sent));
	irq = false;
	bus_init(&bus);
	assert_int_equal(pl011_create(&env, BASE, &console, &uart), 0);
	return 0;
}

static int teardown(void **state)
{
	uart->dev->ops->destroy(uart->dev);
	assert_int_equal(bus.count, 0);
	bus_destroy(&bus);
	assert_int_equal(host_heap_live(), 0);
	return 0;
}

static uint32_t r(unsigned reg)
{
	const struct bus_region *region = bus_find(&bus, BASE + reg);

	return (uint32_t)region->ops->read(region->opaque, 0, reg, 4);
}

static void w(unsigned reg, uint32_t value)
{
	const struct bus_region *region = bus_find(&bus, BASE + reg);

	region->ops->write(region->opaque, 0, reg, 4, value);
}

static void type(const char *text)
{
	strcpy(typed + num_typed, text);
	num_typed += strlen(text);
	uart->rx_ready(uart);
}

/* As Linux's amba-pl011 does it. */
static void start_linux_driver(void)
{
	w(UARTICR, 0x7ff);
	w(UARTIMSC, INT_RX | INT_RT);
	w(UARTIBRD, 13);
	w(UARTFBRD, 1);
	w(UARTLCR_H, 0x70);
	w(UARTCR, 0x301);
	w(UARTIFLS, 0x12);
}

static void what_the_guest_writes_is_sent_even_before_it_is_enabled(void **state)
{
	w(UARTDR, 'h');
	w(UARTDR, 'i');
	assert_string_equal(sent, "hi");
	assert_int_equal(r(UARTFR), FR_TXFE | FR_RXFE);
}

static void typed_bytes_are_read_in_order(void **state)
{
	start_linux_driver();
	type("abc");
	assert_int_equal(r(UARTFR) & FR_RXFE, 0);
	assert_int_equal(r(UARTDR), 'a');
	assert_int_equal(r(UARTDR), 'b');
	assert_int_equal(r(UARTDR), 'c');
	assert_int_equal(r(UARTFR) & FR_RXFE, FR_RXFE);
	assert_int_equal(r(UARTDR), 0);
}

static void a_single_byte_interrupts_by_timeout(void **state)
{
	start_linux_driver();
	type("a");
	assert_true(irq);
	assert_int_equal(r(UARTMIS), INT_RT);
	r(UARTDR);
	assert_false(irq);
	assert_int_equal(r(UARTRIS), 0);
}

static void a_full_enough_fifo_interrupts_by_level(void **state)
{
	start_linux_driver();
	type("0123456789abcdef");
	assert_int_equal(r(UARTMIS), INT_RT | INT_RX);
	r(UARTDR);
	assert_int_equal(r(UARTMIS), INT_RT);
}

static void the_fifo_holds_32_and_the_rest_waits(void **state)
{
	char text[100];

	start_linux_driver();
	memset(text, 'x', 99);
	text[99] = 0;
	type(text);
	assert_int_equal(num_taken, 32);
	assert_int_equal(r(UARTFR) & FR_RXFF, FR_RXFF);
	for (unsigned i = 0; i < 99; i++) {
		assert_true(irq);
		assert_int_equal(r(UARTDR), 'x');
	}
	assert_false(irq);
}

static void without_fifo_there_is_one_byte(void **state)
{
	w(UARTCR, 0x301);
	w(UARTIMSC, INT_RX);
	type("ab");
	assert_int_equal(num_taken, 1);
	assert_int_equal(r(UARTFR) & (FR_RXFF | FR_RXFE), FR_RXFF);
	assert_int_equal(r(UARTMIS), INT_RX);
	assert_int_equal(r(UARTDR), 'a');
	assert_int_equal(r(UARTDR), 'b');
	assert_false(irq);
}

static void nothing_is_received_while_reception_is_off(void **state)
{
	w(UARTCR, 0x101);
	w(UARTIMSC, INT_RX | INT_RT);
	type("a");
	assert_false(irq);
	assert_int_equal(r(UARTFR) & FR_RXFE, FR_RXFE);
	w(UARTCR, 0x301);
	assert_true(irq);
	assert_int_equal(r(UARTDR), 'a');
}

static void sending_raises_the_transmit_interrupt(void **state)
{
	start_linux_driver();
	w(UARTDR, 'a');
	assert_int_equal(r(UARTRIS), INT_TX);
	assert_false(irq);
	w(UARTIMSC, INT_TX);
	assert_true(irq);
	w(UARTICR, INT_TX);
	assert_false(irq);
	w(UARTDR, 'b');
	assert_true(irq);
	w(UARTIMSC, 0);
	assert_false(irq);
}

static void clearing_first_and_reading_later_gives_one_interrupt(void **state)
{
	start_linux_driver();
	type("abc");
	w(UARTICR, INT_RT | INT_RX);
	assert_false(irq);
	assert_int_equal(r(UARTDR), 'a');
	assert_int_equal(r(UARTDR), 'b');
	assert_int_equal(r(UARTDR), 'c');
	assert_false(irq);
	type("d");
	assert_true(irq);
}

static void reading_some_and_clearing_does_not_lose_the_rest(void **state)
{
	start_linux_driver();
	type("abc");
	for (unsigned i = 0; i < 3; i++) {
		assert_true(irq);
		assert_int_equal(r(UARTDR), 'a' + i);
		w(UARTICR, INT_RT | INT_RX);
	}
	assert_false(irq);
}

static void loopback_returns_what_is_sent(void **state)
{
	start_linux_driver();
	w(UARTCR, 0x381);
	w(UARTDR, 'z');
	assert_int_equal(num_sent, 0);
	assert_int_equal(r(UARTDR), 'z');
	for (unsigned i = 0; i < 100; i++)
		w(UARTDR, i);
	for (unsigned i = 0; i < 32; i++)
		assert_int_equal(r(UARTDR), i);
	assert_int_equal(r(UARTFR) & FR_RXFE, FR_RXFE);
}

static void identification_is_a_primecell(void **state)
{
	uint32_t periph = 0, cell = 0;

	for (unsigned i = 0; i < 4; i++) {
		periph |= r(UARTID + 4 * i) << 8 * i;
		cell |= r(UARTID + 0x10 + 4 * i) << 8 * i;
	}
	assert_int_equal(periph & 0xfffff, 0x41011);
	assert_int_equal(cell, 0xb105f00d);
}

static void registers_keep_the_bits_they_have(void **state)
{
	static const struct {
		unsigned reg;
		uint32_t mask;
	} plain[] = { { UARTIBRD, 0xffff }, { UARTFBRD, 0x3f },  { UARTLCR_H, 0xff }, { UARTCR, 0xff87 },
		      { UARTIFLS, 0x3f },   { UARTIMSC, 0x7ff }, { UARTDMACR, 7 },    { UARTILPR, 0xff },
		      { UARTRIS, 0 },       { UARTFR, 0x90 },    { UARTICR, 0 },      { UARTRSR, 0 },
		      { 0x0c, 0 },          { 0x800, 0 },        { 0xffc, 0xb1 } };

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
		w(plain[i].reg, ~0u);
		assert_int_equal(r(plain[i].reg), plain[i].mask);
	}
}

static void after_reset_it_is_like_a_new_one(void **state)
{
	uint32_t fresh[1024];

	for (unsigned i = 1; i < 1024; i++)
		fresh[i] = r(4 * i);
	start_linux_driver();
	type("hello");
	w(UARTDR, 'x');
	assert_true(irq);
	uart->dev->ops->reset(uart->dev);
	assert_false(irq);
	for (unsigned i = 1; i < 1024; i++)
		assert_int_equal(r(4 * i), fresh[i]);
}

static unsigned cells(unsigned number, bool edge, uint32_t out[3])
{
	out[0] = 0;
	out[1] = number - 32;
	out[2] = 4;
	return 3;
}

static void it_describes_itself(void **state)
{
	char fdt[2048];
	struct fdt_context ctx = { .fdt = fdt, .intc_phandle = 1, .irq_cells = cells, .next_phandle = 5 };
	const fdt32_t *prop;
	int node, len;

	assert_int_equal(fdt_create(fdt, sizeof(fdt)), 0);
	assert_int_equal(fdt_finish_reservemap(fdt), 0);
	assert_int_equal(fdt_begin_node(fdt, ""), 0);
	assert_int_equal(uart->dev->ops->describe(uart->dev, &ctx), 0);
	assert_int_equal(fdt_end_node(fdt), 0);
	assert_int_equal(fdt_finish(fdt), 0);
	assert_int_equal(ctx.next_phandle, 6);
	node = fdt_path_offset(fdt, "/pl011@9000000");
	assert_true(node >= 0);
	assert_int_equal(fdt_node_check_compatible(fdt, node, "arm,primecell"), 0);
	assert_int_equal(fdt_node_check_compatible(fdt, node, "arm,pl011"), 0);
	prop = fdt_getprop(fdt, node, "interrupts", &len);
	assert_int_equal(len, 12);
	assert_int_equal(fdt32_to_cpu(prop[1]), 1);
	prop = fdt_getprop(fdt, node, "clocks", &len);
	assert_int_equal(len, 8);
	node = fdt_node_offset_by_phandle(fdt, fdt32_to_cpu(prop[0]));
	assert_int_equal(fdt_node_check_compatible(fdt, node, "fixed-clock"), 0);
}

static void it_is_not_created_where_something_is(void **state)
{
	struct device_env env = { .mmio = &bus };
	struct console_backend console = { .put = put, .get = get };
	size_t live = host_heap_live();
	struct uart *second;

	assert_int_equal(pl011_create(&env, BASE + 0x800, &console, &second), -AX_EEXIST);
	host_fail_after(0);
	assert_int_equal(pl011_create(&env, BASE + 0x10000, &console, &second), -AX_ENOMEM);
	host_fail_never();
	assert_int_equal(host_heap_live(), live);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_the_guest_writes_is_sent_even_before_it_is_enabled),
		T(typed_bytes_are_read_in_order),
		T(a_single_byte_interrupts_by_timeout),
		T(a_full_enough_fifo_interrupts_by_level),
		T(the_fifo_holds_32_and_the_rest_waits),
		T(without_fifo_there_is_one_byte),
		T(nothing_is_received_while_reception_is_off),
		T(sending_raises_the_transmit_interrupt),
		T(clearing_first_and_reading_later_gives_one_interrupt),
		T(reading_some_and_clearing_does_not_lose_the_rest),
		T(loopback_returns_what_is_sent),
		T(identification_is_a_primecell),
		T(registers_keep_the_bits_they_have),
		T(after_reset_it_is_like_a_new_one),
		T(it_describes_itself),
		T(it_is_not_created_where_something_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
