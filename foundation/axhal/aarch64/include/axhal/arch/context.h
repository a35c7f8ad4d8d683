/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdint.h>

/* Callee-saved registers of AAPCS64. Field order is known to context.S. */
struct cpu_context {
	uint64_t x19_x28[10];
	uint64_t fp;
	uint64_t lr;
	uint64_t sp;
};
