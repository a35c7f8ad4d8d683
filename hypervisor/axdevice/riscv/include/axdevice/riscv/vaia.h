/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Emulated Advanced Interrupt Architecture (RISC-V AIA 1.0): one APLIC domain at supervisor level, in direct mode or,
 * with IMSICs, in MSI mode; one IMSIC interrupt file per vCPU, in the host's guest interrupt files where there are
 * enough of them, in software otherwise.
 */
#include <axdevice/device.h>
#include <axaddrspace/aspace.h>
#include <axvcpu/vcpu.h>
#include <riscv_vcpu/irqchip.h>

struct vaia;

struct vaia_params {
	uint64_t aplic_base; /* 0x0d00_0000 usually; 16 KiB + 32 bytes per vCPU, rounded up to 32 KiB */
	bool imsic;          /* MSI mode; false: direct mode */
	uint64_t imsic_base; /* 0x2800_0000 usually; 4 KiB per vCPU */
	unsigned num_vcpus;
	unsigned num_sources; /* 1 .. num_sources, at most 1023 */
	unsigned num_ids; /* of each IMSIC, a multiple of 64 less 1: 255. No more than the host's guest files have. */
	struct aspace *aspace; /* where guest interrupt files are mapped */
	struct bus *mmio;
};

/** vaia_create - the models; their regions are on the bus. Return: 0, -AX_ENOMEM, -AX_EINVAL, -AX_EEXIST. */
int vaia_create(const struct vaia_params *params, struct vaia **out);
/**
 * vaia_destroy, vaia_reset - before the vCPUs and the address space go; and: power-on state, lines are low afterwards
 * No vCPU of the VM is loaded. Task context, interrupts on, no spinlock held: other CPUs are asked to empty their guest
 * interrupt files.
 */
void vaia_destroy(struct vaia *aia);
void vaia_reset(struct vaia *aia);
/** vaia_reset_cpu - the IMSIC of a vCPU that is switched on again; it is not loaded. Interrupts on or off. */
void vaia_reset_cpu(struct vcpu *vcpu);
/** vaia_attach - connect vCPU @vcpu->id; before the first run */
void vaia_attach(struct vaia *aia, struct vcpu *vcpu);
/** vaia_line - the input of @source (1 ...); level or edge as the guest configures it */
struct irq_line vaia_line(struct vaia *aia, unsigned source);
/** vaia_device - describes APLIC and IMSICs; @ctx->hart_phandle as for the vPLIC; sets @ctx->intc_phandle's node */
struct device *vaia_device(struct vaia *aia);
/** vaia_irq_cells - for struct fdt_context. Return: 2 cells. */
unsigned vaia_irq_cells(unsigned source, bool edge, uint32_t cells[3]);

/** vaia_host_init, vaia_host_init_cpu - guest interrupt files and their wake-up interrupt. Return: 0 or an error. */
int vaia_host_init(void);
void vaia_host_init_cpu(void);
