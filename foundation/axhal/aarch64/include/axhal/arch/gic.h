/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the host's GIC offers for virtualization (GICv2: IHI 0048 chapter 5; GICv3: IHI 0069 chapter 6).
 */
#include <stdint.h>
#include <axstd/util.h>

struct gic_info {
	unsigned version;         /* 2 or 3; 0: none found */
	unsigned num_irqs;        /* INTIDs 0 .. num_irqs - 1 */
	unsigned maintenance_irq; /* PPI; 0: none */
	void *gich;               /* GICv2: virtual interface control registers, mapped */
	paddr_t gicv;             /* GICv2: virtual CPU interface, given to guests in place of GICC */
	uint64_t gicv_size;
};

const struct gic_info *gic_info(void);

/* The generic timer's interrupts (PPIs) and whether EL1 can be given a virtual counter offset. */
struct timer_info {
	unsigned el1_phys_irq;
	unsigned el1_virt_irq;
	unsigned el2_phys_irq;
};

const struct timer_info *timer_info(void);
