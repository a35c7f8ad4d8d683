/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding of loads and stores: Unprivileged Architecture, RV64I, "C" and "Zc*". Pure functions of the instruction.
 */
#include <axstd/util.h>
#include "decode.h"

#define OPCODE_LOAD  0x03
#define OPCODE_STORE 0x23

enum { REG_SP = 2 };

/* Bits @hi to @lo of @insn, moved to bit @to. */
static inline int32_t bits(uint32_t insn, unsigned hi, unsigned lo, unsigned to)
{
	return (int32_t)(FIELD(insn, hi, lo) << to);
}

static bool decode_standard(uint32_t insn, struct riscv_access *access)
{
	unsigned opcode = insn & 0x7f, funct3 = insn >> 12 & 7;
	bool store = opcode == OPCODE_STORE;

	if ((!store && opcode != OPCODE_LOAD) || funct3 > (store ? 3 : 6))
		return false;
	*access = (struct riscv_access){
		.store = store,
		.sign_extend = !(funct3 & 4),
		.width = (uint8_t)(1u << (funct3 & 3)),
		.reg = insn >> (store ? 20 : 7) & 31,
		.length = 4,
		.base = insn >> 15 & 31,
		.offset = (int32_t)insn >> 20,
	};
	if (store)
		access->offset = (access->offset & ~31) | bits(insn, 11, 7, 0);
	return true;
}

/* How the offset of a compressed instruction is put together. */
enum offset_form { OFFSET_W, OFFSET_D, OFFSET_W_SP, OFFSET_D_SP, OFFSET_W_SP_STORE, OFFSET_D_SP_STORE };

static int32_t compressed_offset(uint32_t insn, enum offset_form form)
{
	switch (form) {
	case OFFSET_W: return bits(insn, 12, 10, 3) | bits(insn, 6, 6, 2) | bits(insn, 5, 5, 6);
	case OFFSET_D: return bits(insn, 12, 10, 3) | bits(insn, 6, 5, 6);
	case OFFSET_W_SP: return bits(insn, 12, 12, 5) | bits(insn, 6, 4, 2) | bits(insn, 3, 2, 6);
	case OFFSET_D_SP: return bits(insn, 12, 12, 5) | bits(insn, 6, 5, 3) | bits(insn, 4, 2, 6);
	case OFFSET_W_SP_STORE: return bits(insn, 12, 9, 2) | bits(insn, 8, 7, 6);
	case OFFSET_D_SP_STORE: return bits(insn, 12, 10, 3) | bits(insn, 9, 7, 6);
	}
	return 0;
}

/* Quadrants 0 and 2 by bits 15:13 of the instruction; rows of width 0 are no integer loads and stores. */
static const struct compressed_row {
	uint8_t width;
	bool store;
	uint8_t offset; /* enum offset_form */
} compressed_rows[2][8] = {
	{
		[2] = { 4, false, OFFSET_W }, /* C.LW */
		[3] = { 8, false, OFFSET_D }, /* C.LD */
		[6] = { 4, true, OFFSET_W },  /* C.SW */
		[7] = { 8, true, OFFSET_D },  /* C.SD */
	},
	{
		[2] = { 4, false, OFFSET_W_SP },      /* C.LWSP */
		[3] = { 8, false, OFFSET_D_SP },      /* C.LDSP */
		[6] = { 4, true, OFFSET_W_SP_STORE }, /* C.SWSP */
		[7] = { 8, true, OFFSET_D_SP_STORE }, /* C.SDSP */
	},
};

/* Zcb: bytes and halves, quadrant 0, bits 15:13 are 4. By bits 12:10, and bit 6 of halves. */
static bool decode_zcb(uint32_t insn, struct riscv_access *access)
{
	unsigned kind = insn >> 10 & 7;
	bool half = kind & 1, store = kind & 2, sign = half && (insn & BIT(6));

	if (kind > 3 || (sign && store))
		return false;
	*access = (struct riscv_access){
		.store = store,
		.sign_extend = sign, /* C.LH; C.LBU and C.LHU are not */
		.width = half ? 2 : 1,
		.reg = (uint8_t)(8 + (insn >> 2 & 7)),
		.length = 2,
		.base = (uint8_t)(8 + (insn >> 7 & 7)),
		.offset = bits(insn, 5, 5, 1) | (half ? 0 : bits(insn, 6, 6, 0)),
	};
	return true;
}

static bool decode_compressed(uint32_t insn, struct riscv_access *access)
{
	unsigned funct3 = insn >> 13 & 7;
	bool by_sp = insn & 2;
	const struct compressed_row *row = &compressed_rows[by_sp][funct3];

	if (insn & 1)
		return false; /* quadrant 1: arithmetic, jumps */
	if (!by_sp && funct3 == 4)
		return decode_zcb(insn, access);
	if (!row->width || (by_sp && !row->store && !(insn >> 7 & 31))) /* C.LWSP and C.LDSP to x0 are reserved */
		return false;
	*access = (struct riscv_access){
		.store = row->store,
		.sign_extend = true,
		.width = row->width,
		.reg = (uint8_t)(!by_sp       ? 8 + (insn >> 2 & 7)
				 : row->store ? insn >> 2 & 31
					      : insn >> 7 & 31),
		.length = 2,
		.base = (uint8_t)(by_sp ? REG_SP : 8 + (insn >> 7 & 7)),
		.offset = compressed_offset(insn, row->offset),
	};
	return true;
}

bool riscv_decode_access(uint32_t insn, struct riscv_access *access)
{
	return (insn & 3) == 3 ? decode_standard(insn, access) : decode_compressed(insn & 0xffff, access);
}
