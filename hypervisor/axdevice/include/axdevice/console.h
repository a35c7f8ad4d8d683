/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What an emulated UART is connected to: the VM's console.
 */
#include <stddef.h>
#include <stdint.h>

/* Implemented by whoever owns the VM's console (axvm). */
struct console_backend {
	/* The guest sent a byte. Exit path: short, never waits. */
	void (*put)(void *opaque, uint8_t byte);
	/* Take the next byte for the guest, -1: none. */
	int (*get)(void *opaque);
	void *opaque;
};

/* Offered by a UART model, whatever its type. */
struct uart {
	struct device *dev;
	/* There is input in the backend: fill the receive FIFO, raise the interrupt. Any context. */
	void (*rx_ready)(struct uart *uart);
};
