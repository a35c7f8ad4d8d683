/* SPDX-License-Identifier: Apache-2.0 */
	.text

	/* void push_on(uint64_t sp): the stack pointer goes to a bad place and something is pushed */
	.globl push_on
push_on:
	mrs	x1, sp_el0
	msr	spsel, #0
	mov	sp, x0
	stp	x29, x30, [sp, #-16]!
	str	x1, [sp, #8]
	msr	spsel, #1
	msr	sp_el0, x1
	ret

	/* void illegal_return(uint64_t spsr): an ERET to a state that there is not */
	.globl illegal_return
illegal_return:
	msr	spsr_el1, x0
	adr	x1, 1f
	msr	elr_el1, x1
	isb
	eret
1:	ret

	/* Runs at EL0, in a read-only copy. HVC, SMC, MSR and MRS of EL1, WFI, maintenance: each is refused or harmless. */
	.balign 4096
	.globl el0_code
el0_code:
	hvc	#0
	smc	#0
	hvc	#0x4141
	smc	#0x4141
	mrs	x1, sctlr_el1
	msr	ttbr0_el1, xzr
	msr	daifclr, #0xf
	mrs	x1, s3_4_c1_c1_0
	mrs	x1, s3_3_c9_c12_0
	mrs	x1, cntvct_el0
	mrs	x1, cntp_ctl_el0
	msr	cntv_ctl_el0, xzr
	tlbi	vmalle1
	ic	iallu
	dc	isw, xzr
	dc	civac, x0
	dc	zva, x0
	mrs	x1, id_aa64pfr0_el1
	mrs	x1, mpidr_el1
	mrs	x1, s3_0_c12_c12_0
	msr	s3_0_c12_c11_5, x0
	brk	#7
	hlt	#7
	.inst	0
	mov	x2, #8
	ldr	x1, [x2]
	mov	x0, #0x600d
	svc	#0
	b	.
	.globl el0_code_end
el0_code_end:

	/*
	 * The same in A32: mcr/mrc of PMCR, CNTVCT, SCTLR, DBGDIDR, hvc, smc, wfi-free, svc. Written as words: this
	 * assembler knows only A64.
	 */
	.balign 4096
	.globl el0_code32
el0_code32:
	.inst	0xee190f1c	/* mrc p15, 0, r0, c9, c12, 0 */
	.inst	0xec510f1e	/* mrrc p15, 1, r0, r1, c14 */
	.inst	0xee110f10	/* mrc p15, 0, r0, c1, c0, 0 */
	.inst	0xee100e10	/* mrc p14, 0, r0, c0, c0, 0 */
	.inst	0xee010f10	/* mcr p15, 0, r0, c1, c0, 0 */
	.inst	0xeef80a10	/* vmrs r0, fpexc */
	.inst	0xe1400070	/* hvc #0 */
	.inst	0xe1600070	/* smc #0 */
	.inst	0xe7f000f0	/* udf #0 */
	.inst	0xe1200070	/* bkpt #0 */
	.inst	0xec410f1c	/* mcrr p15, 1, r0, r0, c12: ICC_ASGI1R */
	.inst	0xee1c0f1c	/* mrc p15, 0, r0, c12, c12, 0: ICC_IAR1 */
	.inst	0xe3a00c06	/* mov r0, #0x600 */
	.inst	0xef000000	/* svc #0 */
	.inst	0xeafffffe	/* b . */
	.globl el0_code32_end
el0_code32_end:
