/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Scheduling policies: in which order the ready tasks of one CPU run. A policy knows entities, not tasks: it neither
 * locks nor switches, so it is tested with a simulated clock. The running entity is not in the queue.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/tree.h>

struct sched_entity {
	union {
		TAILQ_ENTRY(sched_entity) list; /* fifo, rr */
		RB_ENTRY(sched_entity) node;    /* cfs */
	};
	uint64_t vruntime;   /* cfs: time run, in ns of a task of the default weight */
	uint64_t seq;        /* cfs: order among equals */
	uint64_t inv_weight; /* 2^32 / weight */
	unsigned weight;
};

struct sched_queue {
	uint64_t slice_ns;
	union {
		TAILQ_HEAD(sched_list, sched_entity) list;
		RB_HEAD(sched_tree, sched_entity) tree;
	};
	uint64_t min_vruntime; /* cfs: only grows; where new entities start */
	uint64_t seq;
};

/* Why an entity enters the queue. */
enum sched_enqueue {
	SCHED_NEW,
	SCHED_WAKE,      /* it slept */
	SCHED_MOVED,     /* it waited on another CPU */
	SCHED_PREEMPTED, /* it ran and would go on */
	SCHED_YIELD,     /* it ran and lets the others go first */
};

struct sched_policy {
	const char *name;
	bool sliced; /* the running entity gives way after slice_ns when others wait */
	void (*init)(struct sched_queue *q);
	void (*enqueue)(struct sched_queue *q, struct sched_entity *e, enum sched_enqueue why);
	void (*dequeue)(struct sched_queue *q, struct sched_entity *e);
	/* The entity to run next, and the one to run after @e; NULL: none. Both stay queued. */
	struct sched_entity *(*first)(struct sched_queue *q);
	struct sched_entity *(*next)(struct sched_queue *q, struct sched_entity *e);
	/* The running entity @e has run for @ns more. */
	void (*charge)(struct sched_queue *q, struct sched_entity *e, uint64_t ns);
	/* Should the newly queued @e run at once in place of @running? */
	bool (*preempts)(struct sched_queue *q, const struct sched_entity *running, const struct sched_entity *e);
	/* @e, in no queue, changes from the queue @from to the queue @to (of another CPU, not locked). */
	void (*move)(const struct sched_queue *from, const struct sched_queue *to, struct sched_entity *e);
};

extern const struct sched_policy sched_fifo, sched_rr, sched_cfs;

/** sched_policy_find - Return: the policy called @name, NULL: there is none */
const struct sched_policy *sched_policy_find(const char *name);
/** sched_entity_set_weight - @weight: share of the CPU relative to TASK_WEIGHT_DEFAULT, not 0 */
void sched_entity_set_weight(struct sched_entity *e, unsigned weight);

/* First in, first out: what the list policies share (sched_fifo.c). */
void sched_list_init(struct sched_queue *q);
void sched_list_dequeue(struct sched_queue *q, struct sched_entity *e);
struct sched_entity *sched_list_first(struct sched_queue *q);
struct sched_entity *sched_list_next(struct sched_queue *q, struct sched_entity *e);
void sched_list_charge(struct sched_queue *q, struct sched_entity *e, uint64_t ns);
bool sched_list_preempts(struct sched_queue *q, const struct sched_entity *running, const struct sched_entity *e);
void sched_list_move(const struct sched_queue *from, const struct sched_queue *to, struct sched_entity *e);
