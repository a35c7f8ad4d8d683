/* unit: axtask/task.c axtask/sched.c axtask/runq.c axtask/sched_policy.c axtask/sched_fifo.c axtask/sched_rr.c axtask/sched_cfs.c axtask/timer.c axtask/wait.c axtask/mutex.c axstd/error.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timers on one simulated CPU, and how often it is interrupted.
 */
#include "sim_cpu.h"
#include <stdlib.h>
#include <string.h>
#include <axtask/timer.h>

#define COUNT 40

static struct timer timers[COUNT];
static uint64_t fired_at[COUNT];
static unsigned fired;

static int start(void **state)
{
	sim_start("cfs");
	memset(fired_at, 0, sizeof(fired_at));
	fired = 0;
	return 0;
}

static void record(void *arg)
{
	struct timer *timer = arg;

	assert_false(irq_enabled());
	fired_at[timer - timers] = host_time_ns;
	fired++;
}

static void init_all(void)
{
	for (unsigned i = 0; i < COUNT; i++)
		timer_init(&timers[i], record, &timers[i]);
}

static void a_timer_fires_once_at_its_time(void **state)
{
	uint64_t due = host_time_ns + NS_PER_MS;

	init_all();
	timer_set(&timers[0], due);
	assert_true(timers[0].armed);
	sim_work(NS_PER_MS - 1);
	assert_int_equal(fired, 0);
	sim_work(NS_PER_SEC);
	assert_int_equal(fired, 1);
	assert_int_equal(fired_at[0], due);
	assert_false(timers[0].armed);
	assert_int_equal(sim_deadline, TIME_NEVER);
}

static void many_timers_fire_in_order_and_on_time(void **state)
{
	uint64_t due[COUNT];
	bool cancelled[COUNT] = { false };

	srand(4);
	init_all();
	for (unsigned i = 0; i < COUNT; i++) {
		due[i] = host_time_ns + (uint64_t)(rand() % 100) * NS_PER_US; /* some are equal */
		timer_set(&timers[i], due[i]);
	}
	for (unsigned i = 0; i < COUNT; i += 3) {
		due[i] += 50 * NS_PER_US;
		timer_set(&timers[i], due[i]);
	}
	for (unsigned i = 0; i < COUNT; i += 5) {
		cancelled[i] = timer_cancel(&timers[i]);
		assert_false(timer_cancel(&timers[i]));
	}
	task_sleep_ns(NS_PER_MS);
	for (unsigned i = 0; i < COUNT; i++)
		assert_int_equal(fired_at[i], cancelled[i] ? 0 : due[i]);
}

static void a_time_in_the_past_fires_at_once(void **state)
{
	sim_work(NS_PER_MS);
	init_all();
	timer_set(&timers[0], 1);
	sim_work(1);
	assert_int_equal(fired, 1);
}

static unsigned periods;

static void again(void *arg)
{
	struct timer *timer = arg;

	if (++periods < 5)
		timer_set(timer, timer->deadline_ns + NS_PER_MS);
}

static void a_callback_may_set_its_timer_again(void **state)
{
	struct timer timer;
	uint64_t begin = host_time_ns;

	periods = 0;
	timer_init(&timer, again, &timer);
	timer_set(&timer, begin + NS_PER_MS);
	task_sleep_ns(20 * NS_PER_MS);
	assert_int_equal(periods, 5);
	assert_int_equal(sim_timer_interrupts, 6);
	assert_false(timer_cancel(&timer));
}

static struct timer storm;
static unsigned storms;

static void always_late(void *arg)
{
	if (++storms < 10000)
		timer_set(&storm, 0);
}

/* What a guest may do with its timers must not keep the CPU from the rest of its work. */
static void a_timer_always_in_the_past_leaves_room_for_others(void **state)
{
	init_all();
	storms = 0;
	timer_init(&storm, always_late, NULL);
	timer_set(&storm, 0);
	timer_set(&timers[0], host_time_ns + 1);
	sim_work(0);
	irq_disable();
	sim_handler();
	assert_in_range(storms, 1, 200);
	irq_enable();
	sim_work(10);
	timer_cancel(&storm);
	assert_int_equal(fired, 1);
}

static void cancelling_the_first_timer_resets_the_deadline(void **state)
{
	init_all();
	timer_set(&timers[0], host_time_ns + NS_PER_MS);
	timer_set(&timers[1], host_time_ns + NS_PER_SEC);
	assert_int_equal(sim_deadline, host_time_ns + NS_PER_MS);
	assert_true(timer_cancel(&timers[0]));
	assert_int_equal(sim_deadline, host_time_ns + NS_PER_SEC);
	assert_true(timer_cancel(&timers[1]));
	assert_int_equal(sim_deadline, TIME_NEVER);
}

static void the_deadline_is_written_only_when_it_changes(void **state)
{
	init_all();
	timer_set(&timers[0], host_time_ns + NS_PER_SEC);
	sim_deadlines_set = 0;
	timer_set(&timers[1], host_time_ns + 2 * NS_PER_SEC);
	timer_cancel(&timers[1]);
	for (unsigned i = 0; i < 10; i++)
		task_yield();
	assert_int_equal(sim_deadlines_set, 0);
	timer_cancel(&timers[0]);
}

/* RISC-V's timer keeps an earlier deadline that it was given before. */
static void an_interrupt_before_its_time_finds_nothing_and_comes_again(void **state)
{
	uint64_t due = host_time_ns + NS_PER_SEC;

	init_all();
	timer_set(&timers[0], due);
	for (unsigned i = 1; i < 4; i++) {
		host_time_ns += NS_PER_MS;
		sim_deadlines_set = 0;
		irq_disable();
		sim_handler();
		irq_enable();
		assert_int_equal(fired, 0);
		assert_int_equal(sim_deadlines_set, 1);
		assert_int_equal(sim_deadline, due);
	}
	sim_work(NS_PER_SEC);
	assert_int_equal(fired, 1);
	assert_int_equal(fired_at[0], due);
}

static bool stop_spinning;

static void spin(void *arg)
{
	while (!stop_spinning)
		sim_work(NS_PER_MS / 10);
}

static void slices_interrupt_only_while_others_wait(void **state)
{
	struct task *task;

	stop_spinning = false;
	task = sim_spawn("spin", spin, NULL);
	task_sleep_ns(NS_PER_SEC);
	assert_int_equal(sim_timer_interrupts, 1); /* the end of the sleep */
	sim_work(NS_PER_SEC);                      /* two tasks now */
	assert_in_range(sim_timer_interrupts, 200, 520);
	stop_spinning = true;
	task_join(task);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_timer_fires_once_at_its_time, start),
		cmocka_unit_test_setup(many_timers_fire_in_order_and_on_time, start),
		cmocka_unit_test_setup(a_time_in_the_past_fires_at_once, start),
		cmocka_unit_test_setup(a_callback_may_set_its_timer_again, start),
		cmocka_unit_test_setup(a_timer_always_in_the_past_leaves_room_for_others, start),
		cmocka_unit_test_setup(cancelling_the_first_timer_resets_the_deadline, start),
		cmocka_unit_test_setup(the_deadline_is_written_only_when_it_changes, start),
		cmocka_unit_test_setup(an_interrupt_before_its_time_finds_nothing_and_comes_again, start),
		cmocka_unit_test_setup(slices_interrupt_only_while_others_wait, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
