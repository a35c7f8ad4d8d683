/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Emulated Platform-Level Interrupt Controller (RISC-V PLIC Specification 1.0.0; register map of SiFive's): one context
 * per vCPU, supervisor mode. Wholly emulated, the host's PLIC is not involved.
 */
#include <axdevice/device.h>
#include <axvcpu/vcpu.h>
#include <riscv_vcpu/irqchip.h>

struct vplic;

struct vplic_params {
	uint64_t base; /* 0x0c00_0000 usually */
	uint64_t size; /* 0x0400_0000 or less, at least up to the last context */
	unsigned num_vcpus;
	unsigned num_sources; /* sources 1 .. num_sources, at most 1023 */
	/*
	 * Contexts are numbered 2 * vCPU + 1, machine mode ones in between being unused, as on every board that Linux
	 * knows (false: context = vCPU number).
	 */
	bool machine_contexts;
	struct bus *mmio;
};

/** vplic_create - the model; its region is on the bus. Return: 0, -AX_ENOMEM, -AX_EINVAL, -AX_EEXIST. */
int vplic_create(const struct vplic_params *params, struct vplic **out);
void vplic_destroy(struct vplic *plic);
/** vplic_reset - power-on state; no vCPU of the VM is loaded, its lines are low afterwards */
void vplic_reset(struct vplic *plic);
/** vplic_attach - connect vCPU @vcpu->id; before the first run */
void vplic_attach(struct vplic *plic, struct vcpu *vcpu);
/** vplic_line - the input of @source (1 ...), level triggered; vplic_edge_line: each rise is one interrupt */
struct irq_line vplic_line(struct vplic *plic, unsigned source);
struct irq_line vplic_edge_line(struct vplic *plic, unsigned source);
/**
 * vplic_device - describes itself; needs the phandles of the harts' own controllers: hart i has @ctx->hart_phandle + i
 */
struct device *vplic_device(struct vplic *plic);
/** vplic_irq_cells - for struct fdt_context. Return: 1 cell. */
unsigned vplic_irq_cells(unsigned source, bool edge, uint32_t cells[3]);
