/* unit: axdevice/common/ns16550.c axdevice/common/bus.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated 16550A, seen from its drivers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <axdevice/ns16550.h>
#include <axstd/error.h>
#include <libfdt.h>
#include <cmocka.h>
#include <host/host.h>
#include "ns16550_regs.h"

#define BASE 0x10000000
#define IDLE (LSR_THRE | LSR_TEMT)

static struct bus bus;
static struct uart *uart;
static char sent[256];
static size_t num_sent;
static char typed[256];
static size_t num_typed, num_taken;
static bool irq;

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
	assert_int_equal(number, 10);
	assert_int_not_equal(irq, level);
	irq = level;
}

static void create(bool ports)
{
	struct device_env env = { .mmio = ports ? NULL : &bus,
				  .ports = ports ? &bus : NULL,
				  .irq = { .set = set_irq, .number = 10 } };
	struct console_backend console = { .put = put, .get = get };

	assert_int_equal(ns16550_create(&env, BASE, &console, &uart), 0);
}

static int setup(void **state)
{
	num_sent = num_typed = num_taken = 0;
	memset(sent, 0, sizeof(sent));
	irq = false;
	bus_init(&bus);
	create(false);
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

static uint8_t r(unsigned reg)
{
	const struct bus_region *region = bus_find(&bus, BASE + reg);
	uint64_t value = region->ops->read(region->opaque, 0, reg, 1);

	assert_true(value < 256);
	return (uint8_t)value;
}

static void w(unsigned reg, uint8_t value)
{
	const struct bus_region *region = bus_find(&bus, BASE + reg);

	region->ops->write(region->opaque, 0, reg, 1, value);
}

static void type(const char *text)
{
	strcpy(typed + num_typed, text);
	num_typed += strlen(text);
	uart->rx_ready(uart);
}

static unsigned id(void)
{
	return r(UART_IIR) & IIR_ID;
}

/* FIFOs on, trigger level @trigger (0 .. 3), interrupts of @ier. */
static void start(unsigned trigger, unsigned ier)
{
	w(UART_LCR, LCR_DLAB | 3);
	w(UART_RBR, 2);
	w(UART_IER, 0);
	w(UART_LCR, 3);
	w(UART_IIR, (uint8_t)(trigger << 6 | FCR_ENABLE));
	w(UART_IER, (uint8_t)ier);
}

static void what_the_guest_writes_is_sent_even_before_it_is_set_up(void **state)
{
	w(UART_RBR, 'h');
	w(UART_RBR, 'i');
	assert_string_equal(sent, "hi");
	assert_int_equal(r(UART_LSR), IDLE);
}

static void typed_bytes_are_read_in_order(void **state)
{
	start(0, 0);
	type("abc");
	assert_int_equal(r(UART_LSR), IDLE | LSR_DR);
	assert_int_equal(r(UART_RBR), 'a');
	assert_int_equal(r(UART_RBR), 'b');
	assert_int_equal(r(UART_RBR), 'c');
	assert_int_equal(r(UART_LSR), IDLE);
	assert_int_equal(r(UART_RBR), 0);
	assert_false(irq);
}

static void the_divisor_latch_hides_data_and_interrupt_enables(void **state)
{
	start(0, IER_ERBFI);
	w(UART_LCR, LCR_DLAB | 3);
	w(UART_RBR, 0x34);
	w(UART_IER, 0x12);
	assert_int_equal(num_sent, 0);
	type("a");
	assert_int_equal(r(UART_RBR), 0x34);
	assert_int_equal(r(UART_IER), 0x12);
	assert_int_equal(r(UART_IIR), IIR_FIFOS | IIR_DATA);
	w(UART_LCR, 3);
	assert_int_equal(r(UART_IER), IER_ERBFI);
	assert_int_equal(r(UART_RBR), 'a');
}

static void below_its_level_the_fifo_interrupts_by_timeout(void **state)
{
	static const uint8_t levels[] = { 1, 4, 8, 14 };

	for (unsigned i = 0; i < 4; i++) {
		start(i, IER_ERBFI);
		for (unsigned n = 1; n <= 16; n++) {
			type("x");
			assert_true(irq);
			assert_int_equal(r(UART_IIR), IIR_FIFOS | (n < levels[i] ? IIR_TIMEOUT : IIR_DATA));
		}
		for (unsigned n = 16; n > 0; n--) {
			assert_int_equal(id(), n < levels[i] ? IIR_TIMEOUT : IIR_DATA);
			assert_int_equal(r(UART_RBR), 'x');
		}
		assert_false(irq);
		assert_int_equal(id(), IIR_NONE);
	}
}

static void the_fifo_holds_16_and_the_rest_waits(void **state)
{
	char text[100];

	start(3, IER_ERBFI);
	memset(text, 'x', 99);
	text[99] = 0;
	type(text);
	assert_int_equal(num_taken, 16);
	for (unsigned i = 0; i < 99; i++) {
		assert_true(irq);
		assert_int_equal(r(UART_LSR), IDLE | LSR_DR);
		assert_int_equal(r(UART_RBR), 'x');
	}
	assert_false(irq);
}

static void without_fifos_there_is_one_byte(void **state)
{
	w(UART_IER, IER_ERBFI);
	type("ab");
	assert_int_equal(num_taken, 1);
	assert_int_equal(r(UART_IIR), IIR_DATA);
	assert_int_equal(r(UART_RBR), 'a');
	assert_int_equal(r(UART_RBR), 'b');
	assert_false(irq);
}

static void switching_the_fifos_on_or_off_or_clearing_empties_them(void **state)
{
	w(UART_IER, IER_ERBFI);
	type("a");
	w(UART_IIR, FCR_ENABLE);
	assert_false(irq);
	type("bcd");
	w(UART_IIR, FCR_ENABLE | FCR_CLEAR_RX);
	assert_int_equal(r(UART_LSR), IDLE);
	type("efg");
	w(UART_IIR, FCR_CLEAR_RX); /* bit 0 is not set: switches them off */
	assert_int_equal(r(UART_LSR), IDLE);
	assert_int_equal(r(UART_IIR), IIR_NONE);
	type("h");
	w(UART_IIR, FCR_CLEAR_RX); /* without effect: they are off */
	assert_int_equal(r(UART_RBR), 'h');
}

static void enabling_the_transmit_interrupt_while_empty_raises_it(void **state)
{
	start(0, IER_ETBEI);
	assert_true(irq);
	assert_int_equal(r(UART_IIR), IIR_FIFOS | IIR_THRE);
	assert_false(irq);
	assert_int_equal(id(), IIR_NONE);
	w(UART_IER, IER_ETBEI); /* was on before */
	assert_false(irq);
	w(UART_IER, 0);
	w(UART_IER, IER_ETBEI);
	assert_true(irq);
	w(UART_IER, 0);
	assert_false(irq);
}

static void each_byte_sent_raises_the_transmit_interrupt(void **state)
{
	start(0, IER_ETBEI);
	for (unsigned i = 0; i < 3; i++) {
		w(UART_RBR, 'a');
		w(UART_RBR, 'b');
		assert_true(irq);
		assert_int_equal(id(), IIR_THRE);
		assert_false(irq);
	}
	assert_string_equal(sent, "ababab");
}

/* serial8250_THRE_test and the TXEN test of Linux's driver. */
static void linux_finds_no_transmit_bugs(void **state)
{
	start(0, 0);
	w(UART_IER, IER_ETBEI);
	assert_int_equal(id(), IIR_THRE);
	w(UART_IER, 0);
	w(UART_IER, IER_ETBEI);
	assert_int_equal(id(), IIR_THRE);
	w(UART_IER, 0);
	w(UART_IER, IER_ETBEI);
	assert_int_equal(r(UART_LSR) & LSR_TEMT, LSR_TEMT);
	assert_int_equal(id(), IIR_THRE);
}

/* autoconfig() and autoconfig_16550a() of Linux's driver. */
static void linux_detects_a_plain_16550a(void **state)
{
	w(UART_IER, 0);
	assert_int_equal(r(UART_IER) & 0xf, 0);
	w(UART_IER, 0xf);
	assert_int_equal(r(UART_IER), 0xf);
	w(UART_IER, 0);
	w(UART_MCR, MCR_LOOP | MCR_OUT2 | MCR_RTS);
	assert_int_equal(r(UART_MSR) & 0xf0, MSR_DCD | MSR_CTS);
	w(UART_MCR, 0);
	w(UART_LCR, 0xbf);
	w(UART_IIR, 0); /* EFR of others */
	w(UART_LCR, 0);
	w(UART_IIR, FCR_ENABLE);
	assert_int_equal(r(UART_IIR) >> 6, 3);
	w(UART_LCR, LCR_DLAB);
	assert_int_not_equal(r(UART_IIR), 0);
	w(UART_LCR, 0);
	w(UART_MCR, 0xff);
	assert_int_equal(r(UART_MCR), 0x1f);
	w(UART_MCR, 0);
	w(UART_IER, 0x40);
	assert_int_equal(r(UART_IER), 0);
	w(UART_SCR, 0xa5);
	assert_int_equal(r(UART_SCR), 0xa5);
}

/* ns8250_bus_probe() of FreeBSD sends in loop back until the FIFO overruns. */
static void freebsd_counts_a_fifo_of_16(void **state)
{
	unsigned count = 0;

	start(0, 0);
	w(UART_MCR, MCR_LOOP);
	while (!(r(UART_LSR) & LSR_OE) && count < 100) {
		w(UART_RBR, (uint8_t)count);
		count++;
	}
	assert_int_equal(count - 1, 16);
	assert_int_equal(num_sent, 0);
	assert_int_equal(r(UART_LSR), IDLE | LSR_DR);
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(r(UART_RBR), i);
	assert_int_equal(r(UART_LSR), IDLE);
}

static void without_fifos_an_overrun_keeps_the_newest_byte(void **state)
{
	w(UART_MCR, MCR_LOOP);
	w(UART_RBR, 'a');
	w(UART_RBR, 'b');
	assert_int_equal(r(UART_LSR), IDLE | LSR_DR | LSR_OE);
	assert_int_equal(r(UART_RBR), 'b');
	assert_int_equal(r(UART_LSR), IDLE);
}

static void in_loop_back_typing_waits(void **state)
{
	start(0, IER_ERBFI);
	w(UART_MCR, MCR_LOOP);
	type("a");
	assert_false(irq);
	w(UART_RBR, 'z');
	assert_true(irq);
	assert_int_equal(r(UART_RBR), 'z');
	assert_false(irq);
	w(UART_MCR, 0);
	assert_true(irq);
	assert_int_equal(r(UART_RBR), 'a');
}

static void interrupts_are_identified_by_priority(void **state)
{
	start(0, IER_ALL);
	w(UART_MCR, MCR_LOOP); /* lines change */
	w(UART_RBR, 'a');
	for (unsigned i = 0; i < 16; i++)
		w(UART_RBR, 'b');
	assert_int_equal(id(), IIR_LINE);
	assert_int_equal(id(), IIR_LINE);
	assert_int_equal(r(UART_LSR) & LSR_OE, LSR_OE);
	assert_int_equal(id(), IIR_DATA);
	for (unsigned i = 0; i < 16; i++)
		r(UART_RBR);
	assert_int_equal(id(), IIR_THRE);
	assert_int_equal(id(), IIR_MODEM);
	assert_int_equal(id(), IIR_MODEM);
	assert_true(irq);
	assert_int_equal(r(UART_MSR), 0x0b);
	assert_int_equal(id(), IIR_NONE);
	assert_false(irq);
}

static void in_loop_back_the_modem_control_bits_are_the_lines(void **state)
{
	static const struct {
		uint8_t mcr, msr;
	} lines[] = { { MCR_RTS, MSR_CTS }, { MCR_DTR, MSR_DSR }, { MCR_OUT1, MSR_RI }, { MCR_OUT2, MSR_DCD } };

	assert_int_equal(r(UART_MSR), MSR_CTS | MSR_DSR | MSR_DCD);
	w(UART_MCR, MCR_LOOP);
	r(UART_MSR);
	for (unsigned i = 0; i < 4; i++) {
		uint8_t delta = lines[i].msr >> 4;

		w(UART_MCR, MCR_LOOP | lines[i].mcr);
		assert_int_equal(r(UART_MSR), lines[i].msr | (lines[i].msr == MSR_RI ? 0 : delta));
		assert_int_equal(r(UART_MSR), lines[i].msr);
		w(UART_MCR, MCR_LOOP);
		assert_int_equal(r(UART_MSR), delta);
	}
	w(UART_MCR, MCR_RTS | MCR_DTR);
	assert_int_equal(r(UART_MSR) & 0xf0, MSR_CTS | MSR_DSR | MSR_DCD);
}

static void what_is_not_there_reads_as_zero(void **state)
{
	for (unsigned reg = 8; reg < 0x100; reg++) {
		w(reg, 0xff);
		assert_int_equal(r(reg), 0);
	}
	w(UART_MSR, 0xff);
	w(UART_LSR, 0xff);
	assert_int_equal(r(UART_MSR), MSR_CTS | MSR_DSR | MSR_DCD);
	assert_int_equal(r(UART_LSR), IDLE);
	assert_int_equal(num_sent, 0);
}

static void after_reset_it_is_like_a_new_one(void **state)
{
	uint8_t fresh[8];

	for (unsigned i = 0; i < 8; i++)
		fresh[i] = r(i);
	start(1, IER_ALL);
	w(UART_MCR, MCR_LOOP);
	w(UART_SCR, 1);
	for (unsigned i = 0; i < 20; i++)
		w(UART_RBR, 'x');
	assert_true(irq);
	uart->dev->ops->reset(uart->dev);
	assert_false(irq);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(r(i), fresh[i]);
}

static unsigned cells(unsigned number, bool edge, uint32_t out[3])
{
	out[0] = number;
	out[1] = 4;
	return 2;
}

static int describe(char *fdt, size_t size)
{
	struct fdt_context ctx = { .fdt = fdt, .intc_phandle = 1, .irq_cells = cells, .next_phandle = 5 };

	assert_int_equal(fdt_create(fdt, (int)size), 0);
	assert_int_equal(fdt_finish_reservemap(fdt), 0);
	assert_int_equal(fdt_begin_node(fdt, ""), 0);
	assert_int_equal(uart->dev->ops->describe(uart->dev, &ctx), 0);
	assert_int_equal(fdt_end_node(fdt), 0);
	assert_int_equal(fdt_finish(fdt), 0);
	assert_int_equal(ctx.next_phandle, 5);
	return fdt_path_offset(fdt, "/serial@10000000");
}

static void it_describes_itself(void **state)
{
	char fdt[2048];
	const fdt32_t *prop;
	int node = describe(fdt, sizeof(fdt)), len;

	assert_true(node >= 0);
	assert_int_equal(fdt_node_check_compatible(fdt, node, "ns16550a"), 0);
	prop = fdt_getprop(fdt, node, "interrupts", &len);
	assert_int_equal(len, 8);
	assert_int_equal(fdt32_to_cpu(prop[0]), 10);
	prop = fdt_getprop(fdt, node, "reg", &len);
	assert_int_equal(len, 16);
	assert_int_equal(fdt32_to_cpu(prop[1]), BASE);
	assert_int_equal(fdt32_to_cpu(prop[3]), 0x100);
	prop = fdt_getprop(fdt, node, "clock-frequency", &len);
	assert_int_equal(fdt32_to_cpu(*prop), 3686400);
}

static void as_a_port_device_it_has_8_ports_and_no_node(void **state)
{
	char fdt[2048];

	uart->dev->ops->destroy(uart->dev);
	create(true);
	assert_int_equal(bus_find(&bus, BASE)->size, 8);
	assert_true(describe(fdt, sizeof(fdt)) < 0);
	w(UART_RBR, 'a');
	assert_string_equal(sent, "a");
}

static void it_is_not_created_where_something_is(void **state)
{
	struct device_env env = { .mmio = &bus };
	struct console_backend console = { .put = put, .get = get };
	size_t live = host_heap_live();
	struct uart *second;

	assert_int_equal(ns16550_create(&env, BASE + 0x80, &console, &second), -AX_EEXIST);
	host_fail_after(0);
	assert_int_equal(ns16550_create(&env, BASE + 0x10000, &console, &second), -AX_ENOMEM);
	host_fail_never();
	assert_int_equal(host_heap_live(), live);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_the_guest_writes_is_sent_even_before_it_is_set_up),
		T(typed_bytes_are_read_in_order),
		T(the_divisor_latch_hides_data_and_interrupt_enables),
		T(below_its_level_the_fifo_interrupts_by_timeout),
		T(the_fifo_holds_16_and_the_rest_waits),
		T(without_fifos_there_is_one_byte),
		T(switching_the_fifos_on_or_off_or_clearing_empties_them),
		T(enabling_the_transmit_interrupt_while_empty_raises_it),
		T(each_byte_sent_raises_the_transmit_interrupt),
		T(linux_finds_no_transmit_bugs),
		T(linux_detects_a_plain_16550a),
		T(freebsd_counts_a_fifo_of_16),
		T(without_fifos_an_overrun_keeps_the_newest_byte),
		T(in_loop_back_typing_waits),
		T(interrupts_are_identified_by_priority),
		T(in_loop_back_the_modem_control_bits_are_the_lines),
		T(what_is_not_there_reads_as_zero),
		T(after_reset_it_is_like_a_new_one),
		T(it_describes_itself),
		T(as_a_port_device_it_has_8_ports_and_no_node),
		T(it_is_not_created_where_something_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
