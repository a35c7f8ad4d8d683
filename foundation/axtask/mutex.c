/* SPDX-License-Identifier: Apache-2.0 */
#include <axtask/mutex.h>
#include <axtask/task.h>
#include <axstd/assert.h>
#include <axhal/time.h>

void mutex_init(struct mutex *mutex)
{
	atomic_store_explicit(&mutex->owner, NULL, memory_order_relaxed);
	wait_queue_init(&mutex->waiters);
}

bool mutex_try_lock(struct mutex *mutex)
{
	struct task *nobody = NULL;

	return atomic_compare_exchange_strong(&mutex->owner, &nobody, task_current());
}

void mutex_lock(struct mutex *mutex)
{
	if (!mutex_try_lock(mutex))
		wait_event(&mutex->waiters, mutex_try_lock(mutex));
}

void mutex_unlock(struct mutex *mutex)
{
	ax_assert(atomic_load_explicit(&mutex->owner, memory_order_relaxed) == task_current());
	atomic_store(&mutex->owner, NULL);
	wait_wake_one(&mutex->waiters);
}
