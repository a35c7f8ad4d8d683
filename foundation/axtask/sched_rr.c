/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Round robin: a task runs for at most a slice while others wait, then goes behind them.
 */
#include "sched_policy.h"

static void rr_enqueue(struct sched_queue *q, struct sched_entity *e, enum sched_enqueue why)
{
	TAILQ_INSERT_TAIL(&q->list, e, list);
}

const struct sched_policy sched_rr = {
	.name = "rr",
	.sliced = true,
	.init = sched_list_init,
	.enqueue = rr_enqueue,
	.dequeue = sched_list_dequeue,
	.first = sched_list_first,
	.next = sched_list_next,
	.charge = sched_list_charge,
	.preempts = sched_list_preempts,
	.move = sched_list_move,
};
