/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Interrupts: PLIC 1.0.0, or APLIC and IMSIC (Advanced Interrupt Architecture 1.0), as the device tree has them. The
 * numbers up to INTC_SOURCES are sources of the wired controller; with IMSICs their messages have the same numbers.
 */
#include <stdbool.h>
#include <stdint.h>

#define INTC_SOURCES 1024
#define IRQ_SOFT     (INTC_SOURCES + 1)
#define IRQ_TIMER    (INTC_SOURCES + 5)
#define IRQ_COUNT    (INTC_SOURCES + 16)

enum intc_kind { INTC_NONE, INTC_PLIC, INTC_APLIC, INTC_IMSIC };

struct intc {
	enum intc_kind kind;
	uint64_t base, size; /* PLIC or APLIC */
	unsigned sources;    /* 1 .. sources */
	/* IMSIC */
	uint64_t imsic;
	unsigned page_shift; /* from one hart's interrupt file to the next one's */
	unsigned ids;
};
extern struct intc intc;

#define PLIC_PENDING    0x1000
#define PLIC_ENABLE(c)  (0x2000 + 0x80 * (uint64_t)(c))
#define PLIC_CONTEXT(c) (0x200000 + 0x1000 * (uint64_t)(c))
#define PLIC_THRESHOLD  0
#define PLIC_CLAIM      4

#define APLIC_DOMAINCFG     0x0000
#define APLIC_SOURCECFG(n)  (4 * (uint64_t)(n))
#define APLIC_MMSIADDRCFG   0x1bc0
#define APLIC_SMSIADDRCFG   0x1bc8
#define APLIC_SETIP         0x1c00
#define APLIC_SETIPNUM      0x1cdc
#define APLIC_IN_CLRIP      0x1d00
#define APLIC_CLRIPNUM      0x1ddc
#define APLIC_SETIE         0x1e00
#define APLIC_SETIENUM      0x1edc
#define APLIC_CLRIE         0x1f00
#define APLIC_CLRIENUM      0x1fdc
#define APLIC_SETIPNUM_LE   0x2000
#define APLIC_SETIPNUM_BE   0x2004
#define APLIC_GENMSI        0x3000
#define APLIC_TARGET(n)     (0x3000 + 4 * (uint64_t)(n))
#define APLIC_IDC(n)        (0x4000 + 32 * (uint64_t)(n))
#define IDC_IDELIVERY       0x00
#define IDC_IFORCE          0x04
#define IDC_ITHRESHOLD      0x08
#define IDC_TOPI            0x18
#define IDC_CLAIMI          0x1c
#define DOMAINCFG_IE        (1u << 8)
#define DOMAINCFG_DM        (1u << 2)
#define SOURCECFG_INACTIVE  0u
#define SOURCECFG_DETACHED  1u
#define SOURCECFG_EDGE_RISE 4u
#define SOURCECFG_EDGE_FALL 5u
#define SOURCECFG_HIGH      6u
#define SOURCECFG_LOW       7u

#define IMSIC_SETEIPNUM_LE 0
#define IMSIC_SETEIPNUM_BE 4
#define IMSIC_EIDELIVERY   0x70
#define IMSIC_EITHRESHOLD  0x72
#define IMSIC_EIP(n)       (0x80 + (n) / 64 * 2)
#define IMSIC_EIE(n)       (0xc0 + (n) / 64 * 2)
#define TOPEI_ID(topei)    ((unsigned)((topei) >> 16) & 0x7ff)

/** intc_handle - an interrupt with this cause (scause) was taken */
void intc_handle(unsigned cause);
/** intc_claim - PLIC claim, APLIC claimi, IMSIC stopei. Return: the number, 0 for none */
unsigned intc_claim(void);
void intc_complete(unsigned irq);
/**
 * intc_pending - would an interrupt of this kind (a bit of sie) be taken if it were enabled?
 *
 * That is what sip tells; QEMU before 8.0 does not show STIP and SEIP in a virtualized sip, so there we take it.
 */
bool intc_pending(uint64_t bit);
/** intc_external - the register @offset of this CPU's context or IDC */
uint32_t intc_external(unsigned offset);
void intc_set_external(unsigned offset, uint32_t value);
/** intc_route - interrupts of this source go to @cpu */
void intc_route(unsigned irq, unsigned cpu);
/** imsic_page - interrupt file of a CPU */
uint64_t imsic_page(unsigned cpu);
uint64_t imsic_read(unsigned reg);
void imsic_write(unsigned reg, uint64_t value);
