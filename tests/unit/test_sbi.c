/* unit: riscv_vcpu/sbi.c riscv_vcpu/sbi_base.c riscv_vcpu/sbi_console.c riscv_vcpu/sbi_hsm.c riscv_vcpu/sbi_legacy.c */
/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's SBI: every function, every error that the specification knows for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <axstd/error.h>
#include <cmocka.h>
#include <host/host.h>
#include "fetch.h"
#include "sbi.h"

#define HARTS 4
#define PC    0x80200100u
#define RAM   0x80000000u
#define SIZE  0x4000u

static struct riscv_vcpu harts[HARTS];
static enum vcpu_power power[HARTS];
static struct vcpu_exit out;
static struct riscv_vcpu *const me = &harts[1];
static uint8_t ram[SIZE];

/* --- what the SBI stands on --- */

static struct vcpu *peer(struct vcpu *vcpu, uint64_t hart)
{
	return hart < HARTS ? &harts[hart].vcpu : NULL;
}

static enum vcpu_power power_of(struct vcpu *vcpu, uint64_t hart)
{
	return hart < HARTS ? power[hart] : VCPU_POWER_NONE;
}

static char printed[0x2000];
static size_t num_printed;
static const char *typed;

static void console_put(struct vcpu *vcpu, uint8_t byte)
{
	assert_true(num_printed < sizeof(printed));
	printed[num_printed++] = (char)byte;
}

static int console_get(struct vcpu *vcpu)
{
	return *typed ? (uint8_t)*typed++ : -1;
}

static const struct vcpu_ops ops = {
	.peer = peer,
	.power = power_of,
	.console_put = console_put,
	.console_get = console_get,
};

/* RAM at RAM, of which the last page may not be written and not be executed. */
static bool in_ram(gpa_t gpa, uint64_t len, uint64_t size)
{
	return gpa >= RAM && gpa - RAM <= size && len <= size - (gpa - RAM);
}

int aspace_read(struct aspace *as, gpa_t gpa, void *buf, size_t len)
{
	if (!in_ram(gpa, len, SIZE))
		return -AX_EFAULT;
	memcpy(buf, ram + (gpa - RAM), len);
	return 0;
}

int aspace_write(struct aspace *as, gpa_t gpa, const void *buf, size_t len)
{
	if (!in_ram(gpa, len, SIZE - PAGE_SIZE))
		return -AX_EACCES;
	memcpy(ram + (gpa - RAM), buf, len);
	return 0;
}

int aspace_fault(struct aspace *as, gpa_t gpa, unsigned access)
{
	assert_int_equal(access, PT_WRITE);
	return in_ram(gpa, 1, SIZE - PAGE_SIZE) ? 0 : -AX_EACCES;
}

int aspace_find_region(struct aspace *as, gpa_t gpa, struct aspace_region *region)
{
	static const struct aspace_region regions[] = {
		{ .gpa = 0x10000000, .size = PAGE_SIZE, .flags = PT_READ | PT_EXEC, .kind = ASPACE_DEVICE },
		{ .gpa = 0x20000000, .size = PAGE_SIZE, .flags = PT_READ | PT_EXEC, .kind = ASPACE_RESERVED },
		{ .gpa = RAM, .size = SIZE - PAGE_SIZE, .flags = PT_READ | PT_WRITE | PT_EXEC, .kind = ASPACE_LAZY },
		{ .gpa = RAM + SIZE - PAGE_SIZE, .size = PAGE_SIZE, .flags = PT_READ, .kind = ASPACE_ALLOC },
	};

	for (size_t i = 0; i < ARRAY_SIZE(regions); i++) {
		if (gpa >= regions[i].gpa + regions[i].size)
			continue;
		*region = regions[i];
		return 0;
	}
	return -AX_ENOENT;
}

static uint64_t timer_ticks;
static unsigned timers;

void riscv_timer_set(struct riscv_vcpu *v, uint64_t ticks)
{
	assert_ptr_equal(v, me);
	timer_ticks = ticks;
	timers++;
}

static uint64_t requested; /* harts */

void vcpu_request(struct vcpu *vcpu, enum vcpu_work work)
{
	assert_int_equal(work, VCPU_WORK_IRQ);
	requested |= BIT(to_riscv(vcpu)->hart);
}

static uint64_t fenced;
static unsigned fences;
static struct riscv_fence fence;

void riscv_fence_vcpus(struct riscv_vcpu *v, struct vcpu *const *targets, unsigned count,
		       const struct riscv_fence *what)
{
	assert_ptr_equal(v, me);
	fenced = 0;
	for (unsigned i = 0; i < count; i++)
		fenced |= BIT(to_riscv(targets[i])->hart);
	fence = *what;
	fences += count != 0;
}

static unsigned mask_cause; /* of reading the hart mask */
static uint64_t mask_address, mask_value;

uint64_t riscv_read_guest_long(uint64_t gva, uint64_t *value)
{
	mask_address = gva;
	if (!mask_cause)
		*value = mask_value;
	return mask_cause;
}

static unsigned injected_cause;
static uint64_t injected_tval;

void riscv_inject(struct riscv_vcpu *v, enum riscv_exception cause, uint64_t tval)
{
	injected_cause = cause;
	injected_tval = tval;
	assert_int_equal(v->regs.pc, PC);
}

bool riscv_exit_guest_page_fault(struct riscv_vcpu *v, unsigned cause)
{
	assert_int_equal(cause, EXC_GUEST_LOAD_PAGE_FAULT);
	v->exit->reason = VCPU_EXIT_NESTED_PAGE_FAULT;
	return true;
}

/* --- calling --- */

static int setup(void **state)
{
	memset(harts, 0, sizeof(harts));
	memset(&out, 0xee, sizeof(out));
	for (unsigned i = 0; i < HARTS; i++) {
		harts[i].hart = i;
		harts[i].vcpu.id = i;
		harts[i].vcpu.ops = &ops;
		power[i] = VCPU_POWER_ON;
	}
	me->exit = &out;
	memset(ram, 0, sizeof(ram));
	memset(printed, 0, sizeof(printed));
	num_printed = timers = fences = 0;
	requested = fenced = 0;
	mask_cause = injected_cause = 0;
	mask_address = 0;
	typed = "";
	*host_csr(CSR_HVIP) = 0;
	return 0;
}

/* True: left vcpu_run(). All registers but a0 and a1 stay, the pc is behind the ECALL. */
static bool call6(uint64_t ext, uint64_t fid, const uint64_t arg[6])
{
	uint64_t before[32];
	bool left;

	for (unsigned i = 1; i < 32; i++)
		me->regs.x[i] = 0x1000 + i;
	for (unsigned i = 0; i < 6; i++)
		me->regs.x[10 + i] = arg[i];
	me->regs.x[16] = fid;
	me->regs.x[17] = ext;
	me->regs.pc = PC;
	memcpy(before, me->regs.x, sizeof(before));
	left = riscv_handle_sbi(me);
	for (unsigned i = 0; i < 32; i++)
		if (i != 10 && i != 11)
			assert_int_equal(me->regs.x[i], before[i]);
	if (me->regs.pc != PC + 4)
		assert_true(injected_cause || out.reason == VCPU_EXIT_NESTED_PAGE_FAULT);
	return left;
}

#define call(ext, fid, ...) call6(ext, fid, (const uint64_t[6]){ __VA_ARGS__ })

static void assert_result(int64_t error, uint64_t value)
{
	assert_int_equal((int64_t)me->regs.x[10], error);
	assert_int_equal(me->regs.x[11], value);
}

#define assert_answer(error, value, ...)         \
	do {                                     \
		assert_false(call(__VA_ARGS__)); \
		assert_result(error, value);     \
	} while (0)

#define assert_leaves(why, ...)                    \
	do {                                       \
		assert_true(call(__VA_ARGS__));    \
		assert_int_equal(out.reason, why); \
	} while (0)

/* Legacy calls leave a1 alone. */
#define assert_legacy(value, ext, arg0, ...)                       \
	do {                                                       \
		const uint64_t args_[6] = { arg0, ##__VA_ARGS__ }; \
		assert_false(call6(ext, 77, args_));               \
		assert_int_equal((int64_t)me->regs.x[10], value);  \
		assert_int_equal(me->regs.x[11], args_[1]);        \
	} while (0)

/* --- tests --- */

static void base_tells_what_this_is(void **state)
{
	assert_answer(0, 0x02000000, SBI_EXT_BASE, SBI_BASE_SPEC_VERSION);
	assert_answer(0, 0x41585653, SBI_EXT_BASE, SBI_BASE_IMPL_ID);
	assert_answer(0, 1, SBI_EXT_BASE, SBI_BASE_IMPL_VERSION);
	assert_answer(0, 0, SBI_EXT_BASE, SBI_BASE_MVENDORID);
	assert_answer(0, 0, SBI_EXT_BASE, SBI_BASE_MARCHID);
	assert_answer(0, 0, SBI_EXT_BASE, SBI_BASE_MIMPID);
}

static void probing_finds_exactly_what_there_is(void **state)
{
	static const uint64_t there[] = { 0,
					  1,
					  2,
					  3,
					  4,
					  5,
					  6,
					  7,
					  8,
					  SBI_EXT_BASE,
					  SBI_EXT_TIME,
					  SBI_EXT_IPI,
					  SBI_EXT_RFENCE,
					  SBI_EXT_HSM,
					  SBI_EXT_SRST,
					  SBI_EXT_DBCN,
					  SBI_EXT_SUSP,
					  0x485643 };
	static const uint64_t missing[] = { 9,
					    15,
					    17,
					    SBI_EXT_PMU,
					    0x43505043 /* CPPC */,
					    0x4E41434C /* NACL */,
					    0x535441 /* STA */,
					    0x08000000,
					    0x09000000,
					    0x0A000000,
					    UINT64_MAX,
					    UINT64_C(0x100000010) };

	for (size_t i = 0; i < ARRAY_SIZE(there); i++)
		assert_answer(0, 1, SBI_EXT_BASE, SBI_BASE_PROBE, there[i]);
	for (size_t i = 0; i < ARRAY_SIZE(missing); i++) {
		assert_answer(0, 0, SBI_EXT_BASE, SBI_BASE_PROBE, missing[i]);
		assert_answer(SBI_NOT_SUPPORTED, 0, missing[i], 0, 1, 2, 3);
	}
}

static void unknown_functions_are_not_supported(void **state)
{
	static const struct {
		uint64_t ext, count;
	} rows[] = {
		{ SBI_EXT_BASE, 7 }, { SBI_EXT_TIME, 1 }, { SBI_EXT_IPI, 1 },  { SBI_EXT_RFENCE, 3 },
		{ SBI_EXT_HSM, 4 },  { SBI_EXT_SRST, 1 }, { SBI_EXT_DBCN, 3 }, { SBI_EXT_SUSP, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (uint64_t fid = rows[i].count; fid < 70; fid++)
			assert_answer(SBI_NOT_SUPPORTED, 0, rows[i].ext, fid);
		assert_answer(SBI_NOT_SUPPORTED, 0, rows[i].ext, UINT64_MAX);
		assert_answer(SBI_NOT_SUPPORTED, 0, rows[i].ext, UINT64_C(1) << 32);
	}
	assert_int_equal(fences + timers + num_printed, 0);
}

static void the_timer_is_set(void **state)
{
	assert_answer(0, 0, SBI_EXT_TIME, 0, UINT64_C(0x123456789abc));
	assert_int_equal(timer_ticks, 0x123456789abc);
	assert_int_equal(timers, 1);
}

static uint64_t posted(void)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < HARTS; i++)
		if (atomic_load(&harts[i].posted) == RISCV_POST_SOFT)
			mask |= BIT(i);
	return mask;
}

static void ipis_go_to_the_harts_of_the_mask(void **state)
{
	assert_answer(0, 0, SBI_EXT_IPI, 0, 0x5, 0);
	assert_int_equal(posted(), 0x5);
	assert_int_equal(requested, 0x5);
	assert_int_equal(*host_csr(CSR_HVIP), 0);
}

static void an_ipi_to_oneself_is_pending_at_once(void **state)
{
	assert_answer(0, 0, SBI_EXT_IPI, 0, 1, 1);
	assert_int_equal(posted(), 0);
	assert_int_equal(requested, 0);
	assert_int_equal(*host_csr(CSR_HVIP), BIT(INT_VSSI));
}

static void base_minus_one_is_everybody(void **state)
{
	assert_answer(0, 0, SBI_EXT_IPI, 0, 0, UINT64_MAX);
	assert_int_equal(posted(), 0xd);
	assert_int_equal(*host_csr(CSR_HVIP), BIT(INT_VSSI));
}

static void masks_with_harts_that_do_not_exist_do_nothing(void **state)
{
	static const struct {
		uint64_t mask, base;
	} rows[] = {
		{ 0x1f, 0 },
		{ BIT(63), 0 },
		{ 3, 3 },
		{ 1, 4 },
		{ 1, 63 },
		{ BIT(63), 63 },
		{ 1, 64 },
		{ BIT(1), UINT64_MAX - 1 },
		{ BIT(3), UINT64_MAX - 2 },
		{ UINT64_MAX, 1 },
		{ 1, BIT(32) },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_IPI, 0, rows[i].mask, rows[i].base);
		assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_RFENCE, SBI_RFENCE_I, rows[i].mask, rows[i].base);
		assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_RFENCE, SBI_RFENCE_SFENCE_VMA, rows[i].mask, rows[i].base);
		assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_RFENCE, SBI_RFENCE_SFENCE_VMA_ASID, rows[i].mask,
			      rows[i].base);
	}
	assert_int_equal(posted(), 0);
	assert_int_equal(requested, 0);
	assert_int_equal(fences, 0);
}

static void an_empty_mask_is_nobody(void **state)
{
	assert_answer(0, 0, SBI_EXT_IPI, 0, 0, 0);
	assert_answer(0, 0, SBI_EXT_RFENCE, SBI_RFENCE_I, 0, 0);
	assert_int_equal(requested, 0);
	assert_int_equal(fences, 0);
}

static void fences_reach_the_harts_of_the_mask(void **state)
{
	assert_answer(0, 0, SBI_EXT_RFENCE, SBI_RFENCE_I, 0x3, 2);
	assert_int_equal(fenced, 0xc);
	assert_true(fence.instruction);

	assert_answer(0, 0, SBI_EXT_RFENCE, SBI_RFENCE_SFENCE_VMA, 0, UINT64_MAX, 0x5000, 0x2000);
	assert_int_equal(fenced, 0xf);
	assert_false(fence.instruction);
	assert_false(fence.has_asid);
	assert_int_equal(fence.start, 0x5000);
	assert_int_equal(fence.size, 0x2000);

	assert_answer(0, 0, SBI_EXT_RFENCE, SBI_RFENCE_SFENCE_VMA_ASID, 0x2, 0, 0x5000, 0x2000, 0xf0012);
	assert_int_equal(fenced, 0x2);
	assert_true(fence.has_asid);
	assert_int_equal(fence.asid, 0x12);
	assert_int_equal(fence.start, 0x5000);
	assert_int_equal(fence.size, 0x2000);
}

static void ranges_of_fences_are_checked(void **state)
{
	assert_answer(0, 0, SBI_EXT_RFENCE, SBI_RFENCE_SFENCE_VMA, 1, 0, 0, 0);
	assert_int_equal(fence.size, UINT64_MAX);
	assert_int_equal(fence.start, 0);
	assert_answer(0, 0, SBI_EXT_RFENCE, SBI_RFENCE_SFENCE_VMA_ASID, 1, 0, 0x1234, UINT64_MAX, 5);
	assert_int_equal(fence.size, UINT64_MAX);
	assert_int_equal(fence.start, 0);
	assert_int_equal(fence.asid, 5);
	/* The last page of the address space. */
	assert_answer(0, 0, SBI_EXT_RFENCE, SBI_RFENCE_SFENCE_VMA, 1, 0, -PAGE_SIZE, PAGE_SIZE);
	assert_int_equal(fence.start, -PAGE_SIZE);
	assert_int_equal(fences, 3);
	assert_answer(0, 0, SBI_EXT_RFENCE, SBI_RFENCE_SFENCE_VMA, 1, 0, 0x1000, 0);
	assert_answer(SBI_INVALID_ADDRESS, 0, SBI_EXT_RFENCE, SBI_RFENCE_SFENCE_VMA, 1, 0, -PAGE_SIZE, PAGE_SIZE + 1);
	assert_answer(SBI_INVALID_ADDRESS, 0, SBI_EXT_RFENCE, SBI_RFENCE_SFENCE_VMA_ASID, 1, 0, 3, UINT64_MAX - 1);
	assert_int_equal(fences, 3);
}

static void starting_a_hart_is_left_to_the_vm(void **state)
{
	assert_leaves(VCPU_EXIT_CPU_UP, SBI_EXT_HSM, SBI_HSM_START, 2, RAM + 0x200, 99);
	assert_int_equal(out.cpu_up.target, 2);
	assert_int_equal(out.cpu_up.entry, RAM + 0x200);
	assert_int_equal(out.cpu_up.arg, 99);
}

static void the_result_of_a_start_is_an_sbi_error(void **state)
{
	static const struct {
		int err, error;
	} rows[] = {
		{ 0, SBI_SUCCESS },
		{ -AX_EEXIST, SBI_ALREADY_AVAILABLE },
		{ -AX_EBUSY, SBI_ALREADY_AVAILABLE },
		{ -AX_EFAULT, SBI_INVALID_ADDRESS },
		{ -AX_ENOENT, SBI_INVALID_PARAM },
		{ -AX_ENOMEM, SBI_FAILED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		vcpu_finish_cpu_up(&me->vcpu, rows[i].err);
		assert_result(rows[i].error, 0);
	}
}

static void harts_start_where_code_can_be(void **state)
{
	static const uint64_t bad[] = { RAM + 1, /* not even */
					0,
					0x10000000,                 /* a device */
					0x20000000,                 /* reserved */
					RAM - 2,                    /* a hole */
					RAM + SIZE - PAGE_SIZE + 2, /* not executable */
					RAM + SIZE,
					UINT64_MAX - 1 };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_answer(SBI_INVALID_ADDRESS, 0, SBI_EXT_HSM, SBI_HSM_START, 2, bad[i], 0);
		assert_answer(SBI_INVALID_ADDRESS, 0, SBI_EXT_HSM, SBI_HSM_SUSPEND, 0x80000000, bad[i], 0);
		assert_answer(SBI_INVALID_ADDRESS, 0, SBI_EXT_SUSP, 0, 0, bad[i], 0);
	}
	assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_HSM, SBI_HSM_START, HARTS, RAM, 0);
	assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_HSM, SBI_HSM_START, UINT64_MAX, RAM, 0);
	assert_false(atomic_load(&me->suspended));
}

static void a_hart_stops(void **state)
{
	assert_leaves(VCPU_EXIT_CPU_DOWN, SBI_EXT_HSM, SBI_HSM_STOP);
}

static void the_state_of_a_hart_is_told(void **state)
{
	power[2] = VCPU_POWER_OFF;
	power[3] = VCPU_POWER_STARTING;
	atomic_store(&harts[0].suspended, true);
	assert_answer(0, 4, SBI_EXT_HSM, SBI_HSM_STATUS, 0);
	assert_answer(0, 0, SBI_EXT_HSM, SBI_HSM_STATUS, 1);
	assert_answer(0, 1, SBI_EXT_HSM, SBI_HSM_STATUS, 2);
	assert_answer(0, 2, SBI_EXT_HSM, SBI_HSM_STATUS, 3);
	assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_HSM, SBI_HSM_STATUS, 4);
	assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_HSM, SBI_HSM_STATUS, UINT64_MAX);
	/* Stopped while it was suspended. */
	power[0] = VCPU_POWER_OFF;
	assert_answer(0, 1, SBI_EXT_HSM, SBI_HSM_STATUS, 0);
}

static void a_retentive_suspend_goes_on_behind_the_call(void **state)
{
	assert_leaves(VCPU_EXIT_SUSPEND, SBI_EXT_HSM, SBI_HSM_SUSPEND, 0, 1, 2);
	assert_false(out.suspend.power_down);
	assert_true(atomic_load(&me->suspended));
	assert_result(SBI_SUCCESS, 0);
}

static void a_non_retentive_suspend_tells_where_to_go_on(void **state)
{
	/* The type has 32 bits; the calling convention extends its sign. */
	static const uint64_t types[] = { 0x80000000, 0xffffffff80000000 };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		assert_leaves(VCPU_EXIT_SUSPEND, SBI_EXT_HSM, SBI_HSM_SUSPEND, types[i], RAM + 4, 77);
		assert_true(out.suspend.power_down);
		assert_int_equal(out.suspend.entry, RAM + 4);
		assert_int_equal(out.suspend.arg, 77);
		assert_true(atomic_load(&me->suspended));
	}
}

static void other_kinds_of_suspend_do_not_exist(void **state)
{
	static const uint64_t types[] = { 1,          0x0fffffff, 0x10000000, 0x7fffffff,
					  0x80000001, 0x8fffffff, 0x90000000, 0xffffffff };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_HSM, SBI_HSM_SUSPEND, types[i], RAM, 0);
		assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_SUSP, 0, types[i], RAM, 0);
	}
	assert_false(atomic_load(&me->suspended));
}

static void the_system_suspends_when_one_hart_is_left(void **state)
{
	assert_answer(SBI_DENIED, 0, SBI_EXT_SUSP, 0, 0, RAM, 5);
	power[0] = power[2] = VCPU_POWER_OFF;
	power[3] = VCPU_POWER_STARTING;
	assert_answer(SBI_DENIED, 0, SBI_EXT_SUSP, 0, 0, RAM, 5);
	power[3] = VCPU_POWER_OFF;
	assert_leaves(VCPU_EXIT_SUSPEND, SBI_EXT_SUSP, 0, 0, RAM, 5);
	assert_true(out.suspend.power_down);
	assert_int_equal(out.suspend.entry, RAM);
	assert_int_equal(out.suspend.arg, 5);
}

static void the_system_is_reset(void **state)
{
	for (uint64_t reason = 0; reason < 2; reason++) {
		assert_leaves(VCPU_EXIT_SYSTEM_DOWN, SBI_EXT_SRST, 0, 0, reason);
		assert_leaves(VCPU_EXIT_SYSTEM_RESET, SBI_EXT_SRST, 0, 1, reason);
		assert_leaves(VCPU_EXIT_SYSTEM_RESET, SBI_EXT_SRST, 0, 2, reason);
	}
}

static void other_resets_do_not_exist(void **state)
{
	static const uint64_t values[] = { 3, 0xefffffff, 0xf0000000, 0xffffffff };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_SRST, 0, values[i], 0);
		assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_SRST, 0, 0, values[i]);
	}
	assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_SRST, 0, 0, 2);
	assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_SRST, 0, 0, 0xe0000000);
}

static void the_console_writes_guest_memory(void **state)
{
	memcpy(ram + 0x100, "hello", 5);
	assert_answer(0, 5, SBI_EXT_DBCN, SBI_DBCN_WRITE, 5, RAM + 0x100, 0);
	assert_string_equal(printed, "hello");
	assert_answer(0, 0, SBI_EXT_DBCN, SBI_DBCN_WRITE, 0, 0, 0);
	assert_answer(0, 0, SBI_EXT_DBCN, SBI_DBCN_WRITE_BYTE, 0x121);
	assert_string_equal(printed, "hello!");
}

static void a_long_write_is_done_in_parts(void **state)
{
	for (unsigned i = 0; i < SIZE; i++)
		ram[i] = (uint8_t)(i * 7);
	assert_answer(0, 256, SBI_EXT_DBCN, SBI_DBCN_WRITE, 3000, RAM + 3, 0);
	assert_int_equal(num_printed, 256);
	assert_memory_equal(printed, ram + 3, 256);
	/* Behind the end of memory. */
	num_printed = 0;
	assert_answer(0, 256, SBI_EXT_DBCN, SBI_DBCN_WRITE, 600, RAM + SIZE - 256, 0);
	assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_DBCN, SBI_DBCN_WRITE, 344, RAM + SIZE, 0);
	assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_DBCN, SBI_DBCN_WRITE, 100, RAM + SIZE - 50, 0);
	assert_int_equal(num_printed, 256);
}

static void the_console_refuses_what_is_no_memory(void **state)
{
	static const struct {
		uint64_t len, lo, hi;
	} rows[] = {
		{ 1, 0x10000000, 0 },
		{ 1, RAM - 1, 0 },
		{ 1, RAM + SIZE, 0 },
		{ 1, RAM, 1 },
		{ 1, RAM, UINT64_MAX },
		{ UINT64_MAX, RAM, 0 },
		{ 2, UINT64_MAX, 0 },
		{ 0, RAM, 1 },
		{ 16, -8, 0 },
		{ UINT64_MAX, UINT64_MAX, 0 },
		{ BIT(63), BIT(63) + 1, 0 },
	};

	typed = "x";
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_DBCN, SBI_DBCN_WRITE, rows[i].len, rows[i].lo, rows[i].hi);
		assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_DBCN, SBI_DBCN_READ, rows[i].len, rows[i].lo, rows[i].hi);
	}
	assert_int_equal(num_printed, 0);
	assert_string_equal(typed, "x");
}

static void the_console_reads_into_guest_memory(void **state)
{
	typed = "abcdef";
	assert_answer(0, 4, SBI_EXT_DBCN, SBI_DBCN_READ, 4, RAM + PAGE_SIZE - 2, 0);
	assert_memory_equal(ram + PAGE_SIZE - 2, "abcd\0", 5);
	assert_answer(0, 2, SBI_EXT_DBCN, SBI_DBCN_READ, 100, RAM, 0);
	assert_answer(0, 0, SBI_EXT_DBCN, SBI_DBCN_READ, 100, RAM, 0);
	assert_memory_equal(ram, "ef\0", 3);
}

static void what_was_typed_is_not_lost_to_memory_that_cannot_be_written(void **state)
{
	typed = "abc";
	assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_DBCN, SBI_DBCN_READ, 4, RAM + SIZE - PAGE_SIZE, 0);
	assert_answer(SBI_INVALID_PARAM, 0, SBI_EXT_DBCN, SBI_DBCN_READ, 4, RAM + SIZE - PAGE_SIZE - 2, 0);
	assert_string_equal(typed, "abc");
}

static void a_hypercall_is_left_to_common_code(void **state)
{
	assert_leaves(VCPU_EXIT_HYPERCALL, 0x485643, 42, 1, 2, 3, 4, 5, 6);
	assert_int_equal(out.hypercall.nr, 42);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(out.hypercall.args[i], i + 1);
}

static void legacy_timer_and_console(void **state)
{
	assert_legacy(0, 0, UINT64_C(1) << 40);
	assert_int_equal(timer_ticks, UINT64_C(1) << 40);
	assert_legacy(0, 1, 'A' | 0x700);
	assert_string_equal(printed, "A");
	typed = "z\xff";
	assert_legacy('z', 2, 0);
	assert_legacy(0xff, 2, 0);
	assert_legacy(-1, 2, 0);
}

static void legacy_clear_ipi_tells_what_was_pending(void **state)
{
	assert_legacy(0, 3, 0);
	*host_csr(CSR_HVIP) = BIT(INT_VSSI) | BIT(INT_VSTI);
	assert_legacy(1, 3, 0);
	assert_int_equal(*host_csr(CSR_HVIP), BIT(INT_VSTI));
	atomic_store(&me->posted, RISCV_POST_SOFT | RISCV_POST_FENCE);
	assert_legacy(1, 3, 0);
	assert_int_equal(atomic_load(&me->posted), RISCV_POST_FENCE);
	assert_legacy(0, 3, 0);
}

static void legacy_masks_are_in_guest_memory(void **state)
{
	mask_value = 0x5;
	assert_legacy(0, 4, 0xffffffff80001234);
	assert_int_equal(mask_address, 0xffffffff80001234);
	assert_int_equal(posted(), 0x5);
	mask_value = 0x9;
	assert_legacy(0, 5, 0x1000);
	assert_int_equal(fenced, 0x9);
	assert_true(fence.instruction);
	assert_legacy(0, 6, 0x1000, 0x3000, 0x1000, 0x77);
	assert_int_equal(fence.start, 0x3000);
	assert_int_equal(fence.size, 0x1000);
	assert_false(fence.has_asid);
	assert_legacy(0, 7, 0x1000, 0x3000, 0x1000, 0x77);
	assert_true(fence.has_asid);
	assert_int_equal(fence.asid, 0x77);
	assert_legacy(SBI_INVALID_ADDRESS, 6, 0x1000, -PAGE_SIZE, 0x2000);
	mask_value = 0x10;
	fences = 0;
	for (unsigned ext = 4; ext < 8; ext++)
		assert_legacy(SBI_INVALID_PARAM, ext, 0x1000);
	assert_int_equal(fences, 0);
}

static void no_legacy_mask_is_everybody(void **state)
{
	mask_value = 0;
	assert_legacy(0, 4, 0);
	assert_int_equal(posted(), 0xd);
	assert_int_equal(*host_csr(CSR_HVIP), BIT(INT_VSSI));
	assert_legacy(0, 5, 0);
	assert_int_equal(fenced, 0xf);
	assert_int_equal(mask_address, 0);
}

static void a_mask_that_cannot_be_read_faults_at_the_call(void **state)
{
	static const unsigned causes[] = { EXC_LOAD_PAGE_FAULT, EXC_LOAD_ACCESS, EXC_LOAD_MISALIGNED };

	*host_csr(CSR_STVAL) = 0x1004;
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		injected_cause = 0;
		mask_cause = causes[i];
		assert_false(call(4, 0, 0x1001));
		assert_int_equal(injected_cause, causes[i]);
		assert_int_equal(injected_tval, 0x1004);
		assert_int_equal(me->regs.x[10], 0x1001);
	}
	injected_cause = 0;
	mask_cause = EXC_GUEST_LOAD_PAGE_FAULT;
	assert_leaves(VCPU_EXIT_NESTED_PAGE_FAULT, 4, 0, 0x1001);
	assert_int_equal(me->regs.pc, PC);
	assert_int_equal(injected_cause, 0);
	assert_int_equal(requested, 0);
}

static void legacy_shutdown(void **state)
{
	assert_leaves(VCPU_EXIT_SYSTEM_DOWN, 8, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	static const struct CMUnitTest tests[] = {
		TEST(base_tells_what_this_is),
		TEST(probing_finds_exactly_what_there_is),
		TEST(unknown_functions_are_not_supported),
		TEST(the_timer_is_set),
		TEST(ipis_go_to_the_harts_of_the_mask),
		TEST(an_ipi_to_oneself_is_pending_at_once),
		TEST(base_minus_one_is_everybody),
		TEST(masks_with_harts_that_do_not_exist_do_nothing),
		TEST(an_empty_mask_is_nobody),
		TEST(fences_reach_the_harts_of_the_mask),
		TEST(ranges_of_fences_are_checked),
		TEST(starting_a_hart_is_left_to_the_vm),
		TEST(the_result_of_a_start_is_an_sbi_error),
		TEST(harts_start_where_code_can_be),
		TEST(a_hart_stops),
		TEST(the_state_of_a_hart_is_told),
		TEST(a_retentive_suspend_goes_on_behind_the_call),
		TEST(a_non_retentive_suspend_tells_where_to_go_on),
		TEST(other_kinds_of_suspend_do_not_exist),
		TEST(the_system_suspends_when_one_hart_is_left),
		TEST(the_system_is_reset),
		TEST(other_resets_do_not_exist),
		TEST(the_console_writes_guest_memory),
		TEST(a_long_write_is_done_in_parts),
		TEST(the_console_refuses_what_is_no_memory),
		TEST(the_console_reads_into_guest_memory),
		TEST(what_was_typed_is_not_lost_to_memory_that_cannot_be_written),
		TEST(a_hypercall_is_left_to_common_code),
		TEST(legacy_timer_and_console),
		TEST(legacy_clear_ipi_tells_what_was_pending),
		TEST(legacy_masks_are_in_guest_memory),
		TEST(no_legacy_mask_is_everybody),
		TEST(a_mask_that_cannot_be_read_faults_at_the_call),
		TEST(legacy_shutdown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
