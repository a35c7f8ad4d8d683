/* unit: axhal/riscv64/sbi.c axhal/riscv64/timer.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hypervisor asks of the firmware beneath it: played by sbi_call() here, which writes the calls down.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <axhal/arch/csr.h>
#include <axhal/arch/timer.h>
#include "arch.h"
#include "host/host.h"

/* --- the firmware --- */

static struct call {
	uint64_t ext, fid, arg[5];
} calls[64];
static unsigned num_calls;
static uint64_t spec_version; /* 0: it knows the legacy calls only */
static int64_t fence_error;

struct sbi_ret sbi_call(uint64_t ext, uint64_t fid, uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3,
			uint64_t arg4)
{
	calls[num_calls++ % 64] = (struct call){ ext, fid, { arg0, arg1, arg2, arg3, arg4 } };
	switch (ext) {
	case SBI_EXT_BASE:
		if (!spec_version)
			return (struct sbi_ret){ SBI_NOT_SUPPORTED, 0 };
		if (fid == SBI_BASE_PROBE)
			return (struct sbi_ret){ 0, arg0 == SBI_EXT_HSM || arg0 == SBI_EXT_TIME };
		return (struct sbi_ret){ 0, fid == SBI_BASE_SPEC_VERSION ? spec_version : 1 };
	case SBI_EXT_RFENCE: return (struct sbi_ret){ fence_error, 0 };
	default: return (struct sbi_ret){ 0, 0 };
	}
}

/* --- the harts --- */

static uint64_t hart_of[CPU_MAX];
static struct riscv_info info;

uint64_t cpu_hwid(unsigned cpu)
{
	return hart_of[cpu];
}

const struct riscv_info *riscv_info(void)
{
	return &info;
}

static int start(void **state)
{
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
		hart_of[cpu] = cpu;
	info = (struct riscv_info){ .timebase = 10000000 };
	spec_version = 1u << 24;
	fence_error = 0;
	sbi_init();
	num_calls = 0;
	return 0;
}

/* --- tests --- */

static void extensions_are_asked_for_once(void **state)
{
	assert_true(sbi_has(SBI_EXT_HSM));
	assert_false(sbi_has(SBI_EXT_SRST));
	assert_false(sbi_has(0x123));
	assert_int_equal(num_calls, 0);
}

static void old_firmware_gets_a_clear_message(void **state)
{
	spec_version = 0;
	sbi_init();
	assert_false(sbi_has(SBI_EXT_TIME));
	assert_panics(sbi_check());
	assert_non_null(strstr(host_panic_text, "SBI 0.1"));
}

static void harts_of_one_window_share_a_call(void **state)
{
	assert_int_equal(sbi_remote_fence(BIT(1) | BIT(3) | BIT(63), SBI_RFENCE_SFENCE_VMA, 0x1000, 0x2000, 7), 0);
	assert_int_equal(num_calls, 1);
	assert_int_equal(calls[0].ext, SBI_EXT_RFENCE);
	assert_int_equal(calls[0].fid, SBI_RFENCE_SFENCE_VMA);
	assert_int_equal(calls[0].arg[0], BIT(1) | BIT(3) | BIT(63));
	assert_int_equal(calls[0].arg[1], 0);
	assert_int_equal(calls[0].arg[2], 0x1000);
	assert_int_equal(calls[0].arg[3], 0x2000);
	assert_int_equal(calls[0].arg[4], 7);
}

/* Every hart of @cpus stands in one call, and no other. */
static void assert_harts_called(uint64_t ext, cpumask_t cpus)
{
	unsigned cpu, bits = 0;

	for (unsigned i = 0; i < num_calls; i++) {
		assert_int_equal(calls[i].ext, ext);
		bits += (unsigned)__builtin_popcountll(calls[i].arg[0]);
	}
	assert_int_equal(bits, __builtin_popcountll(cpus));
	for_each_cpu (cpu, cpus) {
		unsigned times = 0;

		for (unsigned i = 0; i < num_calls; i++)
			if (hart_of[cpu] - calls[i].arg[1] < 64 &&
			    calls[i].arg[0] & BIT(hart_of[cpu] - calls[i].arg[1]))
				times++;
		assert_int_equal(times, 1);
	}
}

static void harts_far_apart_are_called_window_by_window(void **state)
{
	static const uint64_t harts[] = { 5, 64, 0x10000, 0x1003f, 63, 127, UINT64_MAX - 1 };

	memcpy(hart_of, harts, sizeof(harts));
	sbi_remote_fence(GENMASK(6, 0), SBI_RFENCE_I, 0, 0, 0);
	assert_harts_called(SBI_EXT_RFENCE, GENMASK(6, 0));
	assert_int_equal(num_calls, 4);
	num_calls = 0;
	sbi_send_ipi(BIT(2));
	assert_harts_called(SBI_EXT_IPI, BIT(2));
	num_calls = 0;
	sbi_send_ipi(0);
	assert_int_equal(num_calls, 0);
}

static void a_fence_that_failed_is_told(void **state)
{
	fence_error = SBI_INVALID_ADDRESS;
	assert_int_equal(sbi_remote_fence(BIT(1), SBI_RFENCE_I, 0, 0, 0), SBI_INVALID_ADDRESS);
}

/* --- the timer --- */

static bool timer_enabled(void)
{
	return *host_csr(CSR_SIE) & BIT(INT_STI);
}

static void stimecmp_is_used_where_it_is(void **state)
{
	info.extensions = BIT(RISCV_EXT_SSTC);
	info.timebase = 1000;
	deadline_timer_init();
	arch_timer_set(1234);
	assert_int_equal(*host_csr(CSR_STIMECMP), 1234);
	assert_true(timer_enabled());
	/* There always is a deadline. */
	*host_csr(CSR_TIME) = 2000;
	arch_timer_stop();
	assert_int_equal(*host_csr(CSR_STIMECMP), 12000);
	assert_true(timer_enabled());
	assert_int_equal(num_calls, 0);
}

static void the_firmware_is_not_asked_for_a_later_deadline(void **state)
{
	deadline_timer_init();
	*host_csr(CSR_TIME) = 1000000;
	arch_timer_set(1000500);
	assert_int_equal(num_calls, 1);
	assert_int_equal(calls[0].ext, SBI_EXT_TIME);
	assert_int_equal(calls[0].arg[0], 1000500);
	/* Later, stopped, and set again: the interrupt at 1000500 stands, and is enabled when there is a deadline. */
	arch_timer_set(1000800);
	arch_timer_stop();
	assert_false(timer_enabled());
	arch_timer_set(1000500);
	assert_true(timer_enabled());
	assert_int_equal(num_calls, 1);
	/* Earlier: a call. */
	arch_timer_set(1000400);
	assert_int_equal(num_calls, 2);
	assert_int_equal(calls[1].arg[0], 1000400);
	/* It has passed, and is pending in the firmware's timer until a new one is set. */
	*host_csr(CSR_TIME) = 1000400;
	arch_timer_stop();
	arch_timer_set(1000900);
	assert_int_equal(num_calls, 3);
	assert_int_equal(calls[2].arg[0], 1000900);
	assert_true(timer_enabled());
}

static void a_machine_without_a_timer_is_told_so(void **state)
{
	spec_version = 0;
	sbi_init();
	assert_panics(deadline_timer_init());
	info.extensions = BIT(RISCV_EXT_SSTC);
	deadline_timer_init();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(extensions_are_asked_for_once, start),
		cmocka_unit_test_setup(old_firmware_gets_a_clear_message, start),
		cmocka_unit_test_setup(harts_of_one_window_share_a_call, start),
		cmocka_unit_test_setup(harts_far_apart_are_called_window_by_window, start),
		cmocka_unit_test_setup(a_fence_that_failed_is_told, start),
		cmocka_unit_test_setup(stimecmp_is_used_where_it_is, start),
		cmocka_unit_test_setup(the_firmware_is_not_asked_for_a_later_deadline, start),
		cmocka_unit_test_setup(a_machine_without_a_timer_is_told_so, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
