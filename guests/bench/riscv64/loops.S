/* SPDX-License-Identifier: Apache-2.0 */
/* The loops that are measured. An empty one has the same instructions except for the measured one. */

	.macro loop name, measured:vararg
	.globl bench_\name
	.balign 4
bench_\name:
	mv	t0, a0
	mv	t1, a1
1:	mv	a0, t1
	\measured
	addi	t0, t0, -1
	bnez	t0, 1b
	ret
	.endm

	.text
	/* void bench_x(uint64_t rounds, uint64_t operand) */
	loop	empty,
	loop	read32, lw a1, (t1)
	loop	write32_zero, sw zero, (t1)
	loop	read8, lbu a1, (t1)
	loop	read_counter, rdcycle a1
	loop	write_stimecmp, csrw 0x14d, t1

	/* The same with the numbers of an SBI call in a6 and a7: @operand is the function's argument. */
	.macro sbi_loop name, ext, fid
	.globl bench_\name
	.balign 4
bench_\name:
	mv	t0, a0
	mv	t1, a1
	li	a7, \ext
	li	a6, \fid
1:	mv	a0, t1
	ecall
	addi	t0, t0, -1
	bnez	t0, 1b
	ret
	.endm

	sbi_loop sbi_null, 0x10, 0
	sbi_loop sbi_set_timer, 0x54494d45, 0
	sbi_loop sbi_legacy_set_timer, 0, 0

	.macro leave
	csrci	sstatus, 2
	lla	t2, vectors
	csrw	stvec, t2
	ret
	.endm

	/* void bench_ipi(rounds, hart mask): SBI send_ipi, take, clear SSIP; t3 counts */
	.globl bench_ipi
bench_ipi:
	mv	t0, a0
	mv	t1, a1
	li	t3, 0
	li	t4, 0
	lla	t2, handle_ipi
	csrw	stvec, t2
	li	a7, 0x735049
	li	a6, 0
	csrsi	sstatus, 2
2:	mv	a0, t1
	li	a1, 0
	ecall
3:	beq	t3, t4, 3b
	mv	t4, t3
	addi	t0, t0, -1
	bnez	t0, 2b
	leave

	/* void bench_ipi_imsic(rounds, file, identity): a message to oneself; stopei ends it */
	.globl bench_ipi_imsic
bench_ipi_imsic:
	mv	t0, a0
	li	t3, 0
	li	t4, 0
	lla	t2, handle_message
	csrw	stvec, t2
	csrsi	sstatus, 2
4:	sw	a2, (a1)
5:	beq	t3, t4, 5b
	mv	t4, t3
	addi	t0, t0, -1
	bnez	t0, 4b
	leave

	/*
	 * uint64_t bench_timer_sstc(deadline, nops): time in the handler, read after its first instruction and that
	 * many nops. bench_timer_sbi() sets the timer by the firmware.
	 */
	.globl bench_timer_sstc, bench_timer_sbi
bench_timer_sstc:
	li	t6, 1
	j	6f
bench_timer_sbi:
	li	t6, 0
6:	lla	t5, sled_end
	slli	a1, a1, 2
	sub	t5, t5, a1
	lla	t2, handle_timer
	csrw	stvec, t2
	li	t3, 0
	beqz	t6, 7f
	/* At the beginning of a tick: QEMU's timer keeps the phase. */
	rdtime	t2
12:	rdtime	t4
	beq	t2, t4, 12b
	csrw	0x14d, a0
	j	8f
7:	li	a7, 0x54494d45
	li	a6, 0
	ecall
8:	li	t2, 1 << 5
	csrs	sie, t2
	csrsi	sstatus, 2
9:	beqz	t3, 9b
	li	a0, -1
	beqz	t6, 10f
	csrw	0x14d, a0
	j	11f
10:	li	a7, 0x54494d45
	li	a6, 0
	ecall
11:	mv	a0, t4
	leave

	.option norvc
	.balign 4
handle_ipi:
	csrci	sip, 2
	addi	t3, t3, 1
	sret

	.balign 4
handle_message:
	csrrw	t5, 0x15c, zero
	addi	t3, t3, 1
	sret

	.balign 4
handle_timer:
	jr	t5
	.rept 100
	nop
	.endr
sled_end:
	rdtime	t4
	li	t3, 1
	li	t5, 1 << 5	/* STIE */
	csrc	sie, t5
	sret
