/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSRs: those of a supervisor work and keep what is written, those of other modes and those that are not there are
 * illegal instructions, and what a CPU writes stays its own.
 */
#include "csrs.h"
#include <cpu.h>
#include <hooks.h>
#include <intc.h>
#include <timer.h>

#include <stdatomic.h>
#include <stdio.h>

const char guest_name[] = "csrs";

static bool has_aia(void)
{
	return intc.kind == INTC_IMSIC || isa_has("ssaia");
}

/* Is it, by the isa string, one that this guest may read? */
static bool is_there(unsigned csr)
{
	if (csr >= 0x001 && csr <= 0x003)
		return isa_has("f") || isa_has("d");
	if ((csr >= 0x008 && csr <= 0x00a) || csr == 0x00f || (csr >= 0xc20 && csr <= 0xc22))
		return isa_has("v");
	if (csr >= 0x10c && csr <= 0x10f)
		return isa_has("smstateen") || isa_has("ssstateen");
	if (csr == 0x14d)
		return timer_has_sstc();
	if (csr == 0x150 || csr == 0x151 || csr == 0xdb0 || csr == 0x15c)
		return has_aia();
	return csr == 0x100 || (csr >= 0x104 && csr <= 0x106) || csr == 0x10a || (csr >= 0x140 && csr <= 0x144) ||
	       csr == 0x180 || csr == 0xc01;
}

/* Performance counters may be there or not (hcounteren); the rest of these depends on what QEMU has. */
static bool may_be_there(unsigned csr)
{
	/* sireg has no register behind it when siselect selects none */
	return csr == 0xc00 || (csr >= 0xc02 && csr <= 0xc1f) || csr == 0x151 || csr == 0x15c ||
	       (bootarg("bare") && ((csr >= 0x200 && csr < 0x300) || (csr >= 0x600 && csr < 0x700) ||
				    (csr & 0xf00) == 0xe00 || csr == 0xda0 || csr == 0x5a8 || csr == 0x015 ||
				    csr == 0x60a || (csr >= 0x10c && csr <= 0x10f) || has_aia()));
}

static void check_all(void)
{
	unsigned csr, missing = 0, unexpected = 0, writable = 0, other_cause = 0;
	struct trap trap;

	for (csr = 0; csr < 4096; csr++) {
		if (may_be_there(csr))
			continue;
		csr_try_read(csr, &trap);
		other_cause += trap.count && trap.cause != CAUSE_ILLEGAL_INSN;
		if (!!trap.count == is_there(csr)) {
			print("  csr %#x: %s\n", csr, trap.count ? "missing" : "there");
			if (trap.count)
				missing++;
			else
				unexpected++;
		}
		if (is_there(csr) && csr >> 10 != 3)
			continue;
		csr_try_write(csr, 0, &trap);
		other_cause += trap.count && trap.cause != CAUSE_ILLEGAL_INSN;
		if (!trap.count) {
			print("  csr %#x: writable\n", csr);
			writable++;
		}
	}
	check_eq("csrs-missing", missing, 0);
	check_eq("csrs-unexpected", unexpected, 0);
	check_eq("csrs-writable", writable, 0);
	check_eq("csrs-other-cause", other_cause, 0);
}

static void check_counters(void)
{
	unsigned csr, readable = 0;
	struct trap trap;
	uint64_t first, second;

	for (csr = 0xc00; csr <= 0xc1f; csr++) {
		csr_try_read(csr, &trap);
		readable += !trap.count;
	}
	print("csrs: %u of 32 counters can be read\n", readable);
	first = csr_read(time);
	clock_wait_us(10);
	second = csr_read(time);
	check(second > first, "time-runs", "it stands still");
	first = csr_try_read(0xc00, &trap);
	second = csr_try_read(0xc00, &trap);
	check(trap.count || second > first, "cycle-runs", "it stands still");
	first = csr_try_read(0xc02, &trap);
	second = csr_try_read(0xc02, &trap);
	check(trap.count || second > first, "instret-runs", "it stands still");
}

#define PATTERN 0x5a5a5a5a5a5a5a5aULL

/* Writable bits take each value; @mask: which those are. What a trap writes (sepc ...) is read back at once. */
#define CHECK_KEEPS(csr, mask)                                                                      \
	do {                                                                                        \
		uint64_t saved_ = csr_read(csr), ones_, zeros_, pattern_;                           \
		csr_write(csr, (mask));                                                             \
		ones_ = csr_read(csr) & (mask);                                                     \
		csr_write(csr, PATTERN &(mask));                                                    \
		pattern_ = csr_read(csr) & (mask);                                                  \
		csr_write(csr, 0);                                                                  \
		zeros_ = csr_read(csr) & (mask);                                                    \
		csr_write(csr, saved_);                                                             \
		check(ones_ == (mask) && pattern_ == (PATTERN & (mask)) && !zeros_, #csr "-keeps",  \
		      "wrote ones, pattern, 0; got %#llx, %#llx, %#llx", (unsigned long long)ones_, \
		      (unsigned long long)pattern_, (unsigned long long)zeros_);                    \
	} while (0)

static void check_keeps(void)
{
	CHECK_KEEPS(sscratch, ~0ULL);
	CHECK_KEEPS(sepc, ~3ULL);
	CHECK_KEEPS(scause, 0x8000000000000007ULL);
	CHECK_KEEPS(stval, ~0ULL);
	CHECK_KEEPS(scounteren, 2ULL);
	CHECK_KEEPS(sie, SIE_SSIE | SIE_STIE | SIE_SEIE);
}

static void check_stvec(void)
{
	uint64_t saved = csr_read(stvec), high, low;

	csr_write(stvec, ~3ULL);
	high = csr_read(stvec);
	csr_write(stvec, 0x12340);
	low = csr_read(stvec);
	csr_write(stvec, saved);
	check_eq("stvec-keeps-high", high, ~3ULL);
	check_eq("stvec-keeps-low", low, 0x12340);
}

static void check_sstatus(void)
{
	uint64_t saved = csr_read(sstatus), got;

	check_eq("sstatus-uxl", saved >> 32 & 3, 2);
	csr_set(sstatus, SSTATUS_SPIE | SSTATUS_SPP | SSTATUS_SUM | SSTATUS_MXR);
	got = csr_read(sstatus);
	check_eq("sstatus-set", got & (SSTATUS_SPIE | SSTATUS_SPP | SSTATUS_SUM | SSTATUS_MXR),
		 SSTATUS_SPIE | SSTATUS_SPP | SSTATUS_SUM | SSTATUS_MXR);
	csr_clear(sstatus, SSTATUS_SPIE | SSTATUS_SPP | SSTATUS_SUM | SSTATUS_MXR);
	got = csr_read(sstatus);
	check_eq("sstatus-clear", got & (SSTATUS_SPIE | SSTATUS_SPP | SSTATUS_SUM | SSTATUS_MXR), 0);
	csr_set(sstatus, 3ULL << 34 | 1ULL << 3 | 1ULL << 7 | 3ULL << 11 | 7ULL << 20); /* fields of mstatus */
	check_eq("sstatus-mstatus-fields",
		 csr_read(sstatus) & (3ULL << 34 | 1ULL << 3 | 1ULL << 7 | 3ULL << 11 | 7ULL << 20), 0);
	csr_write(sstatus, saved);
}

/* In sip a supervisor writes SSIP only. */
static void check_sip(void)
{
	csr_write(sip, 0);
	csr_set(sip, ~0ULL & ~(1ULL << 13));
	check_eq("sip-ssip-only", csr_read(sip) & ~(1ULL << 13), SIE_SSIE);
	csr_clear(sip, ~0ULL);
	check_eq("sip-clear", csr_read(sip) & ~(1ULL << 13), 0);
	csr_set(sie, 1ULL << 2 | 1ULL << 3 | 1ULL << 6 | 1ULL << 7 | 1ULL << 10 | 1ULL << 11);
	if (!bootarg("bare")) /* in HS mode some of these exist */
		check_eq("sie-no-others", csr_read(sie) & 0xcccULL, 0);
}

/* csrrs, csrrc, csrrw and their immediate forms, on a register that is emulated or not. */
static void check_forms(void)
{
	uint64_t saved = csr_read(stval), a, b, c;

	__asm__ volatile("csrwi stval, 21\n\tcsrrsi %0, stval, 10\n\tcsrrci %1, stval, 1\n\tcsrr %2, stval"
			 : "=&r"(a), "=&r"(b), "=&r"(c));
	check(a == 21 && b == 31 && c == 30, "csr-immediates", "got %llu, %llu, %llu", (unsigned long long)a,
	      (unsigned long long)b, (unsigned long long)c);
	csr_write(stval, saved);
}

/* Vectored traps: an interrupt goes to base + 4 * cause, an exception to base. */
static void check_vectored(void)
{
	extern char vectored[];
	uint64_t saved = csr_read(stvec), saved_sie = csr_read(sie), seen;

	csr_write(sie, SIE_SSIE);
	csr_write(stvec, (uint64_t)vectored | 1);
	check_eq("stvec-vectored", csr_read(stvec), (uint64_t)vectored | 1);
	csr_set(sip, SIE_SSIE);
	__asm__ volatile("li t0, 0\n\tcsrsi sstatus, 2\n\tnop\n\tnop\n\tcsrci sstatus, 2\n\tmv %0, t0"
			 : "=r"(seen)
			 :
			 : "t0", "t1", "memory");
	csr_write(stvec, saved);
	csr_write(sie, saved_sie);
	check_eq("vectored-cause", seen, 1);
}

__asm__(".text\n.balign 256\n"
	".option push\n.option norvc\n"
	"vectored:\n"
	"	j	1f\n"
	"	j	2f\n"
	"	j	1f\n	j	1f\n	j	1f\n	j	1f\n	j	1f\n	j	1f\n	"
	"j	1f\n	j	1f\n"
	"1:	li	t0, 99\n"
	"	csrci	sip, 2\n"
	"	sret\n"
	"2:	li	t0, 1\n"
	"	csrci	sip, 2\n"
	"	sret\n"
	".option pop\n");

static atomic_uint own_wrong;
static atomic_bool other_done;

/* Values of this CPU, over some time in which others run here. */
static void keep_own(unsigned rounds)
{
	uint64_t mine = 0x1234500000000000ULL + cpu_index() * 0x1001000, i;

	for (i = 0; i < rounds; i++) {
		csr_write(stval, mine + i);
		csr_write(sepc, mine + 4 * i);
		csr_write(scause, i & 7);
		csr_write(scounteren, i & 7);
		clock_wait_us(500);
		own_wrong += csr_read(stval) != mine + i || csr_read(sepc) != mine + 4 * i ||
			     csr_read(scause) != (i & 7) || (csr_read(scounteren) & 2) != (i & 2) ||
			     cpu_self() != &cpus[cpu_index()] || csr_read(sscratch) != (uint64_t)cpu_self();
	}
	csr_write(scounteren, 7);
}

static void other(void *arg)
{
	keep_own(100);
	other_done = true;
}

static void check_own(void)
{
	unsigned cpu = cpu_index() ? 0 : 1;

	if (machine.cpu_count < 2)
		other_done = true;
	else
		check_eq("cpu-on", cpu_start(cpu, other, NULL), 0);
	keep_own(100);
	while (!other_done)
		cpu_relax();
	check_eq("own-registers", own_wrong, 0);
}

void guest_main(void)
{
	check_all();
	check_counters();
	check_keeps();
	check_stvec();
	check_sstatus();
	check_sip();
	check_forms();
	check_vectored();
	check_instructions();
	check_own();
}
