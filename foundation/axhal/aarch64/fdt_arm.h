/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The Arm part of the device tree: interrupt controller, generic timer, PSCI. Pure, like platform_fdt.h.
 */
#include "../platform_fdt.h"

#define GIC_MAX_REDIST 8

enum psci_method { PSCI_NONE, PSCI_SMC, PSCI_HVC };

struct fdt_arm {
	unsigned gic_version; /* 2, 3 or 0: none */
	struct fdt_range dist;
	struct fdt_range cpu;  /* GICv2: GICC */
	struct fdt_range hyp;  /* GICv2: GICH, size 0: none */
	struct fdt_range vcpu; /* GICv2: GICV */
	unsigned num_redist;
	struct fdt_range redist[GIC_MAX_REDIST];
	uint64_t redist_stride; /* 0: as GICR_TYPER says */
	unsigned maintenance_irq;

	bool has_timer;
	unsigned timer_irq[4];    /* secure physical, physical, virtual, hypervisor */
	uint32_t timer_frequency; /* 0: as CNTFRQ says */

	enum psci_method psci;
};

enum { TIMER_SECURE, TIMER_PHYS, TIMER_VIRT, TIMER_HYP };

/** platform_fdt_parse_arm - platform_fdt_parse() with what only Arm has */
int platform_fdt_parse_arm(const void *fdt, size_t max_size, struct fdt_platform *out, struct fdt_arm *arm);
