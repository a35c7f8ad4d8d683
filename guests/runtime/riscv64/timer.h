/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The supervisor timer: Sstc, or set_timer of the firmware. */
#include <stdbool.h>
#include <stdint.h>

/** timer_has_sstc - does the device tree tell of stimecmp? */
bool timer_has_sstc(void);
void timer_set_sstc(uint64_t deadline);
void timer_set_sbi(uint64_t deadline);
