/* SPDX-License-Identifier: Apache-2.0 */
/*
 * struct sbi_ret suspend_and_resume(ext, type, uint64_t seen[4]): HSM or SUSP suspend that comes back at another
 * address with all registers lost. @seen: hart id, satp, sstatus at the resumption, and 1 if it happened.
 */
	.text
	.globl suspend_and_resume
suspend_and_resume:
	addi	sp, sp, -128
	sd	ra, 0(sp)
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	sd	s\n, 8 + \n * 8(sp)
	.endr
	sd	tp, 104(sp)
	sd	a2, 112(sp)
	mv	a7, a0
	mv	a0, a1
	lla	a1, 1f
	mv	a2, sp
	li	a6, 3		/* hart_suspend */
	li	t0, 0x48534d
	beq	a7, t0, 2f
	li	a6, 0		/* system_suspend */
2:	ecall
	j	3f

	.balign 4
1:	mv	sp, a1
	ld	t0, 112(sp)
	sd	a0, 0(t0)
	csrr	t1, satp
	sd	t1, 8(t0)
	csrr	t1, sstatus
	sd	t1, 16(t0)
	li	t1, 1
	sd	t1, 24(t0)
	ld	tp, 104(sp)
	csrw	sscratch, tp
	call	cpu_setup
	call	mmu_load
	li	a0, 0
	li	a1, 0
3:	ld	ra, 0(sp)
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
	ld	s\n, 8 + \n * 8(sp)
	.endr
	addi	sp, sp, 128
	ret
