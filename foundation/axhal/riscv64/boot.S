/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way in, by the RISC-V Linux boot protocol (Documentation/arch/riscv/boot.rst and boot-image-header.rst): HS mode
 * (S mode where there is no H extension), satp 0, the hart id in a0, the device tree's physical address in a1, any load
 * address that is a multiple of 4 KiB.
 *
 * Memory is cached and coherent without the MMU, so C runs at once. Registers of the H extension are left alone until
 * the device tree has said that it is there.
 */
#include "boot_regs.h"

	.section .head.text, "ax"
	.globl	image_start
	.option	push
	.option	norvc
	j	primary_entry		/* code0 */
	nop				/* code1 */
	.option	pop
	.dword	0x200000		/* text_offset: where firmware that obeys it puts us; any page will do */
	.dword	image_end - image_start	/* bss included */
	.dword	0			/* flags: little endian */
	.word	2			/* version 0.2 */
	.word	0
	.dword	0
	.ascii	"RISCV\0\0\0"
	.ascii	"RSC\x05"
	.word	0

	.section .text.primary_entry, "ax"
	.balign	4
primary_entry:
	csrw	sie, zero
	li	t0, SSTATUS_OFF
	csrc	sstatus, t0
	lla	t0, boot_taken
	li	t1, 1
	amoswap.w.aq t1, t1, (t0)
	bnez	t1, secondary_entry	/* a late one, see there */
	mv	s0, a0
	mv	s1, a1
	lla	t0, early_trap		/* until there is a console nobody could be told */
	csrw	stvec, t0
	lla	sp, boot_stack_top

/*
 * Add the load address to every pointer in the data. The list has SHT_RELR's form, made by tools/mkbin: an even entry
 * is the address of a pointer, an odd one has a bit for each of the 63 words after the last; 0 ends it.
 */
	lla	t0, image_start
	lla	t1, relr_start
1:	ld	t2, 0(t1)
	addi	t1, t1, 8
	beqz	t2, 5f
	andi	t3, t2, 1
	bnez	t3, 2f
	add	t4, t0, t2
	ld	t3, 0(t4)
	add	t3, t3, t0
	sd	t3, 0(t4)
	addi	t4, t4, 8
	j	1b
2:	mv	t5, t4			/* t4: the first word that the next bits are about */
	addi	t4, t4, 63 * 8
3:	srli	t2, t2, 1
	beqz	t2, 1b
	andi	t3, t2, 1
	beqz	t3, 4f
	ld	t3, 0(t5)
	add	t3, t3, t0
	sd	t3, 0(t5)
4:	addi	t5, t5, 8
	j	3b

5:	lla	t0, bss_start
	lla	t1, bss_end
6:	sd	zero, 0(t0)		/* bss is not empty and made of whole 64 bytes */
	sd	zero, 8(t0)
	sd	zero, 16(t0)
	sd	zero, 24(t0)
	sd	zero, 32(t0)
	sd	zero, 40(t0)
	sd	zero, 48(t0)
	sd	zero, 56(t0)
	addi	t0, t0, 64
	bltu	t0, t1, 6b

	lla	t0, trap_vector
	csrw	stvec, t0
	csrw	sscratch, zero
	fence.i
	mv	tp, zero		/* the per-CPU template until there are copies */
	mv	a0, s0
	mv	a1, s1
	mv	s0, zero		/* back traces end here */
	mv	ra, zero
	tail	boot_main

	.balign	4
early_trap:
	wfi
	j	early_trap

/*
 * A secondary hart, from SBI hart_start: satp 0, a0 = hart id, a1 = physical address of its struct secondary_boot.
 *
 * OpenSBI before 1.3 lets the hart go before it has noted where to, and with what in a1: a hart that wakes at that moment
 * comes with what the boot hart got, to where that began. So what is in a1 is not asked for; harts are started one by one.
 */
	.globl	secondary_entry
	.balign	4
secondary_entry:
	csrw	sie, zero
	li	t0, SSTATUS_OFF
	csrc	sstatus, t0
	lla	t0, secondary_pending
7:	ld	a1, 0(t0)
	beqz	a1, 7b
	ld	t1, SECONDARY_HART(a1)
	bne	t1, a0, 7b		/* nobody waits for this hart (any more) */
	lla	t0, trap_vector
	csrw	stvec, t0
	csrw	sscratch, zero
	ld	t0, SECONDARY_SATP(a1)
	ld	sp, SECONDARY_STACK(a1)
	ld	tp, SECONDARY_PERCPU(a1)
	sfence.vma
	csrw	satp, t0
	sfence.vma
	fence.i
	mv	s0, zero
	mv	ra, zero
	tail	boot_secondary

	.data
	.balign	8
	.globl	secondary_pending
secondary_pending:			/* the struct secondary_boot of the hart that is being started */
	.dword	0
boot_taken:				/* by the first hart that came */
	.word	0
	.word	0

	.section .bss.boot_scratch, "aw", %nobits
	.balign	4096
	.globl	boot_stack_guard, boot_stack_top
boot_stack_guard:
	.skip	4096
	.skip	BOOT_STACK_SIZE
boot_stack_top:
