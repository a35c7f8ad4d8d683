/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The 16550 family, with registers at any distance and width; Synopsys' DesignWare APB UART is one with an extra
 * interrupt.
 */
#include "uart.h"
#include <axhal/mmio.h>
#include <axstd/util.h>

enum { DATA = 0, IER = 1, IIR = 2, FCR = 2, LCR = 3, MCR = 4, LSR = 5 };

#define DW_USR 0x1f /* reading it ends the DesignWare "busy detect" interrupt */

#define IER_RX      BIT(0)
#define IIR_ID      0xf
#define IIR_DW_BUSY 0x7
#define FCR_ENABLE  0x1
#define LCR_8N1     0x3
#define LCR_DLAB    0x80
#define MCR_ON      0xb /* DTR, RTS, OUT2 (which gates the interrupt on PCs) */
#define LSR_DATA    BIT(0)
#define LSR_THRE    BIT(5)

static uint32_t rd(const struct uart *uart, unsigned reg)
{
	const char *addr = (const char *)uart->base + ((uintptr_t)reg << uart->reg_shift);

	switch (uart->io_width) {
	case 4: return mmio_read32(addr);
	case 2: return mmio_read16(addr);
	default: return mmio_read8(addr);
	}
}

static void wr(struct uart *uart, unsigned reg, uint32_t value)
{
	char *addr = (char *)uart->base + ((uintptr_t)reg << uart->reg_shift);

	switch (uart->io_width) {
	case 4: mmio_write32(addr, value); break;
	case 2: mmio_write16(addr, (uint16_t)value); break;
	default: mmio_write8(addr, (uint8_t)value); break;
	}
}

static void init(struct uart *uart)
{
	if (rd(uart, LCR) & LCR_DLAB)
		wr(uart, LCR, LCR_8N1);
	wr(uart, IER, 0);
	wr(uart, FCR, FCR_ENABLE);
	wr(uart, MCR, MCR_ON);
}

static bool tx_ready(struct uart *uart)
{
	return rd(uart, LSR) & LSR_THRE;
}

static void put(struct uart *uart, char c)
{
	wr(uart, DATA, (uint8_t)c);
}

static int get(struct uart *uart)
{
	return rd(uart, LSR) & LSR_DATA ? (int)(rd(uart, DATA) & 0xff) : -1;
}

static void enable_rx_irq(struct uart *uart)
{
	wr(uart, IER, IER_RX);
}

static void ack_irq(struct uart *uart)
{
	if ((rd(uart, IIR) & IIR_ID) == IIR_DW_BUSY)
		rd(uart, DW_USR);
}

const struct uart_ops uart_ns16550 = { init, tx_ready, put, get, enable_rx_irq, ack_irq };
