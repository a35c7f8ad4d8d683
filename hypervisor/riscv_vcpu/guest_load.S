/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trap vector while guest memory is read (riscv_vcpu/guest_load.h): such a load is 4 bytes long and has faulted.
 */

	.option	norelax /* the assembler aligns what goes into stvec */

	.section .text.guest_load_trap, "ax"
	.balign	4
	.globl	guest_load_trap
	.type	guest_load_trap, %function
guest_load_trap:
	csrr	t5, scause
	csrr	t6, sepc
	addi	t6, t6, 4
	csrw	sepc, t6
	sret
	.size	guest_load_trap, . - guest_load_trap
