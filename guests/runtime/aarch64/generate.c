/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions made at run time. One CPU at a time. */
#include "generate.h"
#include "sysreg.h"

static uint32_t code[GENERATE_MAX + 1] __attribute__((aligned(4096)));
static unsigned used;

static uint32_t fields(struct sysreg_name name, unsigned rt)
{
	return name.op0 << 19 | name.op1 << 16 | name.crn << 12 | name.crm << 8 | name.op2 << 5 | rt;
}

uint32_t insn_mrs(struct sysreg_name name, unsigned rt)
{
	return 0xd5200000 | fields(name, rt);
}

uint32_t insn_msr(struct sysreg_name name, unsigned rt)
{
	return 0xd5000000 | fields(name, rt);
}

void generate_start(void)
{
	used = 0;
}

void generate(uint32_t instruction)
{
	if (used < GENERATE_MAX)
		code[used++] = instruction;
}

uint64_t generate_run(uint64_t x0, struct trap *trap)
{
	uint64_t result;

	code[used] = INSN_RET;
	icache_sync(code, (used + 1) * sizeof(code[0]));
	trap_catch();
	__asm__ volatile("mov x0, %1\n\tblr %2\n\tmov %0, x0"
			 : "=r"(result)
			 : "r"(x0), "r"((uintptr_t)code)
			 : "x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13",
			   "x14", "x15", "x16", "x17", "x18", "x30", "cc", "memory");
	*trap = trap_caught();
	return result;
}

uint64_t sysreg_try_read(struct sysreg_name name, struct trap *trap)
{
	generate_start();
	generate(insn_mrs(name, 0));
	return generate_run(0, trap);
}

void sysreg_try_write(struct sysreg_name name, uint64_t value, struct trap *trap)
{
	generate_start();
	generate(insn_msr(name, 0));
	generate_run(value, trap);
}
