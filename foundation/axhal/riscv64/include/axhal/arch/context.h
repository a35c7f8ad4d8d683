/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/* Callee-saved registers of the RISC-V psABI. Field order is known to context.S. */
struct cpu_context {
	uint64_t s[12];
	uint64_t ra;
	uint64_t sp;
};
