/* unit: riscv_vcpu/inject.c riscv_vcpu/timer.c riscv_vcpu/fence.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a vCPU of riscv64 is given: exceptions, timer interrupts with and without Sstc, fences of its neighbours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <axhal/arch/hfence.h>
#include <axhal/arch/isa.h>
#include <axhal/arch/sbi.h>
#include <axhal/time.h>
#include <cmocka.h>
#include <string.h>
#include "host/host.h"
#include "riscv_vcpu.h"

#define NUM_VCPUS 4

static struct riscv_info info;
static struct riscv_vcpu vcpus[NUM_VCPUS];
static struct vcpu_ops ops;
static unsigned requests;

const struct riscv_info *riscv_info(void)
{
	return &info;
}

void vcpu_request(struct vcpu *vcpu, enum vcpu_work work)
{
	requests++;
}

/* --- the host's timers: one, whose callback the test calls --- */

static struct timer *armed_timer;
static unsigned timer_sets;

void timer_init(struct timer *timer, void (*fn)(void *arg), void *arg)
{
	*timer = (struct timer){ .fn = fn, .arg = arg };
}

void timer_set(struct timer *timer, uint64_t deadline_ns)
{
	timer->deadline_ns = deadline_ns;
	armed_timer = timer;
	timer_sets++;
}

bool timer_cancel(struct timer *timer)
{
	armed_timer = NULL;
	return true;
}

static void run_timer(void)
{
	struct timer *timer = armed_timer;

	assert_non_null(timer);
	host_time_ns = timer->deadline_ns;
	armed_timer = NULL;
	timer->fn(timer->arg);
}

/* --- fences --- */

static unsigned all, addresses, asids, asid_addresses, code_fences, remote_fences;
static uint64_t last_gva, last_asid;
static struct {
	cpumask_t cpus;
	unsigned fid;
	uint64_t start, size, tag;
} remote;

void hfence_vvma_all(void)
{
	all++;
}

void hfence_vvma_address(uint64_t gva)
{
	addresses++;
	last_gva = gva;
}

void hfence_vvma_asid(uint64_t asid)
{
	asids++;
	last_asid = asid;
}

void hfence_vvma_asid_address(uint64_t gva, uint64_t asid)
{
	asid_addresses++;
	last_gva = gva;
	last_asid = asid;
}

void fence_i(void)
{
	code_fences++;
}

int sbi_remote_fence(cpumask_t cpus, unsigned fid, uint64_t start, uint64_t size, uint64_t tag)
{
	remote_fences++;
	remote.cpus = cpus;
	remote.fid = fid;
	remote.start = start;
	remote.size = size;
	remote.tag = tag;
	return 0;
}

static struct vcpu *peer(struct vcpu *vcpu, uint64_t hwid)
{
	return hwid < NUM_VCPUS ? &vcpus[hwid].vcpu : NULL;
}

static int setup(void **state)
{
	info = (struct riscv_info){ 0 };
	memset(vcpus, 0, sizeof(vcpus));
	ops.peer = peer;
	for (unsigned i = 0; i < NUM_VCPUS; i++) {
		vcpus[i].hart = i;
		vcpus[i].vcpu.ops = &ops;
		vcpus[i].vcpu.cpu = -1;
		riscv_timer_create(&vcpus[i]);
		riscv_timer_reset(&vcpus[i]);
	}
	*host_csr(CSR_HVIP) = 0;
	*host_csr(CSR_VSIE) = 0;
	host_time_ns = 1000000;
	requests = timer_sets = remote_fences = 0;
	armed_timer = NULL;
	all = addresses = asids = asid_addresses = code_fences = 0;
	return 0;
}

/* --- exceptions --- */

static void an_exception_enters_the_guest_s_handler(void **state)
{
	struct riscv_vcpu *v = &vcpus[0];

	v->regs.pc = 0x1234;
	*host_csr(CSR_VSSTATUS) = SSTATUS_SIE | SSTATUS_SUM;
	*host_csr(CSR_VSTVEC) = 0x80001001; /* vectored */
	riscv_inject(v, EXC_ILLEGAL_INSN, 0x42);
	assert_int_equal(v->regs.pc, 0x80001000);
	assert_int_equal(*host_csr(CSR_VSEPC), 0x1234);
	assert_int_equal(*host_csr(CSR_VSCAUSE), EXC_ILLEGAL_INSN);
	assert_int_equal(*host_csr(CSR_VSTVAL), 0x42);
	/* It came from user mode with interrupts on. */
	assert_int_equal(*host_csr(CSR_VSSTATUS), SSTATUS_SPIE | SSTATUS_SUM);
	assert_true(v->regs.sstatus & SSTATUS_SPP);
	assert_true(v->regs.hstatus & HSTATUS_SPVP);
	/* And again, from the handler. */
	riscv_inject(v, EXC_ILLEGAL_INSN, 0);
	assert_int_equal(*host_csr(CSR_VSSTATUS), SSTATUS_SPP | SSTATUS_SUM);
}

static void a_fault_is_the_one_that_was_noted(void **state)
{
	vcpus[0].fault_cause = EXC_STORE_ACCESS;
	vcpus[0].fault_gva = 0xffff0000dead0000;
	vcpu_inject_fault(&vcpus[0].vcpu, 0x1000, VCPU_ACCESS_WRITE);
	assert_int_equal(*host_csr(CSR_VSCAUSE), EXC_STORE_ACCESS);
	assert_int_equal(*host_csr(CSR_VSTVAL), 0xffff0000dead0000);
	vcpu_inject_undefined(&vcpus[0].vcpu);
	assert_int_equal(*host_csr(CSR_VSCAUSE), EXC_ILLEGAL_INSN);
	assert_int_equal(*host_csr(CSR_VSTVAL), 0);
}

/* --- the timer --- */

static bool stip(void)
{
	return *host_csr(CSR_HVIP) & BIT(INT_VSTI);
}

static void set_timer_clears_the_interrupt_until_its_time(void **state)
{
	struct riscv_vcpu *v = &vcpus[0];
	uint64_t now = time_now_ticks();

	riscv_timer_set(v, now);
	assert_true(stip());
	riscv_timer_set(v, now + 100);
	assert_false(stip());
	riscv_timer_update(v);
	assert_false(stip());
	run_timer();
	assert_int_equal(requests, 1);
	riscv_timer_update(v);
	assert_true(stip());
	riscv_timer_set(v, UINT64_MAX);
	assert_false(stip());
	assert_null(armed_timer);
}

static void a_deadline_that_is_put_off_does_not_move_the_timer(void **state)
{
	struct riscv_vcpu *v = &vcpus[0];
	uint64_t now = time_now_ticks();

	riscv_timer_set(v, now + 1000);
	for (unsigned i = 0; i < 10; i++)
		riscv_timer_set(v, now + 2000 + i);
	assert_int_equal(timer_sets, 1);
	/* Early: set again, and the guest is left alone. */
	run_timer();
	assert_int_equal(requests, 0);
	assert_int_equal(timer_sets, 2);
	run_timer();
	assert_int_equal(requests, 1);
	/* Nearer: at once. */
	now = time_now_ticks();
	riscv_timer_set(v, now + 1000);
	riscv_timer_set(v, now + 500);
	assert_int_equal(timer_sets, 4);
	assert_int_equal(armed_timer->deadline_ns, time_ticks_to_ns(now + 500));
}

static void with_sstc_the_guest_has_the_comparator(void **state)
{
	struct riscv_vcpu *v = &vcpus[0];

	info.extensions = BIT(RISCV_EXT_SSTC);
	riscv_timer_load(v);
	assert_int_equal(*host_csr(CSR_VSTIMECMP), UINT64_MAX);
	riscv_timer_set(v, 5000);
	assert_int_equal(*host_csr(CSR_VSTIMECMP), 5000);
	assert_int_equal(timer_sets, 0);
	/* It wakes the guest only if that has it enabled. */
	assert_int_equal(vcpu_wake_time(&v->vcpu), TIME_NEVER);
	*host_csr(CSR_VSIE) = BIT(INT_STI);
	assert_int_equal(vcpu_wake_time(&v->vcpu), time_ticks_to_ns(5000));
	riscv_timer_put(v);
	assert_int_not_equal(*host_csr(CSR_VSTIMECMP), 5000);
	riscv_timer_load(v);
	assert_int_equal(*host_csr(CSR_VSTIMECMP), 5000);
}

/* --- fences --- */

static void a_fence_of_oneself_stays_here(void **state)
{
	riscv_fence_vcpus(&vcpus[1], (struct vcpu *[]){ &vcpus[1].vcpu }, 1,
			  &(struct riscv_fence){ .size = UINT64_MAX });
	assert_int_equal(all, 1);
	riscv_fence_vcpus(&vcpus[1], (struct vcpu *[]){ &vcpus[1].vcpu }, 1,
			  &(struct riscv_fence){ .start = 0x1ffc, .size = 8 });
	assert_int_equal(addresses, 2);
	assert_int_equal(last_gva, 0x2000);
	riscv_fence_vcpus(&vcpus[1], (struct vcpu *[]){ &vcpus[1].vcpu }, 1,
			  &(struct riscv_fence){ .size = UINT64_MAX, .has_asid = true, .asid = 7 });
	assert_int_equal(asids, 1);
	assert_int_equal(last_asid, 7);
	riscv_fence_vcpus(&vcpus[1], (struct vcpu *[]){ &vcpus[1].vcpu }, 1,
			  &(struct riscv_fence){ .instruction = true });
	assert_int_equal(code_fences, 1);
	assert_int_equal(remote_fences, 0);
}

static void vcpus_that_run_are_fenced_by_the_firmware(void **state)
{
	struct riscv_fence fence = { .start = 0x1000, .size = 0x3000, .has_asid = true, .asid = 9 };

	vcpus[1].vcpu.cpu = 3;
	vcpus[2].vcpu.cpu = 5;
	riscv_fence_vcpus(&vcpus[0], (struct vcpu *[]){ &vcpus[1].vcpu, &vcpus[2].vcpu }, 2, &fence);
	assert_int_equal(remote_fences, 1);
	assert_int_equal(remote.cpus, BIT(3) | BIT(5));
	assert_int_equal(remote.fid, SBI_RFENCE_HFENCE_VVMA_ASID);
	assert_int_equal(remote.start, 0x1000);
	assert_int_equal(remote.size, 0x3000);
	assert_int_equal(remote.tag, 9);
	assert_int_equal(vcpus[1].posted, 0);
	assert_int_equal(all + addresses + asids + asid_addresses, 0);
}

static void vcpus_that_sleep_find_the_fence_and_are_not_woken(void **state)
{
	riscv_fence_vcpus(&vcpus[0], (struct vcpu *[]){ &vcpus[1].vcpu }, 1,
			  &(struct riscv_fence){ .size = UINT64_MAX });
	riscv_fence_vcpus(&vcpus[0], (struct vcpu *[]){ &vcpus[1].vcpu }, 1,
			  &(struct riscv_fence){ .instruction = true });
	assert_int_equal(vcpus[1].posted, RISCV_POST_FENCE | RISCV_POST_FENCE_I);
	assert_int_equal(vcpus[1].vcpu.work, 0);
	assert_int_equal(requests, 0);
	assert_int_equal(remote_fences, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_exception_enters_the_guest_s_handler, setup),
		cmocka_unit_test_setup(a_fault_is_the_one_that_was_noted, setup),
		cmocka_unit_test_setup(set_timer_clears_the_interrupt_until_its_time, setup),
		cmocka_unit_test_setup(a_deadline_that_is_put_off_does_not_move_the_timer, setup),
		cmocka_unit_test_setup(with_sstc_the_guest_has_the_comparator, setup),
		cmocka_unit_test_setup(a_fence_of_oneself_stays_here, setup),
		cmocka_unit_test_setup(vcpus_that_run_are_fenced_by_the_firmware, setup),
		cmocka_unit_test_setup(vcpus_that_sleep_find_the_fence_and_are_not_woken, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
