/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What each CPU has of its own; TPIDR_EL1 points to it. */
#include "sysreg.h"
#include "trap.h"

#include <stdbool.h>
#include <stddef.h>

struct cpu {
	uint64_t stack_end; /* offset CPU_STACK */
	unsigned index;
	uint64_t hwid;
	uint64_t redist; /* GICv3: frame RD_base */
	bool catching;
	bool at_el0; /* an illegal return ends in el0_run()'s caller */
	struct trap trap;
	void (*fn)(void *);
	void *arg;
};

extern struct cpu cpus[];

static inline struct cpu *cpu_self(void)
{
	return (struct cpu *)sysreg_read(tpidr_el1);
}

/** cpu_init_self - the CPU that calls becomes cpus[@index] */
void cpu_init_self(unsigned index);
/** cpu_entry - where CPU_ON sends another CPU; its context is a struct cpu */
uint64_t cpu_entry(void);
