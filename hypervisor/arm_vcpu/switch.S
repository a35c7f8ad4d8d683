/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Into the guest and out again.
 *
 * arm_vcpu_enter() leaves the caller's callee-saved registers and the address of the vCPU's registers on the stack of its task
 * and goes to the guest. An exception from the guest saves the guest's general registers, calls arm_vcpu_handle_exit() on that same stack
 * and, when that says so, goes straight back: the host's registers are restored only for exits that need common code.
 * EL1 and FP registers are not touched here (vcpu_load, vcpu_put). Interrupts are off at EL2 all the time.
 */
#include "regs.h"

#define FRAME 112 /* x0 and padding, then x19 .. x30 */

	.section .text.arm_vcpu_enter, "ax"
	.global arm_vcpu_enter
	.type arm_vcpu_enter, %function
arm_vcpu_enter:
	sub	sp, sp, #FRAME
	str	x0, [sp]
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	stp	x29, x30, [sp, #96]
to_guest:
	ldp	x2, x3, [x0, #ARM_REGS_ELR]
	msr	elr_el2, x2
	msr	spsr_el2, x3
	ldr	x30, [x0, #240]
	ldp	x28, x29, [x0, #224]
	ldp	x26, x27, [x0, #208]
	ldp	x24, x25, [x0, #192]
	ldp	x22, x23, [x0, #176]
	ldp	x20, x21, [x0, #160]
	ldp	x18, x19, [x0, #144]
	ldp	x16, x17, [x0, #128]
	ldp	x14, x15, [x0, #112]
	ldp	x12, x13, [x0, #96]
	ldp	x10, x11, [x0, #80]
	ldp	x8, x9, [x0, #64]
	ldp	x6, x7, [x0, #48]
	ldp	x4, x5, [x0, #32]
	ldp	x2, x3, [x0, #16]
	ldp	x0, x1, [x0]
	eret
	/* Nothing is executed speculatively past the return. */
	dsb	nsh
	isb

from_guest: /* x0: registers, w1: kind; x0 .. x30 are saved */
	mrs	x2, elr_el2
	mrs	x3, spsr_el2
	stp	x2, x3, [x0, #ARM_REGS_ELR]
	bl	arm_vcpu_handle_exit
	mov	w1, w0
	ldr	x0, [sp]
	cbz	w1, to_guest
	ldp	x29, x30, [sp, #96]
	ldp	x27, x28, [sp, #80]
	ldp	x25, x26, [sp, #64]
	ldp	x23, x24, [sp, #48]
	ldp	x21, x22, [sp, #32]
	ldp	x19, x20, [sp, #16]
	add	sp, sp, #FRAME
	ret
	.size arm_vcpu_enter, . - arm_vcpu_enter

	/* Exactly 128 bytes would be too little for all of it: the last pair and the way on are shared code. */
	.macro	guest_exit kind
	.balign	128
	stp	x0, x1, [sp, #-16]!
	ldr	x0, [sp, #16]
	stp	x2, x3, [x0, #16]
	stp	x4, x5, [x0, #32]
	stp	x6, x7, [x0, #48]
	stp	x8, x9, [x0, #64]
	stp	x10, x11, [x0, #80]
	stp	x12, x13, [x0, #96]
	stp	x14, x15, [x0, #112]
	stp	x16, x17, [x0, #128]
	stp	x18, x19, [x0, #144]
	stp	x20, x21, [x0, #160]
	stp	x22, x23, [x0, #176]
	stp	x24, x25, [x0, #192]
	stp	x26, x27, [x0, #208]
	stp	x28, x29, [x0, #224]
	str	x30, [x0, #240]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0]
	mov	w1, #\kind
	b	from_guest
	.endm

	.macro	host_exception target
	.balign	128
	b	\target
	.endm

	/* Arm ARM D1.3.1: current EL with SP_EL0 (never used), with SP_ELx (the hypervisor), lower EL AArch64, AArch32. */
	.section .vectors.guest, "ax"
	.balign	2048
	.global arm_vcpu_vectors
arm_vcpu_vectors:
	host_exception trap_el2_sync
	host_exception trap_el2_irq
	host_exception trap_el2_fiq
	host_exception trap_el2_serror
	host_exception trap_el2_sync
	host_exception trap_el2_irq
	host_exception trap_el2_fiq
	host_exception trap_el2_serror
	guest_exit ARM_EXIT_SYNC
	guest_exit ARM_EXIT_IRQ
	guest_exit ARM_EXIT_FIQ
	guest_exit ARM_EXIT_SERROR
	guest_exit ARM_EXIT_SYNC
	guest_exit ARM_EXIT_IRQ
	guest_exit ARM_EXIT_FIQ
	guest_exit ARM_EXIT_SERROR

	.arch_extension fp
	.arch_extension simd
	.section .text.arm_fp, "ax"
	.macro	fp_all op
	\op	q0, q1, [x0, #0]
	\op	q2, q3, [x0, #32]
	\op	q4, q5, [x0, #64]
	\op	q6, q7, [x0, #96]
	\op	q8, q9, [x0, #128]
	\op	q10, q11, [x0, #160]
	\op	q12, q13, [x0, #192]
	\op	q14, q15, [x0, #224]
	\op	q16, q17, [x0, #256]
	\op	q18, q19, [x0, #288]
	\op	q20, q21, [x0, #320]
	\op	q22, q23, [x0, #352]
	\op	q24, q25, [x0, #384]
	\op	q26, q27, [x0, #416]
	\op	q28, q29, [x0, #448]
	\op	q30, q31, [x0, #480]
	.endm

	.global arm_fp_save
	.type arm_fp_save, %function
arm_fp_save:
	fp_all	stp
	mrs	x1, fpcr
	mrs	x2, fpsr
	str	x1, [x0, #512]
	str	x2, [x0, #520]
	ret

	.global arm_fp_load
	.type arm_fp_load, %function
arm_fp_load:
	fp_all	ldp
	ldr	x1, [x0, #512]
	ldr	x2, [x0, #520]
	msr	fpcr, x1
	msr	fpsr, x2
	ret
