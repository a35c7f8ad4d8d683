/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cadence UART of Zynq and ZynqMP (UG1087, module UART).
 */
#include "uart.h"
#include <axhal/mmio.h>
#include <axstd/util.h>

#define CR    0x00
#define IER   0x08
#define IDR   0x0c
#define ISR   0x14
#define RTOUT 0x1c
#define RXWM  0x20
#define SR    0x2c
#define FIFO  0x30

#define CR_DISABLE (BIT(3) | BIT(5)) /* RXDIS, TXDIS */
#define CR_ENABLE  (BIT(2) | BIT(4)) /* RXEN, TXEN */
#define CR_RSTTO   BIT(6)            /* restart the receive timeout */
#define SR_RXEMPTY BIT(1)
#define SR_TXFULL  BIT(4)
#define INT_RX     (BIT(0) | BIT(8)) /* FIFO trigger, timeout */
#define INT_ALL    0x1fff
#define TIMEOUT    10 /* in units of 4 bit times */

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
	wr(uart, IDR, INT_ALL);
	wr(uart, ISR, INT_ALL);
	wr(uart, CR, (rd(uart, CR) & ~(uint32_t)CR_DISABLE) | CR_ENABLE);
}

static bool tx_ready(struct uart *uart)
{
	return !(rd(uart, SR) & SR_TXFULL);
}

static void put(struct uart *uart, char c)
{
	wr(uart, FIFO, (uint8_t)c);
}

static int get(struct uart *uart)
{
	return rd(uart, SR) & SR_RXEMPTY ? -1 : (int)(rd(uart, FIFO) & 0xff);
}

static void enable_rx_irq(struct uart *uart)
{
	wr(uart, RXWM, 1);
	wr(uart, RTOUT, TIMEOUT);
	wr(uart, CR, rd(uart, CR) | CR_RSTTO);
	wr(uart, IER, INT_RX);
}

static void ack_irq(struct uart *uart)
{
	wr(uart, ISR, INT_RX);
}

const struct uart_ops uart_cadence = { init, tx_ready, put, get, enable_rx_irq, ack_irq };
