/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions at EL2 (Arm ARM D1.3.1). Interrupts of hypervisor code are handled on the stack of what they interrupt;
 * everything else is the end, and is reported from an emergency stack, because the stack may be what is wrong.
 */

/* struct trap_frame */
#define FRAME_X18  144
#define FRAME_FP   232
#define FRAME_ELR  248
#define FRAME_ESR  264
#define FRAME_SP   280
#define FRAME_SIZE 288

	.macro	vector target
	.balign	128
	b	\target
	.endm

	.section .vectors.trap, "ax"
	.balign	2048
	.globl	trap_vectors
trap_vectors:
	/* Current EL with SP_EL0: never used. */
	vector	trap_bad_sp0
	vector	trap_bad_sp0
	vector	trap_bad_sp0
	vector	trap_bad_sp0
	/* Current EL with SP_EL2 */
	vector	trap_el2_sync
	vector	trap_el2_irq
	vector	trap_el2_fiq
	vector	trap_el2_serror
	/* Lower EL, AArch64 and AArch32: nobody runs guests while this table is in use. */
	.rept	8
	vector	trap_bad_lower
	.endr

	.text

	/*
	 * Switch to this CPU's emergency stack, save everything, report. x0 and x1 wait in registers of EL0, whose owner
	 * will not run again.
	 */
	.macro	fatal kind
	msr	tpidr_el0, x0
	msr	tpidrro_el0, x1
	mrs	x0, tpidr_el2
	adrp	x1, percpu_emergency_stack
	add	x1, x1, :lo12:percpu_emergency_stack
	ldr	x0, [x0, x1]
	sub	x0, x0, #FRAME_SIZE
	mov	x1, sp
	str	x1, [x0, #FRAME_SP]
	mov	sp, x0
	mov	x0, #\kind
	b	report
	.endm

	/* The numbers are those of enum fatal_kind. */
	.globl	trap_el2_sync, trap_el2_fiq, trap_el2_serror
trap_el2_sync:
	fatal	0
trap_el2_fiq:
	fatal	1
trap_el2_serror:
	fatal	2
trap_bad_sp0:
	msr	spsel, #1
	fatal	3
trap_bad_lower:
	fatal	4

report:
	stp	x2, x3, [sp, #16 * 1]
	stp	x4, x5, [sp, #16 * 2]
	stp	x6, x7, [sp, #16 * 3]
	stp	x8, x9, [sp, #16 * 4]
	stp	x10, x11, [sp, #16 * 5]
	stp	x12, x13, [sp, #16 * 6]
	stp	x14, x15, [sp, #16 * 7]
	stp	x16, x17, [sp, #16 * 8]
	stp	x18, x19, [sp, #16 * 9]
	stp	x20, x21, [sp, #16 * 10]
	stp	x22, x23, [sp, #16 * 11]
	stp	x24, x25, [sp, #16 * 12]
	stp	x26, x27, [sp, #16 * 13]
	stp	x28, x29, [sp, #16 * 14]
	mrs	x2, tpidr_el0
	mrs	x3, tpidrro_el0
	stp	x2, x3, [sp]
	mrs	x2, elr_el2
	mrs	x3, spsr_el2
	stp	x30, x2, [sp, #16 * 15]
	mrs	x4, esr_el2
	stp	x3, x4, [sp, #16 * 16]
	mrs	x2, far_el2
	str	x2, [sp, #16 * 17]
	mov	x1, x0
	mov	x0, sp
	bl	trap_fatal

	/* An interrupt of hypervisor code: what the procedure call standard lets C destroy, and where to return to. */
	.globl	trap_el2_irq
trap_el2_irq:
	sub	sp, sp, #FRAME_SIZE
	stp	x0, x1, [sp, #16 * 0]
	stp	x2, x3, [sp, #16 * 1]
	stp	x4, x5, [sp, #16 * 2]
	stp	x6, x7, [sp, #16 * 3]
	stp	x8, x9, [sp, #16 * 4]
	stp	x10, x11, [sp, #16 * 5]
	stp	x12, x13, [sp, #16 * 6]
	stp	x14, x15, [sp, #16 * 7]
	stp	x16, x17, [sp, #16 * 8]
	str	x18, [sp, #FRAME_X18]
	mrs	x0, elr_el2
	mrs	x1, spsr_el2
	stp	x29, x30, [sp, #FRAME_FP]
	stp	x0, x1, [sp, #FRAME_ELR]
	add	x29, sp, #FRAME_FP	/* a frame record for back traces */
	bl	trap_irq
	ldp	x0, x1, [sp, #FRAME_ELR]
	ldp	x29, x30, [sp, #FRAME_FP]
	msr	elr_el2, x0
	msr	spsr_el2, x1
	ldr	x18, [sp, #FRAME_X18]
	ldp	x16, x17, [sp, #16 * 8]
	ldp	x14, x15, [sp, #16 * 7]
	ldp	x12, x13, [sp, #16 * 6]
	ldp	x10, x11, [sp, #16 * 5]
	ldp	x8, x9, [sp, #16 * 4]
	ldp	x6, x7, [sp, #16 * 3]
	ldp	x4, x5, [sp, #16 * 2]
	ldp	x2, x3, [sp, #16 * 1]
	ldp	x0, x1, [sp, #16 * 0]
	add	sp, sp, #FRAME_SIZE
	eret
