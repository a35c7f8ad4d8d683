/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor timer, set by stimecmp (Sstc) and by the firmware's set_timer; both show as sip.STIP. */
#include "timers.h"
#include <csr.h>
#include <generate.h>
#include <hooks.h>
#include <intc.h>
#include <sbi.h>
#include <timer.h>

static uint64_t deadline_set[GUEST_MAX_CPUS];

static bool pending(void)
{
	return intc_pending(SIE_STIE);
}

static void set_sbi(uint64_t deadline)
{
	deadline_set[cpu_index()] = deadline;
	timer_set_sbi(deadline);
}

static void stop_sbi(void)
{
	set_sbi(UINT64_MAX);
}

static void set_sstc(uint64_t deadline)
{
	deadline_set[cpu_index()] = deadline;
	timer_set_sstc(deadline);
}

static void stop_sstc(void)
{
	set_sstc(UINT64_MAX);
}

static bool expired(void)
{
	return clock_read() >= deadline_set[cpu_index()];
}

/* STIP is read-only in sip: only the timer sets and clears it (12.1.3). */
static void check_stip(void)
{
	current->set(current->count() + ms(60000));
	csr_set(sip, SIE_STIE);
	check_eq(named("stip-cannot-be-set"), pending(), 0);
	current->set(0);
	clock_wait_us(1000);
	check_eq(named("deadline-0"), pending(), 1);
	csr_clear(sip, SIE_STIE);
	check_eq(named("stip-cannot-be-cleared"), pending(), 1);
	current->stop();
	check_eq(named("far-future"), pending(), 0);
}

static void check_sbi(void)
{
	struct trap trap;

	check_stip();
	if (timer_has_sstc())
		return;
	csr_try_read(CSR_STIMECMP, &trap);
	check(trap_is_undefined(&trap), named("no-stimecmp"), "got %u: cause %llu", trap.count,
	      (unsigned long long)trap.cause);
}

static void check_sstc(void)
{
	check_stip();
	csr_write(CSR_STIMECMP, 0x123456789abcdef0ULL);
	check_eq(named("stimecmp-keeps"), csr_read(CSR_STIMECMP), 0x123456789abcdef0ULL);
	csr_write(CSR_STIMECMP, UINT64_MAX);
	check_eq(named("stimecmp-keeps-ones"), csr_read(CSR_STIMECMP), UINT64_MAX);
}

struct timer timers[2];
unsigned timer_count;

void timers_find(void)
{
	timers[timer_count++] =
		(struct timer){ "sbi", IRQ_TIMER, clock_read, set_sbi, stop_sbi, expired, pending, check_sbi };
	if (timer_has_sstc())
		timers[timer_count++] = (struct timer){ "sstc",    IRQ_TIMER, clock_read, set_sstc,
							stop_sstc, expired,   pending,    check_sstc };
}

void check_counters_arch(void)
{
	uint64_t before = clock_read(), time = csr_read(time);

	check(time >= before && time <= clock_read(), "time-csr", "%llu is not behind %llu", (unsigned long long)time,
	      (unsigned long long)before);
}
