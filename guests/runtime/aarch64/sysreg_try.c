/* SPDX-License-Identifier: Apache-2.0 */
/* System registers by number. */
#include "generate.h"

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
