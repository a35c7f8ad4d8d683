/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Loads and stores of integer registers, the only instructions that reach emulated devices: those of RV64I, their
 * compressed forms (C and Zcb), and the transformed form in which hardware may give them in htinst. Everything else
 * that touches memory (floating point, vectors, atomics, cache blocks) is not meant for devices.
 */
#include <stdbool.h>
#include <stdint.h>

struct riscv_access {
	bool store;
	bool sign_extend; /* load: of the value in the register */
	uint8_t width;    /* bytes: 1, 2, 4, 8 */
	uint8_t reg;      /* load: destination; store: source */
	uint8_t length;   /* bytes of the instruction: 2, 4 */
	uint8_t base;     /* the address is in this register, ... */
	int32_t offset;   /* plus this */
};

/**
 * riscv_decode_access - what a load or store does
 * @insn: the instruction; of a compressed one only the lower half is looked at
 *
 * Return: false: it is none, or is reserved; @access is not changed. Pure.
 */
bool riscv_decode_access(uint32_t insn, struct riscv_access *access);

/*
 * htinst (Privileged Architecture, "Transformed Instruction or Pseudoinstruction for mtinst or htinst"): 0: nothing is
 * told; bit 0 set: the instruction with an address offset instead of base and immediate, bit 1 clear: it was
 * compressed; bits 1:0 clear: an implicit access of the page table walk, these two of which exist.
 */
#define HTINST_WALK_READ  0x3000
#define HTINST_WALK_WRITE 0x3020

static inline bool riscv_htinst_is_walk(uint64_t htinst)
{
	return htinst && !(htinst & 3);
}

#define HTINST_STORE      0x20    /* opcode STORE, else LOAD */
#define HTINST_STANDARD   0x2     /* 4 bytes, else 2 */
#define HTINST_PLAIN_MASK 0xf805d /* opcode LOAD or STORE (of any length), address offset */
#define HTINST_PLAIN      0x1

/**
 * riscv_decode_htinst - the same for a transformed instruction; @base and @offset are not set
 *
 * Return: false: no load or store of an integer register, or one that is misaligned of which a part behind its first
 * byte has faulted (address offset not 0): nothing for a device.
 */
static inline bool riscv_decode_htinst(uint64_t htinst, struct riscv_access *access)
{
	unsigned funct3 = htinst >> 12 & 7;

	if ((htinst & HTINST_PLAIN_MASK) != HTINST_PLAIN)
		return false;
	access->store = htinst & HTINST_STORE;
	if (funct3 > (access->store ? 3 : 6))
		return false;
	access->width = (uint8_t)(1u << (funct3 & 3));
	access->sign_extend = !(funct3 & 4);
	access->reg = htinst >> (access->store ? 20 : 7) & 31;
	access->length = htinst & HTINST_STANDARD ? 4 : 2;
	return true;
}
