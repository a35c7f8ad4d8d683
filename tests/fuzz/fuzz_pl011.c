/* fuzz: axdevice/common/pl011.c axdevice/common/bus.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PL011 under any sequence of accesses and typing: its flags, its interrupt line and its FIFO agree with each
 * other, and what is received comes out in order.
 */
#include <stdlib.h>
#include <axdevice/pl011.h>
#include "pl011_regs.h"

#define BASE 0x09000000

static const uint8_t *next, *end;
static uint8_t typed, taken, last_read;
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

static void check(const struct bus_region *region)
{
	uint64_t flags = region->ops->read(region->opaque, 0, UARTFR, 4);
	uint64_t raw = region->ops->read(region->opaque, 0, UARTRIS, 4);
	uint64_t masked = region->ops->read(region->opaque, 0, UARTMIS, 4);

	if ((masked != 0) != level || (masked & ~raw))
		abort();
	if ((flags & FR_RXFE) && (flags & FR_RXFF))
		abort();
	if ((flags & FR_RXFE) && (raw & (INT_RX | INT_RT)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bus bus;
	struct device_env env = { .mmio = &bus, .irq = { .set = set_irq, .number = 33 } };
	struct console_backend console = { .put = put, .get = get };
	struct uart *uart;
	bool mixed = false; /* loopback was on: bytes are not only the console's */

	next = data;
	end = data + size;
	typed = taken = last_read = 0;
	waiting = 0;
	level = false;
	bus_init(&bus);
	if (pl011_create(&env, BASE, &console, &uart))
		abort();
	while (next < end) {
		uint8_t op = byte();
		unsigned width = 1u << (op >> 2 & 3);
		uint64_t offset = (op & 0x10 ? byte() * 16u : byte() % 0x50u) & ~(uint64_t)(width - 1);
		const struct bus_region *region = bus_find(&bus, BASE);
		uint64_t empty = region->ops->read(region->opaque, 0, UARTFR, 4) & FR_RXFE, value;

		switch (op & 3) {
		case 0:
			value = region->ops->read(region->opaque, 0, offset, width);
			if (offset != UARTDR || empty || mixed)
				break;
			if (value != last_read++)
				abort();
			break;
		case 1:
			value = byte() | byte() << 8;
			mixed |= offset == UARTCR && (value & CR_LBE);
			region->ops->write(region->opaque, 0, offset, width, value);
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
		check(region);
	}
	uart->dev->ops->destroy(uart->dev);
	bus_destroy(&bus);
	return 0;
}
