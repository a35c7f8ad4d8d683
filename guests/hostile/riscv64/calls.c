/* SPDX-License-Identifier: Apache-2.0 */
/* SBI: every function with any argument, but for those that end or suspend this guest when they work. */
#include "attacks.h"

static const uint64_t extensions[] = { SBI_BASE, SBI_TIME, SBI_IPI,  SBI_RFENCE, SBI_HSM,  SBI_SRST,
				       SBI_PMU,  SBI_DBCN, SBI_SUSP, 0x485643,   0x535441, 0x4e41434c };

static uint64_t odd_value(void)
{
	switch (random_next() % 8) {
	case 0: return 0;
	case 1: return ~0ULL;
	case 2: return random_next() & 0xff;
	case 3: return NOWHERE;
	case 4: return machine.ram[0].base + machine.ram[0].size - 8;
	case 5: return 1ULL << random_next() % 64;
	case 6: return MMU_FREE_START + (random_next() & 0xffffff);
	default: return random_next();
	}
}

static bool is_deadly(uint64_t ext, uint64_t fid)
{
	return (ext == SBI_HSM && (fid == HSM_STOP || fid == HSM_SUSPEND || fid == HSM_START)) ||
	       (ext == SBI_SRST && fid == 0) || (ext == SBI_SUSP && fid == 0) ||
	       (ext == SBI_DBCN && fid == DBCN_READ) || (ext == SBI_DBCN && fid == DBCN_WRITE_BYTE) ||
	       ext == SBI_LEGACY_SHUTDOWN || ext == SBI_LEGACY_PUTCHAR;
}

static bool call(uint64_t ext, uint64_t fid)
{
	uint64_t a[8];
	unsigned i;

	for (i = 0; i < 6; i++)
		a[i] = odd_value();
	if (ext == SBI_DBCN && fid == DBCN_WRITE) /* our memory would be printed */
		a[1] = NOWHERE + (a[1] & 0xffff);
	a[6] = fid;
	a[7] = ext;
	sbi_raw(a);
	return (int64_t)a[0] == SBI_NOT_SUPPORTED;
}

static void known_extensions(void)
{
	unsigned i, round, tried = 0, unsupported = 0;
	uint64_t fid;

	for (i = 0; i < ARRAY_LEN(extensions); i++) {
		for (fid = 0; fid < 24; fid++) {
			for (round = 0; round < 40 && !is_deadly(extensions[i], fid); round++, tried++)
				unsupported += call(extensions[i], fid);
		}
		for (round = 0; round < 200; round++, tried++)
			unsupported += call(extensions[i], random_next() | 1ULL << 40);
	}
	print("hostile: %u SBI calls, %u not supported\n", tried, unsupported);
}

static void unknown_extensions(void)
{
	unsigned i, tried = 0, supported = 0;

	for (i = 0x11; i < 0x800; i++, tried++)
		supported += !call(i, i & 7);
	for (i = 0; i < 4000; i++, tried++)
		supported += !call(random_next() | 1ULL << 62, odd_value());
	check_eq("unknown-extensions", supported, 0);
}

/* Masks at addresses that are not mapped, in devices, and across the end of memory. */
static void legacy(void)
{
	unsigned i, trapped;
	uint64_t ext;

	trap_catch();
	for (i = 0; i < 2000; i++) {
		ext = random_next() % 9;
		if (!is_deadly(ext, 0))
			call(ext, 0);
	}
	trapped = trap_caught().count;
	print("hostile: 2000 legacy calls, %u masks refused\n", trapped);
}

/* Everything that would end this guest, but with parameters that are reserved. */
static void reserved_parameters(void)
{
	unsigned i, accepted = 0;

	if (bootarg("bare"))
		return;
	for (i = 0; i < 500; i++) {
		uint64_t nobody = random_next() | 1ULL << 20;

		accepted += sbi_call2(SBI_SRST, 0, 3 + random_next() % 0xeffffff0, random_next()).error == 0;
		accepted += sbi_call2(SBI_SRST, 0, 0, 2 + random_next() % 0xdffffff0).error == 0;
		accepted += sbi_call3(SBI_HSM, HSM_START, nobody, odd_value(), odd_value()).error == 0;
		accepted += sbi_call3(SBI_HSM, HSM_SUSPEND, 1 + random_next() % 0x7ffffffe, odd_value(), 0).error == 0;
		accepted += sbi_call3(SBI_SUSP, 0, 1 + random_next() % 0x7ffffffe, odd_value(), 0).error == 0;
		accepted += sbi_call3(SBI_DBCN, DBCN_READ, 16, NOWHERE + (odd_value() & 0xfff), 0).error == 0;
	}
	check_eq("reserved-parameters", accepted, 0);
}

void attack_sbi(void)
{
	known_extensions();
	unknown_extensions();
	legacy();
	reserved_parameters();
	console_init();
}
