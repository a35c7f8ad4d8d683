/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Registers of the PL011 UART, Arm DDI 0183 chapter 3.
 */
#include <axstd/util.h>

#define UARTDR    0x000
#define UARTRSR   0x004 /* UARTECR when written */
#define UARTFR    0x018
#define UARTILPR  0x020
#define UARTIBRD  0x024
#define UARTFBRD  0x028
#define UARTLCR_H 0x02c
#define UARTCR    0x030
#define UARTIFLS  0x034
#define UARTIMSC  0x038
#define UARTRIS   0x03c
#define UARTMIS   0x040
#define UARTICR   0x044
#define UARTDMACR 0x048
#define UARTID    0xfe0 /* UARTPeriphID0-3, UARTPCellID0-3 */

#define FR_TXFE BIT(7)
#define FR_RXFF BIT(6)
#define FR_RXFE BIT(4)

#define LCR_H_FEN BIT(4)

#define CR_LBE BIT(7)
#define CR_TXE BIT(8)
#define CR_RXE BIT(9)

#define IFLS_RXIFLSEL(ifls) FIELD(ifls, 5, 3)

/* UARTIMSC, UARTRIS, UARTMIS, UARTICR */
#define INT_RX BIT(4) /* receive FIFO has reached its level */
#define INT_TX BIT(5)
#define INT_RT BIT(6) /* receive timeout: there is something, and nothing more comes */
