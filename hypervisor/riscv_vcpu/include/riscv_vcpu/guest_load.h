/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Loads from the memory of the guest that was left by the trap being handled: at its virtual addresses, with its rights
 * (hstatus.SPVP). Only for riscv_vcpu itself; interrupts off, the vCPU loaded and not entered since its trap.
 *
 *	cause = 0;
 *	stvec = guest_load_begin();
 *	value = guest_load_byte(gva, &cause);
 *	guest_load_end(stvec);
 *
 * A load that faults sets @cause to the exception's and gives any value. It costs sepc, stval, htval, htinst, and what
 * a trap changes in sstatus and hstatus; what has to stay of these is in the vCPU's registers already.
 */
#include <axhal/arch/csr.h>
#include <stdint.h>

extern char guest_load_trap[]; /* guest_load.S: puts the cause into t5, goes on behind the load; uses t6 */

static inline uint64_t guest_load_begin(void)
{
	return csr_swap(CSR_STVEC, (uintptr_t)guest_load_trap);
}

static inline void guest_load_end(uint64_t stvec)
{
	csr_write(CSR_STVEC, stvec);
}

/* The instruction by its funct7 and rs2: unknown to assemblers for RV64IMAC. */
#define GUEST_LOAD_INSN(name, funct7, rs2)                                     \
	static inline uint64_t name(uint64_t gva, uint64_t *cause)             \
	{                                                                      \
		register uint64_t cause_ __asm__("t5") = *cause;               \
		uint64_t value;                                                \
                                                                               \
		__asm__ volatile(".insn r 0x73, 4, " #funct7 ", %0, %2, " #rs2 \
				 : "=r"(value), "+r"(cause_)                   \
				 : "r"(gva)                                    \
				 : "t6", "memory");                            \
		*cause = cause_;                                               \
		return value;                                                  \
	}

GUEST_LOAD_INSN(guest_load_code, 0x32, x3) /* HLVX.HU: a half, needs the right to execute */
GUEST_LOAD_INSN(guest_load_byte, 0x30, x1) /* HLV.BU */
GUEST_LOAD_INSN(guest_load_long, 0x36, x0) /* HLV.D */
