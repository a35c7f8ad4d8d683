/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a vCPU asks of the model of its interrupt controller (axdevice/arm: vGICv2, vGICv3). One table per VM.
 *
 * All functions run on the vCPU's physical CPU with interrupts off, on the exit path: short, one lock at most.
 *
 * Interrupts in list registers stay there over exits. They are read back (sync) only when somebody needs to know:
 * before the model changes them (flush), when the vCPU leaves the CPU (put), before it sleeps (pending), at a
 * maintenance interrupt.
 */
#include <stdbool.h>
#include <stdint.h>

struct vcpu;

struct arm_irqchip {
	/* The vCPU enters / leaves this CPU: load or save the virtual CPU interface (ICH_* or GICH_*). */
	void (*load)(struct vcpu *vcpu);
	void (*put)(struct vcpu *vcpu);
	/* vcpu->work had VCPU_WORK_IRQ: move what is pending into list registers. */
	void (*flush)(struct vcpu *vcpu);
	/* Would the vCPU take an interrupt (pending, enabled, priority above the running one and the mask)? */
	bool (*pending)(struct vcpu *vcpu);
	/*
	 * Level of a private interrupt of the vCPU (timers). @host_irq: when not 0, the interrupt of the host that
	 * stands behind it is active and stays so until the guest deactivates (list register with HW = 1).
	 */
	void (*set_private)(struct vcpu *vcpu, unsigned intid, bool level, unsigned host_irq);
	/*
	 * Is the private interrupt pending or active in a list register? Asked after load: then the host's interrupt
	 * behind it is made active.
	 */
	bool (*private_active)(struct vcpu *vcpu, unsigned intid);
	/* GICv3: a write of ICC_SGI1R_EL1 (or SGI0R, ASGI1R), IHI 0069 12.2.19. NULL for GICv2. */
	void (*write_sgi)(struct vcpu *vcpu, uint64_t value, bool group1);
	/* GICv3: traps of other ICC_* registers (only while ICH_HCR_EL2 asks for them); false: undefined. */
	bool (*sysreg)(struct vcpu *vcpu, uint32_t iss, bool write, uint64_t *value);
};

/** arm_vcpu_set_irqchip - the model and its per-vCPU data (vcpu->irqchip); before the first run */
void arm_vcpu_set_irqchip(struct vcpu *vcpu, const struct arm_irqchip *irqchip, void *data);
