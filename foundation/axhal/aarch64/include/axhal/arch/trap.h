/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Exceptions at EL2, Arm ARM D1.3.
 *
 * axhal's own vector table handles what happens in the hypervisor. Whoever runs guests installs a table of its own
 * whose "current EL with SPx" slots branch to the entries below and whose "lower EL" slots are its own.
 */
#include <stdint.h>

/* Frame that axhal's entries push: general registers, then the return state. Known to vectors.S. */
struct trap_frame {
	uint64_t x[31];
	uint64_t elr;
	uint64_t spsr;
	uint64_t esr;
	uint64_t far;
	uint64_t sp; /* before the exception */
};

/* Assembly entry points (branch, do not call): current EL, SPx. */
extern char trap_el2_sync[], trap_el2_irq[], trap_el2_fiq[], trap_el2_serror[];
