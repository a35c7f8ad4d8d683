/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What switch.S knows of a vCPU.
 */
#define ARM_EXIT_SYNC   0
#define ARM_EXIT_IRQ    1
#define ARM_EXIT_FIQ    2
#define ARM_EXIT_SERROR 3

#define ARM_REGS_ELR 248

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct arm_regs {
	uint64_t x[31];
	uint64_t elr;
	uint64_t spsr;
	uint64_t pad;
};

_Static_assert(offsetof(struct arm_regs, elr) == ARM_REGS_ELR, "switch.S");
#endif
