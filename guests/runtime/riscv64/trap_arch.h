/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Exceptions: taking interrupts by hand, running user code. Included by trap.h. */
#include "csr.h"

struct trap_frame {
	uint64_t x[32]; /* x[0] is not used */
	uint64_t pc, status, cause, value;
};

/* When set, it takes interrupts of all CPUs instead of the runtime's handlers. */
extern void (*trap_irq_hook)(struct trap_frame *frame, unsigned cause);

/** user_run - run code in user mode until it executes ECALL; interrupts masked. Return: its a0 */
uint64_t user_run(uint64_t entry, uint64_t sp, uint64_t a0);

static inline void trap_catch_arch(void)
{
}

static inline void trap_caught_arch(void)
{
}

/* From vectors.S. */
void trap_handle(struct trap_frame *frame);
