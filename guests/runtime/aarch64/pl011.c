/* SPDX-License-Identifier: Apache-2.0 */
/* Console: PL011 (DDI 0183) as chosen/stdout-path names it. */
#include "gic.h"
#include "guest.h"
#include "sysreg.h"

#define UARTDR    0x00
#define UARTFR    0x18
#define UARTLCR_H 0x2c
#define UARTCR    0x30
#define UARTIMSC  0x38
#define UARTICR   0x44

#define FR_RXFE    (1u << 4)
#define FR_TXFF    (1u << 5)
#define LCR_H_8N1  (3u << 5)
#define LCR_H_FEN  (1u << 4)
#define CR_ENABLED (1u << 0 | 1u << 8 | 1u << 9)
#define INT_RX     (1u << 4)
#define INT_RT     (1u << 6)

static uint64_t base;
static unsigned irq;

void console_init(void)
{
	int node = dt_console();
	uint64_t size;

	if (node < 0)
		node = dt_find("arm,pl011");
	if (node < 0 || !dt_reg(node, 0, &base, &size))
		return;
	irq = gic_intid_of(node, 0);
	mmio_write32(base + UARTLCR_H, LCR_H_8N1 | LCR_H_FEN);
	mmio_write32(base + UARTCR, CR_ENABLED);
}

void console_putc(char c)
{
	if (!base)
		return;
	while (mmio_read32(base + UARTFR) & FR_TXFF)
		;
	mmio_write32(base + UARTDR, (unsigned char)c);
}

int console_getc(void)
{
	if (!base || mmio_read32(base + UARTFR) & FR_RXFE)
		return -1;
	return mmio_read32(base + UARTDR) & 0xff;
}

unsigned console_irq(void)
{
	mmio_write32(base + UARTICR, 0x7ff);
	mmio_write32(base + UARTIMSC, INT_RX | INT_RT);
	return irq;
}
