/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Exceptions: what they are called, taking interrupts by hand, running code at EL0. */
#include <stdbool.h>
#include <stdint.h>

/* Exception classes, ESR_EL1.EC (Arm ARM D17.2.37). */
#define ESR_EC(esr)       ((unsigned)((esr) >> 26) & 0x3f)
#define EC_UNKNOWN        0x00u
#define EC_SYSREG         0x18u
#define EC_ILLEGAL_STATE  0x0eu
#define EC_SVC32          0x11u
#define EC_SVC64          0x15u
#define EC_IABT_LOWER     0x20u
#define EC_IABT           0x21u
#define EC_PC_ALIGNMENT   0x22u
#define EC_DABT_LOWER     0x24u
#define EC_DABT           0x25u
#define EC_SP_ALIGNMENT   0x26u
#define EC_SERROR         0x2fu
#define EC_STEP_LOWER     0x32u
#define EC_STEP           0x33u
#define ESR_FSC(esr)      ((unsigned)(esr)&0x3f)
#define FSC_EXTERNAL      0x10u
#define FSC_EXTERNAL_WALK 0x14u /* + level */
#define FSC_ALIGNMENT     0x21u
#define ESR_WNR           (1u << 6)
#define SPSR_IL           (1u << 20)

/* Vectors: the order of the table. */
enum trap_kind { TRAP_SYNC, TRAP_IRQ, TRAP_FIQ, TRAP_SERROR };

struct trap_frame {
	uint64_t x[31];
	uint64_t sp0;
	uint64_t elr, spsr, esr, far;
};

/* When set, it takes IRQs and FIQs of all CPUs instead of the interrupt controller's driver. */
extern void (*trap_irq_hook)(struct trap_frame *frame, enum trap_kind kind);

/** el0_run - run code at EL0 until it executes SVC; interrupts masked. @spsr: EL0_A64 or EL0_A32. Return: its x0 */
uint64_t el0_run(uint64_t entry, uint64_t sp, uint64_t x0, uint64_t spsr);
#define EL0_A64 0x3c0
#define EL0_A32 0x1d0

static inline void trap_catch_arch(void)
{
	__asm__ volatile("msr daifclr, #4\n\tisb" : : : "memory");
}

static inline void trap_caught_arch(void)
{
	/* An error that is still on its way belongs to the test. */
	__asm__ volatile("dsb sy\n\tisb\n\tmsr daifset, #4" : : : "memory");
}

/* From vectors.S. */
void trap_handle(struct trap_frame *frame, unsigned vector);
