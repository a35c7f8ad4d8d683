/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loops that are measured. An empty one has the same instructions except for the measured one. Handlers of
 * interrupts are as short as can be: x27 counts them; x24 and x25 are GICC_EOIR and GICC_IAR (GICv2).
 */

	.macro loop name, prepare, measured
	.globl bench_\name
bench_\name:
	stp	x29, x30, [sp, #-32]!
	stp	x19, x20, [sp, #16]
	mov	x19, x0
	mov	x20, x1
1:	\prepare
	\measured
	subs	x19, x19, #1
	b.ne	1b
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #32
	ret
	.endm

	.text
	/* void bench_x(uint64_t rounds, uint64_t operand) */
	loop	empty, "mov x0, x20", ""
	loop	hvc, "mov x0, x20", "hvc #0"
	loop	smc, "mov x0, x20", "smc #0"
	loop	read32, "mov x0, x20", "ldr w1, [x20]"
	loop	write32_zero, "mov x0, x20", "str wzr, [x20]"
	loop	read_id, "mov x0, x20", "mrs x1, id_aa64pfr0_el1"
	loop	read_cntp, "mov x0, x20", "mrs x1, cntp_ctl_el0"

	.macro save
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	.endm

	.macro restore
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret
	.endm

	/* void bench_ipi_v3(rounds, ICC_SGI1R value): send, take, end */
	.globl bench_ipi_v3
bench_ipi_v3:
	save
	adrp	x2, vectors_v3
	add	x2, x2, :lo12:vectors_v3
	mov	x27, xzr
	mov	x26, xzr
	msr	vbar_el1, x2
	isb
	msr	daifclr, #2
1:	msr	s3_0_c12_c11_5, x1
	isb
2:	cmp	x27, x26
	b.eq	2b
	mov	x26, x27
	subs	x0, x0, #1
	b.ne	1b
	b	vectors_back

	/* void bench_ipi_v2(rounds, GICD_SGIR value, GICD_SGIR address, GICC base) */
	.globl bench_ipi_v2
bench_ipi_v2:
	save
	add	x25, x3, #0x0c
	add	x24, x3, #0x10
	adrp	x4, vectors_v2
	add	x4, x4, :lo12:vectors_v2
	mov	x27, xzr
	mov	x26, xzr
	msr	vbar_el1, x4
	isb
	msr	daifclr, #2
1:	str	w1, [x2]
2:	cmp	x27, x26
	b.eq	2b
	mov	x26, x27
	subs	x0, x0, #1
	b.ne	1b
	b	vectors_back

	/*
	 * uint64_t bench_timer(deadline, GICC base or 0, nops): CNTVCT in the handler, read after its first instruction
	 * and that many nops
	 */
	.globl bench_timer
bench_timer:
	save
	mov	x25, x1
	adr	x22, sled_end
	sub	x22, x22, x2, lsl #2
	adrp	x4, vectors_timer
	add	x4, x4, :lo12:vectors_timer
	mov	x27, xzr
	msr	vbar_el1, x4
	msr	cntv_cval_el0, x0
	mov	x3, #1
	isb
	msr	cntv_ctl_el0, x3
	msr	daifclr, #2
1:	cbz	x27, 1b
	mov	x0, x28
	b	vectors_back

vectors_back:
	msr	daifset, #2
	adrp	x2, vectors
	add	x2, x2, :lo12:vectors
	msr	vbar_el1, x2
	isb
	restore

	.rept 16
	nop
	.endr
sled_end:
	mrs	x28, cntvct_el0
	msr	cntv_ctl_el0, xzr
	isb
	cbz	x25, 3f
	ldr	w26, [x25, #0x0c]
	str	w26, [x25, #0x10]
	b	4f
3:	mrs	x26, s3_0_c12_c12_0
	msr	s3_0_c12_c12_1, x26
4:	mov	x27, #1
	eret

	/* Anything but an IRQ goes to the usual vectors: it happens again there. */
	.macro table name, irq:vararg
	.balign 2048
\name:
	.irp number, 0, 1, 2, 3, 4
	.balign 128
	b	not_irq
	.endr
	.balign 128
	\irq
	.irp number, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	.balign 128
	b	not_irq
	.endr
	.endm

	.macro handle_v3
	mrs	x28, s3_0_c12_c12_0
	msr	s3_0_c12_c12_1, x28
	add	x27, x27, #1
	eret
	.endm

	.macro handle_v2
	ldr	w28, [x25]
	str	w28, [x24]
	add	x27, x27, #1
	eret
	.endm

	table	vectors_v3, handle_v3
	table	vectors_v2, handle_v2
	table	vectors_timer, br x22

not_irq:
	adrp	x28, vectors
	add	x28, x28, :lo12:vectors
	msr	vbar_el1, x28
	eret
