/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interrupt controller that the machine has.
 */
#include "arch.h"
#include <axstd/log.h>

static struct gic_info info;

const struct gic_info *gic_info(void)
{
	return &info;
}

const struct irq_chip *arch_irq_find(void)
{
	const struct fdt_arm *arm = arm_platform();
	const struct irq_chip *chip = NULL;

	if (arm->gic_version == 3)
		chip = gicv3_init(arm, &info);
	else if (arm->gic_version == 2)
		chip = gicv2_init(arm, &info);
	if (!chip)
		return NULL;
	info.version = arm->gic_version;
	info.num_irqs = chip->num_irqs;
	info.maintenance_irq = arm->maintenance_irq;
	log_info("%s: %u interrupts", chip->name, chip->num_irqs);
	return chip;
}

const char *arch_virtualization_error(void)
{
	if (!info.version)
		return "no GICv2 or GICv3 was found";
	if (info.version == 2 && !info.gich)
		return "this GICv2 has no virtualization extensions (GICH, GICV)";
	if (!info.maintenance_irq)
		return "the GIC's maintenance interrupt is not known";
	return NULL;
}
