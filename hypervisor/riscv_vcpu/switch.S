/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Into the guest and out again.
 *
 * riscv_vcpu_enter() leaves the caller's callee-saved registers and the address of the vCPU's registers on the stack of
 * its task and goes to the guest. A trap from the guest saves the guest's registers, calls riscv_vcpu_handle_exit() on
 * that same stack and, when that says so, goes straight back: the host's registers are restored only for exits that
 * need common code. VS CSRs and FP registers are not touched here (vcpu_load, vcpu_put). Interrupts are off in HS mode
 * all the time.
 */
#include "regs.h"

#define FRAME 112 /* ra, s0 .. s11, the vCPU's registers */

	/* All but x0, sp, tp and a0. */
	.macro	others op
	\op	ra, 1*8(a0)
	\op	gp, 3*8(a0)
	\op	t0, 5*8(a0)
	\op	t1, 6*8(a0)
	\op	t2, 7*8(a0)
	\op	s0, 8*8(a0)
	\op	s1, 9*8(a0)
	\op	a1, 11*8(a0)
	\op	a2, 12*8(a0)
	\op	a3, 13*8(a0)
	\op	a4, 14*8(a0)
	\op	a5, 15*8(a0)
	\op	a6, 16*8(a0)
	\op	a7, 17*8(a0)
	\op	s2, 18*8(a0)
	\op	s3, 19*8(a0)
	\op	s4, 20*8(a0)
	\op	s5, 21*8(a0)
	\op	s6, 22*8(a0)
	\op	s7, 23*8(a0)
	\op	s8, 24*8(a0)
	\op	s9, 25*8(a0)
	\op	s10, 26*8(a0)
	\op	s11, 27*8(a0)
	\op	t3, 28*8(a0)
	\op	t4, 29*8(a0)
	\op	t5, 30*8(a0)
	\op	t6, 31*8(a0)
	.endm

	.macro	callee_saved op
	\op	ra, 0(sp)
	\op	s0, 8(sp)
	\op	s1, 16(sp)
	\op	s2, 24(sp)
	\op	s3, 32(sp)
	\op	s4, 40(sp)
	\op	s5, 48(sp)
	\op	s6, 56(sp)
	\op	s7, 64(sp)
	\op	s8, 72(sp)
	\op	s9, 80(sp)
	\op	s10, 88(sp)
	\op	s11, 96(sp)
	.endm

	.section .text.riscv_vcpu_enter, "ax"
	.global riscv_vcpu_enter
	.type riscv_vcpu_enter, %function
riscv_vcpu_enter:
	addi	sp, sp, -FRAME
	callee_saved sd
	sd	a0, 104(sp)
	sd	sp, RISCV_REGS_HOST_SP(a0)
	sd	tp, RISCV_REGS_HOST_TP(a0)
to_guest: /* a0: registers */
	lla	t0, from_guest
	ld	t1, RISCV_REGS_PC(a0)
	ld	t2, RISCV_REGS_SSTATUS(a0)
	ld	t3, RISCV_REGS_HSTATUS(a0)
	csrw	stvec, t0
	csrw	sscratch, a0
	csrw	sepc, t1
	csrw	sstatus, t2
	csrw	hstatus, t3
	others	ld
	ld	sp, 2*8(a0)
	ld	tp, 4*8(a0)
	ld	a0, 10*8(a0)
	sret

	.balign	4 /* stvec */
from_guest:
	csrrw	a0, sscratch, a0
	sd	sp, 2*8(a0)
	sd	tp, 4*8(a0)
	others	sd
	lla	t0, trap_vector
	csrw	stvec, t0
	csrr	t1, sscratch
	csrr	t2, sepc
	csrr	t3, sstatus
	csrr	t4, hstatus
	csrr	a1, scause
	sd	t1, 10*8(a0)
	sd	t2, RISCV_REGS_PC(a0)
	sd	t3, RISCV_REGS_SSTATUS(a0)
	sd	t4, RISCV_REGS_HSTATUS(a0)
	ld	sp, RISCV_REGS_HOST_SP(a0)
	ld	tp, RISCV_REGS_HOST_TP(a0)
	call	riscv_vcpu_handle_exit
	mv	t0, a0
	ld	a0, 104(sp)
	beqz	t0, to_guest
	callee_saved ld
	addi	sp, sp, FRAME
	ret
	.size riscv_vcpu_enter, . - riscv_vcpu_enter
