/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of tasks: creation, end, references, lists.
 */
#include "internal.h"
#include <stdio.h>
#include <axstd/assert.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axalloc/frame.h>
#include <axalloc/heap.h>
#include <axhal/mem.h>
#include <axhal/power.h>
#include <axhal/time.h>

#define STACK_SIZE_DEFAULT KIB(16)

/* Guards @tasks, which is sorted by id, and @dead_tasks. */
static struct spinlock list_lock;
static TAILQ_HEAD(, task) tasks = TAILQ_HEAD_INITIALIZER(tasks);
/* Ended and without references: to be freed by someone who does not stand on their stack. */
static SLIST_HEAD(, task) dead_tasks = SLIST_HEAD_INITIALIZER(dead_tasks);
static _Atomic bool any_dead; /* a look without the lock */

/* A task of the given name without a stack, one reference to it. */
static struct task *task_alloc(const char *name)
{
	static unsigned next_id;
	struct task *task = kzalloc(sizeof(*task));
	uint64_t flags;

	if (!task)
		return NULL;
	snprintf(task->name, sizeof(task->name), "%s", name);
	task->refs = 1;
	sched_entity_set_weight(&task->sched, TASK_WEIGHT_DEFAULT);
	wait_queue_init(&task->ended);
	flags = spin_lock_irqsave(&list_lock);
	task->id = next_id++;
	TAILQ_INSERT_TAIL(&tasks, task, all);
	spin_unlock_irqrestore(&list_lock, flags);
	return task;
}

static void task_free(struct task *task)
{
	uint64_t flags = spin_lock_irqsave(&list_lock);

	TAILQ_REMOVE(&tasks, task, all);
	spin_unlock_irqrestore(&list_lock, flags);
	if (task->stack) {
		int err = mem_protect(phys_to_virt(task->stack), PAGE_SIZE, PT_READ | PT_WRITE);

		/* Nobody could write to the guard page: better lost than used again. */
		if (err)
			log_error("stack of task %s: %s: kept", task->name, error_text(err));
		else
			frame_free_pages(task->stack, task->stack_pages);
	}
	kfree(task);
}

/* The first code of every task that has its own stack; interrupts off. */
static void task_start(void *arg)
{
	struct task *task = arg;

	sched_start();
	irq_enable();
	task->entry(task->arg);
	task_exit();
}

static int task_create_stack(struct task *task, size_t size)
{
	size_t pages = ALIGN_UP(size ? size : STACK_SIZE_DEFAULT, PAGE_SIZE) / PAGE_SIZE + 1;
	paddr_t stack = frame_alloc_pages(pages, PAGE_SIZE, 0, OWNER_STACK);
	int err;

	if (!stack)
		return -AX_ENOMEM;
	err = mem_protect(phys_to_virt(stack), PAGE_SIZE, 0);
	if (err) {
		frame_free_pages(stack, pages);
		return err;
	}
	task->stack = stack;
	task->stack_pages = pages;
	context_init(&task->context, (char *)phys_to_virt(stack) + pages * PAGE_SIZE, task_start, task);
	return 0;
}

static int task_create(const struct task_params *params, struct task **out)
{
	struct task *task = task_alloc(params->name ? params->name : "?");
	int err;

	if (!task)
		return -AX_ENOMEM;
	task->entry = params->entry;
	task->arg = params->arg;
	task->task_in = params->task_in;
	task->task_out = params->task_out;
	task->affinity = params->affinity ? params->affinity : ~UINT64_C(0);
	if (params->weight)
		sched_entity_set_weight(&task->sched, params->weight);
	err = task_create_stack(task, params->stack_size);
	if (err) {
		task_free(task);
		return err;
	}
	*out = task;
	return 0;
}

int task_spawn(const struct task_params *params, struct task **out)
{
	struct task *task;
	int err;

	if (params->affinity && !(params->affinity & cpu_online_mask()))
		return -AX_EINVAL;
	task_reap();
	err = task_create(params, &task);
	if (err)
		return err;
	if (out) {
		task->refs = 2;
		*out = task;
	}
	sched_place_new(task);
	task_preempt_point();
	return 0;
}

void task_exit(void)
{
	struct task *task = task_current();

	irq_disable();
	/* With interrupts off from here on: who sees it waits only for the switch. */
	atomic_store(&task->exiting, true);
	wait_wake_all(&task->ended);
	sched_exit();
}

void task_join(struct task *task)
{
	wait_event(&task->ended, atomic_load(&task->exiting));
	while (atomic_load(&task->on_cpu) != OFF_CPU)
		cpu_relax();
	task_put(task);
	task_reap();
}

void task_put(struct task *task)
{
	uint64_t flags;

	if (atomic_fetch_sub(&task->refs, 1) != 1)
		return;
	flags = spin_lock_irqsave(&list_lock);
	SLIST_INSERT_HEAD(&dead_tasks, task, dead);
	atomic_store_explicit(&any_dead, true, memory_order_relaxed);
	spin_unlock_irqrestore(&list_lock, flags);
}

static struct task *take_dead(void)
{
	uint64_t flags = spin_lock_irqsave(&list_lock);
	struct task *task = SLIST_FIRST(&dead_tasks);

	if (task)
		SLIST_REMOVE_HEAD(&dead_tasks, dead);
	if (SLIST_EMPTY(&dead_tasks))
		atomic_store_explicit(&any_dead, false, memory_order_relaxed);
	spin_unlock_irqrestore(&list_lock, flags);
	return task;
}

void task_reap(void)
{
	struct task *task;

	while (atomic_load_explicit(&any_dead, memory_order_relaxed) && (task = take_dead())) {
		/* It may still be on its last switch. */
		while (atomic_load(&task->on_cpu) != OFF_CPU)
			cpu_relax();
		task_free(task);
	}
}

static void idle_entry(void *arg)
{
	sched_idle_loop();
}

/* For the log and for reports; also on CPUs that have no task yet. */
static const char *current_name(void)
{
	struct task *task = task_current();

	return task ? task->name : "boot";
}

int task_init(const char *policy, uint64_t slice_ns)
{
	const struct task_params idle_params = { .name = "idle/0", .entry = idle_entry };
	struct task *main = task_alloc("main");
	struct task *idle;
	int err;

	if (!main)
		return -AX_ENOMEM;
	err = task_create(&idle_params, &idle);
	if (err)
		goto free_main;
	err = sched_init(policy, slice_ns, main, idle);
	if (err)
		goto free_idle;
	hal_set_task_name_fn(current_name);
	return 0;

free_idle:
	task_free(idle);
free_main:
	task_free(main);
	return err;
}

int task_set_policy(const char *policy, uint64_t slice_ns)
{
	return sched_set_policy(policy, slice_ns);
}

void task_init_cpu(void)
{
	char name[TASK_NAME_MAX];
	struct task *idle;

	snprintf(name, sizeof(name), "idle/%u", cpu_id());
	idle = task_alloc(name);
	if (!idle)
		panic("no memory for the idle task of CPU %u", cpu_id());
	sched_init_cpu(idle);
	sched_idle_loop();
}

const char *task_name(const struct task *task)
{
	return task ? task->name : "boot";
}

const char *task_state_name(enum task_state state)
{
	static const char *const names[] = { "ready", "running", "blocked", "exited" };

	return (unsigned)state < ARRAY_SIZE(names) ? names[state] : "?";
}

const char *task_policy_name(void)
{
	return sched_policy->name;
}

void task_get_info(const struct task *task, struct task_info *info)
{
	uint64_t flags = irq_save();
	struct run_queue *rq = runq_lock_of(task);

	if (rq->current)
		runq_charge(rq, time_now_ns());
	*info = (struct task_info){
		.id = task->id,
		.state = task->state,
		.cpu = task->cpu,
		.affinity = task->affinity,
		.weight = task->sched.weight,
		.run_ns = task->run_ns,
		.wait_ns = task->wait_ns,
		.switches = task->switches,
	};
	spin_unlock(&rq->lock);
	irq_restore(flags);
	snprintf(info->name, sizeof(info->name), "%s", task->name);
}

/* Information on the task with the lowest id that is at least @id. */
static bool next_info(unsigned id, struct task_info *info)
{
	uint64_t flags = spin_lock_irqsave(&list_lock);
	struct task *task;

	TAILQ_FOREACH (task, &tasks, all) {
		if (task->id >= id) {
			task_get_info(task, info);
			break;
		}
	}
	spin_unlock_irqrestore(&list_lock, flags);
	return task;
}

void task_for_each(void (*fn)(const struct task_info *info, void *arg), void *arg)
{
	struct task_info info = { 0 };

	for (unsigned id = 0; next_info(id, &info); id = info.id + 1)
		fn(&info, arg);
}
