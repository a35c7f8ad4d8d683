/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's timer. Its time is the host's (htimedelta 0).
 *
 * With Sstc the guest has vstimecmp for itself; while the vCPU is not loaded its value is in memory and
 * vcpu_wake_time() tells when it is due. Without it, a timer of the host stands behind SBI set_timer. It may be set for
 * an earlier time than the guest's deadline: guests that always put their deadline off do not have it moved each time.
 */
#include <axhal/arch/isa.h>
#include <axhal/time.h>
#include "riscv_vcpu.h"

#define NEVER UINT64_MAX

/* UINT64_MAX means never, and so does what lies beyond the end of our clock. */
static uint64_t ns_of(uint64_t ticks)
{
	return ticks < time_ns_to_ticks(TIME_NEVER) ? time_ticks_to_ns(ticks) : TIME_NEVER;
}

static void arm(struct riscv_vcpu *v, uint64_t ticks)
{
	v->timer_armed = ticks;
	timer_set(&v->timer, ns_of(ticks));
}

static void expired(void *arg)
{
	struct riscv_vcpu *v = arg;
	bool due;

	spin_lock(&v->timer_lock);
	v->timer_armed = NEVER;
	due = time_now_ticks() >= v->timer_deadline;
	if (!due && v->timer_deadline != NEVER)
		arm(v, v->timer_deadline);
	spin_unlock(&v->timer_lock);
	if (due)
		vcpu_request(&v->vcpu, VCPU_WORK_IRQ);
}

void riscv_timer_update(struct riscv_vcpu *v)
{
	/* Only this vCPU changes its deadline. */
	if (!riscv_has(RISCV_EXT_SSTC) && time_now_ticks() >= v->timer_deadline)
		csr_set(CSR_HVIP, BIT(INT_VSTI));
}

void riscv_timer_set(struct riscv_vcpu *v, uint64_t ticks)
{
	if (riscv_has(RISCV_EXT_SSTC)) {
		csr_write(CSR_VSTIMECMP, ticks);
		return;
	}
	csr_clear(CSR_HVIP, BIT(INT_VSTI));
	spin_lock(&v->timer_lock);
	v->timer_deadline = ticks;
	if (time_now_ticks() >= ticks)
		csr_set(CSR_HVIP, BIT(INT_VSTI));
	else if (ticks < v->timer_armed)
		arm(v, ticks);
	spin_unlock(&v->timer_lock);
}

void riscv_timer_create(struct riscv_vcpu *v)
{
	timer_init(&v->timer, expired, v);
}

void riscv_timer_reset(struct riscv_vcpu *v)
{
	timer_cancel(&v->timer);
	v->timer_deadline = NEVER;
	v->timer_armed = NEVER;
}

void riscv_timer_load(struct riscv_vcpu *v)
{
	if (riscv_has(RISCV_EXT_SSTC))
		csr_write(CSR_VSTIMECMP, v->timer_deadline);
}

void riscv_timer_put(struct riscv_vcpu *v)
{
	if (!riscv_has(RISCV_EXT_SSTC))
		return;
	v->timer_deadline = csr_read(CSR_VSTIMECMP);
	csr_write(CSR_VSTIMECMP, 0); /* passed: nothing to wait for, and vsie is 0 */
}

uint64_t vcpu_wake_time(struct vcpu *vcpu)
{
	/* On the vCPU's task, so it is loaded. The host's timer wakes the vCPU by itself. */
	if (!riscv_has(RISCV_EXT_SSTC) || !(csr_read(CSR_VSIE) & BIT(INT_STI)))
		return TIME_NEVER;
	return ns_of(csr_read(CSR_VSTIMECMP));
}
