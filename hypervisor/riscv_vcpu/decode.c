/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compressed loads and stores: Unprivileged Architecture, "C" and "Zc*". Pure functions of the instruction.
 */
#include <axstd/util.h>
#include "decode.h"

enum { REG_SP = 2 };

/* Bits @hi to @lo of @insn, moved to bit @to. */
static inline uint32_t bits(uint32_t insn, unsigned hi, unsigned lo, unsigned to)
{
	return (uint32_t)FIELD(insn, hi, lo) << to;
}

/* One of the eight registers that three bits from @lo on name: x8 .. x15. */
static inline uint32_t short_reg(uint32_t insn, unsigned lo)
{
	return 8 + (insn >> lo & 7);
}

/* RV64I, without bit 1. @size: funct3. */
static inline uint32_t load(unsigned size, uint32_t rd, uint32_t base, uint32_t offset)
{
	return offset << 20 | base << 15 | size << 12 | rd << 7 | (INSN_LOAD & ~INSN_STANDARD);
}

static inline uint32_t store(unsigned size, uint32_t source, uint32_t base, uint32_t offset)
{
	return offset >> 5 << 25 | source << 20 | base << 15 | size << 12 | (offset & 31) << 7 |
	       (INSN_STORE & ~INSN_STANDARD);
}

enum { SIZE_B, SIZE_H, SIZE_W, SIZE_D, SIZE_BU, SIZE_HU };

/* Zcb: bytes and halves, by bits 12:10, and bit 6 of halves. */
static uint32_t expand_zcb(uint32_t insn)
{
	uint32_t base = short_reg(insn, 7), reg = short_reg(insn, 2);
	uint32_t half = bits(insn, 5, 5, 1), byte = half | bits(insn, 6, 6, 0);

	switch (insn >> 10 & 7) {
	case 0: return load(SIZE_BU, reg, base, byte);
	case 1: return load(insn & BIT(6) ? SIZE_H : SIZE_HU, reg, base, half);
	case 2: return store(SIZE_B, reg, base, byte);
	case 3: return insn & BIT(6) ? 0 : store(SIZE_H, reg, base, half);
	default: return 0;
	}
}

/* Quadrant 0: base and register are of the short kind. */
static uint32_t expand_by_register(uint32_t insn)
{
	uint32_t base = short_reg(insn, 7), reg = short_reg(insn, 2);
	uint32_t w = bits(insn, 12, 10, 3) | bits(insn, 6, 6, 2) | bits(insn, 5, 5, 6);
	uint32_t d = bits(insn, 12, 10, 3) | bits(insn, 6, 5, 6);

	switch (insn >> 13 & 7) {
	case 2: return load(SIZE_W, reg, base, w);
	case 3: return load(SIZE_D, reg, base, d);
	case 4: return expand_zcb(insn);
	case 6: return store(SIZE_W, reg, base, w);
	case 7: return store(SIZE_D, reg, base, d);
	default: return 0;
	}
}

/* Quadrant 2: relative to sp. Loads to x0 are reserved. */
static uint32_t expand_by_sp(uint32_t insn)
{
	uint32_t rd = insn >> 7 & 31, source = insn >> 2 & 31;

	switch (insn >> 13 & 7) {
	case 2:
		return !rd ? 0
			   : load(SIZE_W, rd, REG_SP,
				  bits(insn, 12, 12, 5) | bits(insn, 6, 4, 2) | bits(insn, 3, 2, 6));
	case 3:
		return !rd ? 0
			   : load(SIZE_D, rd, REG_SP,
				  bits(insn, 12, 12, 5) | bits(insn, 6, 5, 3) | bits(insn, 4, 2, 6));
	case 6: return store(SIZE_W, source, REG_SP, bits(insn, 12, 9, 2) | bits(insn, 8, 7, 6));
	case 7: return store(SIZE_D, source, REG_SP, bits(insn, 12, 10, 3) | bits(insn, 9, 7, 6));
	default: return 0;
	}
}

uint64_t riscv_expand_access(uint64_t insn)
{
	switch (insn & 3) {
	case 0: return expand_by_register(insn & 0xffff);
	case 2: return expand_by_sp(insn & 0xffff);
	default: return 0;
	}
}
