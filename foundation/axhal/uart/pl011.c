/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arm PL011 (DDI 0183) and its SBSA subset, which has only DR, FR and the interrupt registers.
 */
#include "uart.h"
#include <axhal/mmio.h>
#include <axstd/util.h>

#define DR   0x00
#define FR   0x18
#define LCRH 0x2c
#define CR   0x30
#define IMSC 0x38
#define ICR  0x44

#define FR_BUSY  BIT(3)
#define FR_RXFE  BIT(4)
#define FR_TXFF  BIT(5)
#define LCRH_FEN BIT(4)
#define LCRH_8N1 (3u << 5)
#define CR_ON    (BIT(0) | BIT(8) | BIT(9)) /* UARTEN, TXE, RXE */
#define INT_RX   (BIT(4) | BIT(6))          /* receive, receive timeout */
#define INT_ALL  0x7ff

#define BUSY_SPINS 100000

static uint32_t rd(const struct uart *uart, unsigned reg)
{
	return mmio_read32((const char *)uart->base + reg);
}

static void wr(struct uart *uart, unsigned reg, uint32_t value)
{
	mmio_write32((char *)uart->base + reg, value);
}

static void init(struct uart *uart)
{
	wr(uart, IMSC, 0);
	wr(uart, ICR, INT_ALL);
	if (uart->no_setup || (rd(uart, CR) & CR_ON) == CR_ON)
		return;
	for (unsigned i = 0; i < BUSY_SPINS && rd(uart, FR) & FR_BUSY; i++)
		;
	wr(uart, CR, 0);
	wr(uart, LCRH, LCRH_8N1 | LCRH_FEN);
	wr(uart, CR, CR_ON);
}

static bool tx_ready(struct uart *uart)
{
	return !(rd(uart, FR) & FR_TXFF);
}

static void put(struct uart *uart, char c)
{
	wr(uart, DR, (uint8_t)c);
}

static int get(struct uart *uart)
{
	return rd(uart, FR) & FR_RXFE ? -1 : (int)(rd(uart, DR) & 0xff);
}

static void enable_rx_irq(struct uart *uart)
{
	wr(uart, IMSC, INT_RX);
}

static void ack_irq(struct uart *uart)
{
	wr(uart, ICR, INT_RX);
}

const struct uart_ops uart_pl011 = { init, tx_ready, put, get, enable_rx_irq, ack_irq };
