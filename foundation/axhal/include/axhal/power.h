/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Power of the whole machine. Where firmware offers nothing the CPU halts for ever.
 */
#include <stdbool.h>

_Noreturn void power_off(void);
_Noreturn void power_reset(void);

/* What a panic does when it has reported: power off (on), or halt. Set at boot from the argument panic=off. */
void panic_set_power_off(bool on);
/* Who can name the running task (axtask) says so here, for reports and the log. */
void hal_set_task_name_fn(const char *(*fn)(void));
