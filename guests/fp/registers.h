/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <guest.h>

#define FP_WORDS 64 /* at most, of each bank */

/* Registers that the rest of this guest does not use: FP, SIMD, vectors. */
struct bank_of_registers {
	const char *name;
	unsigned words;
	void (*load)(const uint64_t *values);
	void (*store)(uint64_t *values);
};

extern const struct bank_of_registers fp_banks[];
unsigned fp_bank_count(void);

/** fp_set_control - rounding, flags and the like: something that depends on @round */
void fp_set_control(unsigned round);
/** fp_control_is - are they still what fp_set_control(@round) made them? */
bool fp_control_is(unsigned round);

/** fp_call - a call of the hypervisor that returns at once */
void fp_call(void);
/** check_arithmetic - a few instructions with their results */
void check_arithmetic(void);
