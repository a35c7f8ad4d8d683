/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System registers: what the ID registers tell is what is there, what they do not tell is undefined, and what a CPU
 * writes stays its own.
 */
#include "debug.h"
#include <guest.h>
#include <arch.h>
#include <generate.h>
#include <mmu.h>
#include <sysreg.h>

#include <stdatomic.h>
#include <stdio.h>

const char guest_name[] = "sysregs";

static struct sysreg_name name_of(unsigned op0, unsigned op1, unsigned crn, unsigned crm, unsigned op2)
{
	return (struct sysreg_name){ op0, op1, crn, crm, op2 };
}

struct id_field {
	const char *name;
	struct sysreg_name reg;
	unsigned shift;
	unsigned allowed; /* mask of values */
};

/* Nested virtualization, EL3, SVE, MTE, SME, PMU, SPE, trace, activity monitors, MPAM: nobody emulates them. */
static const struct id_field id_fields[] = {
	{ "pfr0-el1", { 3, 0, 0, 4, 0 }, 4, 1 << 1 | 1 << 2 },
	{ "pfr0-el2", { 3, 0, 0, 4, 0 }, 8, 1 << 0 },
	{ "pfr0-el3", { 3, 0, 0, 4, 0 }, 12, 1 << 0 },
	{ "pfr0-sve", { 3, 0, 0, 4, 0 }, 32, 1 << 0 },
	{ "pfr0-mpam", { 3, 0, 0, 4, 0 }, 40, 1 << 0 },
	{ "pfr0-amu", { 3, 0, 0, 4, 0 }, 44, 1 << 0 },
	{ "pfr1-mte", { 3, 0, 0, 4, 1 }, 8, 1 << 0 },
	{ "pfr1-sme", { 3, 0, 0, 4, 1 }, 24, 1 << 0 },
	{ "zfr0", { 3, 0, 0, 4, 4 }, 0, 1 << 0 },
	{ "dfr0-trace", { 3, 0, 0, 5, 0 }, 4, 1 << 0 },
	{ "dfr0-pmu", { 3, 0, 0, 5, 0 }, 8, 1 << 0 | 1 << 15 },
	{ "dfr0-spe", { 3, 0, 0, 5, 0 }, 32, 1 << 0 },
	{ "dfr0-trace-buffer", { 3, 0, 0, 5, 0 }, 44, 1 << 0 },
	{ "mmfr1-vhe", { 3, 0, 0, 7, 1 }, 8, 1 << 0 },
	{ "mmfr1-lor", { 3, 0, 0, 7, 1 }, 16, 1 << 0 },
	{ "mmfr2-nv", { 3, 0, 0, 7, 2 }, 24, 1 << 0 },
	{ "isar1-ls64", { 3, 0, 0, 6, 1 }, 60, 1 << 0 },
	{ "dfr0-32-pmu", { 3, 0, 0, 1, 2 }, 24, 1 << 0 | 1 << 15 },
};

static void check_id_registers(void)
{
	unsigned i, crm, op2, undefined = 0;
	struct trap trap;

	for (i = 0; i < ARRAY_LEN(id_fields) && !bootarg("bare"); i++) {
		unsigned value = sysreg_try_read(id_fields[i].reg, &trap) >> id_fields[i].shift & 0xf;

		check(!trap.count && id_fields[i].allowed >> value & 1, id_fields[i].name,
		      "expected one of mask %#x, got %u", id_fields[i].allowed, value);
	}
	/* The whole ID space can be read; what is reserved is zero (Arm ARM D17.1.1). */
	for (crm = 0; crm < 8; crm++) {
		for (op2 = 0; op2 < 8; op2++) {
			sysreg_try_read(name_of(3, 0, 0, crm, op2), &trap);
			if (crm || op2 == 0 || op2 == 5 || op2 == 6)
				undefined += trap.count;
		}
	}
	check_eq("id-space-reads", undefined, 0);
	sysreg_try_write(name_of(3, 0, 0, 4, 0), 0, &trap);
	check(trap.count == 1 && ESR_EC(trap.cause) == EC_UNKNOWN, "id-write-undefined", "got %u: esr %#llx",
	      trap.count, (unsigned long long)trap.cause);
}

static void check_identity(void)
{
	uint64_t mpidr = sysreg_read(mpidr_el1);

	check_eq("mpidr-res1", mpidr >> 31 & 1, 1);
	check_eq("mpidr-in-device-tree", mpidr & 0xff00ffffff, machine.cpu_hwid[cpu_index()]);
	check(sysreg_read(midr_el1), "midr", "zero");
	check((sysreg_read(ctr_el0) >> 31 & 1) && (sysreg_read(ctr_el0) & 0xf), "ctr", "got %#llx",
	      (unsigned long long)sysreg_read(ctr_el0));
	check((sysreg_read(dczid_el0) & 0xf) <= 9, "dczid", "got %#llx", (unsigned long long)sysreg_read(dczid_el0));
	check(sysreg_read(cntfrq_el0) >= 1000000, "cntfrq", "got %llu", (unsigned long long)sysreg_read(cntfrq_el0));
	check_eq("current-el", sysreg_read(CurrentEL), 1 << 2);
}

struct undefined {
	const char *name;
	struct sysreg_name reg;
	bool write_only;
	bool bare; /* also without a hypervisor */
};

static const struct undefined undefined_registers[] = {
	{ "hcr_el2", { 3, 4, 1, 1, 0 }, .bare = true },
	{ "sctlr_el2", { 3, 4, 1, 0, 0 }, .bare = true },
	{ "vttbr_el2", { 3, 4, 2, 1, 0 }, .bare = true },
	{ "cntvoff_el2", { 3, 4, 14, 0, 3 }, .bare = true },
	{ "cnthctl_el2", { 3, 4, 14, 1, 0 }, .bare = true },
	{ "tpidr_el2", { 3, 4, 13, 0, 2 }, .bare = true },
	{ "ich_hcr_el2", { 3, 4, 12, 11, 0 }, .bare = true },
	{ "sctlr_el12", { 3, 5, 1, 0, 0 }, .bare = true },
	{ "scr_el3", { 3, 6, 1, 1, 0 }, .bare = true },
	{ "cntps_ctl_el1", { 3, 7, 14, 2, 1 }, .bare = true },
	{ "pmcr_el0", { 3, 3, 9, 12, 0 } },
	{ "pmccntr_el0", { 3, 3, 9, 13, 0 } },
	{ "pmuserenr_el0", { 3, 3, 9, 14, 0 } },
	{ "pmintenset_el1", { 3, 0, 9, 14, 1 } },
	{ "pmevcntr0_el0", { 3, 3, 14, 8, 0 } },
	{ "pmccfiltr_el0", { 3, 3, 14, 15, 7 } },
	{ "zcr_el1", { 3, 0, 1, 2, 0 } },
	{ "gcr_el1", { 3, 0, 1, 0, 6 } },
	{ "amcr_el0", { 3, 3, 13, 2, 0 } },
	{ "pmscr_el1", { 3, 0, 9, 9, 0 } },
	{ "trfcr_el1", { 3, 0, 1, 2, 1 } },
	{ "lorid_el1", { 3, 0, 10, 4, 7 } },
	{ "mpamidr_el1", { 3, 0, 10, 4, 4 } },
	{ "implementation-defined", { 3, 0, 15, 12, 7 } },
	{ "unallocated", { 3, 2, 7, 5, 3 }, .bare = true },
	{ "unallocated-debug", { 2, 5, 7, 5, 3 }, .bare = true },
};

static void check_undefined(void)
{
	struct trap trap;
	char name[64];
	unsigned i;

	for (i = 0; i < ARRAY_LEN(undefined_registers); i++) {
		const struct undefined *reg = &undefined_registers[i];

		if (bootarg("bare") && !reg->bare)
			continue;
		sysreg_try_read(reg->reg, &trap);
		snprintf(name, sizeof(name), "undefined-read-%s", reg->name);
		check(trap.count == 1 && ESR_EC(trap.cause) == EC_UNKNOWN, name, "expected EC 0, got %u: esr %#llx",
		      trap.count, (unsigned long long)trap.cause);
		sysreg_try_write(reg->reg, 0, &trap);
		snprintf(name, sizeof(name), "undefined-write-%s", reg->name);
		check(trap.count == 1 && ESR_EC(trap.cause) == EC_UNKNOWN, name, "expected EC 0, got %u: esr %#llx",
		      trap.count, (unsigned long long)trap.cause);
	}
	sysreg_try_write(name_of(3, 3, 14, 0, 0), 1, &trap);
	if (!bootarg("bare")) /* the highest exception level may write it */
		check(trap.count == 1, "cntfrq-is-read-only", "the write was accepted");
}

/* Instructions of features that the ID registers deny. */
static void check_undefined_instructions(void)
{
	static const struct {
		const char *name;
		uint32_t instruction;
	} list[] = {
		{ "sve-rdvl", 0x04bf5020 },    { "sve-ptrue", 0x2518e3e0 }, { "mte-irg", 0x9adf1000 },
		{ "sme-smstart", 0xd503477f }, { "hlt", 0xd4400000 },       { "udf", 0x00000000 },
	};
	struct trap trap;
	char name[64];
	unsigned i;

	for (i = 0; i < ARRAY_LEN(list) && !bootarg("bare"); i++) {
		generate_start();
		generate(list[i].instruction);
		generate_run(0, &trap);
		snprintf(name, sizeof(name), "undefined-%s", list[i].name);
		check(trap.count == 1 && ESR_EC(trap.cause) == EC_UNKNOWN, name, "expected EC 0, got %u: esr %#llx",
		      trap.count, (unsigned long long)trap.cause);
	}
}

struct kept {
	const char *name;
	struct sysreg_name reg;
	uint64_t mask; /* bits that can be written on every CPU */
};

static const struct kept kept_registers[] = {
	{ "tpidr_el0", { 3, 3, 13, 0, 2 }, ~0ULL },
	{ "tpidrro_el0", { 3, 3, 13, 0, 3 }, ~0ULL },
	{ "contextidr_el1", { 3, 0, 13, 0, 1 }, 0xffffffff },
	{ "far_el1", { 3, 0, 6, 0, 0 }, ~0ULL },
	{ "par_el1", { 3, 0, 7, 4, 0 }, 0xfffffffff000 },
	{ "sp_el0", { 3, 0, 4, 1, 0 }, ~0ULL },
	{ "ttbr1_el1", { 3, 0, 2, 0, 1 }, 0xfffffffff000 },
	{ "cntkctl_el1", { 3, 0, 14, 1, 0 }, 0x300 },
	{ "cntv_cval_el0", { 3, 3, 14, 3, 2 }, ~0ULL },
	{ "cntp_cval_el0", { 3, 3, 14, 2, 2 }, ~0ULL },
	{ "csselr_el1", { 3, 2, 0, 0, 0 }, 0x1 },
	{ "dbgbvr0_el1", { 2, 0, 0, 0, 4 }, 0xffffffffcULL },
	{ "dbgbvr1_el1", { 2, 0, 0, 1, 4 }, 0xffffffffcULL },
	{ "dbgwvr0_el1", { 2, 0, 0, 0, 6 }, 0xffffffffcULL },
	{ "dbgbcr0_el1", { 2, 0, 0, 0, 5 }, 0x6 },
	{ "mdscr_el1", { 2, 0, 0, 2, 2 }, 1 << 12 },
};

static uint64_t pattern(unsigned i, unsigned round)
{
	return 0x9e3779b97f4a7c15ULL * (i + 1 + round * 100 + cpu_index() * 1000) & kept_registers[i].mask;
}

/* Interrupts are off: nobody but the hypervisor comes in between. */
static unsigned lost_registers(void)
{
	unsigned round, i, lost = 0;
	uint64_t saved[ARRAY_LEN(kept_registers)];

	for (i = 0; i < ARRAY_LEN(kept_registers); i++)
		saved[i] = 0;
	for (round = 0; round < 20; round++) {
		struct trap trap;

		for (i = 0; i < ARRAY_LEN(kept_registers); i++) {
			if (round == 0)
				saved[i] = sysreg_try_read(kept_registers[i].reg, &trap);
			sysreg_try_write(kept_registers[i].reg, pattern(i, round), &trap);
		}
		clock_wait_us(5000);
		for (i = 0; i < ARRAY_LEN(kept_registers); i++) {
			uint64_t got = sysreg_try_read(kept_registers[i].reg, &trap) & kept_registers[i].mask;

			if (trap.count || got != pattern(i, round)) {
				if (!lost)
					print("  %s: expected %#llx, got %#llx\n", kept_registers[i].name,
					      (unsigned long long)pattern(i, round), (unsigned long long)got);
				lost++;
			}
		}
	}
	for (i = 0; i < ARRAY_LEN(kept_registers); i++) {
		struct trap trap;

		sysreg_try_write(kept_registers[i].reg, saved[i], &trap);
	}
	return lost;
}

static void check_debug(void)
{
	struct trap trap;
	unsigned count = 0;

	sysreg_try_write(name_of(2, 0, 1, 0, 4), 1, &trap); /* OSLAR_EL1 */
	count += trap.count;
	check_eq("os-lock", sysreg_try_read(name_of(2, 0, 1, 1, 4), &trap) & 2, 2);
	sysreg_try_write(name_of(2, 0, 1, 0, 4), 0, &trap);
	check_eq("os-unlock", sysreg_try_read(name_of(2, 0, 1, 1, 4), &trap) & 2, 0);
	sysreg_try_read(name_of(2, 0, 1, 0, 0), &trap); /* MDRAR_EL1 */
	count += trap.count;
	sysreg_try_write(name_of(2, 0, 1, 3, 4), 0, &trap); /* OSDLR_EL1 */
	count += trap.count;
	check_eq("debug-registers", count, 0);
	generate_start();
	generate(0xd4200000 | 0x123 << 5); /* BRK */
	generate_run(0, &trap);
	check(trap.count == 1 && ESR_EC(trap.cause) == 0x3c && (trap.cause & 0xffff) == 0x123, "brk",
	      "got %u: esr %#llx", trap.count, (unsigned long long)trap.cause);
	check_debug_exceptions();
}

static void check_hints(void)
{
	__asm__ volatile("nop\n\tyield\n\tsev\n\twfe\n\tsevl\n\twfe\n\thint #63" : : : "memory");
	check(true, "hints", "unreachable");
}

/* ACTLR_EL1, AUX registers: implementation defined, but always there. */
static void check_always_there(void)
{
	static const struct sysreg_name names[] = {
		{ 3, 0, 1, 0, 1 }, { 3, 0, 5, 1, 0 }, { 3, 0, 5, 1, 1 }, { 3, 0, 10, 3, 0 },
		{ 3, 1, 0, 0, 0 }, { 3, 1, 0, 0, 1 }, { 3, 1, 0, 0, 7 }, { 3, 0, 12, 1, 0 },
	};
	unsigned i, undefined = 0;
	struct trap trap;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		sysreg_try_read(names[i], &trap);
		undefined += trap.count;
	}
	check_eq("always-there", undefined, 0);
}

static void other(void *lost)
{
	atomic_store((atomic_int *)lost, (int)lost_registers());
}

void guest_main(void)
{
	atomic_int lost = -1;

	check_identity();
	check_id_registers();
	/* ZEN, SMEN: where SVE and SME are hidden, not this CPU's own trap but the hypervisor answers. */
	sysreg_write(cpacr_el1, 3 << 24 | 3 << 20 | 3 << 16);
	isb();
	check_undefined();
	check_undefined_instructions();
	sysreg_write(cpacr_el1, 3 << 20);
	isb();
	check_always_there();
	check_debug();
	check_hints();
	check_eq("registers-keep", lost_registers(), 0);
	if (machine.cpu_count > 1) {
		check_eq("cpu-on", cpu_start(1, other, &lost), 0);
		while (lost < 0)
			cpu_relax();
		check_eq("registers-keep-cpu1", lost, 0);
	}
}
