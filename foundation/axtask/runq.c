/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Run queues: where ready tasks wait.
 *
 * A ready task is in the run queue of one CPU (task.cpu), or on its way there in the hands of whoever made it
 * ready. A task stays ON_CPU until the next task on that CPU has taken over: only then may another CPU run it.
 * While it is ON_CPU it can be queued on that same CPU, which cannot pick it before the switch is done.
 */
#include "internal.h"
#include <axstd/error.h>
#include <axhal/irq.h>
#include <axhal/time.h>

/* How many tasks of another CPU an idle CPU looks at before it tries the next CPU. */
#define STEAL_LOOK_MAX 8

DEFINE_PER_CPU(_Atomic bool, task_resched);

struct run_queue run_queues[CPU_MAX];
const struct sched_policy *sched_policy = &sched_fifo;
_Atomic cpumask_t sched_idle_cpus;

/*
 * Ask @cpu, whose run queue is locked, to schedule. Return: it is to be interrupted, but only when the lock is free
 * again: the first thing that it does is to take it.
 */
static bool resched(unsigned cpu)
{
	_Atomic bool *flag = per_cpu(task_resched, cpu);

	if (atomic_load_explicit(flag, memory_order_relaxed))
		return false;
	atomic_store_explicit(flag, true, memory_order_relaxed);
	return cpu != cpu_id();
}

/* Charge the running task for the time until @now. Locked. */
void runq_charge(struct run_queue *rq, uint64_t now)
{
	struct task *task = rq->current;
	uint64_t ns = now - rq->charged_until;

	if ((int64_t)ns <= 0)
		return;
	rq->charged_until = now;
	task->run_ns += ns;
	/* A task that was woken while it still ran is queued already: its place there is not changed any more. */
	if (task != rq->idle && !task->queued)
		sched_policy->charge(&rq->queue, &task->sched, ns);
}

void runq_add(struct run_queue *rq, struct task *task, enum sched_enqueue why, uint64_t now)
{
	task->queued = true;
	if (why != SCHED_MOVED)
		task->ready_since = now;
	task->state = TASK_READY;
	sched_policy->enqueue(&rq->queue, &task->sched, why);
	atomic_store_explicit(&rq->ready, rq->ready + 1, memory_order_relaxed);
}

void runq_remove(struct run_queue *rq, struct task *task)
{
	sched_policy->dequeue(&rq->queue, &task->sched);
	task->queued = false;
	atomic_store_explicit(&rq->ready, rq->ready - 1, memory_order_relaxed);
}

/*
 * @task has become ready on @cpu, whose run queue is locked: queue it, and see to it that it gets its turn. Return:
 * @cpu is to be interrupted, as above.
 */
static bool make_ready(struct run_queue *rq, unsigned cpu, struct task *task, enum sched_enqueue why)
{
	uint64_t now = time_now_ns();

	if (rq->current)
		runq_charge(rq, now);
	runq_add(rq, task, why, now);
	if (!rq->current)
		return false;
	if (rq->current == rq->idle) {
		atomic_fetch_and(&sched_idle_cpus, ~BIT(cpu));
		return resched(cpu);
	}
	if (now >= rq->slice_end || sched_policy->preempts(&rq->queue, &rq->current->sched, &task->sched))
		return resched(cpu);
	if (rq->ready != 1 || rq->slice_end == TIME_NEVER)
		return false;
	/* From now on the end of the slice matters. */
	if (cpu != cpu_id())
		return true;
	sched_tick_update();
	return false;
}

static unsigned load_of(unsigned cpu)
{
	struct run_queue *rq = &run_queues[cpu];
	bool busy = __atomic_load_n(&rq->current, __ATOMIC_RELAXED) != rq->idle;

	return atomic_load_explicit(&rq->ready, memory_order_relaxed) + busy;
}

/* An idle CPU of @mask, or else the one with the least to do. */
static unsigned least_loaded(cpumask_t mask)
{
	cpumask_t idle = atomic_load_explicit(&sched_idle_cpus, memory_order_relaxed) & mask;
	unsigned best = (unsigned)__builtin_ctzll(idle ? idle : mask);
	unsigned cpu;

	if (idle)
		return best;
	for_each_cpu (cpu, mask) {
		if (load_of(cpu) < load_of(best))
			best = cpu;
	}
	return best;
}

/* Where @task should run: where it ran last, unless that CPU is busy and another one idle. */
static unsigned select_cpu(const struct task *task)
{
	cpumask_t mask = task->affinity & cpu_online_mask();
	cpumask_t idle = atomic_load_explicit(&sched_idle_cpus, memory_order_relaxed) & mask;
	unsigned last = task->cpu;

	if ((mask & BIT(last)) && (!idle || (idle & BIT(last)) || !load_of(last)))
		return last;
	return least_loaded(mask);
}

/*
 * Give @task, which is in our hands and on no CPU, to @cpu. task.cpu changes under the lock of the queue that
 * it leaves: it stays what it is for whoever holds that lock.
 */
static void assign(struct task *task, unsigned cpu)
{
	unsigned last = task->cpu;

	if (cpu == last)
		return;
	spin_lock(&run_queues[last].lock);
	sched_policy->move(&run_queues[last].queue, &run_queues[cpu].queue, &task->sched);
	task->cpu = cpu;
	spin_unlock(&run_queues[last].lock);
}

/*
 * Queue @task, which is ready and in nobody else's hands, where it belongs. Return: false if it may not run there.
 *
 * task_set_affinity() writes the affinity and then takes the lock of the task's queue. If that was this lock
 * before us, or the one of assign(), we see the affinity; if it comes after us, it finds the task queued.
 */
static bool enqueue(struct task *task, enum sched_enqueue why)
{
	unsigned cpu = task->cpu;
	struct run_queue *rq = &run_queues[cpu];
	bool allowed, interrupt;

	spin_lock(&rq->lock);
	allowed = atomic_load(&task->affinity) & BIT(cpu);
	interrupt = allowed && make_ready(rq, cpu, task, why);
	spin_unlock(&rq->lock);
	if (interrupt)
		ipi_send(cpu, IPI_RESCHEDULE);
	return allowed;
}

void runq_place(struct task *task, enum sched_enqueue why)
{
	do {
		unsigned last = task->cpu;
		unsigned cpu = select_cpu(task);

		if (cpu != last && atomic_load(&task->on_cpu) != OFF_CPU) {
			unsigned expected = ON_CPU;

			if (task->affinity & BIT(last))
				cpu = last;
			else if (atomic_compare_exchange_strong(&task->on_cpu, &expected, ON_CPU_MOVING))
				return;
		}
		assign(task, cpu);
	} while (!enqueue(task, why));
}

void sched_place_new(struct task *task)
{
	uint64_t flags = irq_save();

	assign(task, least_loaded(task->affinity & cpu_online_mask()));
	runq_place(task, SCHED_NEW);
	irq_restore(flags);
}

/* Take a task that may run on @cpu out of another CPU's queue. Locked. */
static struct task *take_stealable(struct run_queue *rq, unsigned cpu)
{
	struct sched_entity *entity = sched_policy->first(&rq->queue);

	for (unsigned i = 0; entity && i < STEAL_LOOK_MAX; i++) {
		struct task *task = container_of(entity, struct task, sched);

		if ((task->affinity & BIT(cpu)) && atomic_load(&task->on_cpu) == OFF_CPU) {
			runq_remove(rq, task);
			return task;
		}
		entity = sched_policy->next(&rq->queue, entity);
	}
	return NULL;
}

/* Has @rq a task to spare? One that waits for an idle CPU is about to run there. Without the lock: perhaps. */
static bool can_spare(struct run_queue *rq)
{
	bool idle = __atomic_load_n(&rq->current, __ATOMIC_RELAXED) == rq->idle;

	return atomic_load_explicit(&rq->ready, memory_order_relaxed) > idle;
}

bool runq_steal(unsigned cpu)
{
	unsigned victim;

	for_each_cpu (victim, cpu_online_mask() & ~BIT(cpu)) {
		struct run_queue *rq = &run_queues[victim];
		struct task *task;

		/* Its CPU may want the lock at this moment, to run what was just given to it. */
		if (!can_spare(rq))
			continue;
		spin_lock(&rq->lock);
		task = can_spare(rq) ? take_stealable(rq, cpu) : NULL;
		spin_unlock(&rq->lock);
		if (!task)
			continue;
		assign(task, cpu);
		if (enqueue(task, SCHED_MOVED))
			return true;
		runq_place(task, SCHED_MOVED);
	}
	return false;
}

struct run_queue *runq_lock_of(const struct task *task)
{
	for (;;) {
		unsigned cpu = task->cpu;

		spin_lock(&run_queues[cpu].lock);
		if (task->cpu == cpu)
			return &run_queues[cpu];
		spin_unlock(&run_queues[cpu].lock);
	}
}

/*
 * @task is not to be on the CPU of @rq, which is locked, any longer. Return: the caller is to place it. *@interrupt:
 * that CPU is to be interrupted, as above.
 */
static bool drive_away(struct run_queue *rq, struct task *task, bool *interrupt)
{
	unsigned expected = ON_CPU;

	if (task->queued) {
		runq_remove(rq, task);
		return !atomic_compare_exchange_strong(&task->on_cpu, &expected, ON_CPU_MOVING);
	}
	if (task->on_cpu != OFF_CPU)
		*interrupt = resched(task->cpu);
	return false;
}

int task_set_affinity(struct task *task, cpumask_t affinity)
{
	struct run_queue *rq;
	bool homeless = false, interrupt = false;
	unsigned cpu;
	uint64_t flags;

	if (!(affinity & cpu_online_mask()))
		return -AX_EINVAL;
	flags = irq_save();
	atomic_store(&task->affinity, affinity);
	rq = runq_lock_of(task);
	/* Where it is not allowed any more, or where it waits while an idle CPU could run it now. */
	if (!(atomic_load(&task->affinity) & BIT(task->cpu)) || (task->queued && (task->affinity & sched_idle_cpus)))
		homeless = drive_away(rq, task, &interrupt);
	cpu = task->cpu;
	spin_unlock(&rq->lock);
	if (interrupt)
		ipi_send(cpu, IPI_RESCHEDULE);
	if (homeless)
		runq_place(task, SCHED_MOVED);
	irq_restore(flags);
	task_preempt_point();
	return 0;
}

void task_set_weight(struct task *task, unsigned weight)
{
	uint64_t flags = irq_save();
	struct run_queue *rq = runq_lock_of(task);

	sched_entity_set_weight(&task->sched, weight ? weight : TASK_WEIGHT_DEFAULT);
	spin_unlock(&rq->lock);
	irq_restore(flags);
}
