/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Between a vCPU of riscv64 and the model of its interrupt controller (axdevice/riscv: vPLIC, vAPLIC, vIMSIC).
 */
#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* An access to a CSR of the IMSIC that trapped. @csr: CSR_SISELECT, CSR_SIREG, CSR_STOPEI, CSR_STOPI. */
struct riscv_csr_access {
	unsigned csr;
	bool write;     /* some bits are to change */
	uint64_t value; /* in: operand; out: what the CSR held before */
	uint64_t mask;  /* bits that change, to those of @value: all (CSRRW), the operand's (CSRRS, CSRRC) */
};

/*
 * What a vCPU asks of the model. Called on its CPU with interrupts off unless said otherwise: short, one lock at most.
 * Entries may be NULL: nothing to do.
 */
struct riscv_irqchip {
	/* The vCPU enters / leaves this CPU. load may change hstatus.VGEIN by riscv_vcpu_set_vgein(). */
	void (*load)(struct vcpu *vcpu);
	void (*put)(struct vcpu *vcpu);
	/*
	 * Task context, interrupts on, vCPU loaded, before it is entered: only after riscv_vcpu_ask_prepare(). For what
	 * must talk to other CPUs (moving a guest interrupt file).
	 */
	void (*prepare)(struct vcpu *vcpu);
	/* Is an external interrupt pending that is not told by riscv_vcpu_set_external() (a guest interrupt file's)? */
	bool (*pending)(struct vcpu *vcpu);
	/* A CSR of the IMSIC; false: there is no such register (the guest gets an illegal instruction exception). */
	bool (*csr)(struct vcpu *vcpu, struct riscv_csr_access *access);
	/* True: CSRs of the IMSIC are emulated, illegal instructions of the guest come to us even without Ssaia. */
	bool emulates_imsic;
};

/** riscv_vcpu_set_irqchip - the model and its per-vCPU data (vcpu->irqchip); before the first run */
void riscv_vcpu_set_irqchip(struct vcpu *vcpu, const struct riscv_irqchip *irqchip, void *data);
/**
 * riscv_vcpu_set_external - level of the vCPU's external interrupt (hvip.VSEIP). Any context, no lock of the model's
 * that load/put take may be needed here; it only notes the level and makes the vCPU look.
 */
void riscv_vcpu_set_external(struct vcpu *vcpu, bool level);
/** riscv_vcpu_set_vgein - guest interrupt file that the vCPU uses on this CPU, 0: none. From load or prepare. */
void riscv_vcpu_set_vgein(struct vcpu *vcpu, unsigned file);
/** riscv_vcpu_ask_prepare - have irqchip->prepare called before the next entry. From load. */
void riscv_vcpu_ask_prepare(struct vcpu *vcpu);
