/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mutexes and wait queues for tests with one thread: a mutex that is taken twice, or a wait that nothing would end,
 * fails the test. Waiting moves the clock to the deadline.
 */
#include "fake_task.h"
#include <axstd/error.h>
#include <axtask/mutex.h>
#include "host/host.h"

void (*fake_task_on_block)(void);
unsigned fake_task_wakes;

#define OWNED ((struct task *)1)

void mutex_init(struct mutex *mutex)
{
	mutex->owner = NULL;
}

void mutex_lock(struct mutex *mutex)
{
	if (mutex->owner)
		host_test_failed(__FILE__, __LINE__, "a mutex is taken twice");
	mutex->owner = OWNED;
}

bool mutex_try_lock(struct mutex *mutex)
{
	if (mutex->owner)
		return false;
	mutex->owner = OWNED;
	return true;
}

void mutex_unlock(struct mutex *mutex)
{
	if (!mutex->owner)
		host_test_failed(__FILE__, __LINE__, "a free mutex is unlocked");
	mutex->owner = NULL;
}

void wait_queue_init(struct wait_queue *queue)
{
	TAILQ_INIT(&queue->waiters);
}

void wait_prepare(struct wait_queue *queue, struct wait_entry *entry)
{
}

int wait_block(struct wait_entry *entry, uint64_t deadline_ns)
{
	unsigned wakes = fake_task_wakes;

	if (fake_task_on_block)
		fake_task_on_block();
	if (fake_task_wakes != wakes)
		return 0;
	if (deadline_ns == TIME_NEVER)
		host_test_failed(__FILE__, __LINE__, "waits for ever");
	host_time_ns = deadline_ns;
	return -AX_ETIMEDOUT;
}

void wait_finish(struct wait_queue *queue, struct wait_entry *entry)
{
}

void wait_wake_one(struct wait_queue *queue)
{
	fake_task_wakes++;
}

void wait_wake_all(struct wait_queue *queue)
{
	fake_task_wakes++;
}
