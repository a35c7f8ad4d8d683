/* SPDX-License-Identifier: Apache-2.0 */
/* Every encoding of a system register or system instruction, HVC and SMC with every immediate and many function IDs. */
#include "attacks.h"

/* Those that this guest itself cannot do without; ~0 in a field: any. */
#define ANY 0xffu
struct own {
	uint8_t op0, op1, crn, crm, op2;
};

static const struct own own_registers[] = {
	{ 3, 0, 1, 0, 0 },    /* SCTLR */
	{ 3, 0, 1, 0, 3 },    /* SCTLR2 */
	{ 3, 0, 2, 0, ANY },  /* TTBR, TCR */
	{ 3, 0, 10, 2, ANY }, /* MAIR and its like */
	{ 3, 0, 12, 0, ANY }, /* VBAR */
	{ 3, 0, 13, 0, 4 },   /* TPIDR: this runtime's */
	{ 3, 0, 4, 2, 0 },    /* SPSel */
	{ 2, 0, 0, 2, 2 },    /* MDSCR: single step, breakpoints */
	{ 2, 0, 0, ANY, 5 },  /* DBGBCR */
	{ 2, 0, 0, ANY, 7 },  /* DBGWCR */
};

static bool is_own(struct sysreg_name name)
{
	unsigned i;

	for (i = 0; i < ARRAY_LEN(own_registers); i++) {
		const struct own *own = &own_registers[i];

		if (own->op0 == name.op0 && own->op1 == name.op1 && own->crn == name.crn &&
		    (own->crm == ANY || own->crm == name.crm) && (own->op2 == ANY || own->op2 == name.op2))
			return true;
	}
	return false;
}

enum sweep { READ, WRITE_BACK, WRITE };

/* The 128 registers of one op0, op1, CRn in one go. Return: how many were refused */
static unsigned sweep_block(struct sysreg_name name, enum sweep sweep, uint64_t value)
{
	struct trap trap;

	generate_start();
	for (name.crm = 0; name.crm < 16; name.crm++) {
		for (name.op2 = 0; name.op2 < 8; name.op2++) {
			if (sweep == WRITE && is_own(name))
				continue;
			if (sweep != WRITE) {
				generate(0xd2800000); /* mov x0, #0 */
				generate(insn_mrs(name, 0));
			}
			if (sweep != READ)
				generate(insn_msr(name, 0));
		}
	}
	generate_run(value, &trap);
	return trap.count;
}

static void sweep_all(const char *what, enum sweep sweep, uint64_t value)
{
	struct sysreg_name name = { 0 };
	unsigned tried = 0, refused = 0;

	for (name.op0 = 2; name.op0 < 4; name.op0++) {
		for (name.op1 = 0; name.op1 < 8; name.op1++) {
			for (name.crn = 0; name.crn < 16; name.crn++) {
				refused += sweep_block(name, sweep, value);
				tried += 128;
			}
		}
	}
	print("hostile: %s: %u encodings, %u refused\n", what, tried, refused);
	check(refused > tried / 2, what, "only %u of %u were refused", refused, tried);
}

void attack_system_registers(void)
{
	static const uint64_t values[] = { ~0ULL, 0x5555555555555555ULL, 0 };
	unsigned i;

	sweep_all("sysreg-read", READ, 0);
	sweep_all("sysreg-write-back", WRITE_BACK, 0);
	for (i = 0; i < ARRAY_LEN(values); i++)
		sweep_all("sysreg-write", WRITE, values[i]);
	/* What the sweep left behind in this CPU. */
	sysreg_write(contextidr_el1, 0);
	sysreg_write(cpacr_el1, 3 << 20);
	sysreg_write(cntkctl_el1, 0);
	isb();
}

static uint64_t operand[PAGE / 8] __attribute__((aligned(4096)));

/* DC, IC, AT, TLBI and whatever else is or is not there, on addresses good and bad; not WFI and WFE, which wait. */
void attack_system_instructions(void)
{
	const uint64_t operands[] = { (uint64_t)operand, NOWHERE, 0x3fff000000ULL, ~0ULL };
	struct sysreg_name name = { .op0 = 1 };
	unsigned i, tried = 0, refused = 0;
	struct trap trap;

	for (i = 0; i < ARRAY_LEN(operands); i++) {
		for (name.op1 = 0; name.op1 < 8; name.op1++) {
			for (name.crn = 0; name.crn < 16; name.crn++) {
				refused += sweep_block(name, WRITE, operands[i]);
				tried += 128;
			}
		}
	}
	for (name.op1 = 0; name.op1 < 8; name.op1++) { /* SYSL */
		for (name.crn = 0; name.crn < 16; name.crn++) {
			refused += sweep_block(name, READ, 0);
			tried += 128;
		}
	}
	print("hostile: system instructions: %u, %u refused\n", tried, refused);
	generate_start();
	for (i = 4; i < 128; i++) { /* hints behind NOP, YIELD, WFE, WFI */
		if (i != 7 && (i < 8 || i > 31))
			generate(0xd503201f | i << 5);
	}
	generate_run(0, &trap);
	check_eq("hints", trap.count, 0);
}

static void immediates(uint32_t (*instruction)(unsigned immediate), const char *name)
{
	unsigned first, i, refused = 0;
	struct trap trap;

	for (first = 0; first < 0x10000; first += 2048) {
		generate_start();
		for (i = first; i < first + 2048; i++)
			generate(instruction(i));
		generate_run(0xdead0000, &trap); /* no function, and neither is NOT_SUPPORTED */
		refused += trap.count;
	}
	print("hostile: %s with 65536 immediates, %u refused\n", name, refused);
}

static uint32_t hvc(unsigned immediate)
{
	return INSN_HVC(immediate);
}

static uint32_t smc(unsigned immediate)
{
	return INSN_SMC(immediate);
}

/* Functions of the standard service that end or suspend this guest when they work. */
static bool is_deadly(unsigned owner, unsigned function)
{
	static const uint32_t deadly = 1u << 1 | 1u << 2 | 1u << 8 | 1u << 9 | 1u << 11 | 1u << 12 | 1u << 14 |
				       1u << 18;

	return owner == 4 && function < 32 && deadly >> function & 1;
}

static void function_ids(bool by_smc)
{
	static const uint32_t ranges[][2] = {
		{ 0, 0x40 }, { 0x8000, 0x8010 }, { 0xff00, 0xff10 }, { 0xfff0, 0x10000 }
	};
	static const uint64_t arguments[] = { 0, 0x40000000, ~0ULL, 0x8000000000000000ULL };
	unsigned owner, kind, range, function, tried = 0, supported = 0, k;

	for (owner = 0; owner < 64; owner++) {
		for (kind = 0; kind < 4; kind++) {
			for (range = 0; range < ARRAY_LEN(ranges); range++) {
				for (function = ranges[range][0]; function < ranges[range][1]; function++) {
					uint64_t x[18] = { kind << 30 | owner << 24 | function };

					if (is_deadly(owner, function))
						continue;
					for (k = 1; k < 18; k++)
						x[k] = arguments[(tried + k) % ARRAY_LEN(arguments)];
					smccc_raw(x, by_smc);
					tried++;
					supported += x[0] != ~0ULL && x[0] != 0xffffffff;
				}
			}
		}
	}
	print("hostile: %u function IDs by %s, %u answered otherwise than NOT_SUPPORTED\n", tried,
	      by_smc ? "SMC" : "HVC", supported);
}

void attack_hypercalls(void)
{
	immediates(hvc, "HVC");
	immediates(smc, "SMC");
	if (bootarg("bare"))
		return;
	function_ids(false);
	function_ids(true);
}
