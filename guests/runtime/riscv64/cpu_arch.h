/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* tp points to the CPU's struct cpu, and so does sscratch. */
#include <stdbool.h>
#include <stdint.h>

struct cpu_arch {
	uint64_t trap_stack; /* traps use it instead of sp: of user code, or where sp is odd; 0: they use sp */
	uint64_t scratch[2]; /* of vectors.S */
	uint64_t external;   /* PLIC: registers of this CPU's context; APLIC: its IDC */
	unsigned intc_index; /* number of this CPU in that controller */
	uint64_t probing;    /* bit of sie: such an interrupt is not handled, only noted */
	bool probed;
};

struct cpu;

static inline struct cpu *cpu_self(void)
{
	struct cpu *self;

	__asm__ volatile("mv %0, tp" : "=r"(self));
	return self;
}
