/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <guest.h>

/* Each prints how much it tried and how much of that was refused. */
struct attack {
	const char *name;
	void (*run)(void);
};

extern const struct attack attacks[];
extern const unsigned attack_count;

/** still_works - calls, interrupts and the timer do their work as before */
void still_works(const char *after);
uint64_t random_next(void);

/**
 * attack_region - reads and writes of all widths
 * @step: 1 is everything; large regions are walked in odd steps, so that each alignment comes
 * @first_write: nothing is written below this offset
 */
void attack_region(const char *name, uint64_t base, uint64_t size, uint64_t step, uint64_t first_write);
/** attack_gaps - wherever nothing is said to be, up to @end */
void attack_gaps(uint64_t end);
