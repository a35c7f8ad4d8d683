/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads by the hypervisor's load instructions (Privileged Architecture, "Hypervisor Virtual-Machine Load and Store
 * Instructions"), with a trap vector of their own. What a trap changes is in the vCPU's registers already (sepc,
 * sstatus, hstatus), so its handler just goes on.
 */

	.option	norelax /* the assembler aligns what goes into stvec */

/* unsigned name(uint64_t gva, uint64_t *value); the instruction by its funct7 and rs2 */
	.macro	guest_load name, funct7, rs2
	.section .text.\name, "ax"
	.balign	4
	.globl	\name
	.type	\name, %function
\name:
	lla	t0, \name\()_trap
	csrrw	t0, stvec, t0
	li	a2, 0
	.insn	r 0x73, 4, \funct7, a2, a0, \rs2
	csrw	stvec, t0
	sd	a2, 0(a1)
	li	a0, 0
	ret
	.balign	4
\name\()_trap:
	csrw	stvec, t0
	sd	zero, 0(a1)
	csrr	a0, scause
	ret
	.size	\name, . - \name
	.endm

	guest_load riscv_guest_load_code, 0x32, x3 /* HLVX.HU */
	guest_load riscv_guest_load_byte, 0x30, x1 /* HLV.BU */
	guest_load riscv_guest_load_long, 0x36, x0 /* HLV.D */
