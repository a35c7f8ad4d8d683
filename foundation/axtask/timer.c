/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timer queues, one per CPU. A timer belongs to the queue of timer.cpu, whose lock guards it.
 */
#include "internal.h"
#include <axhal/time.h>

/*
 * So many callbacks run in one interrupt; if more are due the next interrupt follows at once. Timers that are
 * always set to the past again cannot keep a CPU in its handler.
 */
#define RUN_MAX 64

struct timer_queue {
	struct spinlock lock;
	RB_HEAD(timer_tree, timer) tree;
	struct timer *running; /* whose callback runs now */
	_Atomic uint64_t next; /* the first deadline, TIME_NEVER: none */
} __attribute__((aligned(64)));

static struct timer_queue queues[CPU_MAX];

static int compare(const struct timer *a, const struct timer *b)
{
	if (a->deadline_ns != b->deadline_ns)
		return a->deadline_ns < b->deadline_ns ? -1 : 1;
	return a < b ? -1 : a > b;
}

RB_GENERATE_INTERNAL(timer_tree, timer, link, compare, __attribute__((unused)) static)

static struct timer_queue *lock_queue_of(const struct timer *timer)
{
	for (;;) {
		unsigned cpu = __atomic_load_n(&timer->cpu, __ATOMIC_RELAXED);

		spin_lock(&queues[cpu].lock);
		if (__atomic_load_n(&timer->cpu, __ATOMIC_RELAXED) == cpu)
			return &queues[cpu];
		spin_unlock(&queues[cpu].lock);
	}
}

static void update_next(struct timer_queue *q)
{
	struct timer *first = RB_MIN(timer_tree, &q->tree);

	atomic_store_explicit(&q->next, first ? first->deadline_ns : TIME_NEVER, memory_order_relaxed);
}

static void disarm(struct timer_queue *q, struct timer *timer)
{
	RB_REMOVE(timer_tree, &q->tree, timer);
	timer->armed = false;
	update_next(q);
}

void timer_queues_init(void)
{
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
		RB_INIT(&queues[cpu].tree);
		queues[cpu].next = TIME_NEVER;
	}
}

void timer_init(struct timer *timer, void (*fn)(void *arg), void *arg)
{
	*timer = (struct timer){ .fn = fn, .arg = arg };
}

void timer_set(struct timer *timer, uint64_t deadline_ns)
{
	uint64_t flags = irq_save();
	unsigned here = cpu_id();
	struct timer_queue *q;

	for (;;) {
		q = lock_queue_of(timer);
		if (timer->armed)
			disarm(q, timer);
		/* While the callback runs the timer stays where it runs, so that timer_cancel() finds it there. */
		if (timer->cpu == here || q->running == timer)
			break;
		__atomic_store_n(&timer->cpu, here, __ATOMIC_RELAXED);
		spin_unlock(&q->lock);
	}
	timer->deadline_ns = deadline_ns;
	timer->armed = true;
	RB_INSERT(timer_tree, &q->tree, timer);
	update_next(q);
	spin_unlock(&q->lock);
	/* Another CPU looks at its queue itself when the callback returns. */
	if (q == &queues[here])
		sched_tick_update();
	irq_restore(flags);
}

bool timer_cancel(struct timer *timer)
{
	bool was_armed = false;

	for (;;) {
		uint64_t flags = irq_save();
		struct timer_queue *q = lock_queue_of(timer);
		bool running = q->running == timer;

		if (timer->armed) {
			disarm(q, timer);
			was_armed = true;
		}
		spin_unlock(&q->lock);
		if (q == &queues[cpu_id()])
			sched_tick_update();
		irq_restore(flags);
		if (!running)
			return was_armed;
		/* The callback may set the timer again: look once more when it has returned. */
		while (__atomic_load_n(&q->running, __ATOMIC_ACQUIRE) == timer)
			cpu_relax();
	}
}

uint64_t timer_next_deadline(void)
{
	return atomic_load_explicit(&queues[cpu_id()].next, memory_order_relaxed);
}

void timer_run_expired(void)
{
	struct timer_queue *q = &queues[cpu_id()];
	uint64_t now = time_now_ns();

	spin_lock(&q->lock);
	for (unsigned i = 0; i < RUN_MAX; i++) {
		struct timer *timer = RB_MIN(timer_tree, &q->tree);

		if (!timer || timer->deadline_ns > now)
			break;
		disarm(q, timer);
		__atomic_store_n(&q->running, timer, __ATOMIC_RELAXED);
		spin_unlock(&q->lock);
		timer->fn(timer->arg);
		spin_lock(&q->lock);
		/* Whoever waits in timer_cancel() goes on now, and may free the timer. */
		__atomic_store_n(&q->running, NULL, __ATOMIC_RELEASE);
	}
	spin_unlock(&q->lock);
}
