/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completely fair scheduling: each task has a virtual run time that advances at a rate inverse to its weight,
 * and the task that is furthest behind runs next. Virtual times are compared by difference, so they may wrap
 * around.
 */
#include "sched_policy.h"

static int compare(const struct sched_entity *a, const struct sched_entity *b)
{
	int64_t diff = (int64_t)(a->vruntime - b->vruntime);

	if (!diff)
		diff = (int64_t)(a->seq - b->seq);
	return diff < 0 ? -1 : diff > 0;
}

RB_GENERATE_INTERNAL(sched_tree, sched_entity, node, compare, __attribute__((unused)) static)

/* The later of two virtual times. */
static uint64_t later(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) > 0 ? a : b;
}

static void cfs_init(struct sched_queue *q)
{
	RB_INIT(&q->tree);
}

static struct sched_entity *cfs_first(struct sched_queue *q)
{
	return RB_MIN(sched_tree, &q->tree);
}

static struct sched_entity *cfs_next(struct sched_queue *q, struct sched_entity *e)
{
	return RB_NEXT(sched_tree, &q->tree, e);
}

/*
 * Who slept does not collect a claim to all the time it missed, but half a slice: enough to run soon, too
 * little to keep the others out.
 */
static void cfs_enqueue(struct sched_queue *q, struct sched_entity *e, enum sched_enqueue why)
{
	struct sched_entity *first;

	switch (why) {
	case SCHED_NEW: e->vruntime = q->min_vruntime; break;
	case SCHED_WAKE:
	case SCHED_MOVED: e->vruntime = later(e->vruntime, q->min_vruntime - q->slice_ns / 2); break;
	case SCHED_YIELD:
		first = cfs_first(q);
		if (first)
			e->vruntime = later(e->vruntime, first->vruntime);
		break;
	case SCHED_PREEMPTED: break;
	}
	e->seq = q->seq++;
	RB_INSERT(sched_tree, &q->tree, e);
}

static void cfs_dequeue(struct sched_queue *q, struct sched_entity *e)
{
	RB_REMOVE(sched_tree, &q->tree, e);
}

static void cfs_charge(struct sched_queue *q, struct sched_entity *e, uint64_t ns)
{
	struct sched_entity *first = cfs_first(q);
	uint64_t behind;

	/* ns * TASK_WEIGHT_DEFAULT / weight; 128 bits, since a task alone on its CPU is charged for hours at once. */
	e->vruntime += (uint64_t)((unsigned __int128)ns * e->inv_weight >> 22);
	behind = e->vruntime;
	if (first && (int64_t)(first->vruntime - behind) < 0)
		behind = first->vruntime;
	/* Other CPUs read it in cfs_move(). */
	__atomic_store_n(&q->min_vruntime, later(q->min_vruntime, behind), __ATOMIC_RELAXED);
}

/* Only a clear lead is worth a switch: a quarter of a slice, half of what a sleeper is granted. */
static bool cfs_preempts(struct sched_queue *q, const struct sched_entity *running, const struct sched_entity *e)
{
	return (int64_t)(running->vruntime - e->vruntime) > (int64_t)(q->slice_ns / 4);
}

static void cfs_move(const struct sched_queue *from, const struct sched_queue *to, struct sched_entity *e)
{
	uint64_t here = __atomic_load_n(&from->min_vruntime, __ATOMIC_RELAXED);
	uint64_t there = __atomic_load_n(&to->min_vruntime, __ATOMIC_RELAXED);

	e->vruntime += there - here;
}

const struct sched_policy sched_cfs = {
	.name = "cfs",
	.sliced = true,
	.init = cfs_init,
	.enqueue = cfs_enqueue,
	.dequeue = cfs_dequeue,
	.first = cfs_first,
	.next = cfs_next,
	.charge = cfs_charge,
	.preempts = cfs_preempts,
	.move = cfs_move,
};
