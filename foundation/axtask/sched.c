/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Switching: leaving tasks, parking and waking them, the idle loop, the scheduler's interrupts.
 */
#include "internal.h"
#include <axstd/assert.h>
#include <axstd/error.h>
#include <axhal/irq.h>
#include <axhal/time.h>

enum switch_reason { SWITCH_PREEMPT, SWITCH_YIELD, SWITCH_PARK, SWITCH_EXIT };

static struct run_queue *this_rq(void)
{
	return &run_queues[cpu_id()];
}

/* The first half of leaving @prev: put it where its reason says. Locked. */
static void put_previous(struct run_queue *rq, unsigned cpu, struct task *prev, enum switch_reason reason, uint64_t now)
{
	switch (reason) {
	case SWITCH_PREEMPT:
	case SWITCH_YIELD:
		if (atomic_load(&prev->affinity) & BIT(cpu)) {
			runq_add(rq, prev, reason == SWITCH_YIELD ? SCHED_YIELD : SCHED_PREEMPTED, now);
		} else {
			prev->state = TASK_READY;
			prev->on_cpu = ON_CPU_MOVING;
		}
		break;
	case SWITCH_PARK:
		/* Woken already? Then it is queued here, or moves once it is off this CPU. */
		if (!prev->queued && prev->on_cpu != ON_CPU_MOVING)
			prev->state = TASK_BLOCKED;
		break;
	case SWITCH_EXIT: prev->state = TASK_EXITED; break;
	}
}

/* Take the next task out of the queue and give it its slice. Locked. */
static struct task *take_next(struct run_queue *rq, uint64_t now)
{
	struct sched_entity *entity = sched_policy->first(&rq->queue);
	struct task *next;

	if (!entity) {
		rq->slice_end = TIME_NEVER;
		return rq->idle;
	}
	next = container_of(entity, struct task, sched);
	runq_remove(rq, next);
	next->wait_ns += now - next->ready_since;
	rq->slice_end = sched_policy->sliced ? now + rq->queue.slice_ns : TIME_NEVER;
	return next;
}

/*
 * The second half of a switch, on the stack of the new task. Not inlined: the CPU may be another one than
 * before the switch, so nothing that the compiler knows about per-CPU data holds any more.
 */
static __attribute__((noinline)) void finish_switch(void)
{
	struct run_queue *rq = this_rq();
	struct task *prev = rq->previous;
	struct task *task = rq->current;

	if (prev->exiting)
		task_put(prev);
	/* Last access to @prev, unless it is ours to place. */
	if (atomic_exchange(&prev->on_cpu, OFF_CPU) == ON_CPU_MOVING)
		runq_place(prev, SCHED_WAKE);
	if (task->task_in)
		task->task_in(task->arg);
}

/* Leave the current task for the best one that is ready, which may be the same. Interrupts off, no lock held. */
static void schedule(enum switch_reason reason)
{
	unsigned cpu = cpu_id();
	struct run_queue *rq = &run_queues[cpu];
	struct task *prev = rq->current;
	struct task *next;
	uint64_t now;

	spin_lock(&rq->lock);
	atomic_store_explicit(this_cpu(task_resched), false, memory_order_relaxed);
	now = time_now_ns();
	runq_charge(rq, now);
	if (prev != rq->idle)
		put_previous(rq, cpu, prev, reason, now);
	next = take_next(rq, now);
	next->state = TASK_RUNNING;
	if (next == prev) {
		spin_unlock(&rq->lock);
		sched_tick_update();
		return;
	}
	next->switches++;
	atomic_store_explicit(&next->on_cpu, ON_CPU, memory_order_relaxed);
	__atomic_store_n(&rq->current, next, __ATOMIC_RELAXED);
	rq->previous = prev;
	spin_unlock(&rq->lock);
	/* With the fence in task_kick(): whoever finds @next not on a CPU has stored what @next will see. */
	atomic_thread_fence(memory_order_seq_cst);

	sched_tick_update();
	if (prev->task_out)
		prev->task_out(prev->arg);
	context_switch(&prev->context, &next->context);
	finish_switch();
}

void sched_start(void)
{
	finish_switch();
}

void sched_exit(void)
{
	sched_current()->exiting = true;
	schedule(SWITCH_EXIT);
	panic("a task that has ended was resumed");
}

void sched_park(void)
{
	struct task *task = sched_current();
	unsigned expected = PARK_NONE;

	ax_assert(task != this_rq()->idle);
	if (atomic_compare_exchange_strong(&task->park, &expected, PARK_PARKED))
		schedule(SWITCH_PARK);
	/* An exchange, not a store: what every waker did before it left its token is visible from here on. */
	atomic_exchange(&task->park, PARK_NONE);
}

void sched_unpark(struct task *task)
{
	uint64_t flags;

	if (atomic_exchange(&task->park, PARK_TOKEN) != PARK_PARKED)
		return;
	flags = irq_save();
	runq_place(task, SCHED_WAKE);
	irq_restore(flags);
}

void task_yield(void)
{
	uint64_t flags = irq_save();

	schedule(SWITCH_YIELD);
	irq_restore(flags);
}

void task_preempt_point(void)
{
	uint64_t flags = irq_save();

	if (task_need_resched())
		schedule(SWITCH_PREEMPT);
	irq_restore(flags);
}

struct task *task_current(void)
{
	uint64_t flags = irq_save();
	struct task *task = sched_current();

	irq_restore(flags);
	return task;
}

void task_kick(struct task *task)
{
	uint64_t flags = irq_save();
	unsigned cpu;

	atomic_thread_fence(memory_order_seq_cst);
	cpu = task->cpu;
	if (task->on_cpu != OFF_CPU && cpu != cpu_id())
		ipi_send(cpu, IPI_RESCHEDULE);
	irq_restore(flags);
}

void sched_tick_update(void)
{
	struct run_queue *rq = this_rq();
	uint64_t deadline = timer_next_deadline();

	if (atomic_load_explicit(&rq->ready, memory_order_relaxed) && !task_need_resched() && rq->slice_end < deadline)
		deadline = rq->slice_end;
	if (deadline == rq->programmed)
		return;
	rq->programmed = deadline;
	time_set_deadline(deadline);
}

/* This CPU's deadline has passed. */
static void on_deadline(void)
{
	struct run_queue *rq = this_rq();

	rq->programmed = 0;
	timer_run_expired();
	if (atomic_load_explicit(&rq->ready, memory_order_relaxed) && time_now_ns() >= rq->slice_end)
		atomic_store_explicit(this_cpu(task_resched), true, memory_order_relaxed);
	sched_tick_update();
}

/* The end of an interrupt in hypervisor code: preemption. */
static void on_irq_exit(void)
{
	if (task_need_resched())
		schedule(SWITCH_PREEMPT);
}

void sched_idle_loop(void)
{
	unsigned cpu = cpu_id();
	struct run_queue *rq = &run_queues[cpu];

	for (;;) {
		task_reap();
		irq_disable();
		atomic_fetch_or(&sched_idle_cpus, BIT(cpu));
		if (!runq_steal(cpu) && !rq->ready && !task_need_resched())
			cpu_wait_for_interrupt();
		atomic_fetch_and(&sched_idle_cpus, ~BIT(cpu));
		if (rq->ready)
			schedule(SWITCH_PREEMPT);
		irq_enable();
	}
}

/* @current is what runs on the calling CPU from now on, as far as the scheduler knows. */
static void start_cpu(struct task *current, struct task *idle)
{
	unsigned cpu = cpu_id();
	struct run_queue *rq = &run_queues[cpu];
	uint64_t flags = spin_lock_irqsave(&rq->lock);

	current->cpu = cpu;
	current->affinity = BIT(cpu);
	current->state = TASK_RUNNING;
	current->on_cpu = ON_CPU;
	idle->cpu = cpu;
	idle->affinity = BIT(cpu);
	rq->idle = idle;
	rq->charged_until = time_now_ns();
	__atomic_store_n(&rq->current, current, __ATOMIC_RELAXED);
	spin_unlock_irqrestore(&rq->lock, flags);
}

int sched_init(const char *policy, uint64_t slice_ns, struct task *main, struct task *idle)
{
	const struct sched_policy *found = sched_policy_find(policy);

	if (!found || !slice_ns)
		return -AX_EINVAL;
	sched_policy = found;
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
		run_queues[cpu].queue.slice_ns = slice_ns;
		run_queues[cpu].slice_end = TIME_NEVER;
		sched_policy->init(&run_queues[cpu].queue);
	}
	timer_queues_init();
	start_cpu(main, idle);
	ipi_register(IPI_RESCHEDULE, sched_tick_update);
	time_set_handler(on_deadline);
	irq_set_exit_hook(on_irq_exit);
	return 0;
}

void sched_init_cpu(struct task *idle)
{
	start_cpu(idle, idle);
}

#define READY_AT_BOOT_MAX 8

int sched_set_policy(const char *policy, uint64_t slice_ns)
{
	const struct sched_policy *found = sched_policy_find(policy);
	struct run_queue *rq = &run_queues[cpu_id()];
	struct sched_entity *ready[READY_AT_BOOT_MAX + 1];
	unsigned count = 0;
	uint64_t flags;

	if (!found || !slice_ns)
		return -AX_EINVAL;
	if (cpu_online_mask() != BIT(cpu_id()))
		return -AX_EBUSY;
	flags = spin_lock_irqsave(&rq->lock);
	if (atomic_load_explicit(&rq->ready, memory_order_relaxed) > READY_AT_BOOT_MAX) {
		spin_unlock_irqrestore(&rq->lock, flags);
		return -AX_EBUSY;
	}
	while ((ready[count] = sched_policy->first(&rq->queue)))
		sched_policy->dequeue(&rq->queue, ready[count++]);
	sched_policy = found;
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
		run_queues[cpu].queue.slice_ns = slice_ns;
		sched_policy->init(&run_queues[cpu].queue);
	}
	for (unsigned i = 0; i < count; i++)
		sched_policy->enqueue(&rq->queue, ready[i], SCHED_NEW);
	spin_unlock_irqrestore(&rq->lock, flags);
	return 0;
}
