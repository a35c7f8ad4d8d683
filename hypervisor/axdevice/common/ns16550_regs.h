/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Registers of the 16550A UART, PC16550D data sheet table II. The first two are DLL and DLM while LCR.DLAB is set.
 */
#include <axstd/util.h>

#define UART_RBR 0 /* read; THR when written */
#define UART_IER 1
#define UART_IIR 2 /* read; FCR when written */
#define UART_LCR 3
#define UART_MCR 4
#define UART_LSR 5
#define UART_MSR 6
#define UART_SCR 7

#define IER_ERBFI BIT(0) /* received data */
#define IER_ETBEI BIT(1) /* transmitter holding register empty */
#define IER_ELSI  BIT(2) /* line status */
#define IER_EDSSI BIT(3) /* modem status */
#define IER_ALL   0x0fu

/* Interrupt identification, highest priority first; 8.6.3 */
#define IIR_LINE    0x06u
#define IIR_DATA    0x04u
#define IIR_TIMEOUT 0x0cu
#define IIR_THRE    0x02u
#define IIR_MODEM   0x00u
#define IIR_NONE    0x01u
#define IIR_ID      0x0fu
#define IIR_FIFOS   0xc0u

#define FCR_ENABLE       BIT(0)
#define FCR_CLEAR_RX     BIT(1)
#define FCR_TRIGGER(fcr) FIELD(fcr, 7, 6)

#define LCR_DLAB BIT(7)

#define MCR_DTR  BIT(0)
#define MCR_RTS  BIT(1)
#define MCR_OUT1 BIT(2)
#define MCR_OUT2 BIT(3)
#define MCR_LOOP BIT(4)
#define MCR_ALL  0x1fu

#define LSR_DR   BIT(0)
#define LSR_OE   BIT(1)
#define LSR_THRE BIT(5)
#define LSR_TEMT BIT(6)

/* The lower half tells which lines of the upper half have changed; RI: has gone away. */
#define MSR_CTS    BIT(4)
#define MSR_DSR    BIT(5)
#define MSR_RI     BIT(6)
#define MSR_DCD    BIT(7)
#define MSR_TERI   BIT(2)
#define MSR_DELTAS 0x0fu
