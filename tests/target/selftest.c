/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The foundation by itself on the machine: tasks on all CPUs with real interrupts, and what switching costs. A
 * program of its own on top of the foundation (`make selftest`); it prints "passed" and switches the machine
 * off.
 */
#include <stdatomic.h>
#include <string.h>
#include <axalloc/frame.h>
#include <axconfig/axconfig.h>
#include <axhal/boot.h>
#include <axhal/cpu.h>
#include <axhal/irq.h>
#include <axhal/platform.h>
#include <axhal/power.h>
#include <axhal/time.h>
#include <axstd/assert.h>
#include <axstd/log.h>
#include <axtask/mutex.h>
#include <axtask/task.h>
#include <axtask/timer.h>

#define STEP_NS (500 * NS_PER_MS)
#define MANY    8

#define check(condition)                                                                \
	do {                                                                            \
		if (!(condition))                                                       \
			panic("selftest.c:%d: check failed: %s", __LINE__, #condition); \
	} while (0)

static uint64_t end_time;

static bool time_left(void)
{
	return time_now_ns() < end_time;
}

static struct task *spawn(const char *name, void (*entry)(void *), void *arg, cpumask_t affinity)
{
	struct task_params params = { .name = name, .entry = entry, .arg = arg, .affinity = affinity };
	struct task *task;

	check(!task_spawn(&params, &task));
	return task;
}

static unsigned random_below(unsigned *seed, unsigned n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % n;
}

static void spin_us(unsigned us)
{
	uint64_t end = time_now_ns() + us * NS_PER_US;

	while (time_now_ns() < end)
		cpu_relax();
}

/* --- preemption: tasks that never give way share a CPU --- */

static uint64_t run_ns(struct task *task)
{
	struct task_info info;

	task_get_info(task, &info);
	return info.run_ns;
}

static void hog(void *arg)
{
	while (time_left())
		cpu_relax();
}

static void hogs_share_a_cpu(void)
{
	unsigned cpu = (unsigned)__builtin_ctzll(cpu_online_mask() & ~BIT(0) ? cpu_online_mask() & ~BIT(0) : 1);
	struct task *one, *two;
	uint64_t a, b;

	end_time = time_now_ns() + STEP_NS;
	one = spawn("hog 1", hog, NULL, BIT(cpu));
	two = spawn("hog 2", hog, NULL, BIT(cpu));
	task_sleep_ns(STEP_NS - 50 * NS_PER_MS);
	a = run_ns(one);
	b = run_ns(two);
	log_info("two hogs on CPU %u ran %llu and %llu us", cpu, (unsigned long long)(a / 1000),
		 (unsigned long long)(b / 1000));
	check(a > STEP_NS / 4 && b > STEP_NS / 4);
	task_join(one);
	task_join(two);
}

/* --- wandering, with hooks that see every switch --- */

struct wanderer {
	struct task *task;
	unsigned seed;
	_Atomic unsigned running;
	uint64_t turns;
};

static struct wanderer wanderers[MANY];

static void wander_in(void *arg)
{
	struct wanderer *w = arg;

	check(!irq_enabled());
	check(atomic_fetch_add(&w->running, 1) == 0);
}

static void wander_out(void *arg)
{
	struct wanderer *w = arg;

	check(!irq_enabled());
	check(atomic_fetch_sub(&w->running, 1) == 1);
}

static void wander(void *arg)
{
	struct wanderer *w = arg;

	while (time_left()) {
		cpumask_t mask = BIT(random_below(&w->seed, cpu_count())) | BIT(random_below(&w->seed, cpu_count()));
		uint64_t flags;

		check(w->running == 1);
		if (!task_set_affinity(w->task, mask)) {
			flags = irq_save();
			check(mask & BIT(cpu_id()));
			irq_restore(flags);
		}
		if (random_below(&w->seed, 2))
			task_sleep_ns(random_below(&w->seed, 200) * NS_PER_US);
		else
			spin_us(random_below(&w->seed, 200));
		w->turns++;
	}
}

static void tasks_wander(void)
{
	uint64_t turns = 0;
	unsigned seed = 7;

	end_time = time_now_ns() + STEP_NS;
	for (unsigned i = 0; i < MANY; i++) {
		struct task_params params = { .name = "wanderer",
					      .entry = wander,
					      .arg = &wanderers[i],
					      .task_in = wander_in,
					      .task_out = wander_out };

		wanderers[i] = (struct wanderer){ .seed = i };
		check(!task_spawn(&params, &wanderers[i].task));
	}
	while (time_left()) {
		struct wanderer *w = &wanderers[random_below(&seed, MANY)];

		task_kick(w->task);
		task_set_weight(w->task, 1 + random_below(&seed, 2000));
		spin_us(20);
	}
	for (unsigned i = 0; i < MANY; i++) {
		task_join(wanderers[i].task);
		check(!wanderers[i].running);
		turns += wanderers[i].turns;
	}
	log_info("%u tasks wandered %llu times", MANY, (unsigned long long)turns);
}

/* --- a counter under a mutex, and waiting for each other --- */

static struct mutex mutex;
static uint64_t counter;
static _Atomic uint64_t counted;

static void count(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	while (time_left()) {
		uint64_t before;

		mutex_lock(&mutex);
		before = counter;
		if (!random_below(&seed, 16))
			spin_us(20);
		counter = before + 1;
		mutex_unlock(&mutex);
		atomic_fetch_add(&counted, 1);
	}
}

static void a_mutex_excludes(void)
{
	struct task *tasks[MANY];

	mutex_init(&mutex);
	end_time = time_now_ns() + STEP_NS;
	for (uintptr_t i = 0; i < MANY; i++)
		tasks[i] = spawn("counter", count, (void *)i, 0);
	for (unsigned i = 0; i < MANY; i++)
		task_join(tasks[i]);
	log_info("a mutex was taken %llu times", (unsigned long long)counter);
	check(counter == counted && counter);
}

struct court {
	struct wait_queue queue;
	_Atomic unsigned side;
	uint64_t rounds;
};

struct player {
	struct court *court;
	unsigned side;
};

static void play(void *arg)
{
	struct player *p = arg;

	for (uint64_t i = 0; i < p->court->rounds; i++) {
		wait_event(&p->court->queue, p->court->side == p->side);
		p->court->side = !p->side;
		wait_wake_one(&p->court->queue);
	}
}

/* Time of one wake-up with the switch to the task that was woken. */
static uint64_t play_ns(cpumask_t first, cpumask_t second, uint64_t rounds)
{
	struct court court = { .rounds = rounds };
	struct player players[2] = { { &court, 0 }, { &court, 1 } };
	struct task *one, *two;
	uint64_t start = time_now_ns();

	wait_queue_init(&court.queue);
	one = spawn("ping", play, &players[0], first);
	two = spawn("pong", play, &players[1], second);
	task_join(one);
	task_join(two);
	return (time_now_ns() - start) / (2 * rounds);
}

static void yield_often(void *arg)
{
	for (unsigned i = 0; i < 1000; i++)
		task_yield();
}

static void show_costs(void)
{
	cpumask_t other = cpu_online_mask() & ~BIT(0);
	uint64_t start;
	struct task *one, *two;

	start = time_now_ns();
	one = spawn("yield 1", yield_often, NULL, BIT(0));
	two = spawn("yield 2", yield_often, NULL, BIT(0));
	task_join(one);
	task_join(two);
	log_info("yield and switch: %llu ns", (unsigned long long)((time_now_ns() - start) / 2000));
	log_info("wake, block, switch on one CPU: %llu ns", (unsigned long long)play_ns(BIT(0), BIT(0), 1000));
	if (other)
		log_info("wake a task on another CPU: %llu ns",
			 (unsigned long long)play_ns(BIT(0), other & -other, 1000));
}

/* --- memory --- */

static uint64_t free_pages(void)
{
	struct frame_stats stats;

	frame_get_stats(&stats);
	return stats.free_pages;
}

static void nothing(void *arg)
{
}

static void parent(void *arg)
{
	while (time_left()) {
		struct task *joined = spawn("joined", nothing, NULL, 0);

		task_put(spawn("dropped", nothing, NULL, 0));
		task_join(joined);
	}
}

static void family(void)
{
	struct task *tasks[MANY];

	for (unsigned i = 0; i < MANY; i++)
		tasks[i] = spawn("parent", parent, NULL, 0);
	for (unsigned i = 0; i < MANY; i++)
		task_join(tasks[i]);
	task_sleep_ns(10 * NS_PER_MS); /* the idle tasks free those that were dropped */
}

static void tasks_give_back_their_memory(void)
{
	uint64_t before;

	/* The first time page tables and slabs grow. */
	end_time = time_now_ns() + STEP_NS / 4;
	family();
	before = free_pages();
	end_time = time_now_ns() + STEP_NS;
	family();
	log_info("free pages before and after: %llu %llu", (unsigned long long)before,
		 (unsigned long long)free_pages());
	check(free_pages() + 64 >= before);
}

/* --- sleeping --- */

static void sleepers_wake_in_time(void)
{
	for (unsigned i = 0; i < 20; i++) {
		uint64_t due = time_now_ns() + 5 * NS_PER_MS;

		task_sleep_ns(5 * NS_PER_MS);
		check(time_now_ns() >= due);
	}
}

static void secondary_main(void)
{
	irq_init_cpu();
	time_init_cpu();
	task_init_cpu();
}

void kernel_main(void)
{
	axconfig_apply_args(platform()->bootargs);
	check(!frame_init());
	check(!irq_init());
	irq_init_cpu();
	time_init_cpu();
	check(!task_init(axconfig()->sched, axconfig()->time_slice * NS_PER_MS));
	irq_enable();
	log_info("%u CPUs, %s", cpu_start_secondaries(CPU_MAX, secondary_main), task_policy_name());
	show_costs();
	sleepers_wake_in_time();
	if (strcmp(task_policy_name(), "fifo"))
		hogs_share_a_cpu();
	tasks_wander();
	a_mutex_excludes();
	tasks_give_back_their_memory();
	log_info("passed");
	power_off();
}
