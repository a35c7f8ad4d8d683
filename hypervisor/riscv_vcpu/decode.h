/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Loads and stores of integer registers, the only instructions that reach emulated devices: those of RV64I, their
 * compressed forms (C and Zcb), and the transformed form in which hardware may give them in htinst. Everything else
 * that touches memory (floating point, vectors, atomics, cache blocks) is not meant for devices.
 *
 * All of them are looked at in one form: fields as in RV64I, and bit 1 clear if the instruction was a compressed one.
 * Bits above 31 are 0. Everything here is pure.
 */
#include <stdbool.h>
#include <stdint.h>

#define INSN_LOAD     0x03
#define INSN_STORE    0x23
#define INSN_STANDARD 0x2  /* 4 bytes, else 2 */
#define INSN_IS_STORE 0x20 /* what makes a store of a load's opcode */
#define INSN_UNSIGNED 0x4000

/** insn_is_compressed - of an instruction as it stands in memory: is it (its lower half) 2 bytes long? */
static inline bool insn_is_compressed(uint64_t insn)
{
	return (insn & 3) != 3;
}

/**
 * riscv_expand_access - a compressed load or store in the form that is described above
 * @insn: as in memory; only the lower half is looked at
 *
 * Return: 0: it is none, or is reserved.
 */
uint64_t riscv_expand_access(uint64_t insn);

/*
 * htinst (Privileged Architecture, "Transformed Instruction or Pseudoinstruction for mtinst or htinst"): 0: nothing is
 * told; bit 0 set: the instruction in the form described above, with an address offset in place of rs1 and no
 * immediate; bits 1:0 clear: an implicit access of the page table walk, of which these exist.
 */
#define HTINST_WALK_READ  0x3000
#define HTINST_WALK_WRITE 0x3020

static inline bool htinst_is_walk(uint64_t htinst)
{
	return htinst && !(htinst & 3);
}

/*
 * htinst of a load of an integer register (@what INSN_LOAD), of a store from one (INSN_STORE). An address offset other
 * than 0 means that of a misaligned access a part behind its first byte has faulted: this is none of them.
 */
static inline bool htinst_is(uint64_t htinst, unsigned what)
{
	return (htinst & 0xf807d) == (what & 0x7d);
}

/* Of instructions in that form: */

/*
 * A load of an integer register; a store from one. Sizes that do not exist (LDU, unsigned stores) need no look: such an
 * instruction is illegal and does not get as far as to an access.
 */
static inline bool insn_is_load(uint64_t insn)
{
	return (insn & 0x7d) == (INSN_LOAD & 0x7d);
}

static inline bool insn_is_store(uint64_t insn)
{
	return (insn & 0x7d) == (INSN_STORE & 0x7d);
}

/* Bytes of the instruction. */
static inline uint64_t insn_length(uint64_t insn)
{
	return 2 + (insn & INSN_STANDARD);
}

/* Bytes that are loaded or stored. */
static inline uint64_t insn_width(uint64_t insn)
{
	return UINT64_C(1) << (insn >> 12 & 3);
}

static inline bool insn_is_unsigned(uint64_t insn)
{
	return insn & INSN_UNSIGNED;
}

static inline unsigned insn_rd(uint64_t insn)
{
	return insn >> 7 & 31;
}

static inline unsigned insn_rs1(uint64_t insn)
{
	return insn >> 15 & 31;
}

static inline unsigned insn_rs2(uint64_t insn)
{
	return insn >> 20 & 31;
}

/* Immediate of a load, of a store; to be added to rs1. */
static inline int64_t insn_load_offset(uint64_t insn)
{
	return (int32_t)(uint32_t)insn >> 20;
}

static inline int64_t insn_store_offset(uint64_t insn)
{
	return (int32_t)((uint32_t)insn & 0xfe000000) >> 20 | (int32_t)(insn >> 7 & 31);
}
