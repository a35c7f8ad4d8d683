/* unit: axhal/irq.c axhal/ipi.c axhal/time.c axhal/uart/pl011.c axhal/uart/ns16550.c axhal/uart/cadence.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The neutral parts of axhal on a played interrupt controller, a counter that tests move, and UART registers in memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <axhal/time.h>
#include <axstd/error.h>
#include "host/host.h"
#include "irq_table.h"
#include "uart/uart.h"

/* --- a controller: one pending interrupt; what it has been told --- */

#define TIMER_IRQ 26

static unsigned pending;
static bool masked[64], edge[64];
static unsigned deactivated;
static unsigned init_calls;

static void fake_init_cpu(void)
{
	init_calls++;
}

static void fake_dispatch(void)
{
	unsigned irq = pending;

	pending = UINT32_MAX;
	if (irq != UINT32_MAX && irq_handle(irq) == IRQ_DONE)
		deactivated++;
}

static void fake_mask(unsigned irq)
{
	masked[irq] = true;
}

static void fake_unmask(unsigned irq)
{
	masked[irq] = false;
}

static void fake_set_trigger(unsigned irq, enum irq_trigger trigger)
{
	edge[irq] = trigger == IRQ_EDGE_RISING;
}

static int fake_route(unsigned irq, unsigned cpu)
{
	return 0;
}

static void fake_set_active(unsigned irq, bool active)
{
}

static void fake_deactivate(unsigned irq)
{
	deactivated++;
}

/* An IPI arrives at once. */
static void fake_send_ipi(unsigned cpu, unsigned kind)
{
	unsigned me = cpu_id();

	host_set_cpu(cpu);
	pending = kind;
	irq_dispatch();
	host_set_cpu(me);
}

static const struct irq_chip fake_chip = {
	.name = "fake",
	.num_irqs = 64,
	.num_per_cpu = 32,
	.ipi_base = 0,
	.init_cpu = fake_init_cpu,
	.dispatch = fake_dispatch,
	.mask = fake_mask,
	.unmask = fake_unmask,
	.set_trigger = fake_set_trigger,
	.route = fake_route,
	.set_active = fake_set_active,
	.deactivate = fake_deactivate,
	.send_ipi = fake_send_ipi,
};

const struct irq_chip *arch_irq_find(void)
{
	return &fake_chip;
}

unsigned arch_timer_irq(void)
{
	return TIMER_IRQ;
}

void arch_cpu_halt(void)
{
	abort();
}

static uint32_t counts[4][IRQ_MAX];

static int setup(void **state)
{
	host_set_cpu_count(4);
	for (unsigned cpu = 0; cpu < 4; cpu++)
		*per_cpu(irq_counts, cpu) = counts[cpu];
	memset(counts, 0, sizeof(counts));
	pending = UINT32_MAX;
	deactivated = 0;
	time_init(62500000);
	return irq_init();
}

/* --- interrupts --- */

static unsigned handled;

static enum irq_result handle(unsigned irq, void *arg)
{
	handled++;
	assert_ptr_equal(arg, &handled);
	return irq == 41 ? IRQ_FORWARDED : IRQ_DONE;
}

static void raise_irq(unsigned irq)
{
	pending = irq;
	irq_dispatch();
}

static void a_handler_runs_and_is_counted(void **state)
{
	handled = 0;
	assert_int_equal(irq_register(40, IRQ_EDGE_RISING, handle, &handled, "device"), 0);
	assert_true(edge[40]);
	raise_irq(40);
	raise_irq(40);
	assert_int_equal(handled, 2);
	assert_int_equal(counts[0][40], 2);
	assert_int_equal(deactivated, 2);
	assert_int_equal(irq_register(40, IRQ_EDGE_RISING, handle, &handled, "other"), -AX_EBUSY);
	assert_int_equal(irq_unregister(40), 0);
	assert_true(masked[40]);
	assert_int_equal(irq_unregister(40), -AX_EINVAL);
}

static void a_forwarded_interrupt_stays_active(void **state)
{
	assert_int_equal(irq_register(41, IRQ_LEVEL_HIGH, handle, &handled, "guest's"), 0);
	raise_irq(41);
	assert_int_equal(deactivated, 0);
	irq_deactivate(41);
	assert_int_equal(deactivated, 1);
}

static void an_unexpected_interrupt_is_masked(void **state)
{
	masked[50] = false;
	raise_irq(50);
	assert_true(masked[50]);
	assert_int_equal(deactivated, 1);
	assert_true(host_log_contains("unexpected interrupt 50"));
}

static void numbers_out_of_range_are_refused(void **state)
{
	assert_int_equal(irq_register(64, IRQ_LEVEL_HIGH, handle, &handled, "x"), -AX_EINVAL);
	assert_int_equal(irq_register(40, IRQ_LEVEL_HIGH, NULL, &handled, "x"), -AX_EINVAL);
	assert_int_equal(irq_route(20, 0), -AX_EINVAL);
	assert_int_equal(irq_route(40, 9), -AX_EINVAL);
	assert_int_equal(irq_route(40, 3), 0);
	irq_mask(5000);
	irq_unmask(5000);
}

static void private_interrupts_are_configured_on_every_cpu(void **state)
{
	irq_register(30, IRQ_EDGE_RISING, handle, &handled, "private");
	edge[30] = false;
	host_set_cpu(2);
	irq_init_cpu();
	host_set_cpu(0);
	assert_true(edge[30]);
	assert_int_equal(init_calls, 1);
}

/* --- IPIs --- */

static uint64_t called;

static void remember_cpu(void *arg)
{
	assert_ptr_equal(arg, &called);
	called |= BIT(cpu_id());
}

static void a_call_runs_on_each_cpu_of_the_mask_that_is_online(void **state)
{
	called = 0;
	ipi_call(BIT(0) | BIT(2) | BIT(3) | BIT(60), remember_cpu, &called);
	assert_int_equal(called, BIT(0) | BIT(2) | BIT(3));
	assert_int_equal(counts[3][IPI_CALL], 1);
	assert_int_equal(counts[1][IPI_CALL], 0);
}

static unsigned rescheduled;

static void reschedule(void)
{
	rescheduled += 1 + cpu_id();
}

static void a_kind_runs_its_function_on_the_target(void **state)
{
	ipi_register(IPI_RESCHEDULE, reschedule);
	ipi_send(3, IPI_RESCHEDULE);
	assert_int_equal(rescheduled, 4);
}

/* --- time --- */

static void ticks_and_nanoseconds_agree_for_a_century(void **state)
{
	static const uint64_t rates[] = { 1000000,  8000000,  19200000,  24000000,
					  25000000, 62500000, 100000000, 1000000000 };
	const uint64_t century = UINT64_C(100) * 366 * 24 * 3600;

	for (unsigned i = 0; i < ARRAY_SIZE(rates); i++) {
		time_init(rates[i]);
		for (uint64_t s = 1; s < century; s = s * 7 + 1) {
			uint64_t ns = time_ticks_to_ns(s * rates[i]);

			/* The factor is exact to one part in 10^14, which is less than a tick in a day at 24 MHz. */
			assert_in_range(ns, s * NS_PER_SEC - s / 1000 - 1, s * NS_PER_SEC);
			assert_in_range(time_ns_to_ticks(ns), s * rates[i] - 2 - rates[i] * (s / 1000 + 1) / NS_PER_SEC,
					s * rates[i]);
		}
	}
}

static void a_deadline_is_never_early(void **state)
{
	for (uint64_t ns = 1; ns < UINT64_C(1) << 55; ns = ns * 3 + 17) {
		time_set_deadline(ns);
		assert_true(time_ticks_to_ns(*host_sysreg("cnthp_cval_el2")) + 1 >= ns);
		assert_int_equal(*host_sysreg("cnthp_ctl_el2"), 1);
	}
	time_set_deadline(TIME_NEVER);
	assert_int_equal(*host_sysreg("cnthp_ctl_el2"), 0);
}

static unsigned expired;

static void expire(void)
{
	expired++;
	assert_int_equal(*host_sysreg("cnthp_ctl_el2"), 0);
}

static void the_timer_interrupt_runs_the_handler_once(void **state)
{
	time_init_cpu();
	assert_false(masked[TIMER_IRQ]);
	time_set_handler(expire);
	time_set_deadline(1000);
	raise_irq(TIMER_IRQ);
	assert_int_equal(expired, 1);
}

/* --- UARTs: registers are memory, so reads give what was last written there --- */

static uint32_t regs[64];

static void pl011_writes_and_reads_bytes(void **state)
{
	struct uart uart = { .ops = &uart_pl011, .base = regs };

	memset(regs, 0, sizeof(regs));
	uart.ops->init(&uart);
	assert_int_equal(regs[0x30 / 4], 0x301);
	assert_int_equal(regs[0x2c / 4], 0x70);
	assert_true(uart.ops->tx_ready(&uart));
	uart.ops->put(&uart, (char)0xe4);
	assert_int_equal(regs[0], 0xe4);
	assert_int_equal(uart.ops->get(&uart), 0xe4);
	regs[0x18 / 4] = 0x30; /* TXFF, RXFE */
	assert_false(uart.ops->tx_ready(&uart));
	assert_int_equal(uart.ops->get(&uart), -1);
	uart.ops->enable_rx_irq(&uart);
	assert_int_equal(regs[0x38 / 4], 0x50);
}

static void an_sbsa_uart_is_not_set_up(void **state)
{
	struct uart uart = { .ops = &uart_pl011, .base = regs, .no_setup = true };

	memset(regs, 0, sizeof(regs));
	uart.ops->init(&uart);
	assert_int_equal(regs[0x30 / 4], 0);
}

static void a_16550_may_have_registers_of_any_width_and_distance(void **state)
{
	static const struct {
		unsigned shift, width;
	} cases[] = { { 0, 1 }, { 1, 2 }, { 2, 1 }, { 2, 4 } };
	uint8_t *bytes = (uint8_t *)regs;

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		struct uart uart = { &uart_ns16550, regs, cases[i].shift, cases[i].width, false };
		uint8_t *lsr = &bytes[5 << uart.reg_shift];

		memset(regs, 0, sizeof(regs));
		bytes[3 << uart.reg_shift] = 0x83; /* DLAB left on */
		uart.ops->init(&uart);
		assert_int_equal(bytes[3 << uart.reg_shift], 3);
		assert_int_equal(bytes[2 << uart.reg_shift], 1);
		assert_false(uart.ops->tx_ready(&uart));
		*lsr = 0x20;
		assert_true(uart.ops->tx_ready(&uart));
		assert_int_equal(uart.ops->get(&uart), -1);
		uart.ops->put(&uart, 'x');
		*lsr = 0x61;
		assert_int_equal(uart.ops->get(&uart), 'x');
		uart.ops->enable_rx_irq(&uart);
		assert_int_equal(bytes[1 << uart.reg_shift], 1);
		bytes[2 << uart.reg_shift] = 0x7;
		uart.ops->ack_irq(&uart);
	}
}

static void the_cadence_uart_writes_and_reads_bytes(void **state)
{
	struct uart uart = { .ops = &uart_cadence, .base = regs };

	memset(regs, 0, sizeof(regs));
	regs[0] = 0x28; /* both directions disabled */
	uart.ops->init(&uart);
	assert_int_equal(regs[0], 0x14);
	uart.ops->put(&uart, 'y');
	assert_int_equal(regs[0x30 / 4], 'y');
	assert_int_equal(uart.ops->get(&uart), 'y');
	regs[0x2c / 4] = 0x12; /* TXFULL, RXEMPTY */
	assert_false(uart.ops->tx_ready(&uart));
	assert_int_equal(uart.ops->get(&uart), -1);
	uart.ops->enable_rx_irq(&uart);
	assert_int_equal(regs[0x08 / 4], 0x101);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_handler_runs_and_is_counted, setup),
		cmocka_unit_test_setup(a_forwarded_interrupt_stays_active, setup),
		cmocka_unit_test_setup(an_unexpected_interrupt_is_masked, setup),
		cmocka_unit_test_setup(numbers_out_of_range_are_refused, setup),
		cmocka_unit_test_setup(private_interrupts_are_configured_on_every_cpu, setup),
		cmocka_unit_test_setup(a_call_runs_on_each_cpu_of_the_mask_that_is_online, setup),
		cmocka_unit_test_setup(a_kind_runs_its_function_on_the_target, setup),
		cmocka_unit_test_setup(ticks_and_nanoseconds_agree_for_a_century, setup),
		cmocka_unit_test_setup(a_deadline_is_never_early, setup),
		cmocka_unit_test_setup(the_timer_interrupt_runs_the_handler_once, setup),
		cmocka_unit_test(pl011_writes_and_reads_bytes),
		cmocka_unit_test(an_sbsa_uart_is_not_set_up),
		cmocka_unit_test(a_16550_may_have_registers_of_any_width_and_distance),
		cmocka_unit_test(the_cadence_uart_writes_and_reads_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
