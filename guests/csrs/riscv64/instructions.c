/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that the isa string tells of work, those of other modes are illegal. */
#include "csrs.h"
#include <mmu.h>

#include <stdio.h>

#define PAGE 4096ULL
#define R(opcode, funct3, funct7, rd, rs1, rs2) \
	((uint32_t)(opcode) | (rd) << 7 | (funct3) << 12 | (rs1) << 15 | (rs2) << 20 | (uint32_t)(funct7) << 25)
#define A0 10
#define OP 0x33

struct computed {
	const char *extension, *name;
	uint32_t instruction; /* of a0, into a0 */
	uint64_t operand, result;
};

static const struct computed computed[] = {
	{ "zba", "sh1add", R(OP, 2, 0x10, A0, A0, A0), 0x1001, 0x3003 },
	{ "zba", "add.uw", R(0x3b, 0, 0x04, A0, A0, A0), 0xffffffff00000001, 0xffffffff00000002 },
	{ "zbb", "cpop", R(0x13, 1, 0x30, A0, A0, 2), 0xff00ff, 16 },
	{ "zbb", "clz", R(0x13, 1, 0x30, A0, A0, 0), 1, 63 },
	{ "zbb", "rev8", 0x6b855513, 0x0102030405060708, 0x0807060504030201 },
	{ "zbc", "clmul", R(OP, 1, 0x05, A0, A0, A0), 3, 5 },
	{ "zbs", "bclr", R(OP, 1, 0x24, A0, A0, A0), 3, 3 },
	{ "zbs", "bset", R(OP, 1, 0x14, A0, A0, A0), 3, 11 },
	{ "zicond", "czero.eqz", R(OP, 5, 0x07, A0, A0, A0), 7, 7 },
	{ "zihintpause", "pause", 0x0100000f, 5, 5 },
	{ "svinval", "sinval.vma", 0x16000073, 5, 5 },
	{ "svinval", "sfence.w.inval", 0x18000073, 5, 5 },
	{ "svinval", "sfence.inval.ir", 0x18100073, 5, 5 },
	{ "zawrs", "wrs.sto", 0x01d00073, 5, 5 },
	{ "zicsr", "nop", INSN_NOP, 5, 5 },
	{ "m", "mul", R(OP, 0, 0x01, A0, A0, A0), 7, 49 },
	{ "m", "div by 0", R(OP, 4, 0x01, A0, A0, 0), 7, ~0ULL },
};

static void check_computed(void)
{
	struct trap trap;
	uint64_t result;
	unsigned i;

	for (i = 0; i < ARRAY_LEN(computed); i++) {
		if (!isa_has(computed[i].extension))
			continue;
		generate_start();
		generate(computed[i].instruction);
		result = generate_run(computed[i].operand, &trap);
		check(!trap.count && result == computed[i].result, computed[i].name, "cause %llu, got %#llx",
		      (unsigned long long)trap.cause, (unsigned long long)result);
	}
}

struct forbidden {
	const char *name;
	uint32_t instruction;
	bool bare; /* also where this guest runs in HS mode */
};

static const struct forbidden forbidden[] = {
	{ "mret", 0x30200073, true },
	{ "uret", 0x00200073, true },
	{ "dret", 0x7b200073, true },
	{ "mnret", 0x70200073, true },
	{ "hfence.vvma", 0x22000073 },
	{ "hfence.gvma", 0x62000073 },
	{ "hinval.vvma", 0x26000073 },
	{ "hinval.gvma", 0x66000073 },
	{ "hlv.b", R(0x73, 4, 0x30, A0, A0, 0) },
	{ "hlv.d", R(0x73, 4, 0x36, A0, A0, 0) },
	{ "hlvx.hu", R(0x73, 4, 0x32, A0, A0, 3) },
	{ "hlvx.wu", R(0x73, 4, 0x34, A0, A0, 3) },
	{ "hsv.b", R(0x73, 4, 0x31, 0, A0, 0) },
	{ "hsv.d", R(0x73, 4, 0x37, 0, A0, 0) },
	{ "zero", 0x00000000, true },
	{ "ones", 0xffffffff, true },
	{ "custom-0", 0x0000000b, true },
	{ "custom-3", 0x0000007b, true },
	{ "system", 0x7ff00073, true },
};

static void check_forbidden(void)
{
	struct trap trap;
	char name[48];
	unsigned i;

	for (i = 0; i < ARRAY_LEN(forbidden); i++) {
		if (bootarg("bare") && !forbidden[i].bare)
			continue;
		generate_start();
		generate(forbidden[i].instruction);
		generate_run((uint64_t)&trap, &trap);
		snprintf(name, sizeof(name), "illegal-%s", forbidden[i].name);
		check(trap.count && trap_is_undefined(&trap), name, "got %u: cause %llu", trap.count,
		      (unsigned long long)trap.cause);
	}
	trap_catch();
	__asm__ volatile("ebreak" : : : "memory");
	trap = trap_caught();
	check(trap.count == 1 && trap.cause == CAUSE_BREAKPOINT, "ebreak", "got %u: cause %llu", trap.count,
	      (unsigned long long)trap.cause);
	/* What an illegal instruction was stands in stval, or 0. */
	generate_start();
	generate(0x0000000b);
	generate_run(0, &trap);
	check(trap.address == 0x0000000b || trap.address == 0, "illegal-stval", "got %#llx",
	      (unsigned long long)trap.address);
}

static uint32_t user_code[PAGE / 4] __attribute__((aligned(4096)));
static uint64_t user_stack[PAGE / 8] __attribute__((aligned(4096)));

/* One instruction in user mode. Return: its a0 */
static uint64_t run_as_user(uint32_t instruction, struct trap *trap)
{
	uint64_t result;

	user_code[0] = instruction;
	user_code[1] = 0x00000073; /* ecall */
	icache_sync(user_code, 8);
	trap_catch();
	result = user_run(MMU_FREE_START, MMU_FREE_START + (1ULL << 21) + PAGE, 0);
	*trap = trap_caught();
	return result;
}

static void check_user(void)
{
	static const uint32_t refused[] = { INSN_CSRR(0x100), INSN_CSRR(0x180), INSN_CSRR(0x300),
					    INSN_CSRW(0x105), 0x12000073,       0x10200073 };
	unsigned i, wrong = 0;
	struct trap trap;
	uint64_t saved = csr_read(scounteren), result;

	mmu_map(MMU_FREE_START, (uint64_t)user_code, PAGE, MMU_USER_CODE);
	mmu_map(MMU_FREE_START + (1ULL << 21), (uint64_t)user_stack, PAGE, MMU_USER_DATA);
	for (i = 0; i < ARRAY_LEN(refused); i++) {
		run_as_user(refused[i], &trap);
		wrong += trap.count != 1 || trap.cause != CAUSE_ILLEGAL_INSN || trap.status & SSTATUS_SPP;
	}
	check_eq("user-refused", wrong, 0);
	csr_write(scounteren, 2);
	result = run_as_user(INSN_CSRR(0xc01), &trap);
	check(!trap.count && result, "user-time", "cause %llu, got %#llx", (unsigned long long)trap.cause,
	      (unsigned long long)result);
	csr_write(scounteren, 0);
	/* Not time: OpenSBI emulates that, whatever scounteren says. */
	run_as_user(INSN_CSRR(0xc00), &trap);
	check(trap.count == 1 && trap_is_undefined(&trap), "user-cycle-denied", "got %u: cause %llu", trap.count,
	      (unsigned long long)trap.cause);
	csr_write(scounteren, saved);
	result = run_as_user(0x00054503, &trap); /* lbu a0, (a0): address 0 */
	check(trap.count == 1 && trap.cause == CAUSE_LOAD_PAGE, "user-load", "got %u: cause %llu", trap.count,
	      (unsigned long long)trap.cause);
}

void check_instructions(void)
{
	check_computed();
	check_forbidden();
	check_user();
}
