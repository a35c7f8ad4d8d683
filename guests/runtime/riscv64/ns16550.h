/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The console's UART: National PC16550D. */
#include <stdint.h>

enum { UART_RBR = 0, UART_THR = 0, UART_IER, UART_IIR, UART_FCR = 2, UART_LCR, UART_MCR, UART_LSR, UART_MSR, UART_SCR };

#define IER_RX   1u
#define IER_THRE 2u
#define IIR_NONE 1u
#define LCR_DLAB 0x80u
#define MCR_OUT2 8u
#define MCR_LOOP 0x10u
#define LSR_DR   1u
#define LSR_THRE 0x20u

/** uart_address - of a register, 0 if there is no such UART */
uint64_t uart_address(unsigned reg);
uint8_t uart_read(unsigned reg);
void uart_write(unsigned reg, uint8_t value);
/** uart_irq - its interrupt; nothing is enabled in the device */
unsigned uart_irq(void);
