/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All FP and vector registers to memory and back: struct riscv_fp_state, struct riscv_vector.
 */

	.option	arch, +d, +v

	.macro	fp_all op
	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\op	f\n, 8*\n(a0)
	.endr
	.endm

	.section .text.riscv_fp_save_registers, "ax"
	.global riscv_fp_save_registers
	.type riscv_fp_save_registers, %function
riscv_fp_save_registers:
	fp_all	fsd
	csrr	t0, fcsr
	sd	t0, 256(a0)
	ret

	.section .text.riscv_fp_load_registers, "ax"
	.global riscv_fp_load_registers
	.type riscv_fp_load_registers, %function
riscv_fp_load_registers:
	fp_all	fld
	ld	t0, 256(a0)
	csrw	fcsr, t0
	ret

	/* Groups of eight registers, behind the CSRs. t0: bytes of a group. */
	.macro	vector_groups
	csrr	t0, vlenb
	slli	t0, t0, 3
	addi	a1, a0, 32
	.endm

	.section .text.riscv_vector_save_registers, "ax"
	.global riscv_vector_save_registers
	.type riscv_vector_save_registers, %function
riscv_vector_save_registers:
	csrr	t1, vstart
	csrr	t2, vcsr
	csrr	t3, vl
	csrr	t4, vtype
	sd	t1, 0(a0)
	sd	t2, 8(a0)
	sd	t3, 16(a0)
	sd	t4, 24(a0)
	csrw	vstart, zero /* it counts for the stores of whole registers too */
	vector_groups
	vs8r.v	v0, (a1)
	add	a1, a1, t0
	vs8r.v	v8, (a1)
	add	a1, a1, t0
	vs8r.v	v16, (a1)
	add	a1, a1, t0
	vs8r.v	v24, (a1)
	/* The registers stay this vCPU's. */
	csrw	vstart, t1
	ret

	.section .text.riscv_vector_load_registers, "ax"
	.global riscv_vector_load_registers
	.type riscv_vector_load_registers, %function
riscv_vector_load_registers:
	csrw	vstart, zero
	vector_groups
	vl8re8.v v0, (a1)
	add	a1, a1, t0
	vl8re8.v v8, (a1)
	add	a1, a1, t0
	vl8re8.v v16, (a1)
	add	a1, a1, t0
	vl8re8.v v24, (a1)
	ld	t1, 0(a0)
	ld	t2, 8(a0)
	ld	t3, 16(a0)
	ld	t4, 24(a0)
	vsetvl	zero, t3, t4
	csrw	vcsr, t2
	csrw	vstart, t1
	ret
