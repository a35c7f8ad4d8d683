/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First in, first out: a task runs until it blocks or yields.
 */
#include "sched_policy.h"

void sched_list_init(struct sched_queue *q)
{
	TAILQ_INIT(&q->list);
}

void sched_list_dequeue(struct sched_queue *q, struct sched_entity *e)
{
	TAILQ_REMOVE(&q->list, e, list);
}

struct sched_entity *sched_list_first(struct sched_queue *q)
{
	return TAILQ_FIRST(&q->list);
}

struct sched_entity *sched_list_next(struct sched_queue *q, struct sched_entity *e)
{
	return TAILQ_NEXT(e, list);
}

void sched_list_charge(struct sched_queue *q, struct sched_entity *e, uint64_t ns)
{
}

bool sched_list_preempts(struct sched_queue *q, const struct sched_entity *running, const struct sched_entity *e)
{
	return false;
}

void sched_list_move(const struct sched_queue *from, const struct sched_queue *to, struct sched_entity *e)
{
}

static void fifo_enqueue(struct sched_queue *q, struct sched_entity *e, enum sched_enqueue why)
{
	if (why == SCHED_PREEMPTED)
		TAILQ_INSERT_HEAD(&q->list, e, list);
	else
		TAILQ_INSERT_TAIL(&q->list, e, list);
}

const struct sched_policy sched_fifo = {
	.name = "fifo",
	.sliced = false,
	.init = sched_list_init,
	.enqueue = fifo_enqueue,
	.dequeue = sched_list_dequeue,
	.first = sched_list_first,
	.next = sched_list_next,
	.charge = sched_list_charge,
	.preempts = sched_list_preempts,
	.move = sched_list_move,
};
