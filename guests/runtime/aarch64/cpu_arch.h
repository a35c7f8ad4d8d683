/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* TPIDR_EL1 points to the CPU's struct cpu. */
#include "sysreg.h"

#include <stdbool.h>

struct cpu_arch {
	uint64_t redist; /* GICv3: frame RD_base */
	bool at_el0;     /* an illegal return ends in el0_run()'s caller */
};

struct cpu;

static inline struct cpu *cpu_self(void)
{
	return (struct cpu *)sysreg_read(tpidr_el1);
}
