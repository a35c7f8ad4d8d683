/* fuzz: axdevice/common/ns16550.c axdevice/common/bus.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The 16550A under any sequence of accesses and typing: its status, its interrupt line and its identification agree
 * with each other, and what is received comes out in order.
 */
#include <stdlib.h>
#include <axdevice/ns16550.h>
#include "ns16550_regs.h"

#define BASE 0x10000000

static const uint8_t *next, *end;
static uint8_t taken, last_read;
static unsigned waiting;
static bool level;

static uint8_t byte(void)
{
	return next < end ? *next++ : 0;
}

static void put(void *opaque, uint8_t value)
{
}

/* The console has numbered bytes. */
static int get(void *opaque)
{
	if (!waiting)
		return -1;
	waiting--;
	return taken++;
}

static void set_irq(void *controller, unsigned number, bool new_level)
{
	if (level == new_level)
		abort();
	level = new_level;
}

static uint64_t reg(const struct bus_region *region, unsigned offset)
{
	return region->ops->read(region->opaque, 0, offset, 1);
}

/* Reads only what no read changes. Return: is there data? */
static bool check(const struct bus_region *region)
{
	uint64_t lcr = reg(region, UART_LCR), id, ier, lsr;
	bool was_high = level;

	region->ops->write(region->opaque, 0, UART_LCR, 1, lcr & ~LCR_DLAB);
	ier = reg(region, UART_IER);
	region->ops->write(region->opaque, 0, UART_LCR, 1, lcr);
	if (level != was_high)
		abort();
	if ((ier & ~(uint64_t)IER_ALL) || reg(region, UART_MCR) > MCR_ALL)
		abort();
	id = reg(region, UART_IIR) & IIR_ID;
	if ((id != IIR_NONE) != was_high)
		abort();
	/* Reading it ends the transmitter's interrupt: nothing else can have been pending above it. */
	if (id == IIR_THRE && level && (reg(region, UART_IIR) & IIR_ID) != IIR_MODEM)
		abort();
	lsr = reg(region, UART_LSR);
	if ((lsr & (LSR_THRE | LSR_TEMT)) != (LSR_THRE | LSR_TEMT))
		abort();
	if ((id == IIR_DATA || id == IIR_TIMEOUT) && (!(lsr & LSR_DR) || !(ier & IER_ERBFI)))
		abort();
	if (id == IIR_LINE && !(lsr & LSR_OE))
		abort();
	return lsr & LSR_DR;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bus bus;
	struct device_env env = { .mmio = &bus, .irq = { .set = set_irq, .number = 10 } };
	struct console_backend console = { .put = put, .get = get };
	struct uart *uart;
	bool mixed = false; /* loop back was on: bytes are not only the console's */
	bool has_data = false;

	next = data;
	end = data + size;
	taken = last_read = 0;
	waiting = 0;
	level = false;
	bus_init(&bus);
	if (ns16550_create(&env, BASE, &console, &uart))
		abort();
	while (next < end) {
		const struct bus_region *region = bus_find(&bus, BASE);
		uint8_t op = byte();
		unsigned width = 1u << (op >> 2 & 3);
		uint64_t offset = (op & 0x10 ? byte() : op >> 5) & ~(uint64_t)(width - 1), value;

		switch (op & 3) {
		case 0:
			value = reg(region, UART_LCR) & LCR_DLAB;
			if (offset != UART_RBR || value || !has_data || mixed) {
				if (region->ops->read(region->opaque, 0, offset, width) > 0xff)
					abort();
				break;
			}
			if (region->ops->read(region->opaque, 0, offset, width) != last_read++)
				abort();
			break;
		case 1:
			value = byte();
			mixed |= offset == UART_MCR && (value & MCR_LOOP);
			region->ops->write(region->opaque, 0, offset, width, value | BIT(8));
			if (offset == UART_IIR) /* may have emptied the FIFO */
				mixed = true;
			break;
		case 2:
			waiting += byte() & 0x3f;
			uart->rx_ready(uart);
			break;
		case 3:
			if (op == 0xff) {
				uart->dev->ops->reset(uart->dev);
				last_read = taken; /* what was in the FIFO is gone */
			}
			break;
		}
		has_data = check(region);
	}
	uart->dev->ops->destroy(uart->dev);
	bus_destroy(&bus);
	return 0;
}
