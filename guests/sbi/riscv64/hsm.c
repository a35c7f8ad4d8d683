/* SPDX-License-Identifier: Apache-2.0 */
/* Hart State Management (SBI 2.0 chapter 9), System Suspend (chapter 13). */
#include "checks.h"
#include <arch.h>
#include <cpu.h>
#include <hooks.h>

#include <stdatomic.h>

struct sbi_ret suspend_and_resume(uint64_t ext, uint64_t type, uint64_t seen[4]);

static atomic_bool idling, end_of_idling, woken;
static struct sbi_ret suspended;

static void idle(void *arg)
{
	idling = true;
	while (!end_of_idling)
		cpu_relax();
}

static void suspend(void *arg)
{
	csr_write(sie, SIE_SSIE);
	idling = true;
	suspended = sbi_call1(SBI_HSM, HSM_SUSPEND, SUSPEND_RETENTIVE);
	csr_clear(sip, SIE_SSIE);
	woken = true;
}

static uint64_t own_hart(void)
{
	return cpu_self()->hwid;
}

static uint64_t status_of(unsigned cpu)
{
	struct sbi_ret ret = sbi_call1(SBI_HSM, HSM_STATUS, machine.cpu_hwid[cpu]);

	return ret.error ? (uint64_t)ret.error : ret.value;
}

static bool wait_for_status(unsigned cpu, uint64_t status)
{
	unsigned i;

	for (i = 0; i < 5000 && status_of(cpu) != status; i++)
		clock_wait_us(1000);
	return status_of(cpu) == status;
}

static unsigned other_cpu(void)
{
	return cpu_index() ? 0 : 1;
}

static void start_other(void (*fn)(void *))
{
	unsigned i;

	idling = false;
	end_of_idling = false;
	woken = false;
	check_eq("hart-start", cpu_start(other_cpu(), fn, NULL), SBI_SUCCESS);
	for (i = 0; i < 5000 && !idling; i++)
		clock_wait_us(1000);
	check(idling, "hart-runs", "it does not");
}

static void check_start(void)
{
	uint64_t other = machine.cpu_hwid[other_cpu()];

	start_other(idle);
	check_eq("status-started", status_of(other_cpu()), HSM_STARTED);
	check_error("start-twice", sbi_call3(SBI_HSM, HSM_START, other, cpu_entry(), 0), SBI_ALREADY_AVAILABLE);
	end_of_idling = true;
	check(wait_for_status(other_cpu(), HSM_STOPPED), "status-stopped", "got %llu",
	      (unsigned long long)status_of(other_cpu()));
	if (bootarg("bare")) /* OpenSBI 1.1 starts it anywhere */
		return;
	check_error("start-nowhere", sbi_call3(SBI_HSM, HSM_START, other, ~1ULL, 0), SBI_INVALID_ADDRESS);
	check_error("start-in-no-memory", sbi_call3(SBI_HSM, HSM_START, other, NOWHERE, 0), SBI_INVALID_ADDRESS);
	check_eq("not-started", status_of(other_cpu()), HSM_STOPPED);
}

static void check_suspend_other(void)
{
	start_other(suspend);
	check(wait_for_status(other_cpu(), HSM_SUSPENDED), "status-suspended", "got %llu",
	      (unsigned long long)status_of(other_cpu()));
	clock_wait_us(2000);
	check(!woken, "stays-suspended", "it woke without a reason");
	check_either("start-of-suspended", sbi_call3(SBI_HSM, HSM_START, machine.cpu_hwid[other_cpu()], cpu_entry(), 0),
		     SBI_ALREADY_AVAILABLE, SBI_INVALID_PARAM);
	ipi_send(other_cpu());
	check(wait_for_status(other_cpu(), HSM_STOPPED) && woken, "woken-by-ipi", "it did not");
	check_error("suspend-returns", suspended, SBI_SUCCESS);
}

/* With the timer to wake it; interrupts masked. */
static void check_suspend_self(void)
{
	uint64_t start = clock_read(), duration = clock_frequency() / 100, seen[4] = { 0 };

	irq_enable(timer_irq());
	timer_set(start + duration);
	check_error("suspend", sbi_call1(SBI_HSM, HSM_SUSPEND, SUSPEND_RETENTIVE), SBI_SUCCESS);
	check(clock_read() - start >= duration, "suspend-sleeps", "expected %llu ticks, got %llu",
	      (unsigned long long)duration, (unsigned long long)(clock_read() - start));
	start = clock_read();
	timer_set(start + duration);
	check_error("suspend-non-retentive", suspend_and_resume(SBI_HSM, SUSPEND_NON_RETENTIVE, seen), SBI_SUCCESS);
	check(clock_read() - start >= duration, "non-retentive-sleeps", "expected %llu ticks, got %llu",
	      (unsigned long long)duration, (unsigned long long)(clock_read() - start));
	check_eq("resumed-elsewhere", seen[3], 1);
	check_eq("resumed-with-hart-id", seen[0], own_hart());
	check_eq("resumed-with-satp-0", seen[1], 0);
	check_eq("resumed-with-sie-0", seen[2] & SSTATUS_SIE, 0);
	timer_stop();
	csr_write(sie, SIE_SSIE | SIE_SEIE);
	check_error("suspend-reserved", sbi_call1(SBI_HSM, HSM_SUSPEND, 1), SBI_INVALID_PARAM);
	check_error("suspend-reserved-non-retentive", sbi_call3(SBI_HSM, HSM_SUSPEND, 0x80000001, cpu_entry(), 0),
		    SBI_INVALID_PARAM);
	check_either("suspend-platform", sbi_call1(SBI_HSM, HSM_SUSPEND, 0x10000000), SBI_INVALID_PARAM,
		     SBI_NOT_SUPPORTED);
	if (!bootarg("bare")) /* OpenSBI 1.1 does not look at it before it wakes up */
		check_error("suspend-to-nowhere", sbi_call3(SBI_HSM, HSM_SUSPEND, SUSPEND_NON_RETENTIVE, ~1ULL, 0),
			    SBI_INVALID_ADDRESS);
}

void check_hsm(void)
{
	check_eq("status-self", status_of(cpu_index()), HSM_STARTED);
	check_error("status-nobody", sbi_call1(SBI_HSM, HSM_STATUS, NOBODY), SBI_INVALID_PARAM);
	check_error("status-all-ones", sbi_call1(SBI_HSM, HSM_STATUS, ~0ULL), SBI_INVALID_PARAM);
	check_error("start-self", sbi_call3(SBI_HSM, HSM_START, own_hart(), cpu_entry(), 0), SBI_ALREADY_AVAILABLE);
	check_error("start-nobody", sbi_call3(SBI_HSM, HSM_START, NOBODY, cpu_entry(), 0), SBI_INVALID_PARAM);
	check_error("start-all-ones", sbi_call3(SBI_HSM, HSM_START, ~0ULL, cpu_entry(), 0), SBI_INVALID_PARAM);
	check_suspend_self();
	if (machine.cpu_count < 2)
		return;
	check_eq("status-other", status_of(other_cpu()), HSM_STOPPED);
	check_start();
	check_suspend_other();
}

void check_susp(void)
{
	uint64_t start, duration = clock_frequency() / 100, seen[4] = { 0 };

	if (!sbi_probe(SBI_SUSP)) {
		check_error("susp", sbi_call3(SBI_SUSP, 0, 0, cpu_entry(), 0), SBI_NOT_SUPPORTED);
		return;
	}
	check_error("susp-reserved", sbi_call3(SBI_SUSP, 0, 1, cpu_entry(), 0), SBI_INVALID_PARAM);
	check_either("susp-platform", sbi_call3(SBI_SUSP, 0, 0x80000000, cpu_entry(), 0), SBI_INVALID_PARAM,
		     SBI_NOT_SUPPORTED);
	check_error("susp-to-nowhere", sbi_call3(SBI_SUSP, 0, 0, ~1ULL, 0), SBI_INVALID_ADDRESS);
	if (machine.cpu_count > 1) {
		start_other(idle);
		check_error("susp-while-others-run", sbi_call3(SBI_SUSP, 0, 0, cpu_entry(), 0), SBI_DENIED);
		end_of_idling = true;
		wait_for_status(other_cpu(), HSM_STOPPED);
	}
	start = clock_read();
	irq_enable(timer_irq());
	timer_set(start + duration);
	check_error("susp", suspend_and_resume(SBI_SUSP, 0, seen), SBI_SUCCESS);
	check(clock_read() - start >= duration, "susp-sleeps", "expected %llu ticks, got %llu",
	      (unsigned long long)duration, (unsigned long long)(clock_read() - start));
	check_eq("susp-resumed", seen[3], 1);
	check_eq("susp-resumed-with-hart-id", seen[0], own_hart());
	timer_stop();
	csr_write(sie, SIE_SSIE | SIE_SEIE);
}
