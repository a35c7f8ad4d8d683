/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Exceptions: catching those that a test expects. What they are called differs, what they say does not. */
#include <stdbool.h>
#include <stdint.h>

struct trap {
	unsigned count;   /* how many were caught; the rest describes the first */
	uint64_t cause;   /* ESR_EL1, scause */
	uint64_t address; /* FAR_EL1, stval */
	uint64_t pc;      /* ELR_EL1, sepc */
	uint64_t status;  /* SPSR_EL1, sstatus */
};

#include "trap_arch.h"

enum trap_access { TRAP_READ, TRAP_WRITE, TRAP_FETCH };

/**
 * trap_catch - from now on, exceptions of this CPU are counted and the instruction is skipped (a fetch that failed
 * returns to its caller)
 */
void trap_catch(void);
/** trap_caught - the end of it. Return: what was caught */
struct trap trap_caught(void);

/** trap_is_absent - did it come from an access to a place where nothing answers, as hardware reports it? */
bool trap_is_absent(const struct trap *trap, enum trap_access access);
/** trap_is_undefined - is it an instruction that there is not? */
bool trap_is_undefined(const struct trap *trap);

/** check_absent - check that exactly one exception came, for an access to @address, where nothing answers */
bool check_absent(const char *name, const struct trap *trap, enum trap_access access, uint64_t address);
