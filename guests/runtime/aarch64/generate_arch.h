/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Instructions by number; included by generate.h. */
#include "trap.h"

#include <stdint.h>

/* A system register as MRS and MSR name it (Arm ARM C5.2); op0 = 1 are the system instructions SYS and SYSL. */
struct sysreg_name {
	unsigned op0, op1, crn, crm, op2;
};

#define INSN_RET      0xd65f03c0u
#define INSN_NOP      0xd503201fu
#define INSN_HVC(imm) (0xd4000002u | (uint32_t)(imm) << 5)
#define INSN_SMC(imm) (0xd4000003u | (uint32_t)(imm) << 5)
#define INSN_SVC(imm) (0xd4000001u | (uint32_t)(imm) << 5)
/* MRS X<rt>, name and MSR name, X<rt> */
uint32_t insn_mrs(struct sysreg_name name, unsigned rt);
uint32_t insn_msr(struct sysreg_name name, unsigned rt);

/** sysreg_try_read - MRS; the value is 0 if it was not allowed */
uint64_t sysreg_try_read(struct sysreg_name name, struct trap *trap);
void sysreg_try_write(struct sysreg_name name, uint64_t value, struct trap *trap);

static inline uint64_t generate_call(const uint32_t *code, uint64_t arg)
{
	uint64_t result;

	__asm__ volatile("mov x0, %1\n\tblr %2\n\tmov %0, x0"
			 : "=r"(result)
			 : "r"(arg), "r"((uintptr_t)code)
			 : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
			   "x14", "x15", "x16", "x17", "x18", "x30", "cc", "memory");
	return result;
}
