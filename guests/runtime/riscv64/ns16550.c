/* SPDX-License-Identifier: Apache-2.0 */
/* Console: ns16550 as chosen/stdout-path names it; without one, the firmware's. */
#include "ns16550.h"
#include "guest.h"
#include "intc.h"
#include "mmio.h"
#include "sbi.h"

#include <libfdt.h>

static uint64_t base;
static unsigned shift, irq;
static bool has_dbcn;

static int find(void)
{
	static const char *const names[] = { "ns16550a", "ns16550", "snps,dw-apb-uart" };
	int node = dt_console();
	unsigned i, k;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		if (node >= 0 && !fdt_node_check_compatible(machine.dtb, node, names[i]))
			return node;
	}
	for (k = 0; k < ARRAY_LEN(names); k++) {
		node = dt_find(names[k]);
		if (node >= 0)
			return node;
	}
	return node;
}

void console_init(void)
{
	int node = find();
	uint64_t size;

	has_dbcn = sbi_probe(SBI_DBCN);
	if (node < 0 || !dt_reg(node, 0, &base, &size))
		return;
	shift = dt_cell(node, "reg-shift", 0, 0);
	irq = dt_cell(node, "interrupts", 0, 0);
	uart_write(UART_LCR, 3);
	uart_write(UART_IER, 0);
	uart_write(UART_FCR, 1);
	uart_write(UART_MCR, MCR_OUT2);
}

uint64_t uart_address(unsigned reg)
{
	return base ? base + ((uint64_t)reg << shift) : 0;
}

uint8_t uart_read(unsigned reg)
{
	return mmio_read8(uart_address(reg));
}

void uart_write(unsigned reg, uint8_t value)
{
	mmio_write8(uart_address(reg), value);
}

unsigned uart_irq(void)
{
	return irq;
}

void console_putc(char c)
{
	if (base) {
		while (!(uart_read(UART_LSR) & LSR_THRE))
			;
		uart_write(UART_THR, (unsigned char)c);
	} else if (has_dbcn) {
		sbi_call1(SBI_DBCN, DBCN_WRITE_BYTE, (unsigned char)c);
	} else {
		sbi_legacy(SBI_LEGACY_PUTCHAR, (unsigned char)c, 0, 0, 0);
	}
}

int console_getc(void)
{
	unsigned char c;

	if (base)
		return uart_read(UART_LSR) & LSR_DR ? uart_read(UART_RBR) : -1;
	if (!has_dbcn)
		return (int)sbi_legacy(SBI_LEGACY_GETCHAR, 0, 0, 0, 0);
	return sbi_call3(SBI_DBCN, DBCN_READ, 1, (uint64_t)&c, 0).value == 1 ? c : -1;
}

unsigned console_irq(void)
{
	uart_write(UART_IER, IER_RX);
	return irq;
}
