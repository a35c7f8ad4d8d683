/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traps in HS mode (Privileged Architecture, Supervisor ISA 10.1.2: direct mode). Interrupts of hypervisor code are
 * handled on the stack of what they interrupt; everything else is the end, and is reported from an emergency stack,
 * because the stack may be what is wrong.
 */

/* struct trap_frame */
#define FRAME_SEPC    256
#define FRAME_SSTATUS 264
#define FRAME_SCAUSE  272
#define FRAME_STVAL   280
#define FRAME_SIZE    288

/* What an interrupt saves. */
#define IRQ_SIZE 144

#define SSTATUS_SPP_SPIE 0x120

	.section .vectors.trap, "ax"
	.balign	4
	.globl	trap_vector
trap_vector:
	csrw	sscratch, t0
	csrr	t0, scause
	bgez	t0, trap_exception
	csrr	t0, sscratch

	/* What the calling convention lets C destroy, and where to return to. */
	addi	sp, sp, -IRQ_SIZE
	sd	ra, 0(sp)
	sd	t0, 8(sp)
	sd	t1, 16(sp)
	sd	t2, 24(sp)
	sd	t3, 32(sp)
	sd	t4, 40(sp)
	sd	t5, 48(sp)
	sd	t6, 56(sp)
	sd	a0, 64(sp)
	sd	a1, 72(sp)
	sd	a2, 80(sp)
	sd	a3, 88(sp)
	sd	a4, 96(sp)
	sd	a5, 104(sp)
	sd	a6, 112(sp)
	sd	a7, 120(sp)
	csrr	t0, sepc
	sd	t0, 128(sp)
	call	trap_irq
	/*
	 * An interrupt was taken with interrupts on and in this mode, so both bits were set. Other tasks, and their
	 * guests, may have run since. The rest of sstatus is the CPU's or the running task's, not the interrupted
	 * code's.
	 */
	ld	t0, 128(sp)
	li	t1, SSTATUS_SPP_SPIE
	csrw	sepc, t0
	csrs	sstatus, t1
	ld	ra, 0(sp)
	ld	t0, 8(sp)
	ld	t1, 16(sp)
	ld	t2, 24(sp)
	ld	t3, 32(sp)
	ld	t4, 40(sp)
	ld	t5, 48(sp)
	ld	t6, 56(sp)
	ld	a0, 64(sp)
	ld	a1, 72(sp)
	ld	a2, 80(sp)
	ld	a3, 88(sp)
	ld	a4, 96(sp)
	ld	a5, 104(sp)
	ld	a6, 112(sp)
	ld	a7, 120(sp)
	addi	sp, sp, IRQ_SIZE
	sret

	.section .text.trap_exception, "ax"
	/* Switch to this CPU's emergency stack, save everything, report. t0 is in sscratch. */
trap_exception:
	lla	t0, percpu_emergency_stack
	add	t0, t0, tp
	ld	t0, 0(t0)
	addi	t0, t0, -FRAME_SIZE
	sd	sp, 2 * 8(t0)
	mv	sp, t0
	sd	zero, 0(sp)
	sd	ra, 1 * 8(sp)
	sd	gp, 3 * 8(sp)
	sd	tp, 4 * 8(sp)
	csrr	t0, sscratch
	sd	t0, 5 * 8(sp)
	.irp	n, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	sd	x\n, \n * 8(sp)
	.endr
	csrr	t0, sepc
	csrr	t1, sstatus
	csrr	t2, scause
	csrr	t3, stval
	sd	t0, FRAME_SEPC(sp)
	sd	t1, FRAME_SSTATUS(sp)
	sd	t2, FRAME_SCAUSE(sp)
	sd	t3, FRAME_STVAL(sp)
	mv	a0, sp
	mv	ra, zero
	tail	trap_fatal
