/* SPDX-License-Identifier: Apache-2.0 */
/* The generic timer (Arm ARM D11): the virtual and the physical timer and counter. */
#include "timers.h"
#include <arch.h>
#include <gic.h>
#include <timer.h>

#include <stdatomic.h>

struct registers {
	uint64_t (*ctl)(void);
	uint64_t (*cval)(void);
	uint64_t (*tval)(void);
	void (*set_ctl)(uint64_t value);
	void (*set_cval)(uint64_t value);
	void (*set_tval)(uint64_t value);
};

#define TIMER_REGISTER(x, reg)                        \
	static uint64_t x##_##reg(void)               \
	{                                             \
		isb();                                \
		return sysreg_read(x##_##reg##_el0);  \
	}                                             \
	static void x##_set_##reg(uint64_t value)     \
	{                                             \
		sysreg_write(x##_##reg##_el0, value); \
		isb();                                \
	}
#define TIMER_OPERATIONS(x)                       \
	TIMER_REGISTER(x, ctl)                    \
	TIMER_REGISTER(x, cval)                   \
	TIMER_REGISTER(x, tval)                   \
	static void x##_set(uint64_t deadline)    \
	{                                         \
		x##_set_cval(deadline);           \
		x##_set_ctl(TIMER_ENABLE);        \
	}                                         \
	static void x##_stop(void)                \
	{                                         \
		x##_set_ctl(0);                   \
	}                                         \
	static bool x##_expired(void)             \
	{                                         \
		return x##_ctl() & TIMER_ISTATUS; \
	}
TIMER_OPERATIONS(cntv)
TIMER_OPERATIONS(cntp)

static const struct registers registers[] = {
	{ cntv_ctl, cntv_cval, cntv_tval, cntv_set_ctl, cntv_set_cval, cntv_set_tval },
	{ cntp_ctl, cntp_cval, cntp_tval, cntp_set_ctl, cntp_set_cval, cntp_set_tval },
};

static const struct registers *regs;
static atomic_uint fired;

static uint64_t cntpct(void)
{
	isb();
	return sysreg_read(cntpct_el0);
}

static bool pending(void)
{
	return gic_bit(GICD_ISPENDR, current->irq);
}

static void on_expiry(unsigned irq)
{
	regs->set_ctl(0);
	fired++;
}

static void check_values(void)
{
	uint64_t before, after, cval, got;

	regs->set_ctl(TIMER_IMASK);
	before = current->count();
	regs->set_tval(1000000);
	after = current->count();
	cval = regs->cval();
	check(cval >= before + 1000000 && cval <= after + 1000000, named("tval-sets-cval"),
	      "cval %llu, count %llu..%llu", (unsigned long long)cval, (unsigned long long)before,
	      (unsigned long long)after);
	before = current->count();
	got = regs->tval();
	after = current->count();
	check((int32_t)got <= (int32_t)(cval - before) && (int32_t)got >= (int32_t)(cval - after), named("tval-reads"),
	      "expected %d..%d, got %d", (int32_t)(cval - after), (int32_t)(cval - before), (int32_t)got);
	regs->set_ctl(TIMER_ENABLE | TIMER_IMASK);
	regs->set_cval(current->count() + ms(60000));
	check_eq(named("not-expired"), regs->ctl(), TIMER_ENABLE | TIMER_IMASK);
	regs->set_cval(current->count() - 1);
	check_eq(named("expired"), regs->ctl(), TIMER_ENABLE | TIMER_IMASK | TIMER_ISTATUS);
	regs->set_tval((uint32_t)-100);
	check_eq(named("negative-tval"), regs->ctl(), TIMER_ENABLE | TIMER_IMASK | TIMER_ISTATUS);
	regs->set_cval(~0ULL);
	check_eq(named("far-future"), regs->ctl(), TIMER_ENABLE | TIMER_IMASK);
	regs->set_cval(0x123456789abcULL);
	check_eq(named("cval-keeps"), regs->cval(), 0x123456789abcULL);
	regs->set_ctl(0);
	check_eq(named("disabled"), regs->ctl() & 3, 0);
}

/* IMASK keeps the level from the controller; what is written there does not change it (IHI 0069 4.1). */
static void check_mask(void)
{
	uint64_t deadline;

	irq_disable(current->irq);
	regs->set_cval(current->count() - 1);
	regs->set_ctl(TIMER_ENABLE | TIMER_IMASK);
	check_eq(named("imask-not-pending"), pending(), 0);
	regs->set_ctl(TIMER_ENABLE);
	clock_wait_us(1000);
	gic_set_bit(GICD_ICPENDR, current->irq);
	check_eq(named("level-cannot-be-cleared"), pending(), 1);
	regs->set_ctl(0);
	fired = 0;
	irq_handle(current->irq, on_expiry);
	irq_enable(current->irq);
	interrupts_on();
	regs->set_tval(ms(2));
	regs->set_ctl(TIMER_ENABLE | TIMER_IMASK);
	clock_wait_us(10000);
	check_eq(named("imask-no-interrupt"), fired, 0);
	regs->set_ctl(TIMER_ENABLE);
	deadline = current->count() + ms(LATE_MS);
	while (!fired && current->count() < deadline)
		cpu_relax();
	check_eq(named("unmask-interrupts"), fired, 1);
	interrupts_off();
}

static void check_registers(void)
{
	regs = &registers[current - timers];
	check_values();
	check_mask();
}

struct timer timers[] = {
	{ "cntv", 0, clock_read, cntv_set, cntv_stop, cntv_expired, pending, check_registers },
	{ "cntp", 0, cntpct, cntp_set, cntp_stop, cntp_expired, pending, check_registers },
};
unsigned timer_count = ARRAY_LEN(timers);

void timers_find(void)
{
	timers[0].irq = timer_irq_virtual();
	timers[1].irq = timer_irq_physical();
}

void check_counters_arch(void)
{
	uint64_t last = cntpct(), now, backwards = 0, offset, drift;
	unsigned i;

	for (i = 0; i < 20000; i++) {
		now = cntpct();
		backwards += now < last;
		last = now;
	}
	check_eq("cntpct-monotonic", backwards, 0);
	offset = cntpct() - clock_read();
	clock_wait_us(20000);
	drift = cntpct() - clock_read() - offset;
	check((int64_t)drift < (int64_t)ms(20) && (int64_t)drift > -(int64_t)ms(20), "counters-same-rate",
	      "they moved apart by %lld", (long long)drift);
}
