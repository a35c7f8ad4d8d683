/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Sleeping locks, for task context only. Not recursive; the owner unlocks.
 */
#include <axtask/wait.h>

struct mutex {
	struct task *_Atomic owner;
	_Atomic unsigned cpu;      /* where the owner took it */
	_Atomic unsigned sleepers; /* who wants it and may be asleep */
	_Atomic unsigned waking;   /* one of them is on its way: 0 or 1 */
	struct wait_queue waiters;
};

void mutex_init(struct mutex *mutex);
void mutex_lock(struct mutex *mutex);
bool mutex_try_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);
