/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The firmware's console: SBI 2.0, chapter 12 (Debug Console, DBCN). It has no interrupt: input is polled.
 */
#include "uart.h"
#include <axhal/arch/sbi.h>
#include <axhal/mem.h>

static void init(struct uart *uart)
{
}

/* The call waits until the byte is out. */
static bool tx_ready(struct uart *uart)
{
	return true;
}

static void put(struct uart *uart, char c)
{
	sbi_call(SBI_EXT_DBCN, SBI_DBCN_WRITE_BYTE, (uint8_t)c, 0, 0, 0, 0);
}

static int get(struct uart *uart)
{
	static uint8_t byte; /* the console's lock is held */
	struct sbi_ret got = sbi_call(SBI_EXT_DBCN, SBI_DBCN_READ, 1, virt_to_phys(&byte), 0, 0, 0);

	return !got.error && got.value == 1 ? byte : -1;
}

static void no_interrupt(struct uart *uart)
{
}

const struct uart_ops uart_sbi = { init, tx_ready, put, get, no_interrupt, no_interrupt };
