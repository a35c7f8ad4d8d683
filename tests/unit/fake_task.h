/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Called when the only task would sleep: here a fake device answers. */
extern void (*fake_task_on_block)(void);
/* Calls of wait_wake_one() and wait_wake_all(). */
extern unsigned fake_task_wakes;
