/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inter-processor interrupts: a function per kind, and calls on other CPUs.
 */
#include "hal.h"
#include <axstd/spinlock.h>
#include <stdatomic.h>
#include <sys/queue.h>

/* One caller's wish, on its stack until every target is done. */
struct call {
	void (*fn)(void *arg);
	void *arg;
	_Atomic unsigned remaining;
};

struct call_entry {
	STAILQ_ENTRY(call_entry) link;
	struct call *call;
};

STAILQ_HEAD(call_list, call_entry);

/* By target CPU. @lock guards @list. */
static struct call_queue {
	struct spinlock lock;
	bool ready;
	struct call_list list;
} call_queues[CPU_MAX];

static void (*kind_fns[IPI_KINDS])(void);

void ipi_register(enum ipi_kind kind, void (*fn)(void))
{
	kind_fns[kind] = fn;
}

static void run_calls(void)
{
	struct call_queue *queue = &call_queues[cpu_id()];
	struct call_entry *entry;

	for (;;) {
		struct call *call;

		spin_lock(&queue->lock);
		entry = queue->ready ? STAILQ_FIRST(&queue->list) : NULL;
		if (entry)
			STAILQ_REMOVE_HEAD(&queue->list, link);
		spin_unlock(&queue->lock);
		if (!entry)
			return;
		/* The entry is gone as soon as the count says that all are done. */
		call = entry->call;
		call->fn(call->arg);
		atomic_fetch_sub_explicit(&call->remaining, 1, memory_order_release);
	}
}

enum irq_result ipi_handle(unsigned irq, void *arg)
{
	unsigned kind = (unsigned)(uintptr_t)arg;

	if (kind == IPI_CALL)
		run_calls();
	else if (kind == IPI_STOP)
		arch_cpu_halt();
	if (kind_fns[kind])
		kind_fns[kind]();
	return IRQ_DONE;
}

static void queue_call(unsigned cpu, struct call_entry *entry)
{
	struct call_queue *queue = &call_queues[cpu];
	uint64_t flags = spin_lock_irqsave(&queue->lock);

	if (!queue->ready)
		STAILQ_INIT(&queue->list);
	queue->ready = true;
	STAILQ_INSERT_TAIL(&queue->list, entry, link);
	spin_unlock_irqrestore(&queue->lock, flags);
	ipi_send(cpu, IPI_CALL);
}

void ipi_call(uint64_t mask, void (*fn)(void *arg), void *arg)
{
	struct call_entry entries[CPU_MAX];
	struct call call = { .fn = fn, .arg = arg };
	unsigned cpu, targets = 0;

	mask &= cpu_online_mask();
	for_each_cpu (cpu, mask)
		targets++;
	atomic_init(&call.remaining, targets);
	/* The calling CPU is one like the others: it may change under us until the IPI runs here. */
	for_each_cpu (cpu, mask) {
		entries[cpu].call = &call;
		queue_call(cpu, &entries[cpu]);
	}
	while (atomic_load_explicit(&call.remaining, memory_order_acquire))
		cpu_relax();
}
