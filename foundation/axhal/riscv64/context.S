/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Switching stacks: the callee-saved registers of the RISC-V psABI. The hypervisor is built without FP and vectors.
 * Offsets: struct cpu_context in axhal/arch/context.h.
 */

	.section .text.context_switch, "ax"
	.balign	4

/* void context_switch(struct cpu_context *from, struct cpu_context *to) */
	.global	context_switch
	.type	context_switch, %function
context_switch:
	sd	s0, 0(a0)
	sd	s1, 8(a0)
	sd	s2, 16(a0)
	sd	s3, 24(a0)
	sd	s4, 32(a0)
	sd	s5, 40(a0)
	sd	s6, 48(a0)
	sd	s7, 56(a0)
	sd	s8, 64(a0)
	sd	s9, 72(a0)
	sd	s10, 80(a0)
	sd	s11, 88(a0)
	sd	ra, 96(a0)
	sd	sp, 104(a0)

	ld	s0, 0(a1)
	ld	s1, 8(a1)
	ld	s2, 16(a1)
	ld	s3, 24(a1)
	ld	s4, 32(a1)
	ld	s5, 40(a1)
	ld	s6, 48(a1)
	ld	s7, 56(a1)
	ld	s8, 64(a1)
	ld	s9, 72(a1)
	ld	s10, 80(a1)
	ld	s11, 88(a1)
	ld	ra, 96(a1)
	ld	sp, 104(a1)
	ret
	.size	context_switch, . - context_switch

	.section .text.context_start, "ax"
	.balign	4

/* Where a new context begins: s1 the function, s2 its argument. A back trace ends here (frame pointer s0 is 0). */
	.global	context_start
	.type	context_start, %function
context_start:
	mv	a0, s2
	mv	ra, zero
	jr	s1
	.size	context_start, . - context_start
