/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * UART drivers. Baud rate and line format stay as firmware has set them. The console holds its lock around every call.
 */
#include <stdbool.h>

struct uart {
	const struct uart_ops *ops;
	void *base;
	unsigned reg_shift; /* ns16550: log2 of the distance of registers */
	unsigned io_width;  /* ns16550: bytes per access */
	bool no_setup;      /* pl011: SBSA subset */
};

struct uart_ops {
	void (*init)(struct uart *uart);
	bool (*tx_ready)(struct uart *uart);
	void (*put)(struct uart *uart, char c);
	int (*get)(struct uart *uart); /* a byte, or -1 when there is none */
	void (*enable_rx_irq)(struct uart *uart);
	void (*ack_irq)(struct uart *uart);
};

extern const struct uart_ops uart_sbi; /* riscv64 only; no registers */
extern const struct uart_ops uart_pl011, uart_ns16550, uart_cadence;
