/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Emulated PL011 UART (Arm DDI 0183): FIFOs of 32, receive, receive timeout and transmit interrupts.
 */
#include <axdevice/console.h>
#include <axdevice/device.h>

/** pl011_create - at @base, 4 KiB. Return: 0, -AX_ENOMEM, -AX_EEXIST. */
int pl011_create(const struct device_env *env, uint64_t base, const struct console_backend *backend, struct uart **out);
