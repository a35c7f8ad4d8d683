/* unit: riscv_vcpu/csr.c */
/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that trap: WFI, the CSRs of an IMSIC, and the answer to everything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <axstd/error.h>
#include <cmocka.h>
#include <host/host.h>
#include "fetch.h"
#include "riscv_vcpu.h"

#define PC  0x80200000u
#define WFI 0x10500073u

static struct riscv_vcpu v;
static struct vcpu_exit out;
static bool has_interrupt;

/* What was injected. */
static unsigned injections;
static uint64_t injected_tval;

void riscv_inject(struct riscv_vcpu *vcpu, enum riscv_exception cause, uint64_t tval)
{
	assert_ptr_equal(vcpu, &v);
	assert_int_equal(cause, EXC_ILLEGAL_INSN);
	injections++;
	injected_tval = tval;
}

bool vcpu_has_interrupt(struct vcpu *vcpu)
{
	return has_interrupt;
}

static uint32_t at_pc; /* the instruction */
static uint64_t fetch_error;
static unsigned fetches; /* halves */

uint64_t guest_load_begin(void)
{
	return 0;
}

void guest_load_end(uint64_t stvec)
{
}

uint64_t guest_load_code(uint64_t gva, uint64_t *cause)
{
	assert_true(gva == PC || gva == PC + 2);
	fetches++;
	*cause = fetch_error;
	return at_pc >> 8 * (gva - PC) & 0xffff;
}

static struct riscv_csr_access seen;
static unsigned accesses;
static uint64_t csr_value;
static bool csr_there;

static bool csr_access(struct vcpu *vcpu, struct riscv_csr_access *access)
{
	uint64_t old = csr_value;

	assert_ptr_equal(vcpu, &v.vcpu);
	seen = *access;
	accesses++;
	if (!csr_there)
		return false;
	if (access->write)
		csr_value = (csr_value & ~access->mask) | (access->value & access->mask);
	access->value = old;
	return true;
}

static struct riscv_irqchip imsic;

static int setup(void **state)
{
	memset(&v, 0, sizeof(v));
	memset(&out, 0, sizeof(out));
	v.exit = &out;
	v.irqchip = &imsic;
	v.regs.pc = PC;
	v.regs.sstatus = SSTATUS_SPP;
	imsic = (struct riscv_irqchip){ .csr = csr_access };
	injections = fetches = accesses = 0;
	fetch_error = 0;
	has_interrupt = false;
	csr_there = true;
	return 0;
}

static bool trap(unsigned cause, uint32_t insn)
{
	*host_csr(CSR_STVAL) = insn;
	return riscv_handle_illegal(&v, cause);
}

static void assert_illegal(unsigned cause, uint32_t insn)
{
	unsigned before = injections;

	assert_false(trap(cause, insn));
	assert_int_equal(injections, before + 1);
	assert_int_equal(injected_tval, insn);
	assert_int_equal(v.regs.pc, PC);
}

static void wfi_leaves_until_an_interrupt_comes(void **state)
{
	assert_true(trap(EXC_VIRTUAL_INSN, WFI));
	assert_int_equal(out.reason, VCPU_EXIT_HALT);
	assert_int_equal(v.regs.pc, PC + 4);
}

static void wfi_with_an_interrupt_pending_goes_on(void **state)
{
	has_interrupt = true;
	assert_false(trap(EXC_VIRTUAL_INSN, WFI));
	assert_int_equal(v.regs.pc, PC + 4);
	assert_int_equal(injections, 0);
}

static void wfi_of_user_mode_is_illegal(void **state)
{
	v.regs.sstatus = 0;
	assert_illegal(EXC_VIRTUAL_INSN, WFI);
}

static void the_instruction_is_fetched_when_stval_is_zero(void **state)
{
	at_pc = WFI;
	assert_true(trap(EXC_VIRTUAL_INSN, 0));
	assert_int_equal(fetches, 2);
	assert_int_equal(v.regs.pc, PC + 4);

	v.regs.pc = PC;
	at_pc = 0;
	assert_illegal(EXC_ILLEGAL_INSN, 0);
	fetch_error = EXC_LOAD_PAGE_FAULT;
	injections = 0;
	assert_false(trap(EXC_ILLEGAL_INSN, 0)); /* again */
	assert_int_equal(injections, 0);
	assert_int_equal(v.regs.pc, PC);
}

static void what_is_not_for_guests_is_illegal(void **state)
{
	static const uint32_t insns[] = {
		0x60002573, /* csrr a0, hstatus */
		0x64059073, /* csrw 0x640, a1 */
		0x68051073, /* csrw hgatp, a0 */
		0x20002573, /* csrr a0, vsstatus */
		0x28051073, /* csrw vsatp, a0 */
		0xe1202573, /* csrr a0, hgeip */
		0x10a02573, /* csrr a0, senvcfg */
		0x10c02573, /* csrr a0, sstateen0 */
		0x14d02573, /* csrr a0, stimecmp */
		0xc0302573, /* csrr a0, hpmcounter3 */
		0x30002573, /* csrr a0, mstatus */
		0x5a802573, /* csrr a0, scontext */
		0x15202573, /* csrr a0, sireg2 */
		0x62000073, /* hfence.gvma */
		0x22000073, /* hfence.vvma */
		0x6c0545f3, /* hlv.d a1, (a0) */
		0x64354573, /* hlvx.hu a0, (a0) */
		0x6eb54073, /* hsv.d a1, (a0) */
		0x30200073, /* mret */
		0x10200073, /* sret */
		0x12000073, /* sfence.vma */
		0x00d00073, /* wrs.nto */
		0x0045200f, /* cbo.zero (a0) */
		0x00b50533, /* not an instruction of SYSTEM */
		0x15054073, /* funct3 4 */
		0x9002,     /* compressed */
		0xffffffff,
	};

	for (size_t i = 0; i < ARRAY_SIZE(insns); i++) {
		assert_illegal(EXC_VIRTUAL_INSN, insns[i]);
		assert_illegal(EXC_ILLEGAL_INSN, insns[i]);
	}
	assert_int_equal(accesses, 0);
}

static void wfi_that_is_illegal_stays_so(void **state)
{
	assert_illegal(EXC_ILLEGAL_INSN, WFI);
}

#define CSR_INSN(csr, funct3, rs1, rd) ((uint32_t)(csr) << 20 | (rs1) << 15 | (funct3) << 12 | (rd) << 7 | 0x73)

static void csrs_of_the_imsic_are_accessed_as_the_instruction_says(void **state)
{
	/* Operand in a1 (11) = 0xff, or the immediate 11 = 0x0b; the CSR holds 0x30f. */
	static const struct {
		unsigned funct3, rs1;
		bool write;
		uint64_t after;
	} rows[] = {
		{ 1, 11, true, 0xff },  { 1, 0, true, 0 },      { 2, 11, true, 0x3ff }, { 2, 0, false, 0x30f },
		{ 3, 11, true, 0x300 }, { 3, 0, false, 0x30f }, { 5, 11, true, 0x0b },  { 5, 0, true, 0 },
		{ 6, 11, true, 0x30f }, { 6, 0, false, 0x30f }, { 7, 11, true, 0x304 }, { 7, 0, false, 0x30f },
	};
	static const unsigned csrs[] = { CSR_SISELECT, CSR_SIREG, CSR_STOPEI };

	for (size_t c = 0; c < ARRAY_SIZE(csrs); c++) {
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			v.regs.pc = PC;
			v.regs.x[10] = 0x55;
			v.regs.x[11] = 0xff;
			csr_value = 0x30f;
			assert_false(trap(i & 1 ? EXC_ILLEGAL_INSN : EXC_VIRTUAL_INSN,
					  CSR_INSN(csrs[c], rows[i].funct3, rows[i].rs1, 10)));
			assert_int_equal(seen.csr, csrs[c]);
			assert_int_equal(seen.write, rows[i].write);
			assert_int_equal(csr_value, rows[i].after);
			assert_int_equal(v.regs.x[10], 0x30f);
			assert_int_equal(v.regs.pc, PC + 4);
		}
	}
	assert_int_equal(injections, 0);
}

static void a_write_of_no_bits_is_still_a_write(void **state)
{
	v.regs.x[11] = 0;
	assert_false(trap(EXC_VIRTUAL_INSN, CSR_INSN(CSR_STOPEI, 2, 11, 0)));
	assert_true(seen.write);
	assert_int_equal(seen.mask, 0);
	assert_int_equal(v.regs.x[0], 0);
}

static void source_and_destination_may_be_the_same(void **state)
{
	csr_value = 1;
	v.regs.x[10] = 2;
	assert_false(trap(EXC_VIRTUAL_INSN, CSR_INSN(CSR_SIREG, 1, 10, 10)));
	assert_int_equal(csr_value, 2);
	assert_int_equal(v.regs.x[10], 1);
}

static void stopi_is_read_only(void **state)
{
	csr_value = 0x50001;
	assert_false(trap(EXC_VIRTUAL_INSN, CSR_INSN(CSR_STOPI, 2, 0, 10)));
	assert_int_equal(v.regs.x[10], 0x50001);
	v.regs.pc = PC;
	assert_illegal(EXC_VIRTUAL_INSN, CSR_INSN(CSR_STOPI, 1, 0, 10));
	assert_illegal(EXC_VIRTUAL_INSN, CSR_INSN(CSR_STOPI, 2, 11, 10));
	assert_illegal(EXC_VIRTUAL_INSN, CSR_INSN(CSR_STOPI, 7, 11, 10));
	assert_int_equal(accesses, 1);
}

static void registers_that_the_imsic_has_not_are_illegal(void **state)
{
	csr_there = false;
	v.regs.x[10] = 7;
	assert_illegal(EXC_VIRTUAL_INSN, CSR_INSN(CSR_SIREG, 2, 0, 10));
	assert_int_equal(accesses, 1);
	assert_int_equal(v.regs.x[10], 7);
}

static void without_an_imsic_its_csrs_are_illegal(void **state)
{
	imsic.csr = NULL;
	assert_illegal(EXC_ILLEGAL_INSN, CSR_INSN(CSR_SISELECT, 1, 11, 0));
}

static void user_mode_has_no_supervisor_csrs(void **state)
{
	v.regs.sstatus = 0;
	assert_illegal(EXC_ILLEGAL_INSN, CSR_INSN(CSR_SIREG, 2, 0, 10));
	assert_int_equal(accesses, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	static const struct CMUnitTest tests[] = {
		TEST(wfi_leaves_until_an_interrupt_comes),
		TEST(wfi_with_an_interrupt_pending_goes_on),
		TEST(wfi_of_user_mode_is_illegal),
		TEST(the_instruction_is_fetched_when_stval_is_zero),
		TEST(what_is_not_for_guests_is_illegal),
		TEST(wfi_that_is_illegal_stays_so),
		TEST(csrs_of_the_imsic_are_accessed_as_the_instruction_says),
		TEST(a_write_of_no_bits_is_still_a_write),
		TEST(source_and_destination_may_be_the_same),
		TEST(stopi_is_read_only),
		TEST(registers_that_the_imsic_has_not_are_illegal),
		TEST(without_an_imsic_its_csrs_are_illegal),
		TEST(user_mode_has_no_supervisor_csrs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
