/* SPDX-License-Identifier: Apache-2.0 */
/*
 * APLIC and IMSICs in the guest's device tree: bindings riscv,aplic and riscv,imsics. The root has two address and two
 * size cells.
 */
#include "vaia_internal.h"
#include <axhal/arch/csr_defs.h>
#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>

#define FLAG_EDGE_RISING 1
#define FLAG_LEVEL_HIGH  4

unsigned vaia_irq_cells(unsigned source, bool edge, uint32_t cells[3])
{
	cells[0] = source;
	cells[1] = edge ? FLAG_EDGE_RISING : FLAG_LEVEL_HIGH;
	return 2;
}

/* To the external interrupt of each hart, in the order of their indices. */
static int write_harts(const struct vaia *aia, const struct fdt_context *ctx)
{
	fdt32_t cells[2 * APLIC_MAX_HARTS];

	for (unsigned i = 0; i < aia->num_harts; i++) {
		cells[2 * i] = cpu_to_fdt32(ctx->hart_phandle + i);
		cells[2 * i + 1] = cpu_to_fdt32(INT_SEI);
	}
	return fdt_property(ctx->fdt, "interrupts-extended", cells, (int)(aia->num_harts * 2 * sizeof(cells[0])));
}

static int write_reg(void *fdt, uint64_t base, uint64_t size)
{
	const fdt64_t reg[2] = { cpu_to_fdt64(base), cpu_to_fdt64(size) };

	return fdt_property(fdt, "reg", reg, sizeof(reg));
}

static int write_imsics(const struct vaia *aia, const struct fdt_context *ctx, uint32_t phandle)
{
	void *fdt = ctx->fdt;
	char name[32];

	snprintf(name, sizeof(name), "imsics@%" PRIx64, aia->imsic_base);
	return fdt_begin_node(fdt, name)
		?: fdt_property_string(fdt, "compatible", "riscv,imsics")
		?: write_reg(fdt, aia->imsic_base, (uint64_t)aia->num_harts * IMSIC_PAGE)
		?: write_harts(aia, ctx)
		?: fdt_property(fdt, "interrupt-controller", NULL, 0) ?: fdt_property_u32(fdt, "#interrupt-cells", 0)
		?: fdt_property(fdt, "msi-controller", NULL, 0) ?: fdt_property_u32(fdt, "#msi-cells", 0)
		?: fdt_property_u32(fdt, "riscv,num-ids", aia->num_ids)
		?: fdt_property_u32(fdt, "phandle", phandle) ?: fdt_end_node(fdt);
}

int vaia_describe(struct device *dev, struct fdt_context *ctx)
{
	const struct vaia *aia = container_of(dev, struct vaia, dev);
	void *fdt = ctx->fdt;
	uint32_t imsics = aia->msi ? ctx->next_phandle++ : 0;
	int err = aia->msi ? write_imsics(aia, ctx, imsics) : 0;

	return err
		?: fdt_begin_node(fdt, dev->name)
		?: fdt_property_string(fdt, "compatible", "riscv,aplic")
		?: write_reg(fdt, dev->base, dev->size)
		?: (aia->msi ? fdt_property_u32(fdt, "msi-parent", imsics) : write_harts(aia, ctx))
		?: fdt_property(fdt, "interrupt-controller", NULL, 0) ?: fdt_property_u32(fdt, "#interrupt-cells", 2)
		?: fdt_property_u32(fdt, "#address-cells", 0)
		?: fdt_property_u32(fdt, "riscv,num-sources", aia->num_sources)
		?: fdt_property_u32(fdt, "phandle", ctx->intc_phandle) ?: fdt_end_node(fdt);
}
