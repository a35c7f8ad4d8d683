/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The guest's GIC: GICv3 (IHI 0069) or GICv2 (IHI 0048), the one the host has. Distributor, redistributors and SGIs
 * are wholly emulated, the CPU interface is the hardware's virtual one with its list registers.
 */
#include <arm_vcpu/irqchip.h>
#include <axdevice/device.h>
#include <axvcpu/vcpu.h>

struct vgic;

struct vgic_params {
	unsigned version;   /* 2 or 3 */
	unsigned num_vcpus; /* at most 8 for GICv2, 512 otherwise */
	unsigned num_spis;  /* a multiple of 32, at most 960 (INTID 32 ...) */
	uint64_t dist_base; /* GICD: 64 KiB, GICv2 4 KiB */
	/* GICv3: GICR, 128 KiB per vCPU. GICv2: the CPU interface GICC (mapped to the host's GICV by axvm) */
	uint64_t redist_base;
	/*
	 * GICv2: only the first 4 KiB of the host's GICV are mapped; the page behind, with GICC_DIR alone, is on the
	 * bus. Without this a guest that deactivates in another order than it ends (EOImode = 1), with more active
	 * interrupts than list registers, deactivates the wrong ones.
	 */
	bool trap_dir;
	const uint64_t *mpidrs; /* affinity of each vCPU */
	struct bus *mmio;
};

/** vgic_create - the model; its regions are on the bus. Return: 0, -AX_ENOMEM, -AX_EINVAL, -AX_EEXIST. */
int vgic_create(const struct vgic_params *params, struct vgic **out);
void vgic_destroy(struct vgic *vgic);
/** vgic_reset - power-on state; no vCPU of the VM is loaded, its lines are low afterwards */
void vgic_reset(struct vgic *vgic);
/**
 * vgic_reset_cpu - the CPU interface of a vCPU that is powered on again: priority mask, groups, active priorities. It
 * is not loaded.
 */
void vgic_reset_cpu(struct vcpu *vcpu);
/** vgic_attach - connect vCPU @vcpu->id; before the first run */
void vgic_attach(struct vgic *vgic, struct vcpu *vcpu);
/** vgic_line - the input for SPI @intid (32 ...); level unless the guest configures it as edge */
struct irq_line vgic_line(struct vgic *vgic, unsigned intid);
struct device *vgic_device(struct vgic *vgic);
/**
 * vgic_irq_cells - an interrupt specifier of the guest's device tree, for struct fdt_context. @intid: 16 ... Return:
 * 3 cells.
 */
unsigned vgic_irq_cells(unsigned intid, bool edge, uint32_t cells[3]);
/**
 * vgic_forward - SPI @intid of the guest is the host's interrupt @host_irq (pass-through): hardware-linked list
 * registers. Before the VM runs. Return: 0, -AX_EINVAL, -AX_EBUSY.
 */
int vgic_forward(struct vgic *vgic, unsigned intid, unsigned host_irq);

/**
 * vgic_host_init / vgic_host_init_cpu - the virtual CPU interface of this machine; maintenance interrupt. Return: 0
 * or -AX_ENODEV.
 */
int vgic_host_init(void);
void vgic_host_init_cpu(void);
