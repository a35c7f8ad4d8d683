/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Switching stacks: the callee-saved registers of AAPCS64 (IHI 0055, 6.1.1). The hypervisor is built without FP/SIMD.
 * Offsets: struct cpu_context in axhal/arch/context.h.
 */

	.section .text.context_switch, "ax"
	.balign	16

/* void context_switch(struct cpu_context *from, struct cpu_context *to) */
	.global	context_switch
	.type	context_switch, %function
context_switch:
	mov	x9, sp
	stp	x19, x20, [x0, #0]
	stp	x21, x22, [x0, #16]
	stp	x23, x24, [x0, #32]
	stp	x25, x26, [x0, #48]
	stp	x27, x28, [x0, #64]
	stp	x29, x30, [x0, #80]
	str	x9, [x0, #96]

	ldp	x19, x20, [x1, #0]
	ldp	x21, x22, [x1, #16]
	ldp	x23, x24, [x1, #32]
	ldp	x25, x26, [x1, #48]
	ldp	x27, x28, [x1, #64]
	ldp	x29, x30, [x1, #80]
	ldr	x9, [x1, #96]
	mov	sp, x9
	ret
	.size	context_switch, . - context_switch

	.section .text.context_start, "ax"
	.balign	16

/* Where a new context begins: x19 the function, x20 its argument. A back trace ends here (frame pointer 0). */
	.global	context_start
	.type	context_start, %function
context_start:
	mov	x0, x20
	mov	x30, xzr
	br	x19
	.size	context_start, . - context_start
