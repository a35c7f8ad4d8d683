/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Reading guest memory as the guest does, through both stages of translation. Rules: riscv_vcpu/guest_load.h.
 */
#include <axstd/util.h>
#include <riscv_vcpu/guest_load.h>
#include "decode.h"

/**
 * riscv_fetch - the instruction at @pc, half by half: a second half may be on another page, and that of a compressed
 * instruction is not the guest's to execute
 * @insn: gets it; the upper half of a compressed one is 0
 *
 * Return: 0, or the cause of the load's exception: the guest has changed its tables since it was executed.
 */
static inline uint64_t riscv_fetch(uint64_t pc, uint64_t *insn)
{
	uint64_t cause = 0, stvec = guest_load_begin(), low = guest_load_code(pc, &cause);

	if (unlikely(cause || insn_is_compressed(low))) {
		guest_load_end(stvec);
		*insn = low;
		return cause;
	}
	*insn = guest_load_code(pc + 2, &cause) << 16 | low;
	guest_load_end(stvec);
	return cause;
}

/**
 * riscv_read_guest_long - 8 bytes at any address. @value is set on success only.
 *
 * Return: 0, or the exception's cause.
 */
uint64_t riscv_read_guest_long(uint64_t gva, uint64_t *value);
