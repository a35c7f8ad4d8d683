/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The generic timer's interrupts, as the device tree names them. */

unsigned timer_irq_virtual(void);
unsigned timer_irq_physical(void);

#define TIMER_ENABLE  1u
#define TIMER_IMASK   2u
#define TIMER_ISTATUS 4u
