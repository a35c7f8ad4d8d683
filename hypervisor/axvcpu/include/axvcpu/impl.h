/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For the modules that implement vCPUs: what they have in common. Nobody else includes this.
 */
#include <axhal/cpu.h>
#include <axtask/task.h>
#include <axvcpu/vcpu.h>

/** vcpu_init - the neutral part of a new vCPU, whose memory is zero */
void vcpu_init(struct vcpu *vcpu, const struct vcpu_params *params);

/* Something has to be done before the guest goes on: asked at every exit, interrupts off. */
static inline bool vcpu_has_work(const struct vcpu *vcpu)
{
	return atomic_load_explicit(&vcpu->work, memory_order_relaxed) || task_need_resched();
}

/* Was VCPU_WORK_IRQ asked for? Not any more. What was posted before the request is seen after this. */
static inline bool vcpu_take_irq_work(struct vcpu *vcpu)
{
	if (!(atomic_load_explicit(&vcpu->work, memory_order_relaxed) & VCPU_WORK_IRQ))
		return false;
	atomic_fetch_and_explicit(&vcpu->work, ~(uint32_t)VCPU_WORK_IRQ, memory_order_acquire);
	return true;
}

/* The rest of the work is not the architecture's. True: leave vcpu_run() with @exit. */
static inline bool vcpu_must_leave(const struct vcpu *vcpu, struct vcpu_exit *exit)
{
	if (atomic_load_explicit(&vcpu->work, memory_order_relaxed) & VCPU_WORK_EXIT) {
		exit->reason = VCPU_EXIT_NOTHING;
		return true;
	}
	if (task_need_resched()) {
		exit->reason = VCPU_EXIT_EXTERNAL_INTERRUPT;
		return true;
	}
	return false;
}

/* First and last thing of vcpu_load() and vcpu_put(): whose registers are where. */
static inline void vcpu_set_cpu(struct vcpu *vcpu)
{
	atomic_store(&vcpu->cpu, (int)cpu_id());
	/* Whoever finds it on no CPU after this has posted its work where the look before the entry sees it. */
	atomic_thread_fence(memory_order_seq_cst);
}

static inline void vcpu_clear_cpu(struct vcpu *vcpu)
{
	atomic_store(&vcpu->cpu, -1);
}

/*
 * tag.c: tags of the TLB (VMID, ASID), one for each address space for its whole life, in aspace.tag. Tag 0 is nobody's.
 */
#define VCPU_MAX_TAGS 256u /* more VMs than that are not expected on one machine */

/** vcpu_tags_init - there are tags 1 .. @count - 1, at most VCPU_MAX_TAGS - 1; before the first address space */
void vcpu_tags_init(unsigned count);
/**
 * vcpu_tag_take - vCPU @id runs with @tag on this CPU now. Return: it was the last one of its VM that did; if not, what
 * the TLB holds for the guest's own address spaces is another vCPU's. Interrupts off.
 */
bool vcpu_tag_take(uint64_t tag, unsigned id);
