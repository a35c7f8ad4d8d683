/* SPDX-License-Identifier: Apache-2.0 */
#include "hal.h"
#include "uart/uart.h"
#include <axhal/console.h>
#include <axstd/error.h>
#include <axstd/ring.h>
#include <axstd/spinlock.h>
#include <stdio.h>

/*
 * A UART that has not taken a byte after so many looks is broken: its output is dropped, so that it cannot hang the
 * machine.
 */
#define TX_SPINS 1000000

static const struct uart_ops *const uart_drivers[UART_KINDS] = {
	[UART_PL011] = &uart_pl011,
	[UART_NS16550] = &uart_ns16550,
	[UART_CADENCE] = &uart_cadence,
};

static struct uart uart;
static struct uart_desc desc;
static struct spinlock lock = SPINLOCK_INIT; /* guards @uart and @rx */
static bool panicking, broken;
static uint8_t rx_buffer[1024];
static struct ring rx = { .data = rx_buffer, .size = sizeof(rx_buffer) };
static void (*rx_handler)(void);

void console_init(const struct uart_desc *found)
{
	desc = *found;
}

void console_set_base(void *base)
{
	bool first = !uart.ops;

	if (desc.kind == UART_NONE || !base) {
		uart.ops = NULL;
		return;
	}
	uart = (struct uart){
		.ops = uart_drivers[desc.kind],
		.base = base,
		.reg_shift = desc.reg_shift,
		.io_width = desc.io_width,
		.no_setup = desc.no_setup,
	};
	if (first)
		uart.ops->init(&uart);
}

void console_use(const struct uart_ops *ops, const char *name)
{
	desc = (struct uart_desc){ 0 };
	snprintf(desc.name, sizeof(desc.name), "%s", name);
	uart = (struct uart){ .ops = ops };
	ops->init(&uart);
}

/* The UART had no room. Return: it has now. */
static __attribute__((noinline)) bool wait_for_room(void)
{
	unsigned spins = 0;

	while (!broken && ++spins < TX_SPINS)
		if (uart.ops->tx_ready(&uart))
			return true;
	broken = true;
	return false;
}

static inline void put(char c)
{
	if (!uart.ops->tx_ready(&uart) && !wait_for_room())
		return;
	broken = false;
	uart.ops->put(&uart, c);
}

static void write_bytes(const char *text, size_t len, bool translate)
{
	uint64_t flags = 0;

	if (!uart.ops)
		return;
	if (!panicking)
		flags = spin_lock_irqsave(&lock);
	for (size_t i = 0; i < len; i++) {
		if (translate && text[i] == '\n')
			put('\r');
		put(text[i]);
	}
	if (!panicking)
		spin_unlock_irqrestore(&lock, flags);
}

void console_write(const char *text, size_t len)
{
	write_bytes(text, len, true);
}

void console_write_raw(const char *text, size_t len)
{
	write_bytes(text, len, false);
}

/* Lock held. */
static void receive(void)
{
	int c;

	/* As many as the ring holds: a line that never falls silent is not followed for ever. */
	for (unsigned i = 0; i < sizeof(rx_buffer); i++) {
		uint8_t byte;

		c = uart.ops->get(&uart);
		if (c < 0)
			return;
		byte = (uint8_t)c;
		ring_write(&rx, &byte, 1);
	}
}

size_t console_read(char *buffer, size_t len)
{
	uint64_t flags;
	size_t got;

	if (!uart.ops)
		return 0;
	flags = spin_lock_irqsave(&lock);
	receive();
	got = ring_read(&rx, buffer, len);
	spin_unlock_irqrestore(&lock, flags);
	return got;
}

static enum irq_result rx_interrupt(unsigned irq, void *arg)
{
	spin_lock(&lock);
	uart.ops->ack_irq(&uart);
	receive();
	spin_unlock(&lock);
	rx_handler();
	return IRQ_DONE;
}

int console_set_rx_handler(void (*fn)(void))
{
	int err;

	if (!uart.ops || !desc.irq.irq)
		return -AX_ENODEV;
	rx_handler = fn;
	err = irq_register(desc.irq.irq, desc.irq.edge ? IRQ_EDGE_RISING : IRQ_LEVEL_HIGH, rx_interrupt, NULL,
			   "console");
	if (err)
		return err;
	uart.ops->enable_rx_irq(&uart);
	irq_unmask(desc.irq.irq);
	return 0;
}

void console_panic_begin(void)
{
	panicking = true;
}

bool console_present(void)
{
	return uart.ops;
}

const char *console_name(void)
{
	return uart.ops ? desc.name : "none";
}
