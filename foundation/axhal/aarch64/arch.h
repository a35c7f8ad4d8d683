/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the aarch64 files of axhal know of each other.
 */
#include "../hal.h"
#include "fdt_arm.h"
#include <axhal/arch/gic.h>
#include <axhal/arch/trap.h>

/* What a secondary CPU reads with its MMU off. Offsets are known to boot.S. */
struct secondary_boot {
	uint64_t mair, tcr;
	uint64_t ttbr, sctlr;
	uint64_t stack, percpu_offset;
};

extern char secondary_entry[], trap_vectors[];

/* MPIDR_EL1 affinity fields: what device trees and PSCI call a CPU. */
#define MPIDR_AFFINITY 0xff00ffffffull

/** arm_platform - what the device tree said */
const struct fdt_arm *arm_platform(void);

/** el2_init_cpu - the calling CPU's EL2 system registers in their default-deny state */
void el2_init_cpu(void);
/** mmu_fill_secondary - the MMU settings of the running CPU, for another one */
void mmu_fill_secondary(struct secondary_boot *boot);

void psci_init(enum psci_method method);

const struct irq_chip *gicv2_init(const struct fdt_arm *arm, struct gic_info *info);
const struct irq_chip *gicv3_init(const struct fdt_arm *arm, struct gic_info *info);

_Noreturn void boot_main(paddr_t fdt);
void boot_at_el1(paddr_t fdt);
_Noreturn void boot_secondary(void);
