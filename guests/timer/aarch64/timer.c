/* SPDX-License-Identifier: Apache-2.0 */
/* The generic timer (Arm ARM D11): counters, the virtual and the physical timer, on two CPUs. */
#include <guest.h>
#include <arch.h>
#include <gic.h>
#include <sysreg.h>
#include <timer.h>

#include <stdatomic.h>
#include <stdio.h>

#define TICKS     20
#define WFI_RACES 3000

const char guest_name[] = "timer";

/* Generous: other guests and a busy host take the CPU away. Early is always wrong. */
#define LATE_MS 20000

struct timer {
	const char *name;
	unsigned irq;
	uint64_t (*count)(void);
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
TIMER_REGISTER(cntv, ctl)
TIMER_REGISTER(cntv, cval)
TIMER_REGISTER(cntv, tval)
TIMER_REGISTER(cntp, ctl)
TIMER_REGISTER(cntp, cval)
TIMER_REGISTER(cntp, tval)

static uint64_t cntpct(void)
{
	isb();
	return sysreg_read(cntpct_el0);
}

static struct timer timers[] = {
	{ "cntv", 0, clock_read, cntv_ctl, cntv_cval, cntv_tval, cntv_set_ctl, cntv_set_cval, cntv_set_tval },
	{ "cntp", 0, cntpct, cntp_ctl, cntp_cval, cntp_tval, cntp_set_ctl, cntp_set_cval, cntp_set_tval },
};

static const struct timer *current;
static atomic_uint fired;
static uint64_t fired_at, period;
static char name_buffer[64];

static const char *named(const char *what)
{
	snprintf(name_buffer, sizeof(name_buffer), "%s-%s-cpu%u", current->name, what, cpu_index());
	return name_buffer;
}

static uint64_t ms(uint64_t count)
{
	return count * clock_frequency() / 1000;
}

static void on_expiry(unsigned irq)
{
	fired_at = current->count();
	current->set_ctl(0);
	fired++;
}

static void on_tick(unsigned irq)
{
	fired++;
	current->set_cval(current->cval() + period);
	if (fired >= TICKS)
		current->set_ctl(0);
}

static void check_counters(void)
{
	uint64_t last = clock_read(), now, backwards = 0, offset, drift;
	unsigned i;

	check(clock_frequency() >= 1000000, "cntfrq", "expected at least 1 MHz, got %llu",
	      (unsigned long long)clock_frequency());
	for (i = 0; i < 20000; i++) {
		now = clock_read();
		backwards += now < last;
		last = now;
	}
	check_eq("cntvct-monotonic", backwards, 0);
	last = cntpct();
	for (i = 0, backwards = 0; i < 20000; i++) {
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

static void check_registers(void)
{
	const struct timer *t = current;
	uint64_t before, after, cval, got;

	t->set_ctl(TIMER_IMASK);
	before = t->count();
	t->set_tval(1000000);
	after = t->count();
	cval = t->cval();
	check(cval >= before + 1000000 && cval <= after + 1000000, named("tval-sets-cval"),
	      "cval %llu, count %llu..%llu", (unsigned long long)cval, (unsigned long long)before,
	      (unsigned long long)after);
	before = t->count();
	got = t->tval();
	after = t->count();
	check((int32_t)got <= (int32_t)(cval - before) && (int32_t)got >= (int32_t)(cval - after), named("tval-reads"),
	      "expected %d..%d, got %d", (int32_t)(cval - after), (int32_t)(cval - before), (int32_t)got);
	t->set_ctl(TIMER_ENABLE | TIMER_IMASK);
	t->set_cval(t->count() + ms(60000));
	check_eq(named("not-expired"), t->ctl(), TIMER_ENABLE | TIMER_IMASK);
	t->set_cval(t->count() - 1);
	check_eq(named("expired"), t->ctl(), TIMER_ENABLE | TIMER_IMASK | TIMER_ISTATUS);
	t->set_tval((uint32_t)-100);
	check_eq(named("negative-tval"), t->ctl(), TIMER_ENABLE | TIMER_IMASK | TIMER_ISTATUS);
	t->set_cval(~0ULL);
	check_eq(named("far-future"), t->ctl(), TIMER_ENABLE | TIMER_IMASK);
	t->set_cval(0x123456789abcULL);
	check_eq(named("cval-keeps"), t->cval(), 0x123456789abcULL);
	t->set_ctl(0);
	check_eq(named("disabled"), t->ctl() & 3, 0);
}

/* The interrupt's level shows at the controller while it is disabled there (IHI 0069 4.1: level-sensitive). */
static void check_level(void)
{
	const struct timer *t = current;
	uint64_t deadline;

	irq_disable(t->irq);
	t->set_cval(t->count() - 1);
	t->set_ctl(TIMER_ENABLE | TIMER_IMASK);
	check_eq(named("imask-not-pending"), gic_bit(GICD_ISPENDR, t->irq), 0);
	t->set_ctl(TIMER_ENABLE);
	clock_wait_us(1000);
	check_eq(named("disabled-shows-pending"), gic_bit(GICD_ISPENDR, t->irq), 1);
	gic_set_bit(GICD_ICPENDR, t->irq);
	check_eq(named("level-cannot-be-cleared"), gic_bit(GICD_ISPENDR, t->irq), 1);
	t->set_ctl(0);
	check_eq(named("level-falls"), gic_bit(GICD_ISPENDR, t->irq), 0);
	t->set_cval(t->count() + ms(5));
	t->set_ctl(TIMER_ENABLE);
	check_eq(named("not-yet-pending"), gic_bit(GICD_ISPENDR, t->irq), t->ctl() & TIMER_ISTATUS ? 1 : 0);
	while (!(t->ctl() & TIMER_ISTATUS))
		cpu_relax();
	deadline = clock_read() + ms(LATE_MS);
	while (!gic_bit(GICD_ISPENDR, t->irq) && clock_read() < deadline)
		cpu_relax();
	check_eq(named("pending-with-istatus"), gic_bit(GICD_ISPENDR, t->irq), 1);
	t->set_ctl(0);
}

static void check_expiry(void)
{
	const struct timer *t = current;
	uint64_t deadline;

	fired = 0;
	irq_handle(t->irq, on_expiry);
	irq_enable(t->irq);
	interrupts_on();
	deadline = t->count() + ms(10);
	t->set_cval(deadline);
	t->set_ctl(TIMER_ENABLE);
	while (!fired && t->count() < deadline + ms(LATE_MS))
		cpu_relax();
	check_eq(named("expiry-interrupts"), fired, 1);
	check(fired_at >= deadline, named("not-early"), "%lld ticks early", (long long)(deadline - fired_at));
	t->set_cval(t->count() - 1); /* already past: at once */
	t->set_ctl(TIMER_ENABLE);
	deadline = t->count() + ms(LATE_MS);
	while (fired < 2 && t->count() < deadline)
		cpu_relax();
	check_eq(named("past-deadline"), fired, 2);
	t->set_tval(ms(2));
	t->set_ctl(TIMER_ENABLE | TIMER_IMASK);
	clock_wait_us(10000);
	check_eq(named("imask-no-interrupt"), fired, 2);
	t->set_ctl(TIMER_ENABLE);
	deadline = t->count() + ms(LATE_MS);
	while (fired < 3 && t->count() < deadline)
		cpu_relax();
	check_eq(named("unmask-interrupts"), fired, 3);
	interrupts_off();
}

static void check_wfi(void)
{
	const struct timer *t = current;
	uint64_t deadline;

	fired = 0;
	deadline = t->count() + ms(20);
	t->set_cval(deadline);
	t->set_ctl(TIMER_ENABLE);
	while (t->count() < deadline)
		wait_for_interrupt(); /* with PSTATE.I set: it wakes all the same */
	check_eq(named("wfi-masked-not-taken"), fired, 0);
	interrupts_on();
	isb();
	while (!fired && t->count() < deadline + ms(LATE_MS))
		cpu_relax();
	check_eq(named("wfi-then-taken"), fired, 1);
	interrupts_off();
}

/* Expiry close to the moment of falling asleep: no wake-up gets lost. The other timer ends a sleep that nothing else would. */
static void check_wfi_races(void)
{
	const struct timer *t = current, *rescue = &timers[current == &timers[0]];
	uint64_t end = clock_read() + ms(500); /* each sleep is a turn of others where CPUs are shared */
	unsigned i, rescued = 0;

	for (i = 0; i < WFI_RACES && !rescued && clock_read() < end; i++) {
		uint64_t deadline = t->count() + clock_frequency() / 1000000 * (i % 64);

		rescue->set_cval(rescue->count() + ms(LATE_MS / 4));
		rescue->set_ctl(TIMER_ENABLE);
		irq_enable(rescue->irq);
		t->set_cval(deadline);
		t->set_ctl(TIMER_ENABLE);
		while (t->count() < deadline)
			wait_for_interrupt();
		rescued = (rescue->ctl() & TIMER_ISTATUS) != 0;
		t->set_ctl(0);
		rescue->set_ctl(0);
	}
	check(!rescued, named("wfi-races"), "sleep %u did not end", i);
	irq_disable(rescue->irq);
}

static void check_ticks(void)
{
	const struct timer *t = current;
	uint64_t start;

	fired = 0;
	period = ms(5);
	irq_handle(t->irq, on_tick);
	start = t->count();
	t->set_cval(start + period);
	t->set_ctl(TIMER_ENABLE);
	while (fired < TICKS && t->count() < start + ms(LATE_MS)) {
		interrupts_off();
		if (fired < TICKS)
			wait_for_interrupt();
		interrupts_on();
	}
	interrupts_off();
	check_eq(named("ticks"), fired, TICKS);
	check_range(named("ticks-in-time"), t->count() - start, TICKS * period, ms(LATE_MS));
	irq_disable(t->irq);
}

static void check_timers(void)
{
	unsigned i;

	for (i = 0; i < ARRAY_LEN(timers); i++) {
		current = &timers[i];
		check_registers();
		check_level();
		check_expiry();
		check_wfi();
		check_wfi_races();
		check_ticks();
	}
}

static void other(void *done)
{
	check_timers();
	atomic_store((atomic_bool *)done, true);
}

void guest_main(void)
{
	atomic_bool done = false;

	timers[0].irq = timer_irq_virtual();
	timers[1].irq = timer_irq_physical();
	check_counters();
	check_timers();
	if (machine.cpu_count < 2)
		return;
	check_eq("cpu-on", cpu_start(1, other, &done), 0);
	while (!done)
		cpu_relax();
}
