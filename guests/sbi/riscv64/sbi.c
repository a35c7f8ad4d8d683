/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The RISC-V Supervisor Binary Interface 2.0. Boot arguments: "reset" and "reset-warm" reset instead, "shutdown" ends
 * by the legacy call.
 */
#include "checks.h"
#include <arch.h>
#include <cpu.h>
#include <intc.h>

#include <stdio.h>

const char guest_name[] = "sbi";

void check_error(const char *name, struct sbi_ret ret, int64_t expected)
{
	check(ret.error == expected, name, "expected %lld, got %lld", (long long)expected, (long long)ret.error);
}

void check_either(const char *name, struct sbi_ret ret, int64_t expected, int64_t other)
{
	check(ret.error == expected || ret.error == other, name, "expected %lld or %lld, got %lld", (long long)expected,
	      (long long)other, (long long)ret.error);
}

static void check_base(void)
{
	static const uint64_t there[] = { SBI_BASE, SBI_TIME, SBI_IPI, SBI_RFENCE, SBI_HSM, SBI_SRST };
	static const uint64_t newer[] = { SBI_DBCN, SBI_SUSP };
	static const uint64_t missing[] = { 0x09, 0x0f, 0x43505043, 0x4e41434c, 0x535441, 0x08000000, ~0ULL };
	struct sbi_ret version = sbi_call0(SBI_BASE, BASE_SPEC_VERSION);
	char name[32];
	unsigned i;

	check_error("spec-version", version, SBI_SUCCESS);
	check(version.value >= (bootarg("bare") ? 2 : 0x2000000) && !(version.value >> 31), "spec-version-value",
	      "expected 2.0 or later, got %#llx", (unsigned long long)version.value);
	for (i = BASE_IMPL_ID; i <= BASE_MIMPID; i++) {
		snprintf(name, sizeof(name), "base-%u", i);
		check_error(name, sbi_call1(SBI_BASE, i, SBI_BASE), SBI_SUCCESS);
	}
	check_error("base-function", sbi_call0(SBI_BASE, 7), SBI_NOT_SUPPORTED);
	for (i = 0; i < ARRAY_LEN(there); i++) {
		snprintf(name, sizeof(name), "probe-%llx", (unsigned long long)there[i]);
		check(sbi_probe(there[i]), name, "not there");
	}
	for (i = 0; i < ARRAY_LEN(newer) && !bootarg("bare"); i++) {
		snprintf(name, sizeof(name), "probe-%llx", (unsigned long long)newer[i]);
		check(sbi_probe(newer[i]), name, "not there");
	}
	for (i = 0; i <= SBI_LEGACY_SHUTDOWN; i++) {
		snprintf(name, sizeof(name), "probe-legacy-%u", i);
		check(sbi_probe(i), name, "not there");
	}
	for (i = 0; i < ARRAY_LEN(missing); i++) {
		struct sbi_ret ret = sbi_call1(SBI_BASE, BASE_PROBE, missing[i]);

		snprintf(name, sizeof(name), "probe-%llx", (unsigned long long)missing[i]);
		check(!ret.error && !ret.value, name, "error %lld, value %llu", (long long)ret.error,
		      (unsigned long long)ret.value);
	}
}

/* NOT_SUPPORTED at once; a0 and a1 are results, the rest stays (chapter 3). */
static void check_unknown(void)
{
	static const uint64_t unknown[] = { 0x09,       0x0a,       0x0f,       0x11,       0x43505043, 0x4e41434c,
					    0x08000000, 0x09000000, 0x09001234, 0x0a000000, 0x12345678, 0x7fffffff,
					    0xffffffff, ~0ULL,      1ULL << 63, 1ULL << 32 };
	unsigned i, k, wrong = 0, changed = 0;

	for (i = 0; i < ARRAY_LEN(unknown); i++) {
		uint64_t a[8];

		for (k = 0; k < 7; k++)
			a[k] = 0x1111111111111111ULL * (k + 1);
		a[7] = unknown[i];
		sbi_raw(a);
		if ((int64_t)a[0] != SBI_NOT_SUPPORTED) {
			print("  extension %#llx returned %lld\n", (unsigned long long)unknown[i], (long long)a[0]);
			wrong++;
		}
		for (k = 2; k < 7; k++)
			changed += a[k] != 0x1111111111111111ULL * (k + 1);
		changed += a[7] != unknown[i];
	}
	check_eq("unknown-is-not-supported", wrong, 0);
	check_eq("unknown-preserves-registers", changed, 0);
}

static void check_time(void)
{
	unsigned i;

	check_error("set-timer", sbi_call1(SBI_TIME, 0, ~0ULL), SBI_SUCCESS);
	check_eq("set-timer-far", intc_pending(SIE_STIE), 0);
	check_error("set-timer-past", sbi_call1(SBI_TIME, 0, 0), SBI_SUCCESS);
	for (i = 0; i < 1000 && !intc_pending(SIE_STIE); i++)
		clock_wait_us(1000);
	check_eq("timer-pending", intc_pending(SIE_STIE), 1);
	sbi_call1(SBI_TIME, 0, ~0ULL);
	check_eq("timer-cleared", intc_pending(SIE_STIE), 0);
	check_error("time-function", sbi_call1(SBI_TIME, 1, 0), SBI_NOT_SUPPORTED);
}

static bool ipi_arrives(void)
{
	unsigned i;
	bool arrived;

	for (i = 0; i < 1000 && !(csr_read(sip) & SIE_SSIE); i++)
		clock_wait_us(100);
	arrived = csr_read(sip) & SIE_SSIE;
	csr_clear(sip, SIE_SSIE);
	return arrived && !(csr_read(sip) & SIE_SSIE);
}

static void check_ipi(void)
{
	uint64_t hart = cpu_self()->hwid;

	csr_clear(sip, SIE_SSIE);
	check_error("ipi-self", sbi_call2(SBI_IPI, 0, 1ULL << hart, 0), SBI_SUCCESS);
	check(ipi_arrives(), "ipi-self-arrives", "it does not");
	check_error("ipi-self-base", sbi_call2(SBI_IPI, 0, 1, hart), SBI_SUCCESS);
	check(ipi_arrives(), "ipi-self-base-arrives", "it does not");
	check_error("ipi-all", sbi_call2(SBI_IPI, 0, 0, ~0ULL), SBI_SUCCESS);
	check(ipi_arrives(), "ipi-all-arrives", "it does not");
	check_error("ipi-none", sbi_call2(SBI_IPI, 0, 0, 0), SBI_SUCCESS);
	clock_wait_us(1000);
	check_eq("ipi-none-arrives", csr_read(sip) & SIE_SSIE, 0);
	check_error("ipi-function", sbi_call0(SBI_IPI, 1), SBI_NOT_SUPPORTED);
	if (bootarg("bare")) /* OpenSBI leaves out whom it does not know */
		return;
	check_error("ipi-nobody", sbi_call2(SBI_IPI, 0, 1ULL << 63, 0), SBI_INVALID_PARAM);
	check_error("ipi-nobody-base", sbi_call2(SBI_IPI, 0, 1, NOBODY), SBI_INVALID_PARAM);
	check_error("ipi-wrap", sbi_call2(SBI_IPI, 0, 6, ~0ULL - 1), SBI_INVALID_PARAM);
}

/* What is not there must not end this guest. */
static void check_reset_parameters(void)
{
	check_error("srst-function", sbi_call0(SBI_SRST, 1), SBI_NOT_SUPPORTED);
	if (bootarg("bare"))
		return;
	check_error("srst-reserved-type", sbi_call2(SBI_SRST, 0, 3, 0), SBI_INVALID_PARAM);
	check_error("srst-reserved-type-high", sbi_call2(SBI_SRST, 0, 0xefffffff, 0), SBI_INVALID_PARAM);
	check_either("srst-vendor-type", sbi_call2(SBI_SRST, 0, 0xf0000000, 0), SBI_INVALID_PARAM, SBI_NOT_SUPPORTED);
	check_error("srst-reserved-reason", sbi_call2(SBI_SRST, 0, 0, 2), SBI_INVALID_PARAM);
	check_error("srst-reserved-reason-high", sbi_call2(SBI_SRST, 0, 0, 0xdfffffff), SBI_INVALID_PARAM);
}

static void leave_as_told(void)
{
	if (bootarg("shutdown")) {
		print("PASS sbi 0 checks\n");
		clock_wait_us(20000);
		sbi_legacy(SBI_LEGACY_SHUTDOWN, 0, 0, 0, 0);
		check(false, "shutdown", "it returned");
	}
	if (!bootarg("reset") && !bootarg("reset-warm"))
		return;
	print("sbi: reset\n");
	clock_wait_us(20000);
	sbi_call2(SBI_SRST, 0, bootarg("reset-warm") ? 2 : 1, 0);
	check(false, "reset", "it returned");
}

void guest_main(void)
{
	leave_as_told();
	check_base();
	check_unknown();
	check_time();
	check_ipi();
	check_rfence();
	check_dbcn();
	check_legacy();
	check_reset_parameters();
	check_hsm();
	check_susp();
}
