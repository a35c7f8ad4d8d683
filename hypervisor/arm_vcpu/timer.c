/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generic timer of the guest, Arm ARM D11.
 *
 * Virtual timer: the hardware's own while the vCPU is loaded. Its interrupt comes to the host, is given to the guest
 * as a list register linked to it, and stays active at the host until the guest ends it: it cannot come twice. While
 * the vCPU is not loaded its state is in memory and vcpu_wake_time() tells when it is due.
 *
 * Physical timer: CNTP registers trap and are emulated with a timer of the host. CNTPCT is the host's counter, CNTVCT
 * runs at an offset of 0 behind it.
 */
#include <axhal/arch/gic.h>
#include <axhal/cpu.h>
#include <axhal/irq.h>
#include <axhal/time.h>
#include <axstd/log.h>
#include "arm_vcpu.h"
#include "esr.h"

#define CTL_ENABLE  BIT(0)
#define CTL_IMASK   BIT(1)
#define CTL_ISTATUS BIT(2)

/* INTIDs that the guest's device tree gives: those of the Base System Architecture. */
#define GUEST_PHYS_TIMER 30
#define GUEST_VIRT_TIMER 27

static unsigned host_virt_irq;

static enum irq_result virt_timer_fired(unsigned irq, void *arg)
{
	struct arm_vcpu *v = arm_vcpu_loaded();

	if (unlikely(!v)) /* it was put between the interrupt and now: its state has been saved, the timer is off */
		return IRQ_DONE;
	v->irqchip->set_private(&v->vcpu, GUEST_VIRT_TIMER, true, irq);
	return IRQ_FORWARDED;
}

int arm_timer_host_init(void)
{
	host_virt_irq = timer_info()->el1_virt_irq;
	return irq_register(host_virt_irq, IRQ_LEVEL_HIGH, virt_timer_fired, NULL, "guest timer");
}

void arm_timer_host_init_cpu(void)
{
	sysreg_write(CNTV_CTL_EL0, 0);
	sysreg_write(CNTVOFF_EL2, 0);
	/* EL1 may read the physical counter (EL1PCTEN), not touch the physical timer (EL1PCEN). */
	sysreg_write(CNTHCTL_EL2, 1);
	irq_unmask(host_virt_irq);
}

/* Compare values are unsigned: all ones means never, and so does what lies beyond the end of our clock. */
static uint64_t deadline_of(uint64_t cval)
{
	return cval < time_ns_to_ticks(TIME_NEVER) ? time_ticks_to_ns(cval) : TIME_NEVER;
}

static bool cntp_condition(const struct arm_timer_state *t)
{
	return (t->cntp_ctl & CTL_ENABLE) && time_now_ticks() >= t->cntp_cval;
}

static void cntp_expired(void *arg)
{
	struct arm_vcpu *v = arg;

	atomic_store_explicit(&v->timer.cntp_due, true, memory_order_relaxed);
	vcpu_request(&v->vcpu, VCPU_WORK_IRQ);
}

void arm_timer_update(struct arm_vcpu *v)
{
	struct arm_timer_state *t = &v->timer;
	bool level = cntp_condition(t) && !(t->cntp_ctl & CTL_IMASK);

	atomic_store_explicit(&t->cntp_due, false, memory_order_relaxed);
	if (level != t->cntp_level) {
		t->cntp_level = level;
		v->irqchip->set_private(&v->vcpu, GUEST_PHYS_TIMER, level, 0);
	}
	if (!level && (t->cntp_ctl & (CTL_ENABLE | CTL_IMASK)) == CTL_ENABLE)
		timer_set(&t->cntp_timer, deadline_of(t->cntp_cval));
}

bool arm_timer_sysreg(struct arm_vcpu *v, uint32_t reg, bool write, uint64_t *value)
{
	struct arm_timer_state *t = &v->timer;

	switch (reg & 7) {
	case 0: /* TVAL: signed 32-bit distance */
		if (write)
			t->cntp_cval = time_now_ticks() + (uint64_t)(int64_t)(int32_t)*value;
		else
			*value = (uint32_t)(t->cntp_cval - time_now_ticks());
		break;
	case 1: /* CTL */
		if (write)
			t->cntp_ctl = *value & (CTL_ENABLE | CTL_IMASK);
		else
			*value = t->cntp_ctl | (cntp_condition(t) ? CTL_ISTATUS : 0);
		break;
	case 2: /* CVAL */
		if (write)
			t->cntp_cval = *value;
		else
			*value = t->cntp_cval;
		break;
	}
	if (write) {
		timer_cancel(&t->cntp_timer);
		arm_timer_update(v);
	}
	return true;
}

void arm_timer_reset(struct arm_vcpu *v)
{
	struct arm_timer_state *t = &v->timer;

	timer_cancel(&t->cntp_timer);
	/* The line stays as the interrupt controller knows it until the next look, which is asked for. */
	*t = (struct arm_timer_state){ .cntp_level = t->cntp_level, .cntp_due = true };
	timer_init(&t->cntp_timer, cntp_expired, v);
}

void arm_timer_load(struct arm_vcpu *v)
{
	/* The list register of the virtual interrupt is linked to the host's, which has to be active then. */
	if (v->irqchip->private_active(&v->vcpu, GUEST_VIRT_TIMER))
		irq_set_active(host_virt_irq, true);
	sysreg_write(CNTV_CVAL_EL0, v->timer.cntv_cval);
	isb();
	sysreg_write(CNTV_CTL_EL0, v->timer.cntv_ctl);
}

void arm_timer_put(struct arm_vcpu *v)
{
	v->timer.cntv_ctl = sysreg_read(CNTV_CTL_EL0) & (CTL_ENABLE | CTL_IMASK);
	v->timer.cntv_cval = sysreg_read(CNTV_CVAL_EL0);
	sysreg_write(CNTV_CTL_EL0, 0);
	isb();
	irq_set_active(host_virt_irq, false);
}

uint64_t vcpu_wake_time(struct vcpu *vcpu)
{
	uint64_t ctl = sysreg_read(CNTV_CTL_EL0);

	/* On the vCPU's task, so it is loaded. The emulated timer wakes the vCPU by itself. */
	if ((ctl & (CTL_ENABLE | CTL_IMASK)) != CTL_ENABLE)
		return TIME_NEVER;
	return deadline_of(sysreg_read(CNTV_CVAL_EL0));
}
