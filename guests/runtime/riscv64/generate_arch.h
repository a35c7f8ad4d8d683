/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Instructions by number; included by generate.h. */
#include "trap.h"

#include <stdint.h>

#define INSN_RET       0x00008067u
#define INSN_NOP       0x00000013u
/* csrr a0, csr; csrw csr, a0 */
#define INSN_CSRR(csr) (0x00002573u | (uint32_t)(csr) << 20)
#define INSN_CSRW(csr) (0x00051073u | (uint32_t)(csr) << 20)

static inline uint64_t generate_call(const uint32_t *code, uint64_t arg)
{
	register uint64_t a0 __asm__("a0") = arg;

	__asm__ volatile("jalr %1"
			 : "+r"(a0)
			 : "r"(code)
			 : "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a1", "a2", "a3", "a4", "a5", "a6", "a7",
			   "memory");
	return a0;
}

/** csr_try_read - the value is 0 if it was not allowed */
uint64_t csr_try_read(unsigned csr, struct trap *trap);
void csr_try_write(unsigned csr, uint64_t value, struct trap *trap);
