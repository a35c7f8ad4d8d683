/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Instructions made at run time: what has no name in the assembler, and sweeps over encodings. */
#include "trap.h"

#include <stddef.h>

#define GENERATE_MAX 4096 /* instructions */

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

/** generate_start - forget what was generated */
void generate_start(void);
void generate(uint32_t instruction);
/** generate_run - append RET, call it with x0 = @x0, catch what it does. Return: x0; @trap: what was caught */
uint64_t generate_run(uint64_t x0, struct trap *trap);

/** sysreg_try_read - MRS; the value is 0 if it was not allowed */
uint64_t sysreg_try_read(struct sysreg_name name, struct trap *trap);
void sysreg_try_write(struct sysreg_name name, uint64_t value, struct trap *trap);
