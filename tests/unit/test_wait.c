/* unit: axtask/task.c axtask/sched.c axtask/runq.c axtask/sched_policy.c axtask/sched_fifo.c axtask/sched_rr.c axtask/sched_cfs.c axtask/timer.c axtask/wait.c axtask/mutex.c axstd/error.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tasks on one simulated CPU: life, switching, preemption, wait queues, mutexes.
 */
#include "sim_cpu.h"
#include <stdlib.h>
#include <string.h>
#include <axstd/error.h>
#include <axtask/mutex.h>
#include <axtask/wait.h>

static char trace[256];

static void note(const char *what)
{
	assert_true(strlen(trace) + strlen(what) < sizeof(trace));
	strcat(trace, what);
}

static int start_fifo(void **state)
{
	trace[0] = 0;
	sim_start("fifo");
	return 0;
}

static int start_rr(void **state)
{
	trace[0] = 0;
	sim_start("rr");
	return 0;
}

static int start_cfs(void **state)
{
	trace[0] = 0;
	sim_start("cfs");
	return 0;
}

static void note_arg(void *arg)
{
	note(arg);
}

static void note_twice(void *arg)
{
	note(arg);
	task_yield();
	note(arg);
}

static uint64_t run_ns(const struct task *task)
{
	struct task_info info;

	task_get_info(task, &info);
	return info.run_ns;
}

/* --- life --- */

static void a_task_runs_and_is_joined(void **state)
{
	struct task *task = sim_spawn("a", note_arg, "a");

	assert_string_equal(trace, "");
	task_join(task);
	assert_string_equal(trace, "a");
}

static void tasks_give_back_all_memory(void **state)
{
	size_t frames = host_frames_live();
	size_t blocks = host_heap_live();

	for (unsigned i = 0; i < 50; i++) {
		struct task *joined = sim_spawn("joined", note_twice, "");
		struct task *dropped = sim_spawn("dropped", note_twice, "");
		struct task_params detached = { .entry = note_twice, .arg = "", .stack_size = 64 << 10 };

		assert_int_equal(task_spawn(&detached, NULL), 0);
		if (i % 2)
			task_yield();
		task_put(dropped);
		task_join(joined);
	}
	task_sleep_ns(1);
	assert_int_equal(host_frames_live(), frames);
	assert_int_equal(host_heap_live(), blocks);
}

static void a_task_may_be_joined_long_after_its_end(void **state)
{
	struct task *task = sim_spawn("a", note_arg, "a");

	task_sleep_ns(NS_PER_SEC);
	assert_string_equal(trace, "a");
	task_join(task);
}

static void without_memory_nothing_is_left_behind(void **state)
{
	struct task_params params = { .name = "x", .entry = note_arg, .arg = "x", .stack_size = 64 << 10 };
	size_t frames = host_frames_live();
	size_t blocks = host_heap_live();
	struct task *task;

	for (unsigned n = 0;; n++) {
		int err;

		host_fail_after(n);
		err = task_spawn(&params, &task);
		if (!host_fail_hit()) {
			host_fail_never();
			assert_int_equal(err, 0);
			break;
		}
		assert_int_equal(err, -AX_ENOMEM);
		assert_int_equal(host_frames_live(), frames);
		assert_int_equal(host_heap_live(), blocks);
	}
	task_join(task);
}

static void a_task_for_cpus_that_do_not_run_is_refused(void **state)
{
	struct task_params params = { .name = "x", .entry = note_arg, .affinity = BIT(5) };

	assert_int_equal(task_spawn(&params, NULL), -AX_EINVAL);
	assert_int_equal(task_set_affinity(task_current(), BIT(5)), -AX_EINVAL);
	assert_int_equal(task_set_affinity(task_current(), BIT(0) | BIT(5)), 0);
}

static void a_bad_policy_or_slice_is_refused(void **state)
{
	size_t blocks = host_heap_live();

	assert_int_equal(task_init("lottery", SIM_SLICE), -AX_EINVAL);
	assert_int_equal(task_init("rr", 0), -AX_EINVAL);
	assert_int_equal(host_heap_live(), blocks);
}

static void long_names_are_cut(void **state)
{
	struct task *task = sim_spawn("a-name-that-is-much-longer-than-a-name-may-be", note_arg, "");

	assert_string_equal(task_name(task), "a-name-that-is-much-lon");
	task_join(task);
	assert_string_equal(task_name(task_current()), "main");
	assert_string_equal(task_name(NULL), "boot");
}

/* --- switching --- */

static void yielding_takes_turns(void **state)
{
	struct task *a = sim_spawn("a", note_twice, "a");
	struct task *b = sim_spawn("b", note_twice, "b");

	task_join(a);
	task_join(b);
	assert_string_equal(trace, "abab");
}

static void yielding_alone_returns_at_once(void **state)
{
	task_yield();
	task_yield();
}

static void work_and_note(void *arg)
{
	for (unsigned i = 0; i < 3; i++) {
		sim_work(SIM_SLICE);
		note(arg);
	}
}

static void fifo_does_not_preempt(void **state)
{
	struct task *a = sim_spawn("a", work_and_note, "a");
	struct task *b = sim_spawn("b", work_and_note, "b");

	task_join(a);
	task_join(b);
	assert_string_equal(trace, "aaabbb");
	assert_int_equal(sim_timer_interrupts, 0);
}

static void round_robin_preempts_at_the_end_of_the_slice(void **state)
{
	struct task *a = sim_spawn("a", work_and_note, "a");
	struct task *b = sim_spawn("b", work_and_note, "b");

	task_join(a);
	task_join(b);
	assert_string_equal(trace, "ababab");
}

static void who_runs_alone_is_not_interrupted(void **state)
{
	sim_timer_interrupts = 0;
	sim_work(NS_PER_SEC);
	assert_int_equal(sim_deadline, TIME_NEVER);
	assert_int_equal(sim_timer_interrupts, 0);
}

static bool stop_spinning;

static void spin(void *arg)
{
	while (!stop_spinning)
		sim_work(NS_PER_MS / 10);
}

static void cfs_tasks_share_by_weight(void **state)
{
	static const unsigned weights[] = { 1024, 2048, 512 };
	struct task *tasks[3];

	stop_spinning = false;
	for (unsigned i = 0; i < 3; i++) {
		tasks[i] = sim_spawn("spin", spin, NULL);
		task_set_weight(tasks[i], weights[i]);
	}
	task_sleep_ns(10 * NS_PER_SEC);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t share = 10 * NS_PER_SEC * weights[i] / 3584;

		assert_in_range(run_ns(tasks[i]), share - share / 20, share + share / 20);
	}
	stop_spinning = true;
	for (unsigned i = 0; i < 3; i++)
		task_join(tasks[i]);
}

static void a_sleeper_wakes_in_time_beside_a_busy_task(void **state)
{
	struct task *busy;

	stop_spinning = false;
	busy = sim_spawn("busy", spin, NULL);
	for (unsigned i = 0; i < 20; i++) {
		uint64_t due = host_time_ns + 50 * NS_PER_MS;

		task_sleep_ns(50 * NS_PER_MS);
		assert_in_range(host_time_ns, due, due + SIM_SLICE);
	}
	stop_spinning = true;
	task_join(busy);
}

static void statistics_add_up(void **state)
{
	uint64_t start = host_time_ns;
	struct task *a = sim_spawn("a", work_and_note, "");
	struct task *b = sim_spawn("b", work_and_note, "");
	struct task_info info;

	task_sleep_ns(NS_PER_SEC);
	task_get_info(a, &info);
	assert_int_equal(info.run_ns, 3 * SIM_SLICE);
	/* It is preempted at the end of its last slice, too, and then only exits. */
	assert_int_equal(info.wait_ns, 3 * SIM_SLICE);
	assert_int_equal(info.switches, 4);
	assert_int_equal(info.state, TASK_EXITED);
	task_get_info(b, &info);
	assert_int_equal(info.wait_ns, 3 * SIM_SLICE);
	task_get_info(task_current(), &info);
	assert_int_equal(info.run_ns, 0);
	assert_int_equal(info.state, TASK_RUNNING);
	assert_int_equal(host_time_ns - start, NS_PER_SEC);
	task_join(a);
	task_join(b);
}

static unsigned hook_in, hook_out;
static bool hook_state;

static void count_in(void *arg)
{
	assert_true(!irq_enabled());
	assert_false(hook_state);
	hook_state = true;
	hook_in++;
}

static void count_out(void *arg)
{
	assert_true(!irq_enabled());
	assert_true(hook_state);
	hook_state = false;
	hook_out++;
}

static void hooked(void *arg)
{
	assert_true(hook_state);
	task_yield(); /* main is ready: switches */
	assert_true(hook_state);
	task_sleep_ns(NS_PER_MS);
	assert_true(hook_state);
	task_yield(); /* nobody is ready: no switch */
}

static void hooks_run_exactly_at_switches(void **state)
{
	struct task_params params = {
		.entry = hooked, .task_in = count_in, .task_out = count_out, .stack_size = 64 << 10
	};
	struct task *task;

	hook_in = hook_out = 0;
	assert_int_equal(task_spawn(&params, &task), 0);
	task_yield();
	assert_int_equal(hook_out, 1);
	task_join(task);
	assert_int_equal(hook_in, 3);
	assert_int_equal(hook_out, 3);
	assert_false(hook_state);
}

static unsigned listed;

static void count_task(const struct task_info *info, void *arg)
{
	unsigned *last = arg;

	assert_true(!listed || info->id > *last);
	assert_true(irq_enabled());
	*last = info->id;
	listed++;
}

static void the_list_has_every_task_once(void **state)
{
	struct task *tasks[5];
	unsigned before, last;

	listed = 0;
	task_for_each(count_task, &last);
	before = listed;
	assert_true(before >= 2);
	for (unsigned i = 0; i < 5; i++)
		tasks[i] = sim_spawn("t", note_arg, "");
	listed = 0;
	task_for_each(count_task, &last);
	assert_int_equal(listed, before + 5);
	for (unsigned i = 0; i < 5; i++)
		task_join(tasks[i]);
	listed = 0;
	task_for_each(count_task, &last);
	assert_int_equal(listed, before);
}

/* --- wait queues --- */

static struct wait_queue queue;
static unsigned tokens;

static bool take_token(void)
{
	if (!tokens)
		return false;
	tokens--;
	return true;
}

static void take_and_note(void *arg)
{
	wait_event(&queue, take_token());
	note(arg);
}

static void waiters_are_woken_in_order(void **state)
{
	static char *const names[] = { "a", "b", "c" };
	struct task *tasks[3];

	wait_queue_init(&queue);
	tokens = 0;
	for (unsigned i = 0; i < 3; i++)
		tasks[i] = sim_spawn(names[i], take_and_note, names[i]);
	task_yield();
	assert_string_equal(trace, "");
	tokens = 1;
	wait_wake_one(&queue);
	task_yield();
	assert_string_equal(trace, "a");
	tokens = 2;
	wait_wake_all(&queue);
	for (unsigned i = 0; i < 3; i++)
		task_join(tasks[i]);
	assert_string_equal(trace, "abc");
}

static void a_condition_that_holds_is_not_waited_for(void **state)
{
	wait_queue_init(&queue);
	tokens = 1;
	assert_int_equal(wait_event_until(&queue, take_token(), TIME_NEVER), 0);
	/* Even after the time is over. */
	tokens = 1;
	assert_int_equal(wait_event_until(&queue, take_token(), 0), 0);
	assert_true(TAILQ_EMPTY(&queue.waiters));
}

static void waiting_ends_at_the_deadline(void **state)
{
	uint64_t deadline = host_time_ns + 3 * NS_PER_MS;

	wait_queue_init(&queue);
	tokens = 0;
	assert_int_equal(wait_event_until(&queue, take_token(), deadline), -AX_ETIMEDOUT);
	assert_int_equal(host_time_ns, deadline);
	assert_int_equal(wait_event_until(&queue, take_token(), deadline), -AX_ETIMEDOUT);
	assert_int_equal(host_time_ns, deadline);
	assert_true(TAILQ_EMPTY(&queue.waiters));
}

static void give_token_after(void *arg)
{
	task_sleep_ns(*(uint64_t *)arg);
	tokens++;
	wait_wake_one(&queue);
}

static void a_wake_up_before_the_deadline_counts(void **state)
{
	uint64_t delay = NS_PER_MS;
	uint64_t start = host_time_ns;
	struct task *task = sim_spawn("giver", give_token_after, &delay);

	wait_queue_init(&queue);
	tokens = 0;
	assert_int_equal(wait_event_until(&queue, take_token(), start + 3 * NS_PER_MS), 0);
	assert_int_equal(host_time_ns, start + NS_PER_MS);
	assert_int_equal(sim_deadline, TIME_NEVER);
	task_join(task);
}

static void a_wake_up_with_a_false_condition_does_not_end_the_wait(void **state)
{
	struct task *task;

	wait_queue_init(&queue);
	tokens = 0;
	task = sim_spawn("a", take_and_note, "a");
	for (unsigned i = 0; i < 5; i++) {
		task_yield();
		wait_wake_all(&queue);
	}
	task_yield();
	assert_string_equal(trace, "");
	tokens = 1;
	wait_wake_all(&queue);
	task_join(task);
	assert_string_equal(trace, "a");
}

static void a_wake_up_between_queueing_and_blocking_is_kept(void **state)
{
	struct wait_entry entry = { 0 };

	wait_queue_init(&queue);
	wait_prepare(&queue, &entry);
	wait_wake_one(&queue);
	assert_int_equal(wait_block(&entry, TIME_NEVER), 0); /* nobody else could end it */
	wait_finish(&queue, &entry);
}

static enum irq_result wake_from_interrupt(unsigned irq, void *arg)
{
	tokens++;
	wait_wake_one(&queue);
	return IRQ_DONE;
}

static void an_interrupt_wakes_and_preempts(void **state)
{
	struct task *task;

	wait_queue_init(&queue);
	tokens = 0;
	irq_register(7, IRQ_EDGE_RISING, wake_from_interrupt, NULL, "test");
	irq_unmask(7);
	task = sim_spawn("a", take_and_note, "a");
	task_yield();
	sim_work(10 * SIM_SLICE); /* the sleeper is far behind now */
	host_irq_raise(7);
	assert_string_equal(trace, "a");
	task_join(task);
}

/* --- mutexes --- */

static struct mutex mutex;

static void lock_work_unlock(void *arg)
{
	for (unsigned i = 0; i < 3; i++) {
		mutex_lock(&mutex);
		note(arg);
		sim_work(2 * SIM_SLICE);
		note(arg);
		mutex_unlock(&mutex);
		sim_work(SIM_SLICE / 3);
	}
}

static void a_mutex_keeps_the_others_out(void **state)
{
	struct task *a, *b, *c;

	mutex_init(&mutex);
	a = sim_spawn("a", lock_work_unlock, "a");
	b = sim_spawn("b", lock_work_unlock, "b");
	c = sim_spawn("c", lock_work_unlock, "c");
	task_join(a);
	task_join(b);
	task_join(c);
	assert_int_equal(strlen(trace), 18);
	for (unsigned i = 0; i < 18; i += 2)
		assert_int_equal(trace[i], trace[i + 1]);
	assert_true(mutex_try_lock(&mutex));
	assert_false(mutex_try_lock(&mutex));
	mutex_unlock(&mutex);
}

static void only_the_owner_unlocks(void **state)
{
	mutex_init(&mutex);
	assert_panics(mutex_unlock(&mutex));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_task_runs_and_is_joined, start_fifo),
		cmocka_unit_test_setup(tasks_give_back_all_memory, start_rr),
		cmocka_unit_test_setup(a_task_may_be_joined_long_after_its_end, start_cfs),
		cmocka_unit_test_setup(without_memory_nothing_is_left_behind, start_fifo),
		cmocka_unit_test_setup(a_task_for_cpus_that_do_not_run_is_refused, start_fifo),
		cmocka_unit_test_setup(a_bad_policy_or_slice_is_refused, start_fifo),
		cmocka_unit_test_setup(long_names_are_cut, start_fifo),
		cmocka_unit_test_setup(yielding_takes_turns, start_fifo),
		cmocka_unit_test_setup(yielding_takes_turns, start_rr),
		cmocka_unit_test_setup(yielding_takes_turns, start_cfs),
		cmocka_unit_test_setup(yielding_alone_returns_at_once, start_cfs),
		cmocka_unit_test_setup(fifo_does_not_preempt, start_fifo),
		cmocka_unit_test_setup(round_robin_preempts_at_the_end_of_the_slice, start_rr),
		cmocka_unit_test_setup(who_runs_alone_is_not_interrupted, start_cfs),
		cmocka_unit_test_setup(cfs_tasks_share_by_weight, start_cfs),
		cmocka_unit_test_setup(a_sleeper_wakes_in_time_beside_a_busy_task, start_cfs),
		cmocka_unit_test_setup(a_sleeper_wakes_in_time_beside_a_busy_task, start_rr),
		cmocka_unit_test_setup(statistics_add_up, start_rr),
		cmocka_unit_test_setup(hooks_run_exactly_at_switches, start_cfs),
		cmocka_unit_test_setup(the_list_has_every_task_once, start_fifo),
		cmocka_unit_test_setup(waiters_are_woken_in_order, start_fifo),
		cmocka_unit_test_setup(a_condition_that_holds_is_not_waited_for, start_fifo),
		cmocka_unit_test_setup(waiting_ends_at_the_deadline, start_fifo),
		cmocka_unit_test_setup(a_wake_up_before_the_deadline_counts, start_cfs),
		cmocka_unit_test_setup(a_wake_up_with_a_false_condition_does_not_end_the_wait, start_fifo),
		cmocka_unit_test_setup(a_wake_up_between_queueing_and_blocking_is_kept, start_fifo),
		cmocka_unit_test_setup(an_interrupt_wakes_and_preempts, start_cfs),
		cmocka_unit_test_setup(a_mutex_keeps_the_others_out, start_rr),
		cmocka_unit_test_setup(a_mutex_keeps_the_others_out, start_cfs),
		cmocka_unit_test_setup(only_the_owner_unlocks, start_fifo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
