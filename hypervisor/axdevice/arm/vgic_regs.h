/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Register families: registers that have one field per interrupt.
 */
#include "gic_regs.h"
#include "vgic_internal.h"

#define VGIC_FAMILY_SHIFT 7 /* a family begins on a multiple of 128 bytes, except GICD_CPENDSGIR and GICD_SPENDSGIR */
#define VGIC_FAMILY_PAGES 32

struct vgic_family {
	uint16_t base;
	uint8_t shift; /* log2 of the field's width in bits */
	bool ones;     /* fields of one bit: only ones are written */
	bool bytes;    /* may be accessed by bytes */
	bool sync;     /* shows what happens in list registers */
	/* @self: the accessing vCPU */
	uint64_t (*get)(const struct vgic_cpu *self, const struct vgic_irq *irq);
	void (*set)(struct vgic_cpu *self, struct vgic_cpu *owner, struct vgic_irq *irq, uint64_t value);
};

/* Those that only one version of the architecture has, or that share a page. */
extern const struct vgic_family vgic_targets, vgic_routes, vgic_clear_sgi, vgic_set_sgi;

/* The family at @offset of a distributor or an SGI frame, NULL: none. */
const struct vgic_family *vgic_family(uint64_t offset);
/* @bank: whose private interrupts INTIDs 0-31 are, NULL: they read as zero here (GICv3 distributor). */
uint64_t vgic_family_read(const struct vgic_family *family, struct vgic_cpu *self, struct vgic_cpu *bank,
			  uint64_t offset, unsigned width);
void vgic_family_write(const struct vgic_family *family, struct vgic_cpu *self, struct vgic_cpu *bank, uint64_t offset,
		       unsigned width, uint64_t value);
