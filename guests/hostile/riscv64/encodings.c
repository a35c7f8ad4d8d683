/* SPDX-License-Identifier: Apache-2.0 */
/* Every CSR with odd values; every instruction of the SYSTEM and MISC-MEM opcodes. */
#include "attacks.h"

/* Those that this guest itself cannot do without. */
static bool is_own(unsigned csr)
{
	/* Without a hypervisor beneath us the H extension's are ours, too. */
	return csr == 0x100 || csr == 0x105 || csr == 0x140 || csr == 0x180 ||
	       (bootarg("bare") && ((csr >= 0x200 && csr < 0x300) || (csr >= 0x600 && csr < 0x700)));
}

static unsigned sweep(uint32_t (*instruction)(unsigned csr), bool writes, uint64_t value)
{
	struct trap trap;
	unsigned csr;

	generate_start();
	for (csr = 0; csr < GENERATE_MAX; csr++) {
		if (!writes || !is_own(csr))
			generate(instruction(csr));
	}
	generate_run(value, &trap);
	csr_write(sie, 0);
	return trap.count;
}

static uint32_t read(unsigned csr)
{
	return INSN_CSRR(csr) & ~0xf80u; /* into x0 */
}

static uint32_t write(unsigned csr)
{
	return INSN_CSRW(csr);
}

static uint32_t set(unsigned csr)
{
	return 0x00052073 | csr << 20; /* csrs csr, a0 */
}

static uint32_t clear_immediate(unsigned csr)
{
	return 0x000ff073 | csr << 20; /* csrci csr, 31 */
}

void attack_csrs(void)
{
	const uint64_t values[] = { ~0ULL, 0x5555555555555555, 0, random_next(), MMU_FREE_START, NOWHERE };
	unsigned i, refused = sweep(read, false, 0);

	print("hostile: 4096 CSRs read, %u refused\n", refused);
	check(refused > 3900 || bootarg("bare"), "csr-read", "only %u were refused", refused);
	for (i = 0; i < ARRAY_LEN(values); i++) {
		refused = sweep(write, true, values[i]);
		refused += sweep(set, true, values[i]);
		refused += sweep(clear_immediate, true, 0);
		check(refused > 3 * 3900 || bootarg("bare"), "csr-write", "only %u were refused", refused);
	}
	csr_write(scounteren, 7);
	timer_stop();
}

/* Not ECALL, WFI and SRET, nor what waits for a reservation. */
static bool is_harmless(uint32_t instruction)
{
	uint32_t function = instruction >> 20;

	return (instruction >> 12 & 7) != 0 ||
	       (function != 0 && function != 0x105 && function != 0x102 && function != 0x00d && function != 0x01d);
}

static void attack_system_opcode(void)
{
	unsigned function, refused = 0, tried = 0;
	struct trap trap;

	/* funct3 0 with any funct12; a0 is in rs1 and rd in turn. */
	for (function = 0; function < 4096; function += 1024) {
		unsigned i;

		generate_start();
		for (i = function; i < function + 1024; i++) {
			uint32_t plain = 0x73 | i << 20;

			if (!is_harmless(plain))
				continue;
			generate(plain);
			generate(plain | 10 << 15);
			tried += 2;
		}
		generate_run(NOWHERE, &trap);
		refused += trap.count;
	}
	/* funct3 4: HLV, HLVX, HSV and what is beside them. */
	for (function = 0; function < 4096; function += 2048) {
		unsigned i;

		generate_start();
		for (i = function; i < function + 2048; i++, tried++)
			generate(0x00054073 | i << 20);
		generate_run(machine.ram[0].base, &trap);
		refused += trap.count;
	}
	print("hostile: %u SYSTEM instructions, %u refused\n", tried, refused);
}

/* Cache block operations and fences, on what is memory and what is not. */
static void attack_misc_mem(void)
{
	const uint64_t operands[] = { NOWHERE, uart_address(0), intc.base, MMU_FREE_START, ~0ULL, FAR_AWAY };
	unsigned i, k, refused = 0;
	struct trap trap;

	for (i = 0; i < ARRAY_LEN(operands); i++) {
		generate_start();
		for (k = 0; k < 4096; k++)
			generate(0x0005200f | k << 20);
		generate_run(operands[i], &trap);
		refused += trap.count;
	}
	print("hostile: %u cache block operations, %u refused\n", (unsigned)ARRAY_LEN(operands) * 4096, refused);
}

static void attack_illegal(void)
{
	static const uint32_t words[] = {
		0, ~0u, 0x0000000b, 0x0000002b, 0x0000005b, 0x0000007b, 0x30200073, 0x7b200073
	};
	unsigned i, k, refused = 0;
	struct trap trap;

	for (i = 0; i < ARRAY_LEN(words); i++) {
		generate_start();
		for (k = 0; k < 2000; k++)
			generate(words[i]);
		generate_run(0, &trap);
		refused += trap.count;
	}
	/* A zero word is two compressed instructions that there are not. */
	check_range("illegal-storm", refused, 2000 * ARRAY_LEN(words), 2000 * (ARRAY_LEN(words) + 1));
}

void attack_instructions(void)
{
	attack_system_opcode();
	attack_misc_mem();
	attack_illegal();
}
