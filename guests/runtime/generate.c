/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions made at run time. */
#include "generate.h"
#include "arch.h"

static uint32_t code[GENERATE_MAX + 1] __attribute__((aligned(4096)));
static unsigned used;

void generate_start(void)
{
	used = 0;
}

void generate(uint32_t instruction)
{
	if (used < GENERATE_MAX)
		code[used++] = instruction;
}

uint64_t generate_run(uint64_t arg, struct trap *trap)
{
	uint64_t result;

	code[used] = INSN_RET;
	icache_sync(code, (used + 1) * sizeof(code[0]));
	trap_catch();
	result = generate_call(code, arg);
	*trap = trap_caught();
	return result;
}
