/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The physical console: bytes out, bytes in.
 */
#include <stdbool.h>
#include <stddef.h>

/** console_write - write all bytes as one piece ("\n" goes out as "\r\n"). Any context; takes the console's lock. */
void console_write(const char *text, size_t len);
/** console_write_raw - the same, without the change of line ends: what a guest writes goes out as it is */
void console_write_raw(const char *text, size_t len);
/** console_read - take up to @len received bytes; never waits. Any context. Return: how many. */
size_t console_read(char *buffer, size_t len);
/**
 * console_set_rx_handler - @fn runs in interrupt context when bytes have arrived. Switches the receive interrupt on.
 * Return: 0, the error of irq_register, or -AX_ENODEV: no interrupt, console_read() has to be called now and then.
 */
int console_set_rx_handler(void (*fn)(void));
/** console_panic_begin - from now on no locks are taken: the machine is going down */
void console_panic_begin(void);
/** console_present - is there a console? */
bool console_present(void);
/** console_name - e.g. "pl011@9000000", "none" when there is no console */
const char *console_name(void);
