/* SPDX-License-Identifier: Apache-2.0 */
/* Entry of the first and of the other CPUs, firmware calls, user mode. */
#include "offsets.h"

/* The Image header follows these two words: header.lds writes it. */
	.section .head.branch, "ax"
	.globl _start
	.option push
	.option norvc
_start:
	j	start_first
	nop
	.option pop

	.section .text.start, "ax"

/* a0: hart id, a1: device tree. */
start_first:
	rdtime	s2
	csrw	sie, zero
	csrw	satp, zero
	mv	s0, a0
	mv	s1, a1

	lla	t0, bss_start
	lla	t1, bss_end
1:	bgeu	t0, t1, 2f
	sd	zero, (t0)
	sd	zero, 8(t0)
	addi	t0, t0, 16
	j	1b

	/* R_RISCV_RELATIVE is the only relocation of a static position-independent image. */
2:	lla	t0, rela_start
	lla	t1, rela_end
	lla	t2, _start
	li	t3, 3
3:	bgeu	t0, t1, 5f
	ld	t4, 8(t0)
	bne	t4, t3, 4f
	ld	t4, 0(t0)
	ld	t5, 16(t0)
	add	t4, t4, t2
	add	t5, t5, t2
	sd	t5, (t4)
4:	addi	t0, t0, 24
	j	3b

5:	lla	sp, first_stack_end
	lla	t0, clock_at_start
	sd	s2, (t0)
	fence.i
	call	cpu_setup
	mv	a0, s0
	mv	a1, s1
	call	runtime_start
6:	wfi
	j	6b

/* HSM start comes here. a0: hart id, a1: struct cpu. */
	.globl start_other
	.balign 4
start_other:
	csrw	sie, zero
	mv	s0, a0
	mv	s1, a1
	ld	sp, CPU_STACK(s1)
	call	cpu_setup
	call	mmu_load
	mv	a0, s1
	mv	a1, s0
	call	runtime_start_other
7:	wfi
	j	7b

/* Vectors; interrupts off; FP and vector registers on where they are; S mode reads user pages. */
	.globl cpu_setup
cpu_setup:
	lla	t0, vectors
	csrw	stvec, t0
	csrwi	sstatus, 0
	li	t0, 1 << 9 | 1 << 13 | 1 << 18 | 1 << 19
	csrs	sstatus, t0
	ret

	.globl mmu_load
mmu_load:
	lla	t0, mmu_satp
	ld	t0, (t0)
	sfence.vma
	csrw	satp, t0
	sfence.vma
	ret

/* void sbi_raw(uint64_t a[8]): a0-a7 go out and come back. */
	.globl sbi_raw
sbi_raw:
	mv	t0, a0
	ld	a1, 8(t0)
	ld	a2, 16(t0)
	ld	a3, 24(t0)
	ld	a4, 32(t0)
	ld	a5, 40(t0)
	ld	a6, 48(t0)
	ld	a7, 56(t0)
	ld	a0, 0(t0)
	ecall
	sd	a0, 0(t0)
	sd	a1, 8(t0)
	sd	a2, 16(t0)
	sd	a3, 24(t0)
	sd	a4, 32(t0)
	sd	a5, 40(t0)
	sd	a6, 48(t0)
	sd	a7, 56(t0)
	ret

/* uint64_t user_run(entry, sp, a0): trap_handle() comes back to user_return when the code executes ECALL. */
	.globl user_run
user_run:
	addi	sp, sp, -112
	sd	ra, 0(sp)
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	sd	s\n, 8 + \n * 8(sp)
	.endr
	sd	sp, CPU_TRAP_STACK(tp)
	csrw	sepc, a0
	li	t0, 1 << 8 | 1 << 5
	csrc	sstatus, t0
	mv	sp, a1
	mv	a0, a2
	sret
	.globl user_return
user_return:
	csrr	tp, sscratch
	ld	sp, CPU_TRAP_STACK(tp)
	sd	zero, CPU_TRAP_STACK(tp)
	ld	ra, 0(sp)
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	ld	s\n, 8 + \n * 8(sp)
	.endr
	addi	sp, sp, 112
	ret

	.bss
	.balign 16
	.space	16384
first_stack_end:
