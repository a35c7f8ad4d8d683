/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Traps in HS mode. axhal's own vector (trap_vector) handles what happens in the hypervisor. Whoever runs guests writes
 * its own to stvec right before it enters one and puts trap_vector back first thing when it is left: sscratch is free
 * for it then. Interrupts from a guest are taken by irq_dispatch().
 */
#include <stdint.h>

/* Frame that axhal's entry pushes. Known to vectors.S. */
struct trap_frame {
	uint64_t x[32]; /* x[2] is sp before the trap */
	uint64_t sepc;
	uint64_t sstatus;
	uint64_t scause;
	uint64_t stval;
};

extern char trap_vector[];
