/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way in, by the arm64 Linux boot protocol (Documentation/arch/arm64/booting.rst): MMU and caches off, the device
 * tree's physical address in x0, any load address that is a multiple of 4 KiB.
 *
 * Little is done with the MMU off, because memory is then uncached and unaligned accesses fault: a small identity map of the
 * image and the device tree is written, everything else (relocation, bss, C) runs with MMU and caches on.
 */
#include "boot_regs.h"

	.section .head.text, "ax"
	.globl image_start
	b	primary_entry		/* code0 */
	.long	0			/* code1 */
	.quad	0			/* text_offset */
	.long	image_size, 0		/* bss included; as 32 bits, which need no relocation */
	.quad	0xa			/* flags: little endian, 4 KiB pages, anywhere in memory */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

	.macro	adr_l reg, sym
	adrp	\reg, \sym
	add	\reg, \reg, :lo12:\sym
	.endm

	.macro	mov_q reg, value
	movz	\reg, #:abs_g3:\value
	movk	\reg, #:abs_g2_nc:\value
	movk	\reg, #:abs_g1_nc:\value
	movk	\reg, #:abs_g0_nc:\value
	.endm

	/* Clean and invalidate [\start, \end) to the point of coherency. Clobbers \start and x9-x11. */
	.macro	dcache_civac start, end
	mrs	x9, ctr_el0
	ubfx	x9, x9, #16, #4		/* DminLine: log2 of words */
	mov	x10, #4
	lsl	x10, x10, x9
	sub	x11, x10, #1
	bic	\start, \start, x11
1:	dc	civac, \start
	add	\start, \start, x10
	cmp	\start, \end
	b.lo	1b
	dsb	sy
	.endm

	.text
primary_entry:
	msr	daifset, #0xf
	mov	x21, x0
	mrs	x22, CurrentEL
	cmp	x22, #CURRENT_EL_EL3
	b.eq	park			/* nobody to tell: EL3 knows no console */
	cmp	x22, #CURRENT_EL_EL2
	b.ne	1f
	/* E2H off: from here on the EL2 registers have their classic layout. */
	mov_q	x1, HCR_EL2_BOOT
	msr	hcr_el2, x1
	isb
	mov_q	x1, SCTLR_EL2_OFF
	msr	sctlr_el2, x1
	isb
1:
	msr	spsel, #1
	/*
	 * Lines of the scratch area may stand dirty in the caches from whoever used this memory before and be written back over what is
	 * written uncached now; clean ones may hide it later. So: out with them, before and after.
	 */
	adr_l	x19, scratch_start
	adr_l	x20, scratch_end
	mov	x0, x19
	dcache_civac x0, x20
	adr_l	x0, boot_stack_top
	mov	sp, x0
	mov	x29, xzr
	mov	x30, xzr
	adr_l	x0, image_start
	adr_l	x1, image_end
	mov	x2, x21
	bl	early_map_init
	mov	x23, x0			/* root table */
	mov	x0, x19
	dcache_civac x0, x20

	mrs	x1, id_aa64mmfr0_el1
	ubfx	x1, x1, #0, #4		/* PARange: never more than 48 bits with 48-bit tables */
	mov	x2, #5
	cmp	x1, x2
	csel	x1, x1, x2, lo
	mov_q	x3, MAIR_VALUE
	cmp	x22, #CURRENT_EL_EL2
	b.ne	2f
	mov_q	x2, TCR_EL2_VALUE
	orr	x2, x2, x1, lsl #16
	msr	mair_el2, x3
	msr	tcr_el2, x2
	msr	ttbr0_el2, x23
	mov_q	x4, SCTLR_EL2_EARLY
	isb
	tlbi	alle2
	ic	iallu
	dsb	nsh
	isb
	msr	sctlr_el2, x4
	isb
	b	3f
2:	mov_q	x2, TCR_EL1_VALUE
	orr	x2, x2, x1, lsl #32
	msr	mair_el1, x3
	msr	tcr_el1, x2
	msr	ttbr0_el1, x23
	mov_q	x4, SCTLR_EL1_EARLY
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	msr	sctlr_el1, x4
	isb
3:
	bl	relocate
	adr_l	x1, bss_start
	adr_l	x2, bss_end
4:	stp	xzr, xzr, [x1]			/* bss is not empty and made of whole 64 bytes */
	stp	xzr, xzr, [x1, #16]
	stp	xzr, xzr, [x1, #32]
	stp	xzr, xzr, [x1, #48]
	add	x1, x1, #64
	cmp	x1, x2
	b.lo	4b
	mov	x0, x21
	cmp	x22, #CURRENT_EL_EL2
	b.ne	6f
	adr_l	x1, trap_vectors
	msr	vbar_el2, x1
	msr	tpidr_el2, xzr		/* the per-CPU template until there are copies */
	isb
	bl	boot_main
6:	bl	boot_at_el1		/* says what is wrong */
park:
	wfi
	b	park

/*
 * Add the load address to every pointer in the data. The list has SHT_RELR's form, made by tools/mkbin: an even entry is
 * the address of a pointer, an odd one has a bit for each of the 63 words after the last; 0 ends it.
 */
relocate:
	adr_l	x0, image_start
	adr_l	x1, relr_start
1:	ldr	x2, [x1], #8
	cbz	x2, 5f
	tbnz	x2, #0, 2f
	add	x3, x0, x2
	ldr	x4, [x3]
	add	x4, x4, x0
	str	x4, [x3], #8
	b	1b
2:	mov	x5, x3			/* x3: the first word that the next bits are about */
	add	x3, x3, #63 * 8
3:	lsr	x2, x2, #1
	cbz	x2, 1b
	tbz	x2, #0, 4f
	ldr	x4, [x5]
	add	x4, x4, x0
	str	x4, [x5]
4:	add	x5, x5, #8
	b	3b
5:	ret

/*
 * A secondary CPU, from PSCI CPU_ON: MMU off, x0 = physical address of its struct secondary_boot, which the boot CPU has
 * cleaned to the point of coherency.
 */
	.globl	secondary_entry
secondary_entry:
	msr	daifset, #0xf
	mrs	x1, CurrentEL
	cmp	x1, #CURRENT_EL_EL2
	b.ne	park
	mov_q	x1, HCR_EL2_BOOT
	msr	hcr_el2, x1
	isb
	mov_q	x1, SCTLR_EL2_OFF
	msr	sctlr_el2, x1
	isb
	msr	spsel, #1
	ldp	x2, x3, [x0, #SECONDARY_MAIR]	/* MAIR, TCR */
	ldp	x4, x5, [x0, #SECONDARY_TTBR]	/* TTBR, SCTLR */
	ldp	x6, x7, [x0, #SECONDARY_STACK]	/* stack, per-CPU offset */
	msr	mair_el2, x2
	msr	tcr_el2, x3
	msr	ttbr0_el2, x4
	isb
	tlbi	alle2
	ic	iallu
	dsb	nsh
	isb
	msr	sctlr_el2, x5
	isb
	mov	sp, x6
	msr	tpidr_el2, x7
	mov	x29, xzr
	mov	x30, xzr
	adr_l	x1, trap_vectors
	msr	vbar_el2, x1
	isb
	bl	boot_secondary
	b	park

	.section .bss.boot_scratch, "aw", %nobits
	.balign	4096
	.globl	boot_stack_guard, boot_stack_top
boot_stack_guard:
	.skip	4096
	.skip	BOOT_STACK_SIZE
boot_stack_top:
