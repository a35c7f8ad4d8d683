/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What each CPU has of its own. */
#include "cpu_arch.h"
#include "trap.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cpu {
	uint64_t stack_end;   /* offset CPU_STACK */
	struct cpu_arch arch; /* offset CPU_ARCH */
	unsigned index;
	uint64_t hwid;
	bool catching;
	struct trap trap;
	void (*fn)(void *);
	void *arg;
};

extern struct cpu cpus[];

/** cpu_entry - where the firmware sends another CPU; its argument is a struct cpu */
uint64_t cpu_entry(void);
