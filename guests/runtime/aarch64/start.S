/* SPDX-License-Identifier: Apache-2.0 */
/* Entry of the first and of the other CPUs, the step to the MMU, firmware calls, EL0. */
#include "offsets.h"

	.arch_extension fp

/* The arm64 Image header follows these two words: image.lds writes it. */
	.section .head.branch, "ax"
	.globl _start
_start:
	b	start_first
	nop

	.section .text.start, "ax"

/* x0: device tree. MMU off, caches unknown. */
start_first:
	mrs	x20, cntvct_el0
	msr	daifset, #0xf
	mov	x19, x0

	adrp	x1, bss_start
	add	x1, x1, :lo12:bss_start
	adrp	x2, bss_end
	add	x2, x2, :lo12:bss_end
1:	cmp	x1, x2
	b.hs	2f
	stp	xzr, xzr, [x1], #16
	b	1b

	/* R_AARCH64_RELATIVE is the only relocation of a static position-independent image. */
2:	adrp	x0, _start
	adrp	x1, rela_start
	add	x1, x1, :lo12:rela_start
	adrp	x2, rela_end
	add	x2, x2, :lo12:rela_end
3:	cmp	x1, x2
	b.hs	4f
	ldp	x3, x4, [x1], #16
	ldr	x5, [x1], #8
	cmp	x4, #1027
	b.ne	3b
	add	x5, x5, x0
	str	x5, [x0, x3]
	b	3b

4:	adrp	x1, first_stack_end
	add	sp, x1, :lo12:first_stack_end
	adrp	x0, clock_at_start
	str	x20, [x0, :lo12:clock_at_start]
	bl	cpu_setup
	mov	x0, x19
	bl	start_c
5:	wfi
	b	5b

/* PSCI CPU_ON comes here. x0: struct cpu. The stack is used only when the MMU is on. */
	.globl start_other
start_other:
	msr	daifset, #0xf
	mov	x19, x0
	bl	cpu_setup
	adrp	x0, mmu_registers
	add	x0, x0, :lo12:mmu_registers
	bl	mmu_load
	ldr	x1, [x19, #CPU_STACK]
	mov	sp, x1
	mov	x0, x19
	bl	start_other_c
6:	wfi
	b	6b

/* Vectors, FP/SIMD on. */
cpu_setup:
	adrp	x1, vectors
	add	x1, x1, :lo12:vectors
	msr	vbar_el1, x1
	mov	x1, #3 << 20
	msr	cpacr_el1, x1
	msr	spsel, #1
	isb
	ret

	.globl mmu_load
mmu_load:
	ldp	x1, x2, [x0]
	ldp	x3, x4, [x0, #16]
	dsb	sy
	msr	mair_el1, x1
	msr	tcr_el1, x2
	msr	ttbr0_el1, x3
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	sy
	isb
	msr	sctlr_el1, x4
	isb
	ret

/* void smccc_raw(uint64_t x[18], bool smc): all of x0-x17 go out and come back. */
	.globl smccc_raw
smccc_raw:
	stp	x29, x30, [sp, #-48]!
	stp	x19, x20, [sp, #16]
	str	x18, [sp, #32]
	mov	x19, x0
	mov	x20, x1
	ldp	x2, x3, [x19, #16]
	ldp	x4, x5, [x19, #32]
	ldp	x6, x7, [x19, #48]
	ldp	x8, x9, [x19, #64]
	ldp	x10, x11, [x19, #80]
	ldp	x12, x13, [x19, #96]
	ldp	x14, x15, [x19, #112]
	ldp	x16, x17, [x19, #128]
	ldp	x0, x1, [x19]
	cbnz	x20, 7f
	hvc	#0
	b	8f
7:	smc	#0
8:	stp	x0, x1, [x19]
	stp	x2, x3, [x19, #16]
	stp	x4, x5, [x19, #32]
	stp	x6, x7, [x19, #48]
	stp	x8, x9, [x19, #64]
	stp	x10, x11, [x19, #80]
	stp	x12, x13, [x19, #96]
	stp	x14, x15, [x19, #112]
	stp	x16, x17, [x19, #128]
	ldr	x18, [sp, #32]
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #48
	ret

/* uint64_t el0_run(entry, sp, x0, spsr): trap_handle() comes back to el0_return when the code executes SVC. */
	.globl el0_run
el0_run:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	msr	elr_el1, x0
	msr	sp_el0, x1
	msr	spsr_el1, x3
	mov	x0, x2
	eret
	.globl el0_return
el0_return:
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret

	.bss
	.balign 16
	.space	16384
first_stack_end:
