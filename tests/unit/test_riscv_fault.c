/* unit: riscv_vcpu/fault.c riscv_vcpu/fetch.c riscv_vcpu/decode.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest page faults: which reach a device, with what, and what becomes of all others; fetching of the guest's
 * instructions from a memory in which every page can be missing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <host/host.h>
#include "fetch.h"
#include "riscv_vcpu.h"

#define CODE   0x80200000u /* guest-virtual; two pages */
#define DEVICE 0x10000000u
#define LAZY   0x90000000u

static struct riscv_vcpu v;
static struct vcpu_exit out;

/* A device of 0x100 bytes: reads answer @answer, the last access is in @seen. */
static struct vcpu_mmio seen;
static unsigned accesses;
static uint64_t answer;

static bool mmio(struct vcpu *vcpu, struct vcpu_mmio *access)
{
	assert_ptr_equal(vcpu, &v.vcpu);
	assert_int_equal(access->gpa & (access->width - 1), 0);
	if (access->gpa < DEVICE || access->gpa + access->width > DEVICE + 0x100)
		return false;
	seen = *access;
	accesses++;
	if (!access->write)
		access->value = answer;
	return true;
}

static const struct vcpu_ops ops = { .mmio = mmio };

/* The guest's code, and the exception that a page gives. */
static uint8_t code[2 * PAGE_SIZE];
static unsigned page_cause[2];
static unsigned loads;

#define STVEC 0x1234

uint64_t guest_load_begin(void)
{
	*host_csr(CSR_STVEC) = 0;
	return STVEC;
}

void guest_load_end(uint64_t stvec)
{
	assert_int_equal(*host_csr(CSR_STVEC), 0);
	*host_csr(CSR_STVEC) = stvec;
}

static uint64_t load(uint64_t gva, uint64_t *cause, unsigned width)
{
	uint64_t offset = gva - CODE, value = 0;

	loads++;
	assert_int_equal(*host_csr(CSR_STVEC), 0);
	assert_true(offset <= sizeof(code) - width);
	assert_int_equal(offset / PAGE_SIZE, (offset + width - 1) / PAGE_SIZE);
	if (page_cause[offset / PAGE_SIZE]) {
		*cause = page_cause[offset / PAGE_SIZE];
		return UINT64_MAX; /* any value */
	}
	memcpy(&value, code + offset, width);
	return value;
}

uint64_t guest_load_code(uint64_t gva, uint64_t *cause)
{
	return load(gva, cause, 2);
}

uint64_t guest_load_byte(uint64_t gva, uint64_t *cause)
{
	return load(gva, cause, 1);
}

uint64_t guest_load_long(uint64_t gva, uint64_t *cause)
{
	assert_int_equal(gva & 7, 0);
	return load(gva, cause, 8);
}

static int setup(void **state)
{
	memset(&v, 0, sizeof(v));
	memset(&out, 0xee, sizeof(out));
	memset(code, 0, sizeof(code));
	memset(page_cause, 0, sizeof(page_cause));
	v.vcpu.ops = &ops;
	v.exit = &out;
	v.regs.pc = CODE;
	accesses = loads = 0;
	*host_csr(CSR_STVEC) = STVEC;
	answer = 0xfedcba9876543210;
	return 0;
}

static void put_insn(uint64_t pc, uint32_t insn, unsigned length)
{
	v.regs.pc = pc;
	memcpy(code + (pc - CODE), &insn, length);
}

static bool fault(unsigned cause, uint64_t gva, uint64_t gpa, uint64_t htinst)
{
	*host_csr(CSR_STVAL) = gva;
	*host_csr(CSR_HTVAL) = gpa >> 2;
	*host_csr(CSR_HTINST) = htinst;
	return cause == EXC_GUEST_LOAD_PAGE_FAULT    ? riscv_handle_guest_load_fault(&v, cause)
	       : cause == EXC_GUEST_STORE_PAGE_FAULT ? riscv_handle_guest_store_fault(&v, cause)
						     : riscv_exit_guest_page_fault(&v, cause);
}

static void assert_left(uint64_t gva, uint64_t gpa, unsigned access, unsigned cause)
{
	assert_int_equal(out.reason, VCPU_EXIT_NESTED_PAGE_FAULT);
	assert_int_equal(out.fault.gpa, gpa);
	assert_int_equal(out.fault.access, access);
	assert_int_equal(out.fault.pc, v.regs.pc);
	assert_int_equal(v.fault_gva, gva);
	assert_int_equal(v.fault_cause, cause);
	assert_int_equal(accesses, 0);
}

/* rd a0 (10), rs2 a1 (11), as htinst */
#define HT_LOAD(funct3)  ((funct3) << 12 | 10 << 7 | 0x03)
#define HT_STORE(funct3) (11 << 20 | (funct3) << 12 | 0x23)

static void loads_of_all_widths_are_served_and_extended(void **state)
{
	static const struct {
		unsigned funct3, width;
		uint64_t result;
	} rows[] = {
		{ 0, 1, 0xffffffffffffff90 },
		{ 1, 2, 0xffffffffffffba90 },
		{ 2, 4, 0xffffffffdcfeba90 },
		{ 3, 8, 0x12345678dcfeba90 },
		{ 4, 1, 0x90 },
		{ 5, 2, 0xba90 },
		{ 6, 4, 0xdcfeba90 },
	};

	answer = 0x12345678dcfeba90;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		v.regs.pc = CODE;
		assert_false(fault(21, 0xffff00, DEVICE + 8, HT_LOAD(rows[i].funct3)));
		assert_int_equal(v.regs.x[10], rows[i].result);
		assert_int_equal(seen.width, rows[i].width);
		assert_int_equal(seen.gpa, DEVICE + 8);
		assert_false(seen.write);
		assert_int_equal(v.regs.pc, CODE + 4);
	}
	assert_int_equal(accesses, ARRAY_SIZE(rows));
	assert_int_equal(loads, 0);
}

static void stores_of_all_widths_are_served_zero_extended(void **state)
{
	static const uint64_t values[] = { 0x98, 0xba98, 0xdcfeba98, 0x12345678dcfeba98 };

	v.regs.x[11] = 0x12345678dcfeba98;
	for (unsigned i = 0; i < 4; i++) {
		v.regs.pc = CODE;
		assert_false(fault(23, 0xffff00, DEVICE + 16, HT_STORE(i)));
		assert_true(seen.write);
		assert_int_equal(seen.value, values[i]);
		assert_int_equal(seen.width, 1 << i);
		assert_int_equal(v.regs.pc, CODE + 4);
	}
}

static void a_compressed_instruction_is_two_bytes_long(void **state)
{
	assert_false(fault(21, DEVICE, DEVICE, HT_LOAD(2) & ~2));
	assert_int_equal(v.regs.pc, CODE + 2);
	assert_int_equal(loads, 0);
}

static void the_low_address_bits_come_from_stval(void **state)
{
	assert_false(fault(21, 0x1003, DEVICE + 3, HT_LOAD(0)));
	assert_int_equal(seen.gpa, DEVICE + 3);
}

static void a_load_to_x0_changes_nothing(void **state)
{
	assert_false(fault(21, 0, DEVICE, 2 << 12 | 0x03));
	assert_int_equal(v.regs.x[0], 0);
	assert_int_equal(accesses, 1);
	assert_int_equal(v.regs.pc, CODE + 4);
}

static void what_no_device_takes_is_left_to_common_code(void **state)
{
	assert_true(fault(21, 0x4008, LAZY + 8, HT_LOAD(3)));
	assert_left(0x4008, LAZY + 8, VCPU_ACCESS_READ, EXC_LOAD_ACCESS);
	assert_true(fault(23, 0x4009, LAZY + 9, HT_STORE(0)));
	assert_left(0x4009, LAZY + 9, VCPU_ACCESS_WRITE, EXC_STORE_ACCESS);
	assert_int_equal(v.regs.pc, CODE);
}

static void misaligned_and_crossing_accesses_reach_no_device(void **state)
{
	assert_true(fault(21, 2, DEVICE + 2, HT_LOAD(2)));
	assert_left(2, DEVICE + 2, VCPU_ACCESS_READ, EXC_LOAD_ACCESS);
	/* A part behind the first byte: address offset 4. */
	assert_true(fault(23, 0x1000, DEVICE, HT_STORE(3) | 4 << 15));
	assert_left(0x1000, DEVICE, VCPU_ACCESS_WRITE, EXC_STORE_ACCESS);
	/* The device ends in the middle. */
	assert_true(fault(21, 0x1100, DEVICE + 0x100, HT_LOAD(3)));
	assert_left(0x1100, DEVICE + 0x100, VCPU_ACCESS_READ, EXC_LOAD_ACCESS);
}

static void other_instructions_reach_no_device(void **state)
{
	assert_true(fault(21, 0, DEVICE, 0x3507)); /* fld */
	assert_left(0, DEVICE, VCPU_ACCESS_READ, EXC_LOAD_ACCESS);
	assert_true(fault(23, 0, DEVICE, 0x00b0252f)); /* amoadd.w */
	assert_left(0, DEVICE, VCPU_ACCESS_WRITE, EXC_STORE_ACCESS);
	assert_int_equal(loads, 0);
}

static void fetches_are_left_to_common_code(void **state)
{
	assert_true(fault(20, CODE + 2, LAZY + 2, 0));
	assert_left(CODE + 2, LAZY + 2, VCPU_ACCESS_EXECUTE, EXC_INSN_ACCESS);
	assert_true(fault(20, CODE, DEVICE, 0));
	assert_left(CODE, DEVICE, VCPU_ACCESS_EXECUTE, EXC_INSN_ACCESS);
	assert_int_equal(loads, 0);
}

static void table_walks_are_accesses_to_the_entry(void **state)
{
	/* stval is what the guest wanted: its low bits are none of the entry's. */
	assert_true(fault(21, 0x7003, LAZY + 0x18, HTINST_WALK_READ));
	assert_left(0x7003, LAZY + 0x18, VCPU_ACCESS_READ, EXC_LOAD_ACCESS);
	assert_true(fault(23, 0x7003, LAZY + 0x18, HTINST_WALK_READ));
	assert_left(0x7003, LAZY + 0x18, VCPU_ACCESS_READ, EXC_STORE_ACCESS);
	assert_true(fault(21, 0x7003, LAZY + 0x18, HTINST_WALK_WRITE));
	assert_left(0x7003, LAZY + 0x18, VCPU_ACCESS_WRITE, EXC_LOAD_ACCESS);
	assert_true(fault(20, 0x7002, DEVICE, HTINST_WALK_READ));
	assert_left(0x7002, DEVICE, VCPU_ACCESS_READ, EXC_INSN_ACCESS);
}

static void without_htinst_the_instruction_is_fetched(void **state)
{
	put_insn(CODE + 6, 0x0045c503, 4); /* lbu a0, 4(a1) */
	v.regs.x[11] = 0x5000;
	assert_false(fault(21, 0x5004, DEVICE + 4, 0));
	assert_int_equal(v.regs.x[10], 0x10);
	assert_int_equal(v.regs.pc, CODE + 10);
	assert_int_equal(loads, 2);

	put_insn(CODE + 2, 0xc1c8, 2); /* c.sw a0, 4(a1) */
	assert_false(fault(23, 0x5004, DEVICE + 4, 0));
	assert_true(seen.write);
	assert_int_equal(seen.value, 0x10);
	assert_int_equal(seen.width, 4);
	assert_int_equal(v.regs.pc, CODE + 4);
	assert_int_equal(loads, 3);
}

static void an_instruction_that_is_not_the_one_that_faulted_reaches_no_device(void **state)
{
	put_insn(CODE, 0x0045c503, 4); /* lbu a0, 4(a1) */
	v.regs.x[11] = 0x5000;
	assert_true(fault(23, 0x5004, DEVICE + 4, 0)); /* it was a store */
	assert_left(0x5004, DEVICE + 4, VCPU_ACCESS_WRITE, EXC_STORE_ACCESS);
	assert_true(fault(21, 0x5008, DEVICE + 8, 0)); /* of another address */
	assert_left(0x5008, DEVICE + 8, VCPU_ACCESS_READ, EXC_LOAD_ACCESS);
	put_insn(CODE, 0x00052507, 4); /* flw */
	assert_true(fault(21, 0x5008, DEVICE + 8, 0));
	assert_left(0x5008, DEVICE + 8, VCPU_ACCESS_READ, EXC_LOAD_ACCESS);
}

static void when_the_fetch_faults_the_guest_is_entered_again(void **state)
{
	put_insn(CODE, 0x0045c503, 4);
	page_cause[0] = EXC_LOAD_PAGE_FAULT;
	assert_false(fault(21, 4, DEVICE + 4, 0));
	assert_int_equal(v.regs.pc, CODE);
	assert_int_equal(accesses, 0);
}

static void a_fetch_reads_no_more_than_the_instruction(void **state)
{
	uint64_t last = CODE + PAGE_SIZE - 2;
	uint64_t insn = 0;

	page_cause[1] = EXC_GUEST_LOAD_PAGE_FAULT;
	put_insn(last, 0x4188, 2);
	assert_int_equal(riscv_fetch(last, &insn), 0);
	assert_int_equal(insn, 0x4188);
	assert_int_equal(loads, 1);

	put_insn(last, 0x0045c503, 4);
	assert_int_equal(riscv_fetch(last, &insn), EXC_GUEST_LOAD_PAGE_FAULT);
	assert_int_equal(loads, 3);
	page_cause[1] = EXC_LOAD_PAGE_FAULT;
	assert_int_equal(riscv_fetch(last, &insn), EXC_LOAD_PAGE_FAULT);
	page_cause[1] = 0;
	assert_int_equal(riscv_fetch(last, &insn), 0);
	assert_int_equal(insn, 0x0045c503);
	page_cause[0] = EXC_LOAD_PAGE_FAULT;
	loads = 0;
	assert_int_equal(riscv_fetch(last, &insn), EXC_LOAD_PAGE_FAULT);
	assert_int_equal(loads, 1);
	assert_int_equal(*host_csr(CSR_STVEC), STVEC);
}

static void eight_bytes_are_read_at_any_address(void **state)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < sizeof(code); i++)
		code[i] = (uint8_t)i;
	assert_int_equal(riscv_read_guest_long(CODE + 8, &value), 0);
	assert_int_equal(value, 0x0f0e0d0c0b0a0908);
	assert_int_equal(loads, 1);
	assert_int_equal(*host_csr(CSR_STVEC), STVEC);
	assert_int_equal(riscv_read_guest_long(CODE + PAGE_SIZE - 3, &value), 0);
	assert_int_equal(value, 0x0403020100fffefd);
	page_cause[1] = EXC_LOAD_PAGE_FAULT;
	assert_int_equal(riscv_read_guest_long(CODE + PAGE_SIZE - 3, &value), EXC_LOAD_PAGE_FAULT);
	assert_int_equal(value, 0x0403020100fffefd);
	assert_int_equal(riscv_read_guest_long(CODE + PAGE_SIZE, &value), EXC_LOAD_PAGE_FAULT);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	static const struct CMUnitTest tests[] = {
		TEST(loads_of_all_widths_are_served_and_extended),
		TEST(stores_of_all_widths_are_served_zero_extended),
		TEST(a_compressed_instruction_is_two_bytes_long),
		TEST(the_low_address_bits_come_from_stval),
		TEST(a_load_to_x0_changes_nothing),
		TEST(what_no_device_takes_is_left_to_common_code),
		TEST(misaligned_and_crossing_accesses_reach_no_device),
		TEST(other_instructions_reach_no_device),
		TEST(fetches_are_left_to_common_code),
		TEST(table_walks_are_accesses_to_the_entry),
		TEST(without_htinst_the_instruction_is_fetched),
		TEST(an_instruction_that_is_not_the_one_that_faulted_reaches_no_device),
		TEST(when_the_fetch_faults_the_guest_is_entered_again),
		TEST(a_fetch_reads_no_more_than_the_instruction),
		TEST(eight_bytes_are_read_at_any_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
