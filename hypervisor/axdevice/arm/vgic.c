/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vGIC as a device of a VM: life, input lines.
 */
#include "gic_regs.h"
#include "vgic_internal.h"
#include <inttypes.h>
#include <stdio.h>
#include <axalloc/heap.h>
#include <axhal/irq.h>
#include <axstd/error.h>

#define MAX_CPUS_V2 8
#define MAX_CPUS_V3 512
#define MAX_SPIS    960
#define ID_BITS     10

static bool params_are_good(const struct vgic_params *params)
{
	unsigned max_cpus = params->version == 2 ? MAX_CPUS_V2 : MAX_CPUS_V3;

	return (params->version == 2 || params->version == 3) && params->num_vcpus && params->num_vcpus <= max_cpus &&
	       params->num_spis <= MAX_SPIS && params->num_spis % 32 == 0;
}

static uint32_t type_register(const struct vgic *vgic)
{
	uint32_t typer = vgic->num_irqs / 32 - 1;

	if (vgic->version == 2)
		return typer | (uint32_t)GICD_TYPER_CPUS(vgic->num_cpus);
	typer |= GICD_TYPER_ID_BITS(ID_BITS) | GICD_TYPER_A3V | GICD_TYPER_NO1N;
	for (unsigned i = 0; i < vgic->num_cpus; i++)
		if ((vgic->cpus[i].affinity & 0xff) > 15)
			typer |= GICD_TYPER_RSS;
	return typer;
}

static void init_cpu(struct vgic *vgic, unsigned index, uint64_t mpidr)
{
	struct vgic_cpu *cpu = &vgic->cpus[index];

	cpu->vgic = vgic;
	cpu->index = index;
	cpu->affinity = vgic_route_affinity(mpidr);
	cpu->waker = WAKER_SLEEP | WAKER_ASLEEP;
	for (unsigned i = 0; i < BUCKETS; i++)
		TAILQ_INIT(&cpu->queue[i]);
	for (unsigned i = 0; i < PRIVATE_IRQS; i++)
		vgic_irq_init(vgic, cpu, &cpu->irqs[i], i);
}

static struct bus_region second_region(struct vgic *vgic)
{
	if (vgic->version == 3)
		return (struct bus_region){ .base = vgic->redist_base,
					    .size = (uint64_t)vgic->num_cpus << GICR_SHIFT,
					    .ops = &vgic_redist_ops,
					    .opaque = vgic,
					    .name = "gic redistributors" };
	return (struct bus_region){ .base = vgic->redist_base + GICC_DIR,
				    .size = GICC_SIZE - GICC_DIR,
				    .ops = &vgic_v2_dir_ops,
				    .opaque = vgic,
				    .name = "gic deactivation" };
}

static int add_regions(struct vgic *vgic)
{
	struct bus_region second = second_region(vgic);
	bool v3 = vgic->version == 3;
	int err = bus_add(vgic->mmio,
			  &(struct bus_region){ .base = vgic->dev.base,
						.size = vgic->dev.size,
						.ops = v3 ? &vgic_v3_dist_ops : &vgic_v2_dist_ops,
						.opaque = vgic,
						.name = vgic->dev.name },
			  NULL);

	if (err || !(v3 || vgic->dir_trapped))
		return err;
	err = bus_add(vgic->mmio, &second, NULL);
	if (err)
		bus_remove(vgic->mmio, vgic);
	return err;
}

static void release(struct vgic *vgic)
{
	kfree(vgic->clusters);
	kfree(vgic->spis);
	kfree(vgic->cpus);
	kfree(vgic);
}

/* A host interrupt that the guest did not end would stay active, and never come again. */
static void end_forwarded(struct vgic *vgic)
{
	for (unsigned i = 0; i < vgic->num_irqs - PRIVATE_IRQS; i++)
		if (vgic->spis[i].forwarded)
			irq_set_active(vgic->spis[i].forwarded, false);
}

void vgic_destroy(struct vgic *vgic)
{
	if (!vgic)
		return;
	end_forwarded(vgic);
	bus_remove(vgic->mmio, vgic);
	release(vgic);
}

static void device_reset(struct device *dev)
{
	vgic_reset(container_of(dev, struct vgic, dev));
}

static void device_destroy(struct device *dev)
{
	vgic_destroy(container_of(dev, struct vgic, dev));
}

static const struct device_ops vgic_ops = {
	.type = "vgic",
	.reset = device_reset,
	.describe = vgic_describe,
	.destroy = device_destroy,
};

static int init_model(struct vgic *vgic, const struct vgic_params *params)
{
	int err;

	vgic->cpus = kcalloc(params->num_vcpus, sizeof(vgic->cpus[0]));
	vgic->spis = kcalloc(MAX(params->num_spis, 1u), sizeof(vgic->spis[0]));
	if (!vgic->cpus || !vgic->spis)
		return -AX_ENOMEM;
	for (unsigned i = 0; i < params->num_vcpus; i++)
		init_cpu(vgic, i, params->mpidrs[i]);
	err = vgic_route_init(vgic);
	if (err)
		return err;
	for (unsigned i = 0; i < params->num_spis; i++)
		vgic_irq_init(vgic, &vgic->cpus[0], &vgic->spis[i], PRIVATE_IRQS + i);
	vgic->typer = type_register(vgic);
	return add_regions(vgic);
}

int vgic_create(const struct vgic_params *params, struct vgic **out)
{
	struct vgic *vgic;
	int err;

	if (!params_are_good(params))
		return -AX_EINVAL;
	vgic = kzalloc(sizeof(*vgic));
	if (!vgic)
		return -AX_ENOMEM;
	vgic->version = params->version;
	vgic->num_cpus = params->num_vcpus;
	vgic->num_irqs = PRIVATE_IRQS + params->num_spis;
	vgic->redist_base = params->redist_base;
	vgic->mmio = params->mmio;
	vgic->dir_trapped = params->version == 3 ? vgic_hw && vgic_hw->can_trap_dir : params->trap_dir;
	vgic->dev.ops = &vgic_ops;
	vgic->dev.base = params->dist_base;
	vgic->dev.size = params->version == 3 ? GICD_SIZE_V3 : GICD_SIZE_V2;
	snprintf(vgic->dev.name, sizeof(vgic->dev.name), "intc@%" PRIx64, params->dist_base);
	err = init_model(vgic, params);
	if (err) {
		release(vgic);
		return err;
	}
	*out = vgic;
	return 0;
}

void vgic_reset(struct vgic *vgic)
{
	end_forwarded(vgic);
	atomic_store(&vgic->ctlr, 0);
	for (unsigned c = 0; c < vgic->num_cpus; c++) {
		struct vgic_cpu *cpu = &vgic->cpus[c];

		cpu->waker = WAKER_SLEEP | WAKER_ASLEEP;
		cpu->cpuif = (struct vgic_cpuif){ 0 };
		cpu->buckets = 0;
		for (unsigned i = 0; i < BUCKETS; i++)
			TAILQ_INIT(&cpu->queue[i]);
		for (unsigned i = 0; i < PRIVATE_IRQS; i++)
			vgic_irq_reset(vgic, &cpu->irqs[i]);
	}
	for (unsigned i = 0; i < vgic->num_irqs - PRIVATE_IRQS; i++)
		vgic_irq_reset(vgic, &vgic->spis[i]);
}

void vgic_reset_cpu(struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = vcpu->irqchip;

	cpu->cpuif = (struct vgic_cpuif){ 0 };
	cpu->waker = WAKER_SLEEP | WAKER_ASLEEP;
}

void vgic_attach(struct vgic *vgic, struct vcpu *vcpu)
{
	struct vgic_cpu *cpu = &vgic->cpus[vcpu->id];

	cpu->vcpu = vcpu;
	arm_vcpu_set_irqchip(vcpu, vgic->version == 3 ? &vgic_v3_irqchip : &vgic_v2_irqchip, cpu);
}

struct device *vgic_device(struct vgic *vgic)
{
	return &vgic->dev;
}

static void set_spi(void *controller, unsigned intid, bool level)
{
	struct vgic *vgic = controller;
	struct vgic_irq *irq = &vgic->spis[intid - PRIVATE_IRQS];
	uint64_t flags = irq_save();
	struct vgic_cpu *owner = vgic_irq_lock(irq);

	vgic_irq_set_line(NULL, owner, irq, level);
	spin_unlock(&owner->lock);
	irq_restore(flags);
}

struct irq_line vgic_line(struct vgic *vgic, unsigned intid)
{
	if (intid < PRIVATE_IRQS || intid >= vgic->num_irqs)
		return (struct irq_line){ 0 };
	return (struct irq_line){ .set = set_spi, .controller = vgic, .number = intid };
}

int vgic_forward(struct vgic *vgic, unsigned intid, unsigned host_irq)
{
	struct vgic_irq *irq;

	if (intid < PRIVATE_IRQS || intid >= vgic->num_irqs || host_irq < PRIVATE_IRQS || host_irq >= BIT(ID_BITS))
		return -AX_EINVAL;
	irq = &vgic->spis[intid - PRIVATE_IRQS];
	if (irq->forwarded)
		return -AX_EBUSY;
	irq->forwarded = irq->host_irq = (uint16_t)host_irq;
	return 0;
}
