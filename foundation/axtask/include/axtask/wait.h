/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Wait queues. The pattern:
 *
 *	wait_event(&queue, condition)              the waiter
 *	make the condition true; wait_wake_all(&queue)   the waker, any context
 *
 * The condition is checked again after every wake-up, and after the waiter is queued, so no wake-up is lost.
 */
#include <axstd/spinlock.h>
#include <axhal/time.h>
#include <sys/queue.h>

struct task;
struct wait_entry;

struct wait_queue {
	struct spinlock lock;
	TAILQ_HEAD(wait_list, wait_entry) waiters;
};

struct wait_entry {
	TAILQ_ENTRY(wait_entry) link;
	struct task *task; /* NULL: never queued */
	bool queued;
};

void wait_queue_init(struct wait_queue *queue);
/* The pieces wait_event is made of. */
void wait_prepare(struct wait_queue *queue, struct wait_entry *entry);
/** wait_block - sleep until woken or until @deadline_ns (TIME_NEVER: no end). Return: 0 or -AX_ETIMEDOUT */
int wait_block(struct wait_entry *entry, uint64_t deadline_ns);
/** wait_finish - leave the queue. What the waker stored before the condition became true is visible afterwards. */
void wait_finish(struct wait_queue *queue, struct wait_entry *entry);

/** wait_wake_one / wait_wake_all - make waiters ready. Any context. */
void wait_wake_one(struct wait_queue *queue);
void wait_wake_all(struct wait_queue *queue);

/**
 * wait_event_until - sleep until @condition holds or @deadline_ns (time_now_ns scale) passes
 *
 * @condition is evaluated many times, but never again once it held: it may take what it waited for. Task context,
 * interrupts on, no spinlock held. Value: 0 or -AX_ETIMEDOUT.
 */
#define wait_event_until(queue, condition, deadline_ns)          \
	({                                                       \
		struct wait_entry entry_ = { 0 };                \
		int err_ = 0;                                    \
		for (;;) {                                       \
			if (condition) {                         \
				err_ = 0;                        \
				break;                           \
			}                                        \
			if (err_)                                \
				break;                           \
			wait_prepare(queue, &entry_);            \
			if (condition)                           \
				break;                           \
			err_ = wait_block(&entry_, deadline_ns); \
		}                                                \
		wait_finish(queue, &entry_);                     \
		err_;                                            \
	})
#define wait_event(queue, condition) ((void)wait_event_until(queue, condition, TIME_NEVER))
