/* unit: axtask/task.c axtask/sched.c axtask/runq.c axtask/sched_policy.c axtask/sched_fifo.c axtask/sched_rr.c axtask/sched_cfs.c axtask/timer.c axtask/wait.c axtask/mutex.c axstd/error.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tasks on several CPUs at once: each CPU is a thread, tasks wander between them, time is real. Interrupts are
 * taken where they are unmasked. What goes wrong between CPUs shows up as a failed check, a hang, or a report
 * of the sanitizer. AX_TEST_POLICY in the environment chooses another policy than cfs.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <axhal/irq.h>
#include <axhal/time.h>
#include <axstd/error.h>
#include <axtask/mutex.h>
#include <axtask/task.h>
#include <axtask/timer.h>
#include <axtask/wait.h>
#include "host/host.h"

#define CPUS       4
#define STACK_SIZE (64 << 10)
#define RUN_NS     (400 * NS_PER_MS)

/* cmocka's assertions jump, which a task on another stack must not. */
#define check(condition)                                                                              \
	do {                                                                                          \
		if (!(condition)) {                                                                   \
			fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                      \
		}                                                                                     \
	} while (0)

/* --- the machine --- */

static _Atomic unsigned pending_ipis[CPUS];
static _Atomic uint64_t deadlines[CPUS] = { [0 ... CPUS - 1] = TIME_NEVER };
static void (*ipi_handlers[IPI_KINDS])(void);
static void (*deadline_handler)(void);
static void (*exit_hook)(void);

uint64_t time_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

void time_set_deadline(uint64_t ns)
{
	deadlines[cpu_id()] = ns;
}

void time_set_handler(void (*handler)(void))
{
	deadline_handler = handler;
}

void irq_set_exit_hook(void (*hook)(void))
{
	exit_hook = hook;
}

void ipi_register(enum ipi_kind kind, void (*fn)(void))
{
	ipi_handlers[kind] = fn;
}

void ipi_send(unsigned cpu, enum ipi_kind kind)
{
	check(cpu < CPUS);
	atomic_fetch_or(&pending_ipis[cpu], 1u << kind);
}

static bool interrupt_pending(void)
{
	unsigned cpu = cpu_id();

	return pending_ipis[cpu] || (deadlines[cpu] != TIME_NEVER && deadlines[cpu] <= time_now_ns());
}

/* Not inlined: after the hook this may be another thread. */
static __attribute__((noinline)) void take_interrupts(void)
{
	unsigned cpu = cpu_id();
	unsigned ipis = atomic_exchange(&pending_ipis[cpu], 0);

	for (unsigned kind = 0; kind < IPI_KINDS; kind++) {
		if (ipis & 1u << kind)
			ipi_handlers[kind]();
	}
	if (deadlines[cpu] <= time_now_ns()) {
		deadlines[cpu] = TIME_NEVER;
		deadline_handler();
	}
	exit_hook();
}

void host_irqs_on(void)
{
	host_irqs_off = true;
	while (interrupt_pending())
		take_interrupts();
	host_irqs_off = false;
}

void host_wait_for_interrupt(void)
{
	while (!interrupt_pending())
		usleep(20);
}

/* A place where an interrupt may come. */
static void interruptible(void)
{
	irq_disable();
	irq_enable();
}

static void *cpu_main(void *arg)
{
	host_set_cpu((unsigned)(uintptr_t)arg);
	host_irqs_off = true;
	task_init_cpu();
}

static int start_machine(void **state)
{
	const char *policy = getenv("AX_TEST_POLICY");
	pthread_t thread;

	host_irqs_off = false;
	host_set_cpu_count(CPUS);
	if (task_init(policy ? policy : "cfs", NS_PER_MS))
		return -1;
	for (uintptr_t cpu = 1; cpu < CPUS; cpu++) {
		if (pthread_create(&thread, NULL, cpu_main, (void *)cpu))
			return -1;
	}
	return 0;
}

/* --- helpers of the tests --- */

static uint64_t end_time;

static bool time_left(void)
{
	interruptible();
	return time_now_ns() < end_time;
}

static unsigned random_below(unsigned *seed, unsigned n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % n;
}

static struct task *spawn(const char *name, void (*entry)(void *), void *arg, cpumask_t affinity)
{
	struct task_params params = {
		.name = name, .entry = entry, .arg = arg, .affinity = affinity, .stack_size = STACK_SIZE
	};
	struct task *task;

	check(!task_spawn(&params, &task));
	return task;
}

static void busy(unsigned *seed)
{
	unsigned turns = random_below(seed, 200);

	for (unsigned i = 0; i < turns; i++)
		interruptible();
}

/* --- a queue of items between producers and consumers --- */

#define WORKERS 6

static struct mutex mutex;
static struct wait_queue not_empty, not_full;
static _Atomic unsigned items;
static _Atomic uint64_t produced, consumed;
static _Atomic bool producers_done;
static _Atomic unsigned inside;

static bool try_put(void)
{
	bool put;

	mutex_lock(&mutex);
	check(atomic_fetch_add(&inside, 1) == 0);
	put = items < 4;
	if (put)
		items++;
	interruptible();
	check(atomic_fetch_sub(&inside, 1) == 1);
	mutex_unlock(&mutex);
	return put;
}

static bool try_get(void)
{
	bool got;

	mutex_lock(&mutex);
	check(atomic_fetch_add(&inside, 1) == 0);
	got = items > 0;
	if (got)
		items--;
	check(atomic_fetch_sub(&inside, 1) == 1);
	mutex_unlock(&mutex);
	return got;
}

static bool put_one(void)
{
	for (;;) {
		struct wait_entry entry = { 0 };

		if (try_put())
			return true;
		wait_prepare(&not_full, &entry);
		if (items >= 4)
			wait_block(&entry, TIME_NEVER);
		wait_finish(&not_full, &entry);
	}
}

static void producer(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	while (time_left()) {
		put_one();
		atomic_fetch_add(&produced, 1);
		wait_wake_one(&not_empty);
		if (!random_below(&seed, 8))
			busy(&seed);
	}
}

static void consumer(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	for (;;) {
		wait_event(&not_empty, items || producers_done);
		if (try_get()) {
			atomic_fetch_add(&consumed, 1);
			wait_wake_one(&not_full);
		} else if (producers_done) {
			return;
		}
		if (!random_below(&seed, 8))
			busy(&seed);
	}
}

static void no_wake_up_is_lost(void **state)
{
	struct task *producers[WORKERS], *consumers[WORKERS];

	mutex_init(&mutex);
	wait_queue_init(&not_empty);
	wait_queue_init(&not_full);
	end_time = time_now_ns() + RUN_NS;
	for (uintptr_t i = 0; i < WORKERS; i++) {
		producers[i] = spawn("producer", producer, (void *)(i + 1), 0);
		consumers[i] = spawn("consumer", consumer, (void *)(i + 100), i % 2 ? BIT(i % CPUS) : 0);
	}
	for (unsigned i = 0; i < WORKERS; i++)
		task_join(producers[i]);
	producers_done = true;
	wait_wake_all(&not_empty);
	for (unsigned i = 0; i < WORKERS; i++)
		task_join(consumers[i]);
	assert_int_equal(produced, consumed);
	assert_true(consumed > 100);
}

/* --- wandering tasks --- */

#define WANDERERS 8

struct wanderer {
	struct task *task;
	unsigned seed;
	_Atomic unsigned running; /* by the hooks: on how many CPUs */
	_Atomic cpumask_t seen;
};

static struct wanderer wanderers[WANDERERS];

static void wander_in(void *arg)
{
	struct wanderer *w = arg;

	check(host_irqs_off);
	check(atomic_fetch_add(&w->running, 1) == 0);
	atomic_fetch_or(&w->seen, BIT(cpu_id()));
}

static void wander_out(void *arg)
{
	struct wanderer *w = arg;

	check(host_irqs_off);
	check(atomic_fetch_sub(&w->running, 1) == 1);
}

static void wander(void *arg)
{
	struct wanderer *w = arg;

	while (time_left()) {
		cpumask_t mask = 1 + random_below(&w->seed, (1 << CPUS) - 1);
		bool right;

		check(w->running == 1);
		check(task_current() == w->task);
		check(!task_set_affinity(w->task, mask));
		irq_disable();
		right = mask & BIT(cpu_id());
		irq_enable();
		check(right);
		switch (random_below(&w->seed, 4)) {
		case 0: task_sleep_ns(random_below(&w->seed, 100) * NS_PER_US); break;
		case 1: task_yield(); break;
		default: busy(&w->seed);
		}
	}
}

static void tasks_run_only_where_they_may_and_once(void **state)
{
	end_time = time_now_ns() + RUN_NS;
	for (unsigned i = 0; i < WANDERERS; i++) {
		struct task_params params = { .name = "wanderer",
					      .entry = wander,
					      .arg = &wanderers[i],
					      .stack_size = STACK_SIZE,
					      .task_in = wander_in,
					      .task_out = wander_out };
		uint64_t flags = irq_save();

		wanderers[i].seed = i;
		check(!task_spawn(&params, &wanderers[i].task));
		irq_restore(flags);
	}
	for (unsigned i = 0; i < WANDERERS; i++) {
		task_join(wanderers[i].task);
		assert_int_equal(wanderers[i].running, 0);
		assert_int_equal(wanderers[i].seen, (1 << CPUS) - 1);
	}
}

/* Others drive a task about while it sleeps, wakes and runs. */
static void restless(void *arg)
{
	struct wanderer *w = arg;

	while (time_left()) {
		if (random_below(&w->seed, 2))
			task_sleep_ns(random_below(&w->seed, 50) * NS_PER_US);
		else
			busy(&w->seed);
		check(w->running == 1);
	}
}

static void tasks_may_be_moved_at_any_time(void **state)
{
	unsigned seed = 5;

	end_time = time_now_ns() + RUN_NS;
	for (unsigned i = 0; i < WANDERERS; i++) {
		struct task_params params = { .name = "restless",
					      .entry = restless,
					      .arg = &wanderers[i],
					      .stack_size = STACK_SIZE,
					      .task_in = wander_in,
					      .task_out = wander_out };

		check(!task_spawn(&params, &wanderers[i].task));
	}
	while (time_left()) {
		struct wanderer *w = &wanderers[random_below(&seed, WANDERERS)];

		check(!task_set_affinity(w->task, 1 + random_below(&seed, (1 << CPUS) - 1)));
		task_kick(w->task);
		task_set_weight(w->task, 1 + random_below(&seed, 2000));
		if (!random_below(&seed, 4))
			task_yield();
	}
	for (unsigned i = 0; i < WANDERERS; i++)
		task_join(wanderers[i].task);
}

/* --- births and deaths --- */

static _Atomic uint64_t lives;

static void short_life(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	busy(&seed);
	atomic_fetch_add(&lives, 1);
}

static void parent(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	while (time_left()) {
		struct task *joined = spawn("joined", short_life, (void *)(uintptr_t)seed, 0);
		struct task *dropped = spawn("dropped", short_life, (void *)(uintptr_t)seed, 0);

		busy(&seed);
		task_put(dropped);
		task_join(joined);
	}
}

static void look(const struct task_info *info, void *arg)
{
	check(info->cpu < CPUS);
	check(info->state <= TASK_EXITED);
}

static void nothing_is_left_of_tasks_that_ended(void **state)
{
	struct task *parents[WORKERS];
	size_t frames = host_frames_live();
	size_t blocks = host_heap_live();

	end_time = time_now_ns() + RUN_NS;
	for (uintptr_t i = 0; i < WORKERS; i++)
		parents[i] = spawn("parent", parent, (void *)i, 0);
	while (time_left())
		task_for_each(look, NULL);
	for (unsigned i = 0; i < WORKERS; i++)
		task_join(parents[i]);
	/* The last ones that were dropped may still be on their way. */
	for (unsigned i = 0; i < 1000 && (host_frames_live() != frames || host_heap_live() != blocks); i++)
		task_sleep_ns(NS_PER_MS);
	assert_int_equal(host_frames_live(), frames);
	assert_int_equal(host_heap_live(), blocks);
	assert_true(lives > 20);
}

/* --- timers set and cancelled from everywhere --- */

struct alarm {
	struct timer timer;
	_Atomic unsigned rings;
	_Atomic bool cancelled;
};

static void ring(void *arg)
{
	struct alarm *alarm = arg;

	check(!alarm->cancelled);
	if (atomic_fetch_add(&alarm->rings, 1) < 3)
		timer_set(&alarm->timer, time_now_ns() + 10 * NS_PER_US);
	check(!alarm->cancelled);
}

static void set_and_cancel(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	while (time_left()) {
		struct alarm *alarm = calloc(1, sizeof(*alarm));

		timer_init(&alarm->timer, ring, alarm);
		timer_set(&alarm->timer, time_now_ns() + random_below(&seed, 30) * NS_PER_US);
		if (random_below(&seed, 2))
			task_set_affinity(task_current(), BIT(random_below(&seed, CPUS)));
		else
			busy(&seed);
		if (random_below(&seed, 2))
			timer_set(&alarm->timer, time_now_ns() + random_below(&seed, 30) * NS_PER_US);
		busy(&seed);
		timer_cancel(&alarm->timer);
		alarm->cancelled = true;
		check(!timer_cancel(&alarm->timer));
		free(alarm);
	}
}

static void a_cancelled_timer_is_over(void **state)
{
	struct task *tasks[WORKERS];

	end_time = time_now_ns() + RUN_NS;
	for (uintptr_t i = 0; i < WORKERS; i++)
		tasks[i] = spawn("timers", set_and_cancel, (void *)i, 0);
	for (unsigned i = 0; i < WORKERS; i++)
		task_join(tasks[i]);
}

/* --- work finds idle CPUs --- */

static _Atomic cpumask_t worked_on;

static void compute(void *arg)
{
	while (time_left()) {
		irq_disable();
		atomic_fetch_or(&worked_on, BIT(cpu_id()));
		irq_enable();
	}
}

static void an_idle_cpu_fetches_work(void **state)
{
	struct task *tasks[3 * CPUS];

	worked_on = 0;
	end_time = time_now_ns() + RUN_NS;
	for (unsigned i = 0; i < 3 * CPUS; i++)
		tasks[i] = spawn("compute", compute, NULL, BIT(1));
	for (unsigned i = 0; i < 3 * CPUS; i++)
		task_set_affinity(tasks[i], BIT(CPUS) - 1);
	for (unsigned i = 0; i < 3 * CPUS; i++)
		task_join(tasks[i]);
	assert_int_equal(worked_on, BIT(CPUS) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_wake_up_is_lost),
		cmocka_unit_test(tasks_run_only_where_they_may_and_once),
		cmocka_unit_test(tasks_may_be_moved_at_any_time),
		cmocka_unit_test(nothing_is_left_of_tasks_that_ended),
		cmocka_unit_test(a_cancelled_timer_is_over),
		cmocka_unit_test(an_idle_cpu_fetches_work),
	};
	int failed = cmocka_run_group_tests(tests, start_machine, NULL);

	/* The other CPUs run on: no orderly exit. */
	fflush(stdout);
	_exit(failed);
}
