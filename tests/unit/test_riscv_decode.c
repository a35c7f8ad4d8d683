/* unit: riscv_vcpu/decode.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoder of loads and stores against words as the assembler makes them (Zcb: by hand, from the tables of the
 * specification).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <axstd/util.h>
#include <cmocka.h>
#include <host/host.h>
#include "decode.h"

struct access {
	bool store, sign_extend;
	uint64_t width;
	unsigned reg;
	uint64_t length;
	unsigned base;
	int64_t offset;
};

/* The questions of decode.h about @insn as in memory, put together. */
static bool decode(uint64_t insn, struct access *access)
{
	if (insn_is_compressed(insn))
		insn = riscv_expand_access(insn);
	if (!insn_is_load(insn) && !insn_is_store(insn))
		return false;
	access->store = insn_is_store(insn);
	access->sign_extend = !insn_is_unsigned(insn);
	access->width = insn_width(insn);
	access->reg = access->store ? insn_rs2(insn) : insn_rd(insn);
	access->length = insn_length(insn);
	access->base = insn_rs1(insn);
	access->offset = access->store ? insn_store_offset(insn) : insn_load_offset(insn);
	return true;
}

static const struct {
	uint32_t insn;
	const char *text;
	struct access access;
} rows[] = {
#define LOAD(insn, text, width, sign, reg, base, offset, length)      \
	{                                                             \
		insn, text,                                           \
		{                                                     \
			false, sign, width, reg, length, base, offset \
		}                                                     \
	}
#define STORE(insn, text, width, reg, base, offset, length)          \
	{                                                            \
		insn, text,                                          \
		{                                                    \
			true, true, width, reg, length, base, offset \
		}                                                    \
	}
	LOAD(0x00058503, "lb a0, 0(a1)", 1, true, 10, 11, 0, 4),
	LOAD(0x800d8f83, "lb t6, -2048(s11)", 1, true, 31, 27, -2048, 4),
	LOAD(0x7ff11403, "lh s0, 2047(sp)", 2, true, 8, 2, 2047, 4),
	LOAD(0x0041a003, "lw zero, 4(gp)", 4, true, 0, 3, 4, 4),
	LOAD(0xffc22783, "lw a5, -4(tp)", 4, true, 15, 4, -4, 4),
	LOAD(0x00853083, "ld ra, 8(a0)", 8, true, 1, 10, 8, 4),
	LOAD(0x0012c683, "lbu a3, 1(t0)", 1, false, 13, 5, 1, 4),
	LOAD(0xffe8de03, "lhu t3, -2(a7)", 2, false, 28, 17, -2, 4),
	LOAD(0x40066b83, "lwu s7, 1024(a2)", 4, false, 23, 12, 1024, 4),
	STORE(0x00a58023, "sb a0, 0(a1)", 1, 10, 11, 0, 4),
	STORE(0xfe040fa3, "sb zero, -1(s0)", 1, 0, 8, -1, 4),
	STORE(0x7fff9fa3, "sh t6, 2047(t6)", 2, 31, 31, 2047, 4),
	STORE(0x80e7a023, "sw a4, -2048(a5)", 4, 14, 15, -2048, 4),
	STORE(0x03313423, "sd s3, 40(sp)", 8, 19, 2, 40, 4),
	STORE(0xfe143c23, "sd ra, -8(s0)", 8, 1, 8, -8, 4),
	LOAD(0x4188, "c.lw a0, 0(a1)", 4, true, 10, 11, 0, 2),
	LOAD(0x40c0, "c.lw s0, 4(s1)", 4, true, 8, 9, 4, 2),
	LOAD(0x433c, "c.lw a5, 64(a4)", 4, true, 15, 14, 64, 2),
	LOAD(0x5e74, "c.lw a3, 124(a2)", 4, true, 13, 12, 124, 2),
	LOAD(0x6188, "c.ld a0, 0(a1)", 8, true, 10, 11, 0, 2),
	LOAD(0x6784, "c.ld s1, 8(a5)", 8, true, 9, 15, 8, 2),
	LOAD(0x6030, "c.ld a2, 64(s0)", 8, true, 12, 8, 64, 2),
	LOAD(0x7efc, "c.ld a5, 248(a3)", 8, true, 15, 13, 248, 2),
	STORE(0xc188, "c.sw a0, 0(a1)", 4, 10, 11, 0, 2),
	STORE(0xc0c0, "c.sw s0, 4(s1)", 4, 8, 9, 4, 2),
	STORE(0xc33c, "c.sw a5, 64(a4)", 4, 15, 14, 64, 2),
	STORE(0xde74, "c.sw a3, 124(a2)", 4, 13, 12, 124, 2),
	STORE(0xe188, "c.sd a0, 0(a1)", 8, 10, 11, 0, 2),
	STORE(0xe784, "c.sd s1, 8(a5)", 8, 9, 15, 8, 2),
	STORE(0xe030, "c.sd a2, 64(s0)", 8, 12, 8, 64, 2),
	STORE(0xfefc, "c.sd a5, 248(a3)", 8, 15, 13, 248, 2),
	LOAD(0x4082, "c.lwsp ra, 0(sp)", 4, true, 1, 2, 0, 2),
	LOAD(0x4f92, "c.lwsp t6, 4(sp)", 4, true, 31, 2, 4, 2),
	LOAD(0x5502, "c.lwsp a0, 32(sp)", 4, true, 10, 2, 32, 2),
	LOAD(0x4406, "c.lwsp s0, 64(sp)", 4, true, 8, 2, 64, 2),
	LOAD(0x58fe, "c.lwsp a7, 252(sp)", 4, true, 17, 2, 252, 2),
	LOAD(0x6082, "c.ldsp ra, 0(sp)", 8, true, 1, 2, 0, 2),
	LOAD(0x6fa2, "c.ldsp t6, 8(sp)", 8, true, 31, 2, 8, 2),
	LOAD(0x7502, "c.ldsp a0, 32(sp)", 8, true, 10, 2, 32, 2),
	LOAD(0x6406, "c.ldsp s0, 64(sp)", 8, true, 8, 2, 64, 2),
	LOAD(0x78fe, "c.ldsp a7, 504(sp)", 8, true, 17, 2, 504, 2),
	STORE(0xc006, "c.swsp ra, 0(sp)", 4, 1, 2, 0, 2),
	STORE(0xc202, "c.swsp zero, 4(sp)", 4, 0, 2, 4, 2),
	STORE(0xc0aa, "c.swsp a0, 64(sp)", 4, 10, 2, 64, 2),
	STORE(0xdffe, "c.swsp t6, 252(sp)", 4, 31, 2, 252, 2),
	STORE(0xe006, "c.sdsp ra, 0(sp)", 8, 1, 2, 0, 2),
	STORE(0xe402, "c.sdsp zero, 8(sp)", 8, 0, 2, 8, 2),
	STORE(0xe0aa, "c.sdsp a0, 64(sp)", 8, 10, 2, 64, 2),
	STORE(0xfffe, "c.sdsp t6, 504(sp)", 8, 31, 2, 504, 2),
	/* Zcb: 100 kind(3) rs1'(3) bits 6:5 rd'(3) 00 */
	LOAD(0x8000 | 3 << 7 | 2 << 2, "c.lbu a0, 0(a1)", 1, false, 10, 11, 0, 2),
	LOAD(0x8000 | 3 << 7 | 2 << 2 | 1 << 6, "c.lbu a0, 1(a1)", 1, false, 10, 11, 1, 2),
	LOAD(0x8000 | 3 << 7 | 2 << 2 | 1 << 5, "c.lbu a0, 2(a1)", 1, false, 10, 11, 2, 2),
	LOAD(0x8000 | 0 << 7 | 7 << 2 | 3 << 5, "c.lbu a5, 3(s0)", 1, false, 15, 8, 3, 2),
	LOAD(0x8400 | 3 << 7 | 2 << 2, "c.lhu a0, 0(a1)", 2, false, 10, 11, 0, 2),
	LOAD(0x8400 | 7 << 7 | 0 << 2 | 1 << 5, "c.lhu s0, 2(a5)", 2, false, 8, 15, 2, 2),
	LOAD(0x8440 | 3 << 7 | 2 << 2, "c.lh a0, 0(a1)", 2, true, 10, 11, 0, 2),
	LOAD(0x8440 | 7 << 7 | 1 << 2 | 1 << 5, "c.lh s1, 2(a5)", 2, true, 9, 15, 2, 2),
	STORE(0x8800 | 3 << 7 | 2 << 2, "c.sb a0, 0(a1)", 1, 10, 11, 0, 2),
	STORE(0x8800 | 3 << 7 | 2 << 2 | 1 << 6, "c.sb a0, 1(a1)", 1, 10, 11, 1, 2),
	STORE(0x8800 | 0 << 7 | 7 << 2 | 3 << 5, "c.sb a5, 3(s0)", 1, 15, 8, 3, 2),
	STORE(0x8c00 | 3 << 7 | 2 << 2, "c.sh a0, 0(a1)", 2, 10, 11, 0, 2),
	STORE(0x8c00 | 7 << 7 | 0 << 2 | 1 << 5, "c.sh s0, 2(a5)", 2, 8, 15, 2, 2),
};

static const struct {
	uint32_t insn;
	const char *text;
} others[] = {
	{ 0x00052507, "flw" },
	{ 0x00053507, "fld" },
	{ 0x00a52027, "fsw" },
	{ 0x00a53027, "fsd" },
	{ 0x00b6252f, "amoadd.w" },
	{ 0x08b6352f, "amoswap.d" },
	{ 0x1005a52f, "lr.w" },
	{ 0x1005b52f, "lr.d" },
	{ 0x18b6252f, "sc.w" },
	{ 0x18b6352f, "sc.d" },
	{ 0x0ff0000f, "fence" },
	{ 0x0000100f, "fence.i" },
	{ 0x0045200f, "cbo.zero" },
	{ 0x0025200f, "cbo.flush" },
	{ 0x00156013, "prefetch.r" },
	{ 0x02050007, "vle8.v" },
	{ 0x02057027, "vse64.v" },
	{ 0x64354573, "hlvx.hu" },
	{ 0x00000073, "ecall" },
	{ 0x10002573, "csrrs" },
	{ 0x00150513, "addi" },
	{ 0x0000006f, "jal" },
	{ 0x00b50063, "beq" },
	{ 0x00001537, "lui" },
	{ 0x00b50533, "add" },
	{ 0xffffffff, "a longer instruction" },
	{ 0x0000, "defined to be illegal" },
	{ 0x2108, "c.fld" },
	{ 0xa108, "c.fsd" },
	{ 0x2502, "c.fldsp" },
	{ 0xa02a, "c.fsdsp" },
	{ 0x0001, "c.nop" },
	{ 0x9002, "c.ebreak" },
	{ 0x8082, "c.jr" },
	{ 0x852e, "c.mv" },
	{ 0x0808, "c.addi4spn" },
	{ 0x0506, "c.slli" },
	{ 0x4002, "c.lwsp to x0" },
	{ 0x6002, "c.ldsp to x0" },
	{ 0x8c40, "c.sh with bit 6" },
	{ 0x9000, "Zcb, kind 4" },
	{ 0x9c00, "Zcb, kind 7" },
	{ 0x4189, "quadrant 1, funct3 2" },
};

static void assert_access(const struct access *a, const struct access *b, const char *text)
{
	if (a->store != b->store || a->width != b->width || a->reg != b->reg || a->length != b->length ||
	    a->base != b->base || a->offset != b->offset || (!a->store && a->sign_extend != b->sign_extend))
		fail_msg("%s: store %d sign %d width %d x%u length %d x%u %d", text, a->store, a->sign_extend,
			 (int)a->width, a->reg, (int)a->length, a->base, (int)a->offset);
}

static void every_load_and_store_is_decoded(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct access access;

		if (!decode(rows[i].insn, &access))
			fail_msg("%s: not known", rows[i].text);
		assert_access(&access, &rows[i].access, rows[i].text);
	}
}

static void what_follows_a_compressed_instruction_does_not_matter(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct access access;

		if (rows[i].access.length != 2)
			continue;
		assert_true(decode(rows[i].insn | 0xffff0000, &access));
		assert_access(&access, &rows[i].access, rows[i].text);
	}
}

static void all_other_instructions_are_not_for_devices(void **state)
{
	struct access access;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (decode(others[i].insn, &access))
			fail_msg("%s taken for an access", others[i].text);
}

/* Each compressed instruction there is: at most the known forms are decoded, with sane fields. */
static void every_half_word_has_an_answer(void **state)
{
	unsigned known = 0;

	for (uint32_t insn = 0; insn <= 0xffff; insn++) {
		struct access access;

		if ((insn & 3) == 3 || !decode(insn, &access))
			continue;
		known++;
		assert_true(is_power_of_two(access.width) && access.width <= 8);
		assert_true(access.reg < 32 && access.base < 32 && access.length == 2);
		assert_true(access.offset >= 0 && access.offset < 512 && access.offset % access.width == 0);
	}
	/* C.LW/LD/SW/SD: 2^11 each; C.LWSP/LDSP: 31 * 2^6 each; C.SWSP/SDSP: 2^11 each; Zcb: 2^8 (x2) and 2^7 (x3) */
	assert_int_equal(known, 4 * 2048 + 2 * 31 * 64 + 2 * 2048 + 2 * 256 + 3 * 128);
}

/*
 * The transformation of the Privileged Architecture: a compressed instruction becomes its standard form first, then
 * base and immediate give way to the address offset, and bit 1 tells of the compression.
 */
static uint64_t transformed(const struct access *a, unsigned address_offset)
{
	unsigned size = a->width == 1 ? 0 : a->width == 2 ? 1 : a->width == 4 ? 2 : 3;
	uint64_t insn = a->store ? 0x23 | (uint64_t)a->reg << 20 : 0x03 | (uint64_t)a->reg << 7;

	if (!a->store && !a->sign_extend)
		size |= 4;
	insn |= size << 12 | address_offset << 15;
	return a->length == 2 ? insn & ~UINT64_C(2) : insn;
}

static void the_transformed_form_says_the_same(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct access *a = &rows[i].access;
		uint64_t insn = transformed(a, 0);

		assert_int_equal(insn_is_store(insn), a->store);
		assert_int_equal(insn_is_load(insn), !a->store);
		assert_int_equal(insn_width(insn), a->width);
		assert_int_equal(insn_length(insn), a->length);
		assert_int_equal(a->store ? insn_rs2(insn) : insn_rd(insn), a->reg);
		assert_true(a->store || insn_is_unsigned(insn) == !a->sign_extend);
		assert_int_equal(htinst_is(insn, INSN_LOAD), !a->store);
		assert_int_equal(htinst_is(insn, INSN_STORE), a->store);
		assert_false(htinst_is_walk(insn));
		for (unsigned offset = 1; offset < 8; offset++) {
			assert_false(htinst_is(transformed(a, offset), INSN_LOAD));
			assert_false(htinst_is(transformed(a, offset), INSN_STORE));
		}
	}
}

static void htinst_of_other_instructions_is_not_for_devices(void **state)
{
	static const uint64_t values[] = {
		0, /* nothing told */
		HTINST_WALK_READ,
		HTINST_WALK_WRITE,
		0x2000, /* RV32's */
		0x2020,
		0x00002507, /* flw */
		0x00003505, /* c.fld */
		0x00a03027, /* fsd */
		0x00b0252f, /* amoadd.w */
		0x1000252f, /* lr.w */
		0x0000600f, /* cbo */
		0x64304573, /* hlvx.hu */
		0x0000000b, /* custom-0 */
		0x00000002,
	};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		assert_false(htinst_is(values[i], INSN_LOAD) || htinst_is(values[i], INSN_STORE));
}

static void only_the_pseudoinstructions_are_walks(void **state)
{
	assert_true(htinst_is_walk(HTINST_WALK_READ));
	assert_true(htinst_is_walk(HTINST_WALK_WRITE));
	assert_false(htinst_is_walk(0));
	assert_false(htinst_is_walk(0x00b0252f));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_load_and_store_is_decoded),
		cmocka_unit_test(what_follows_a_compressed_instruction_does_not_matter),
		cmocka_unit_test(all_other_instructions_are_not_for_devices),
		cmocka_unit_test(every_half_word_has_an_answer),
		cmocka_unit_test(the_transformed_form_says_the_same),
		cmocka_unit_test(htinst_of_other_instructions_is_not_for_devices),
		cmocka_unit_test(only_the_pseudoinstructions_are_walks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
