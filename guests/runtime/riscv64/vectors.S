/* SPDX-License-Identifier: Apache-2.0 */
/* The trap vector: saves a struct trap_frame and calls trap_handle(frame). */
#include "offsets.h"

	.text
	.balign 4
	.globl vectors
vectors:
	csrrw	tp, sscratch, tp
	sd	sp, CPU_SCRATCH(tp)
	sd	t0, CPU_SCRATCH + 8(tp)
	ld	t0, CPU_TRAP_STACK(tp)
	beqz	t0, 1f
	mv	sp, t0
1:	addi	sp, sp, -FRAME_SIZE
	.irp n, 1, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	sd	x\n, \n * 8(sp)
	.endr
	sd	gp, 24(sp)
	ld	t0, CPU_SCRATCH(tp)
	sd	t0, 16(sp)
	ld	t0, CPU_SCRATCH + 8(tp)
	sd	t0, 40(sp)
	csrrw	t0, sscratch, tp
	sd	t0, 32(sp)
	csrr	t0, sepc
	sd	t0, FRAME_PC(sp)
	csrr	t0, sstatus
	sd	t0, FRAME_STATUS(sp)
	csrr	t0, scause
	sd	t0, FRAME_CAUSE(sp)
	csrr	t0, stval
	sd	t0, FRAME_VALUE(sp)
	mv	a0, sp
	call	trap_handle
	ld	t0, FRAME_PC(sp)
	csrw	sepc, t0
	ld	t0, FRAME_STATUS(sp)
	csrw	sstatus, t0
	.irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ld	x\n, \n * 8(sp)
	.endr
	ld	sp, 16(sp)
	sret
