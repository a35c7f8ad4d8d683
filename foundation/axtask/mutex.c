/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A free mutex goes to whoever comes first; a task that was woken for it and comes too late sleeps again. Two things
 * keep that from turning every hand-over into a wake-up across CPUs: while the owner runs, who wants the mutex waits
 * a moment without sleeping; and while a woken task is on its way, no other is woken.
 */
#include "internal.h"
#include <axtask/mutex.h>
#include <axstd/assert.h>
#include <axhal/time.h>

/* About two switches of tasks: waiting longer than that costs more than sleeping. */
#define SPIN_NS (20 * NS_PER_US)

void mutex_init(struct mutex *mutex)
{
	*mutex = (struct mutex){ 0 };
	wait_queue_init(&mutex->waiters);
}

bool mutex_try_lock(struct mutex *mutex)
{
	struct task *nobody = NULL;

	if (!atomic_compare_exchange_strong(&mutex->owner, &nobody, task_current()))
		return false;
	atomic_store_explicit(&mutex->cpu, cpu_id(), memory_order_relaxed);
	return true;
}

/* Does @owner run where it took the mutex? It may have ended meanwhile: only its address is looked at. */
static bool owner_runs(const struct mutex *mutex, const struct task *owner)
{
	unsigned cpu = atomic_load_explicit(&mutex->cpu, memory_order_relaxed);

	return __atomic_load_n(&run_queues[cpu].current, __ATOMIC_RELAXED) == owner;
}

/* Try, and go on trying as long as it is likely to be free soon. */
static bool lock_soon(struct mutex *mutex)
{
	uint64_t end = time_now_ns() + SPIN_NS;

	while (!mutex_try_lock(mutex)) {
		const struct task *owner = atomic_load_explicit(&mutex->owner, memory_order_relaxed);

		if ((owner && !owner_runs(mutex, owner)) || task_need_resched() || time_now_ns() >= end)
			return false;
		cpu_relax();
	}
	return true;
}

/*
 * The unlocker looks at @sleepers, then takes @waking; here @waking is given back before the last try. Whoever sleeps
 * has seen an owner, and that owner's unlock finds @waking free, or taken by somebody who found a sleeper to wake.
 */
static void lock_slowly(struct mutex *mutex)
{
	struct wait_entry entry = { 0 };

	atomic_fetch_add(&mutex->sleepers, 1);
	while (!lock_soon(mutex)) {
		wait_prepare(&mutex->waiters, &entry);
		atomic_store(&mutex->waking, 0);
		if (mutex_try_lock(mutex))
			break;
		(void)wait_block(&entry, TIME_NEVER);
	}
	wait_finish(&mutex->waiters, &entry);
	atomic_fetch_sub(&mutex->sleepers, 1);
	atomic_store(&mutex->waking, 0);
}

void mutex_lock(struct mutex *mutex)
{
	if (!mutex_try_lock(mutex))
		lock_slowly(mutex);
}

void mutex_unlock(struct mutex *mutex)
{
	ax_assert(atomic_load_explicit(&mutex->owner, memory_order_relaxed) == task_current());
	atomic_store(&mutex->owner, NULL);
	if (atomic_load(&mutex->sleepers) && !atomic_exchange(&mutex->waking, 1))
		wait_wake_one(&mutex->waiters);
}
