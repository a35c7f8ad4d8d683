/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the files of axtask share.
 *
 * Locks, in the order in which they are taken: wait queue -> run queue; wait queue -> timer queue. A run
 * queue's lock is never held together with another's, nor while the hooks of a task or the callback of a timer
 * run.
 */
#include <stdatomic.h>
#include <sys/queue.h>
#include <axstd/spinlock.h>
#include <axstd/util.h>
#include <axhal/context.h>
#include <axhal/cpu.h>
#include <axtask/task.h>
#include <axtask/timer.h>
#include <axtask/wait.h>
#include "sched_policy.h"

/* task.on_cpu: is the task's context (stack, registers) in use by a CPU? */
enum {
	OFF_CPU,
	ON_CPU,
	ON_CPU_MOVING, /* ready, but not for the CPU it leaves: that CPU places it when it has left */
};

/* task.park: a wake-up that comes before its task blocks is kept, and the task does not block. */
enum { PARK_NONE, PARK_TOKEN, PARK_PARKED };

struct task {
	struct cpu_context context;
	struct sched_entity sched; /* lock of the run queue of @cpu */
	bool queued;               /* in the run queue of @cpu; its lock */
	_Atomic bool exiting;
	_Atomic unsigned state; /* enum task_state */
	_Atomic unsigned on_cpu;
	_Atomic unsigned park;
	_Atomic unsigned refs; /* the task's own until it has left its CPU for good, and one per handle */
	_Atomic unsigned cpu;
	_Atomic cpumask_t affinity;
	void (*task_in)(void *arg);
	void (*task_out)(void *arg);
	void (*entry)(void *arg);
	void *arg;

	/* Statistics, under the lock of the run queue of @cpu. */
	uint64_t ready_since;
	uint64_t run_ns;
	uint64_t wait_ns;
	uint64_t switches;

	struct wait_queue ended;
	paddr_t stack; /* guard page first; 0: not ours */
	size_t stack_pages;
	unsigned id;
	char name[TASK_NAME_MAX];
	TAILQ_ENTRY(task) all;
	SLIST_ENTRY(task) dead;
};

struct run_queue {
	struct spinlock lock;
	struct task *current; /* NULL: the CPU has not started. Its own CPU reads it without the lock. */
	struct task *idle;
	struct task *previous; /* own CPU only: whom it leaves */
	struct sched_queue queue;
	_Atomic unsigned ready; /* tasks in @queue */
	uint64_t charged_until;
	_Atomic uint64_t slice_end; /* of @current, TIME_NEVER: none */
	uint64_t programmed;        /* own CPU only: the deadline its timer is set to, 0: unknown */
} __attribute__((aligned(128)));

extern struct run_queue run_queues[CPU_MAX];
extern const struct sched_policy *sched_policy;
/* CPUs that sleep in their idle task, nobody having sent them a task yet. */
extern _Atomic cpumask_t sched_idle_cpus;

/* The running task. Interrupts off. */
static inline struct task *sched_current(void)
{
	return run_queues[cpu_id()].current;
}

/* runq.c; interrupts off throughout */

/** runq_charge - charge the running task for the time until @now. Locked. */
void runq_charge(struct run_queue *rq, uint64_t now);
/** runq_add / runq_remove - put a task into a queue, take it out. Locked. */
void runq_add(struct run_queue *rq, struct task *task, enum sched_enqueue why, uint64_t now);
void runq_remove(struct run_queue *rq, struct task *task);
/** runq_place - put a ready task that is in nobody else's hands into the queue of a CPU that it may use */
void runq_place(struct task *task, enum sched_enqueue why);
/** runq_steal - @cpu, the calling one, is idle: fetch it a task that waits elsewhere. Return: there was one. */
bool runq_steal(unsigned cpu);
/** runq_lock_of - lock the run queue that guards @task */
struct run_queue *runq_lock_of(const struct task *task);
/** sched_place_new - choose a CPU for a new task and make it ready. Any context. */
void sched_place_new(struct task *task);

/* sched.c */
/** sched_init - the boot CPU: @main runs on it. Return: 0, -AX_EINVAL (no such policy, no slice). */
int sched_init(const char *policy, uint64_t slice_ns, struct task *main, struct task *idle);
/** sched_set_policy - as task_set_policy() */
int sched_set_policy(const char *policy, uint64_t slice_ns);
/** sched_init_cpu - a secondary CPU: @idle runs on it */
void sched_init_cpu(struct task *idle);
/** sched_idle_loop - what the idle task does */
_Noreturn void sched_idle_loop(void);
/** sched_start - what a new task runs first, interrupts off: finish the switch to it */
void sched_start(void);
/** sched_park - block until sched_unpark(); returns at once if that was called since the last time. Interrupts off. */
void sched_park(void);
/** sched_unpark - end or prevent the task's next park. Any context; the caller keeps the task from going away. */
void sched_unpark(struct task *task);
/** sched_exit - leave the CPU for ever. Interrupts off. */
_Noreturn void sched_exit(void);
/** sched_tick_update - set this CPU's deadline to what comes first: a timer or the end of the slice. Interrupts off. */
void sched_tick_update(void);

/* task.c */
/** task_reap - free the tasks that have ended and have no handles. Task context. */
void task_reap(void);

/* timer.c */
void timer_queues_init(void);
/** timer_next_deadline - of this CPU's queue, TIME_NEVER: none. Interrupts off. */
uint64_t timer_next_deadline(void);
/** timer_run_expired - run this CPU's callbacks that are due. Interrupts off. */
void timer_run_expired(void);
