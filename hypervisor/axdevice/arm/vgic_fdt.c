/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vGIC in the guest's device tree: bindings arm,gic-v3 and arm,gic. The root has two address and two size cells.
 */
#include "gic_regs.h"
#include "vgic_internal.h"
#include <libfdt.h>

/* Interrupt specifiers: type, number, flags. */
#define SPECIFIER_SPI    0
#define SPECIFIER_PPI    1
#define FLAG_EDGE_RISING 1
#define FLAG_LEVEL_HIGH  4

unsigned vgic_irq_cells(unsigned intid, bool edge, uint32_t cells[3])
{
	bool private = intid < PRIVATE_IRQS;

	cells[0] = private ? SPECIFIER_PPI : SPECIFIER_SPI;
	cells[1] = intid - (private ? SGIS : PRIVATE_IRQS);
	cells[2] = edge ? FLAG_EDGE_RISING : FLAG_LEVEL_HIGH;
	return 3;
}

int vgic_describe(struct device *dev, struct fdt_context *ctx)
{
	const struct vgic *vgic = container_of(dev, struct vgic, dev);
	void *fdt = ctx->fdt;
	bool v3 = vgic->version == 3;
	uint64_t second = v3 ? (uint64_t)vgic->num_cpus << GICR_SHIFT : GICC_SIZE;
	uint64_t reg[4] = { cpu_to_fdt64(dev->base), cpu_to_fdt64(dev->size), cpu_to_fdt64(vgic->redist_base),
			    cpu_to_fdt64(second) };

	return fdt_begin_node(fdt, dev->name)
		?: fdt_property_string(fdt, "compatible", v3 ? "arm,gic-v3" : "arm,gic-400")
		?: fdt_property_u32(fdt, "#interrupt-cells", 3) ?: fdt_property(fdt, "interrupt-controller", NULL, 0)
		?: fdt_property_u32(fdt, "#address-cells", 0) ?: fdt_property(fdt, "reg", reg, sizeof(reg))
		?: fdt_property_u32(fdt, "phandle", ctx->intc_phandle) ?: fdt_end_node(fdt);
}
