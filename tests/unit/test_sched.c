/* unit: axtask/sched_policy.c axtask/sched_fifo.c axtask/sched_rr.c axtask/sched_cfs.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scheduling policies by themselves: one CPU, a simulated clock, no tasks.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <axhal/time.h>
#include <axtask/task.h>
#include "sched_policy.h"

#define SLICE (4 * NS_PER_MS)
#define COUNT 16

static const struct sched_policy *policy;
static struct sched_queue queue;
static struct sched_entity entities[COUNT];
static uint64_t ran[COUNT];
static struct sched_entity *running;

static void start(const struct sched_policy *p)
{
	policy = p;
	memset(&queue, 0, sizeof(queue));
	memset(entities, 0, sizeof(entities));
	memset(ran, 0, sizeof(ran));
	queue.slice_ns = SLICE;
	running = NULL;
	policy->init(&queue);
	for (unsigned i = 0; i < COUNT; i++)
		sched_entity_set_weight(&entities[i], TASK_WEIGHT_DEFAULT);
}

static void enqueue(unsigned i, enum sched_enqueue why)
{
	policy->enqueue(&queue, &entities[i], why);
}

/* Which entity runs next; it is out of the queue then. */
static int pick(void)
{
	running = policy->first(&queue);
	if (!running)
		return -1;
	policy->dequeue(&queue, running);
	return (int)(running - entities);
}

static void run(uint64_t ns)
{
	ran[running - entities] += ns;
	policy->charge(&queue, running, ns);
}

static void stop(enum sched_enqueue why)
{
	policy->enqueue(&queue, running, why);
	running = NULL;
}

static void assert_within_percent(uint64_t value, uint64_t expected, unsigned percent)
{
	assert_in_range(value, expected - expected * percent / 100, expected + expected * percent / 100);
}

static void policies_are_found_by_name(void **state)
{
	assert_ptr_equal(sched_policy_find("fifo"), &sched_fifo);
	assert_ptr_equal(sched_policy_find("rr"), &sched_rr);
	assert_ptr_equal(sched_policy_find("cfs"), &sched_cfs);
	assert_null(sched_policy_find(""));
	assert_null(sched_policy_find("lottery"));
}

static void fifo_runs_in_the_order_of_arrival(void **state)
{
	start(&sched_fifo);
	assert_false(policy->sliced);
	assert_int_equal(pick(), -1);
	for (unsigned i = 0; i < 5; i++)
		enqueue(i, i % 2 ? SCHED_WAKE : SCHED_NEW);
	assert_int_equal(pick(), 0);
	run(1000 * SLICE);
	assert_false(policy->preempts(&queue, running, &entities[1]));
	/* Driven away it comes back to the front, of its own will it goes to the end. */
	stop(SCHED_PREEMPTED);
	assert_int_equal(pick(), 0);
	stop(SCHED_YIELD);
	for (int i = 1; i < 5; i++)
		assert_int_equal(pick(), i);
	assert_int_equal(pick(), 0);
	assert_int_equal(pick(), -1);
}

static void round_robin_takes_turns(void **state)
{
	start(&sched_rr);
	assert_true(policy->sliced);
	for (unsigned i = 0; i < 3; i++)
		enqueue(i, SCHED_NEW);
	for (int turn = 0; turn < 30; turn++) {
		assert_int_equal(pick(), turn % 3);
		run(SLICE);
		stop(SCHED_PREEMPTED);
	}
	assert_int_equal(ran[0], ran[1]);
	assert_int_equal(ran[1], ran[2]);
}

static void a_queue_is_walked_in_the_order_of_running(void **state)
{
	static const struct sched_policy *const all[] = { &sched_fifo, &sched_rr, &sched_cfs };

	for (unsigned p = 0; p < 3; p++) {
		struct sched_entity *e;
		int i = 0;

		start(all[p]);
		for (unsigned n = 0; n < 5; n++)
			enqueue(n, SCHED_NEW);
		for (e = policy->first(&queue); e; e = policy->next(&queue, e))
			assert_int_equal(e - entities, i++);
		assert_int_equal(i, 5);
		policy->dequeue(&queue, &entities[2]);
		assert_ptr_equal(policy->next(&queue, &entities[1]), &entities[3]);
	}
}

static void cfs_shares_by_weight(void **state)
{
	static const unsigned weights[] = { 1024, 2048, 512, 1024, 4096, 100 };
	uint64_t sum = 0;
	uint64_t total = 0;

	start(&sched_cfs);
	for (unsigned i = 0; i < 6; i++) {
		sched_entity_set_weight(&entities[i], weights[i]);
		enqueue(i, SCHED_NEW);
		sum += weights[i];
	}
	for (unsigned turn = 0; turn < 20000; turn++) {
		pick();
		run(SLICE);
		total += SLICE;
		stop(SCHED_PREEMPTED);
	}
	for (unsigned i = 0; i < 6; i++)
		assert_within_percent(ran[i], total * weights[i] / sum, 5);
}

/* Slices are cut short at random, as by interrupts that wake others. */
static void cfs_is_fair_whatever_the_length_of_the_turns(void **state)
{
	uint64_t total = 0;

	srand(2);
	start(&sched_cfs);
	for (unsigned i = 0; i < 5; i++) {
		sched_entity_set_weight(&entities[i], i == 4 ? 3072 : 1024);
		enqueue(i, SCHED_NEW);
	}
	for (unsigned turn = 0; turn < 50000; turn++) {
		uint64_t ns = (uint64_t)rand() % SLICE;

		pick();
		run(ns);
		total += ns;
		stop(SCHED_PREEMPTED);
	}
	for (unsigned i = 0; i < 5; i++)
		assert_within_percent(ran[i], total * (i == 4 ? 3 : 1) / 7, 5);
}

static void a_newcomer_does_not_collect_the_past(void **state)
{
	start(&sched_cfs);
	enqueue(0, SCHED_NEW);
	pick();
	run(3600 * NS_PER_SEC);
	stop(SCHED_PREEMPTED);
	enqueue(1, SCHED_NEW);
	memset(ran, 0, sizeof(ran));
	for (unsigned turn = 0; turn < 1000; turn++) {
		pick();
		run(SLICE);
		stop(SCHED_PREEMPTED);
	}
	assert_within_percent(ran[0], 500 * SLICE, 1);
}

static void a_sleeper_runs_soon_but_not_for_long(void **state)
{
	start(&sched_cfs);
	enqueue(0, SCHED_NEW);
	enqueue(1, SCHED_NEW);
	assert_int_equal(pick(), 0);
	run(SLICE);
	stop(SCHED_PREEMPTED);
	assert_int_equal(pick(), 1); /* and sleeps */
	for (unsigned turn = 0; turn < 1000; turn++) {
		assert_int_equal(pick(), 0);
		run(SLICE);
		if (turn < 999)
			stop(SCHED_PREEMPTED);
	}
	enqueue(1, SCHED_WAKE);
	assert_true(policy->preempts(&queue, running, &entities[1]));
	stop(SCHED_PREEMPTED);
	memset(ran, 0, sizeof(ran));
	for (unsigned turn = 0; turn < 100; turn++) {
		pick();
		run(SLICE / 10);
		stop(SCHED_PREEMPTED);
	}
	assert_in_range(ran[1] - ran[0], 0, SLICE);
}

static void an_equal_does_not_preempt(void **state)
{
	start(&sched_cfs);
	enqueue(0, SCHED_NEW);
	pick();
	run(SLICE / 8);
	enqueue(1, SCHED_NEW);
	assert_false(policy->preempts(&queue, running, &entities[1]));
}

static void who_yields_goes_behind_the_next(void **state)
{
	start(&sched_cfs);
	for (unsigned i = 0; i < 3; i++)
		enqueue(i, SCHED_NEW);
	for (int turn = 0; turn < 9; turn++) {
		assert_int_equal(pick(), turn % 3);
		stop(SCHED_YIELD);
	}
}

static void virtual_time_may_wrap_around(void **state)
{
	start(&sched_cfs);
	queue.min_vruntime = UINT64_MAX - 20 * SLICE;
	queue.seq = UINT64_MAX - 10;
	for (unsigned i = 0; i < 3; i++)
		enqueue(i, SCHED_NEW);
	for (int turn = 0; turn < 300; turn++) {
		assert_int_equal(pick(), turn % 3);
		run(SLICE);
		stop(SCHED_PREEMPTED);
	}
}

static void standing_is_kept_across_cpus(void **state)
{
	struct sched_queue other = { .slice_ns = SLICE, .min_vruntime = 1000 * SLICE };

	start(&sched_cfs);
	policy->init(&other);
	enqueue(0, SCHED_NEW);
	enqueue(1, SCHED_NEW);
	pick();
	run(SLICE);
	policy->move(&queue, &other, running);
	assert_int_equal(running->vruntime - other.min_vruntime, SLICE);
	policy->enqueue(&other, running, SCHED_MOVED);
	assert_int_equal(running->vruntime - other.min_vruntime, SLICE);
}

/* Random comings and goings: nobody is lost, and the one furthest behind always runs. */
static void random_queues_stay_in_order(void **state)
{
	bool queued[COUNT] = { false };
	unsigned count = 0;

	srand(3);
	start(&sched_cfs);
	for (unsigned i = 0; i < COUNT; i++)
		sched_entity_set_weight(&entities[i], 1 + (unsigned)rand() % 4096);
	for (unsigned round = 0; round < 20000; round++) {
		unsigned i = (unsigned)rand() % COUNT;

		if (!queued[i]) {
			enqueue(i, rand() % 2 ? SCHED_WAKE : SCHED_NEW);
			queued[i] = true;
			count++;
		} else if (rand() % 2) {
			policy->dequeue(&queue, &entities[i]);
			queued[i] = false;
			count--;
		} else {
			int first = pick();

			for (unsigned other = 0; other < COUNT; other++)
				assert_true(!queued[other] ||
					    (int64_t)(entities[other].vruntime - entities[first].vruntime) >= 0);
			run((uint64_t)rand() % SLICE);
			stop(rand() % 4 ? SCHED_PREEMPTED : SCHED_YIELD);
		}
		if (round % 100 == 0) {
			unsigned seen = 0;

			for (struct sched_entity *e = policy->first(&queue); e; e = policy->next(&queue, e))
				seen++;
			assert_int_equal(seen, count);
		}
	}
}

static void weights_from_one_to_the_largest_work(void **state)
{
	start(&sched_cfs);
	sched_entity_set_weight(&entities[0], 1);
	enqueue(0, SCHED_NEW);
	pick();
	run(NS_PER_SEC);
	assert_int_equal(running->vruntime, 1024 * NS_PER_SEC);
	sched_entity_set_weight(running, UINT32_MAX);
	run(24 * 3600 * NS_PER_SEC);
	assert_in_range(running->vruntime - 1024 * NS_PER_SEC, 1, NS_PER_SEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies_are_found_by_name),
		cmocka_unit_test(fifo_runs_in_the_order_of_arrival),
		cmocka_unit_test(round_robin_takes_turns),
		cmocka_unit_test(a_queue_is_walked_in_the_order_of_running),
		cmocka_unit_test(cfs_shares_by_weight),
		cmocka_unit_test(cfs_is_fair_whatever_the_length_of_the_turns),
		cmocka_unit_test(a_newcomer_does_not_collect_the_past),
		cmocka_unit_test(a_sleeper_runs_soon_but_not_for_long),
		cmocka_unit_test(an_equal_does_not_preempt),
		cmocka_unit_test(who_yields_goes_behind_the_next),
		cmocka_unit_test(virtual_time_may_wrap_around),
		cmocka_unit_test(standing_is_kept_across_cpus),
		cmocka_unit_test(random_queues_stay_in_order),
		cmocka_unit_test(weights_from_one_to_the_largest_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
