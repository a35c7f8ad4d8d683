/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Tasks: threads of the hypervisor, each with its own stack (guard page below it), on per-CPU run queues.
 *
 * A CPU runs tickless: its timer is set only for sleeping tasks, timers, and the end of a time slice when another task
 * waits. Tasks run with interrupts on and may be preempted, and come back on another CPU, wherever interrupts are on.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <axhal/cpu.h>
#include <axhal/context.h>

struct task;

enum task_state { TASK_READY, TASK_RUNNING, TASK_BLOCKED, TASK_EXITED };

#define TASK_NAME_MAX       24
#define TASK_WEIGHT_DEFAULT 1024

struct task_params {
	const char *name;
	void (*entry)(void *arg);
	void *arg;
	cpumask_t affinity; /* 0: any CPU */
	unsigned weight;    /* CFS share, 0: TASK_WEIGHT_DEFAULT */
	size_t stack_size;  /* 0: 16 KiB */
	/*
	 * Called with interrupts off and no lock held by the CPU that switches to / away from this task: who keeps
	 * state in CPU registers (a vCPU) loads and saves it here. @task_out is called with the outgoing task's stack
	 * still in use. May be NULL.
	 */
	void (*task_in)(void *arg);
	void (*task_out)(void *arg);
};

/**
 * task_init - start the scheduler on the boot CPU; the caller becomes task "main", which stays on this CPU
 * @policy:   "fifo", "rr" or "cfs"
 * @slice_ns: how long a task runs (rr, cfs) while another one waits
 *
 * After the heap, interrupts and time of this CPU; interrupts off or on. Return: 0, -AX_EINVAL, -AX_ENOMEM.
 */
int task_init(const char *policy, uint64_t slice_ns);
/**
 * task_set_policy - another policy, before other CPUs start and when few tasks are ready: the boot volume says so
 * Return: 0, -AX_EINVAL (no such policy, no slice), -AX_EBUSY (too late).
 */
int task_set_policy(const char *policy, uint64_t slice_ns);
/** task_init_cpu - a secondary CPU becomes its idle task; never returns. Interrupts off. */
_Noreturn void task_init_cpu(void);

/**
 * task_spawn - create a task and make it ready
 * @params: copied
 * @out:    gets a reference, which task_join() or task_put() drops; NULL: the task is on its own
 *
 * Task context, no spinlock held. Return: 0, -AX_ENOMEM, -AX_EINVAL (no CPU of the affinity is online).
 */
int task_spawn(const struct task_params *params, struct task **out);
/** task_join - wait for its end and drop the caller's reference: with the last one all its memory is free again */
void task_join(struct task *task);
/** task_put - drop the reference without waiting. Any context. */
void task_put(struct task *task);
_Noreturn void task_exit(void);

/** task_current - the calling task, NULL before task_init(). Any context. */
struct task *task_current(void);
const char *task_name(const struct task *task);
/** task_yield - let others of the same or better standing run */
void task_yield(void);
/** task_sleep_ns - block for @ns nanoseconds */
void task_sleep_ns(uint64_t ns);

DECLARE_PER_CPU(_Atomic bool, task_resched);

/**
 * task_need_resched - another task should run on this CPU
 *
 * Whoever runs a guest leaves it and calls task_preempt_point().
 *
 * One load. Interrupts off: what makes it true afterwards sends an interrupt, which ends the guest's run.
 */
static inline bool task_need_resched(void)
{
	return atomic_load_explicit(this_cpu(task_resched), memory_order_relaxed);
}

/** task_preempt_point - let the other task run if there is one. Task context, no spinlock held, interrupts off or on */
void task_preempt_point(void);
/**
 * task_kick - interrupt the CPU that runs @task, unless that is the calling one
 *
 * The pattern: store what @task is to see, kick it. A task that runs a guest leaves it and sees the store when it looks
 * (interrupts off) before it enters the guest again; a task that does not run sees it when it does. Any context. The
 * caller holds a reference.
 */
void task_kick(struct task *task);
/**
 * task_set_affinity - say on which CPUs the task may run
 *
 * The calling task has moved on return, another one that runs elsewhere is interrupted to move. Task context, no
 * spinlock held; the caller holds a reference. Return: 0 or -AX_EINVAL (none of them is online).
 */
int task_set_affinity(struct task *task, cpumask_t affinity);
void task_set_weight(struct task *task, unsigned weight);

struct task_info {
	unsigned id;
	char name[TASK_NAME_MAX];
	enum task_state state;
	unsigned cpu;
	cpumask_t affinity;
	unsigned weight;
	uint64_t run_ns;  /* time on CPUs */
	uint64_t wait_ns; /* time ready but not running (steal time) */
	uint64_t switches;
};

/** task_for_each - call @fn on a snapshot of every task (idle tasks included). No lock is held during @fn */
void task_for_each(void (*fn)(const struct task_info *info, void *arg), void *arg);
void task_get_info(const struct task *task, struct task_info *info);
const char *task_state_name(enum task_state state);
const char *task_policy_name(void);
