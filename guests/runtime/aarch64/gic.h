/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* GICv2 (IHI 0048) and GICv3 (IHI 0069), one security state: the driver and what tests turn by hand. */
#include <stdbool.h>
#include <stdint.h>

#define GICD_CTLR       0x0000
#define GICD_TYPER      0x0004
#define GICD_IIDR       0x0008
#define GICD_IGROUPR    0x0080
#define GICD_ISENABLER  0x0100
#define GICD_ICENABLER  0x0180
#define GICD_ISPENDR    0x0200
#define GICD_ICPENDR    0x0280
#define GICD_ISACTIVER  0x0300
#define GICD_ICACTIVER  0x0380
#define GICD_IPRIORITYR 0x0400
#define GICD_ITARGETSR  0x0800
#define GICD_ICFGR      0x0c00
#define GICD_SGIR       0x0f00
#define GICD_IROUTER    0x6000

#define GICR_CTLR  0x0000
#define GICR_TYPER 0x0008
#define GICR_WAKER 0x0014
#define GICR_SGI   0x10000 /* SGI_base: registers of INTIDs 0-31, at the distributor's offsets */

#define GICC_CTLR  0x0000
#define GICC_PMR   0x0004
#define GICC_BPR   0x0008
#define GICC_IAR   0x000c
#define GICC_EOIR  0x0010
#define GICC_RPR   0x0014
#define GICC_HPPIR 0x0018
#define GICC_DIR   0x1000

#define GIC_SPURIOUS   1023
#define GIC_INTID(iar) ((iar)&0x3ff)
#define GIC_IRQS       1020

struct gic {
	unsigned version;
	uint64_t dist;
	uint64_t cpu_if;                /* GICv2 */
	uint64_t redists, redists_size; /* GICv3 */
	unsigned lines;                 /* INTIDs */
};
extern struct gic gic;

/** gic_handle - acknowledge, call the handler, end: one interrupt */
void gic_handle(void);
/** gic_intid_of - interrupt @index of a device tree node (three cells) */
unsigned gic_intid_of(int node, unsigned index);
/** gic_spi - the @n-th SPI that no device of this guest uses */
unsigned gic_spi(unsigned n);

/* A bit per interrupt: @reg is GICD_ISENABLER and the like. Private interrupts are this CPU's. */
bool gic_bit(uint64_t reg, unsigned intid);
void gic_set_bit(uint64_t reg, unsigned intid);
/** gic_wait_rwp - until a disable has taken effect (GICv3) */
void gic_wait_rwp(unsigned intid);
void gic_set_priority(unsigned intid, uint8_t priority);
uint8_t gic_priority(unsigned intid);
void gic_set_edge(unsigned intid, bool edge);
void gic_set_target(unsigned intid, unsigned cpu);
/** gic_private - address of @reg's block for this CPU's private interrupts */
uint64_t gic_private(uint64_t reg);

/* The CPU interface. */
uint32_t gic_ack(void);
void gic_eoi(uint32_t iar);
void gic_dir(uint32_t iar);
void gic_set_pmr(uint8_t mask);
uint8_t gic_pmr(void);
uint8_t gic_rpr(void);
uint32_t gic_hppir(void);
void gic_set_bpr(unsigned bpr);
void gic_set_eoimode(bool separate);
void gic_set_group_enable(bool on);

void gic_sgi(unsigned cpu, unsigned sgi);
void gic_sgi_others(unsigned sgi);
