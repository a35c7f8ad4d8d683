/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Instructions made at run time: what has no name in the assembler, and sweeps over encodings. One CPU at a time. */
#include "trap.h"

#include <stddef.h>

#define GENERATE_MAX 4096 /* instructions */

#include "generate_arch.h"

/** generate_start - forget what was generated */
void generate_start(void);
void generate(uint32_t instruction);
/**
 * generate_run - append a return, call it with @arg in the first argument register, catch what it does
 *
 * Return: the first result register; @trap: what was caught
 */
uint64_t generate_run(uint64_t arg, struct trap *trap);
