/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Emulated 16550A UART (National Semiconductor PC16550D): FIFOs of 16, all of IER/IIR/LSR/MSR, DLAB, loop back.
 */
#include <axdevice/console.h>
#include <axdevice/device.h>

/**
 * ns16550_create - at @base of @env->mmio, registers one byte apart, 0x100 bytes (with @env->ports instead: 8 ports)
 * The node of the device tree is "serial@BASE", ns16550a, clock-frequency 3686400. Return: 0, -AX_ENOMEM, -AX_EEXIST.
 */
int ns16550_create(const struct device_env *env, uint64_t base, const struct console_backend *backend,
		   struct uart **out);
