/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"
#include <axstd/error.h>
#include <axhal/time.h>

void wait_queue_init(struct wait_queue *queue)
{
	queue->lock = SPINLOCK_INIT;
	TAILQ_INIT(&queue->waiters);
}

void wait_prepare(struct wait_queue *queue, struct wait_entry *entry)
{
	uint64_t flags = spin_lock_irqsave(&queue->lock);

	if (!entry->queued) {
		entry->task = sched_current();
		__atomic_store_n(&entry->queued, true, __ATOMIC_RELAXED);
		TAILQ_INSERT_TAIL(&queue->waiters, entry, link);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
}

static void unpark(void *task)
{
	sched_unpark(task);
}

/* Park once, but not beyond @deadline_ns. */
static void park_until(uint64_t deadline_ns)
{
	struct timer timer;
	uint64_t flags;

	if (deadline_ns != TIME_NEVER) {
		timer_init(&timer, unpark, task_current());
		timer_set(&timer, deadline_ns);
	}
	flags = irq_save();
	sched_park();
	irq_restore(flags);
	if (deadline_ns != TIME_NEVER)
		timer_cancel(&timer);
}

int wait_block(struct wait_entry *entry, uint64_t deadline_ns)
{
	if (deadline_ns == TIME_NEVER || time_now_ns() < deadline_ns)
		park_until(deadline_ns);
	if (!__atomic_load_n(&entry->queued, __ATOMIC_RELAXED) || deadline_ns == TIME_NEVER)
		return 0;
	return time_now_ns() < deadline_ns ? 0 : -AX_ETIMEDOUT;
}

void wait_finish(struct wait_queue *queue, struct wait_entry *entry)
{
	uint64_t flags;

	/* The condition may have been read without the lock. */
	atomic_thread_fence(memory_order_acquire);
	if (!entry->task)
		return;
	/* Even if it is queued no more: a waker that has taken it out holds the lock while it uses the entry's task. */
	flags = spin_lock_irqsave(&queue->lock);
	if (entry->queued) {
		TAILQ_REMOVE(&queue->waiters, entry, link);
		entry->queued = false;
	}
	spin_unlock_irqrestore(&queue->lock, flags);
}

/* Wake up to @count waiters, the one that has waited longest first. */
static void wake(struct wait_queue *queue, unsigned count)
{
	uint64_t flags = spin_lock_irqsave(&queue->lock);
	struct wait_entry *entry;

	while (count-- && (entry = TAILQ_FIRST(&queue->waiters))) {
		TAILQ_REMOVE(&queue->waiters, entry, link);
		__atomic_store_n(&entry->queued, false, __ATOMIC_RELAXED);
		sched_unpark(entry->task);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
}

void wait_wake_one(struct wait_queue *queue)
{
	wake(queue, 1);
}

void wait_wake_all(struct wait_queue *queue)
{
	wake(queue, UINT32_MAX);
}

void task_sleep_ns(uint64_t ns)
{
	uint64_t now = time_now_ns();
	uint64_t deadline = ns < TIME_NEVER - now ? now + ns : TIME_NEVER;

	while (time_now_ns() < deadline)
		park_until(deadline);
}
