/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <guest.h>

#define PAGE 4096ULL

extern uint64_t buffer[PAGE / 8]; /* a page to play with */

/** memory_code - two instructions: a function that returns @value (0 .. 2047) */
void memory_code(uint32_t code[2], unsigned value);
/** check_memory_arch - what only this architecture has */
void check_memory_arch(void);
