/* SPDX-License-Identifier: Apache-2.0 */
/* RFENCE (SBI 2.0 chapter 8), DBCN (chapter 12), the legacy extensions (chapter 5). */
#include "checks.h"
#include <arch.h>
#include <cpu.h>
#include <intc.h>
#include <mmu.h>
#include <trap.h>

#include <stdatomic.h>
#include <string.h>

#define PAGE    4096
#define VA_TEST MMU_FREE_START

static uint64_t pages[2][PAGE / 8] __attribute__((aligned(PAGE)));
static atomic_uint round_asked, round_seen, stale;
static atomic_bool end_of_reading;

static void show(unsigned n)
{
	uint64_t *l2 = mmu_table_of(mmu_root()[VA_TEST >> 30 & (MMU_ENTRIES - 1)]);
	uint64_t *l3 = mmu_table_of(l2[VA_TEST >> 21 & (MMU_ENTRIES - 1)]);

	l3[VA_TEST >> 12 & (MMU_ENTRIES - 1)] = mmu_page((uint64_t)pages[n], MMU_NORMAL);
}

static void read_rounds(void *arg)
{
	unsigned done = 0;

	while (!end_of_reading) {
		unsigned asked = round_asked;

		if (asked == done) {
			cpu_relax();
			continue;
		}
		stale += *(volatile uint64_t *)VA_TEST != (asked & 1);
		done = asked;
		round_seen = asked;
	}
}

/* Another hart reads a page that changes; only the remote fence tells it. */
static void check_remote_sfence(void)
{
	unsigned other = cpu_index() ? 0 : 1, i, failed = 0;
	uint64_t mask = 1ULL << machine.cpu_hwid[other];

	pages[1][0] = 1;
	mmu_map(VA_TEST, (uint64_t)pages[0], PAGE, MMU_NORMAL);
	check_eq("fence-other-on", cpu_start(other, read_rounds, NULL), 0);
	for (i = 1; i <= 64; i++) {
		uint64_t start = clock_read(), size = i % 3 ? PAGE : ~0ULL;
		struct sbi_ret ret;

		show(i & 1);
		if (i % 2)
			ret = sbi_call4(SBI_RFENCE, RFENCE_SFENCE, mask, 0, i % 3 ? VA_TEST : 0, size);
		else
			ret = sbi_call(SBI_RFENCE, RFENCE_SFENCE_ASID, mask, 0, i % 3 ? VA_TEST : 0, size, 0);
		failed += ret.error != 0;
		round_asked = i;
		while (round_seen != i && clock_read() - start < 30 * clock_frequency())
			cpu_relax();
	}
	check_eq("remote-sfence-calls", failed, 0);
	check_eq("remote-sfence-rounds", round_seen, 64);
	check_eq("remote-sfence", stale, 0);
	end_of_reading = true;
}

void check_rfence(void)
{
	uint64_t self = 1ULL << cpu_self()->hwid;
	int64_t hfence = bootarg("bare") ? SBI_SUCCESS : SBI_NOT_SUPPORTED; /* OpenSBI: QEMU's harts have H */
	unsigned fid;

	check_error("fence-i", sbi_call2(SBI_RFENCE, RFENCE_I, self, 0), SBI_SUCCESS);
	check_error("fence-i-all", sbi_call2(SBI_RFENCE, RFENCE_I, 0, ~0ULL), SBI_SUCCESS);
	check_error("sfence", sbi_call4(SBI_RFENCE, RFENCE_SFENCE, self, 0, VA_TEST, PAGE), SBI_SUCCESS);
	check_error("sfence-all", sbi_call4(SBI_RFENCE, RFENCE_SFENCE, 0, ~0ULL, 0, ~0ULL), SBI_SUCCESS);
	check_error("sfence-0-0", sbi_call4(SBI_RFENCE, RFENCE_SFENCE, self, 0, 0, 0), SBI_SUCCESS);
	check_error("sfence-large", sbi_call4(SBI_RFENCE, RFENCE_SFENCE, self, 0, 0, 1ULL << 40), SBI_SUCCESS);
	check_error("sfence-odd", sbi_call4(SBI_RFENCE, RFENCE_SFENCE, self, 0, 0x123, 0x321), SBI_SUCCESS);
	check_error("sfence-asid", sbi_call(SBI_RFENCE, RFENCE_SFENCE_ASID, self, 0, VA_TEST, PAGE, 7), SBI_SUCCESS);
	for (fid = RFENCE_GVMA_VMID; fid <= RFENCE_VVMA; fid++)
		check_error("hfence", sbi_call(SBI_RFENCE, fid, self, 0, 0, PAGE, 0), hfence);
	check_error("rfence-function", sbi_call2(SBI_RFENCE, 7, self, 0), SBI_NOT_SUPPORTED);
	if (!bootarg("bare")) { /* OpenSBI leaves out whom it does not know */
		check_error("fence-i-nobody", sbi_call2(SBI_RFENCE, RFENCE_I, 1, NOBODY), SBI_INVALID_PARAM);
		check_error("sfence-nobody", sbi_call4(SBI_RFENCE, RFENCE_SFENCE, 1ULL << 63, 0, 0, PAGE),
			    SBI_INVALID_PARAM);
	}
	if (machine.cpu_count > 1)
		check_remote_sfence();
}

void check_dbcn(void)
{
	static const char text[] = "  written by DBCN\r\n";
	const struct bank *bank = &machine.ram[machine.ram_count - 1];
	uint64_t end = bank->base + bank->size;
	char byte = 0;
	struct sbi_ret ret;

	if (!sbi_probe(SBI_DBCN)) {
		check(bootarg("bare"), "dbcn", "there is none");
		return;
	}
	ret = sbi_call3(SBI_DBCN, DBCN_WRITE, strlen(text), (uint64_t)text, 0);
	check_error("dbcn-write", ret, SBI_SUCCESS);
	check(ret.value > 0 && ret.value <= strlen(text), "dbcn-written", "%llu bytes", (unsigned long long)ret.value);
	ret = sbi_call3(SBI_DBCN, DBCN_WRITE, 0, (uint64_t)text, 0);
	check_error("dbcn-write-nothing", ret, SBI_SUCCESS);
	check_eq("dbcn-nothing-written", ret.value, 0);
	check_error("dbcn-write-byte", sbi_call1(SBI_DBCN, DBCN_WRITE_BYTE, '\n'), SBI_SUCCESS);
	check_error("dbcn-write-byte-high-bits", sbi_call1(SBI_DBCN, DBCN_WRITE_BYTE, 0xffffff00 | '\r'), SBI_SUCCESS);
	ret = sbi_call3(SBI_DBCN, DBCN_READ, 1, (uint64_t)&byte, 0);
	check_error("dbcn-read", ret, SBI_SUCCESS);
	check_eq("dbcn-read-nothing", ret.value, 0);
	check_error("dbcn-write-high", sbi_call3(SBI_DBCN, DBCN_WRITE, 1, (uint64_t)text, 1), SBI_INVALID_PARAM);
	check_error("dbcn-function", sbi_call0(SBI_DBCN, 3), SBI_NOT_SUPPORTED);
	if (bootarg("bare")) /* OpenSBI finds devices readable */
		return;
	check_error("dbcn-write-nowhere", sbi_call3(SBI_DBCN, DBCN_WRITE, 1, NOWHERE, 0), SBI_INVALID_PARAM);
	check_error("dbcn-write-over-end", sbi_call3(SBI_DBCN, DBCN_WRITE, 16, end - 8, 0), SBI_INVALID_PARAM);
	check_error("dbcn-write-wrap", sbi_call3(SBI_DBCN, DBCN_WRITE, ~0ULL, (uint64_t)text, 0), SBI_INVALID_PARAM);
	check_error("dbcn-read-nowhere", sbi_call3(SBI_DBCN, DBCN_READ, 1, NOWHERE, 0), SBI_INVALID_PARAM);
	check_error("dbcn-read-over-end", sbi_call3(SBI_DBCN, DBCN_READ, 16, end - 8, 0), SBI_INVALID_PARAM);
}

/* Legacy calls change a0 only. */
static int64_t legacy(unsigned ext, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3)
{
	uint64_t a[8] = { a0, a1, a2, a3, 4, 5, 6, ext };

	sbi_raw(a);
	check(a[1] == a1 && a[2] == a2 && a[3] == a3 && a[4] == 4 && a[5] == 5 && a[6] == 6 && a[7] == ext,
	      "legacy-registers", "call %u changed more than a0", ext);
	return (int64_t)a[0];
}

/* The mask is read as the guest would read it: an address that is not mapped is the guest's fault. */
static void check_legacy_mask(void)
{
	struct trap trap;
	int64_t result;

	trap_catch();
	result = sbi_legacy(SBI_LEGACY_SEND_IPI, MMU_FREE_START + (9ULL << 30), 0, 0, 0);
	trap = trap_caught();
	check(trap.count ? trap.cause == CAUSE_LOAD_PAGE : result < 0, "legacy-bad-mask", "got %lld, trap %llu",
	      (long long)result, (unsigned long long)trap.cause);
}

void check_legacy(void)
{
	uint64_t mask = 1ULL << cpu_self()->hwid;
	unsigned i;

	check_eq("legacy-set-timer", legacy(SBI_LEGACY_SET_TIMER, ~0ULL, 0, 0, 0), 0);
	check_eq("legacy-no-timer", intc_pending(SIE_STIE), 0);
	check_eq("legacy-set-timer-past", legacy(SBI_LEGACY_SET_TIMER, 0, 0, 0, 0), 0);
	for (i = 0; i < 1000 && !intc_pending(SIE_STIE); i++)
		clock_wait_us(1000);
	check_eq("legacy-timer", intc_pending(SIE_STIE), 1);
	legacy(SBI_LEGACY_SET_TIMER, ~0ULL, 0, 0, 0);
	check_eq("legacy-timer-cleared", intc_pending(SIE_STIE), 0);
	check_eq("legacy-putchar", legacy(SBI_LEGACY_PUTCHAR, '\n', 0, 0, 0), 0);
	check_eq("legacy-getchar", (uint64_t)legacy(SBI_LEGACY_GETCHAR, 0, 0, 0, 0), ~0ULL);
	check_eq("legacy-send-ipi", legacy(SBI_LEGACY_SEND_IPI, (uint64_t)&mask, 0, 0, 0), 0);
	for (i = 0; i < 1000 && !(csr_read(sip) & SIE_SSIE); i++)
		clock_wait_us(1000);
	check_eq("legacy-ipi", csr_read(sip) & SIE_SSIE, SIE_SSIE);
	check_eq("legacy-clear-ipi", legacy(SBI_LEGACY_CLEAR_IPI, 0, 0, 0, 0) < 0, 0);
	if (!bootarg("bare")) /* OpenSBI leaves it to the supervisor */
		check_eq("legacy-ipi-cleared", csr_read(sip) & SIE_SSIE, 0);
	csr_clear(sip, SIE_SSIE);
	check_eq("legacy-fence-i", legacy(SBI_LEGACY_FENCE_I, (uint64_t)&mask, 0, 0, 0), 0);
	check_eq("legacy-sfence", legacy(SBI_LEGACY_SFENCE, (uint64_t)&mask, 0, ~0ULL, 0), 0);
	check_eq("legacy-sfence-asid", legacy(SBI_LEGACY_SFENCE_ASID, (uint64_t)&mask, 0, PAGE, 3), 0);
	check_legacy_mask();
}
