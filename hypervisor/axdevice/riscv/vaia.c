/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AIA of a VM: life.
 */
#include "vaia_internal.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <axalloc/heap.h>
#include <axstd/error.h>

static bool params_are_good(const struct vaia_params *p)
{
	return p->num_vcpus && p->num_vcpus <= APLIC_MAX_HARTS && p->num_sources &&
	       p->num_sources <= APLIC_MAX_SOURCES && IS_ALIGNED(p->aplic_base, IMSIC_PAGE) &&
	       (!p->imsic || (p->num_ids >= 63 && p->num_ids <= IMSIC_MAX_IDS && p->num_ids % 64 == 63 &&
			      IS_ALIGNED(p->imsic_base, IMSIC_PAGE)));
}

static int add_regions(struct vaia *aia)
{
	const struct bus_region pages = {
		.base = aia->imsic_base,
		.size = (uint64_t)aia->num_harts * IMSIC_PAGE,
		.ops = &vimsic_ops,
		.opaque = aia,
		.name = "imsics",
	};
	int err = bus_add(aia->mmio,
			  &(struct bus_region){ .base = aia->dev.base,
						.size = aia->dev.size,
						.ops = &vaplic_ops,
						.opaque = aia,
						.name = aia->dev.name },
			  NULL);

	if (err || !aia->msi)
		return err;
	err = bus_add(aia->mmio, &pages, NULL);
	if (err)
		bus_remove(aia->mmio, aia);
	return err;
}

static void device_reset(struct device *dev)
{
	vaia_reset(container_of(dev, struct vaia, dev));
}

static void device_destroy(struct device *dev)
{
	vaia_destroy(container_of(dev, struct vaia, dev));
}

static const struct device_ops vaia_ops = {
	.type = "vaia",
	.reset = device_reset,
	.describe = vaia_describe,
	.destroy = device_destroy,
};

/* A power of two less 1 that holds all identities. */
static uint32_t id_mask(unsigned num_ids)
{
	uint32_t mask = 63;

	while (mask < num_ids)
		mask = mask << 1 | 1;
	return mask;
}

static void init_model(struct vaia *aia, const struct vaia_params *params)
{
	aia->msi = params->imsic;
	aia->num_harts = params->num_vcpus;
	aia->num_sources = params->num_sources;
	aia->num_words = params->num_sources / 32 + 1;
	aia->num_ids = params->num_ids;
	/* What a guest is told it has, it has wherever its registers are. */
	if (aia->msi && vaia_host_files())
		aia->num_ids = MIN(aia->num_ids, vaia_host_ids());
	aia->id_mask = id_mask(aia->num_ids);
	aia->imsic_base = params->imsic_base;
	aia->aspace = params->aspace;
	aia->mmio = params->mmio;
	aia->dev.ops = &vaia_ops;
	aia->dev.base = params->aplic_base;
	aia->dev.size = APLIC_SIZE;
	snprintf(aia->dev.name, sizeof(aia->dev.name), "aplic@%" PRIx64, params->aplic_base);
	for (unsigned i = 0; i < aia->num_harts; i++) {
		aia->imsics[i].aia = aia;
		aia->imsics[i].index = i;
	}
}

static void release(struct vaia *aia)
{
	kfree(aia->imsics);
	kfree(aia);
}

int vaia_create(const struct vaia_params *params, struct vaia **out)
{
	struct vaia *aia;
	int err = -AX_ENOMEM;

	if (!params_are_good(params))
		return -AX_EINVAL;
	aia = kzalloc(sizeof(*aia));
	if (!aia)
		return -AX_ENOMEM;
	aia->imsics = kcalloc(params->num_vcpus, sizeof(aia->imsics[0]));
	if (aia->imsics) {
		init_model(aia, params);
		err = add_regions(aia);
	}
	if (err) {
		release(aia);
		return err;
	}
	*out = aia;
	return 0;
}

void vaia_destroy(struct vaia *aia)
{
	if (!aia)
		return;
	for (unsigned i = 0; i < aia->num_harts; i++)
		vaia_file_leave(&aia->imsics[i]);
	bus_remove(aia->mmio, aia);
	release(aia);
}

/* Lock held, registers in memory. */
static void reset_imsic(struct vimsic *imsic)
{
	imsic->select = 0;
	imsic->regs = (struct imsic_regs){ 0 };
	imsic->level = false;
	if (imsic->aia->msi && imsic->vcpu)
		riscv_vcpu_set_external(imsic->vcpu, false);
}

void vaia_reset(struct vaia *aia)
{
	vaplic_reset(aia);
	for (unsigned i = 0; i < aia->num_harts; i++) {
		struct vimsic *imsic = &aia->imsics[i];
		uint64_t flags;

		vaia_file_reset(imsic);
		flags = spin_lock_irqsave(&imsic->lock);
		reset_imsic(imsic);
		spin_unlock_irqrestore(&imsic->lock, flags);
	}
}

void vaia_reset_cpu(struct vcpu *vcpu)
{
	struct vimsic *imsic = vcpu->irqchip;
	struct vaia *aia = imsic->aia;
	uint64_t flags;

	if (!aia->msi) {
		/* The APLIC is not the hart's: the vCPU, which forgot the level, is told it again. */
		flags = spin_lock_irqsave(&aia->aplic.lock);
		imsic->select = 0;
		riscv_vcpu_set_external(vcpu, aia->aplic.idc[imsic->index].level);
		spin_unlock_irqrestore(&aia->aplic.lock, flags);
		return;
	}
	flags = spin_lock_irqsave(&imsic->lock);
	vaia_file_empty(imsic);
	reset_imsic(imsic);
	spin_unlock_irqrestore(&imsic->lock, flags);
}

void vaia_attach(struct vaia *aia, struct vcpu *vcpu)
{
	struct vimsic *imsic = &aia->imsics[vcpu->id];
	const struct riscv_irqchip *irqchip = vaia_host_has_csrs() ? &vaia_irqchip : &vaia_irqchip_emulated;

	imsic->vcpu = vcpu;
	riscv_vcpu_set_irqchip(vcpu, aia->msi ? irqchip : &vaia_irqchip_direct, imsic);
}

struct irq_line vaia_line(struct vaia *aia, unsigned source)
{
	if (!source || source > aia->num_sources)
		return (struct irq_line){ 0 };
	return (struct irq_line){ .set = vaplic_set_line, .controller = aia, .number = source };
}

struct device *vaia_device(struct vaia *aia)
{
	return &aia->dev;
}
