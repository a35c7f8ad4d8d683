/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Most checks claim with interrupts masked at the CPU: that returns an interrupt exactly when one could be taken, so
 * nothing depends on timing. The UART's transmitter is the line: empty, it asks for attention as long as IER says so.
 */
#include <guest.h>
#include <arch.h>
#include <cpu.h>
#include <hooks.h>
#include <intc.h>
#include <mmio.h>
#include <ns16550.h>

/** line_raise, line_lower - the UART's interrupt line */
void line_raise(void);
void line_lower(void);
/** expect_claim - claim and check what came */
void expect_claim(const char *name, unsigned expected);

void check_plic(void);
void check_aplic(void);
void check_imsic(void);
