/* SPDX-License-Identifier: Apache-2.0 */
/* The interrupt controller, GICv2 or GICv3: SGIs, many interrupts at once, nested handlers. */
#include "irq.h"
#include <trap.h>

#include <stdio.h>

#define MANY 24

const char guest_name[] = "irq";

unsigned prepare(unsigned n, uint8_t priority)
{
	unsigned intid = gic_spi(n);

	gic_set_bit(GICD_ICENABLER, intid);
	gic_wait_rwp(intid);
	gic_set_edge(intid, true);
	gic_set_bit(GICD_ICPENDR, intid);
	gic_set_bit(GICD_ICACTIVER, intid);
	gic_set_priority(intid, priority);
	gic_set_target(intid, cpu_index());
	gic_set_bit(GICD_ISENABLER, intid);
	return intid;
}

uint32_t take(const char *name, unsigned expected)
{
	uint32_t iar = gic_ack();

	check(GIC_INTID(iar) == expected, name, "expected INTID %u, got %u", expected, GIC_INTID(iar));
	return iar;
}

void nothing(const char *name)
{
	uint32_t iar = gic_ack();

	if (!check(GIC_INTID(iar) == GIC_SPURIOUS, name, "expected none, got INTID %u", GIC_INTID(iar)))
		gic_eoi(iar);
}

static void check_sgis(void)
{
	unsigned sgi, wrong = 0;
	uint32_t iar;

	nothing("idle");
	for (sgi = 0; sgi < 16; sgi++) {
		gic_sgi(cpu_index(), sgi);
		iar = gic_ack();
		wrong += GIC_INTID(iar) != sgi;
		gic_eoi(iar);
	}
	check_eq("sgi-self-each", wrong, 0);
	gic_sgi(cpu_index(), 4);
	gic_sgi(cpu_index(), 4);
	iar = take("sgi-pends-once", 4);
	gic_eoi(iar);
	nothing("sgi-pends-once-only");
	gic_sgi(cpu_index(), 4);
	iar = take("sgi-first", 4);
	gic_sgi(cpu_index(), 4);
	nothing("sgi-while-active");
	gic_eoi(iar);
	iar = take("sgi-again-after-end", 4);
	gic_eoi(iar);
	gic_sgi_others(5);
	nothing("sgi-others-not-self");
}

/* All pending before the first is taken: more than any CPU interface has list registers. */
static void check_many(void)
{
	unsigned intids[MANY], seen = 0, disorder = 0, wrong = 0, last = 0, i;
	uint32_t iar;

	for (i = 0; i < MANY; i++)
		intids[i] = prepare(i, 0x40 + (i * 7 % 8) * 0x10);
	for (i = 0; i < MANY; i++)
		gic_set_bit(GICD_ISPENDR, intids[i]);
	for (i = 0; i < 16; i++)
		gic_sgi(cpu_index(), i);
	while (GIC_INTID(iar = gic_ack()) != GIC_SPURIOUS && seen < 100) {
		unsigned priority = gic_priority(GIC_INTID(iar));

		disorder += priority < last;
		wrong += gic_rpr() != priority;
		last = priority;
		seen++;
		gic_eoi(iar);
	}
	check_eq("many-all-arrive", seen, MANY + 16);
	check_eq("many-in-priority-order", disorder, 0);
	check_eq("many-running-priority", wrong, 0);
}

/* Each preempts the one before, so all are active at once; they are ended in reverse order. */
static void check_nested_active(void)
{
	static const uint8_t priorities[] = { 0xe0, 0xd0, 0xc0, 0xb0, 0xa0, 0x90, 0x80, 0x70 };
	uint32_t iars[ARRAY_LEN(priorities)];
	unsigned i, wrong = 0, still = 0;

	for (i = 0; i < ARRAY_LEN(priorities); i++) {
		unsigned intid = prepare(i, priorities[i]);

		gic_set_bit(GICD_ISPENDR, intid);
		iars[i] = gic_ack();
		wrong += GIC_INTID(iars[i]) != intid || gic_rpr() != priorities[i];
	}
	check_eq("nested-taken", wrong, 0);
	for (i = 0; i < ARRAY_LEN(priorities); i++)
		still += gic_bit(GICD_ISACTIVER, gic_spi(i));
	check_eq("nested-all-active", still, ARRAY_LEN(priorities));
	for (i = ARRAY_LEN(priorities), wrong = 0; i-- > 0;) {
		gic_eoi(iars[i]);
		wrong += gic_rpr() != (i ? priorities[i - 1] : IDLE);
	}
	check_eq("nested-ended", wrong, 0);
	for (i = 0, still = 0; i < ARRAY_LEN(priorities); i++)
		still += gic_bit(GICD_ISACTIVER, gic_spi(i));
	check_eq("nested-none-active", still, 0);
	nothing("nested-nothing-left");
}

/* More active interrupts than list registers, without ends in order: a new one still comes through. */
static void check_active_out_of_order(void)
{
	uint32_t iars[20];
	unsigned i, wrong = 0;

	gic_set_eoimode(true);
	for (i = 0; i < ARRAY_LEN(iars); i++) {
		unsigned intid = prepare(i, PRIORITY);

		gic_set_bit(GICD_ISPENDR, intid);
		iars[i] = gic_ack();
		wrong += GIC_INTID(iars[i]) != intid;
		gic_eoi(iars[i]);
	}
	check_eq("many-active-taken", wrong, 0);
	for (i = 0, wrong = 0; i < ARRAY_LEN(iars); i++)
		wrong += !gic_bit(GICD_ISACTIVER, gic_spi(i));
	check_eq("many-active", wrong, 0);
	for (i = 0, wrong = 0; i < ARRAY_LEN(iars); i++) {
		gic_dir(iars[(i * 7) % ARRAY_LEN(iars)]);
		wrong += gic_bit(GICD_ISACTIVER, gic_spi(i * 7 % ARRAY_LEN(iars)));
	}
	check_eq("deactivated-in-any-order", wrong, 0);
	gic_set_eoimode(false);
	nothing("many-active-nothing-left");
}

static unsigned depth, deepest, handled;
static unsigned high_intid;

static void on_high(unsigned irq)
{
	handled++;
	if (depth + 1 > deepest)
		deepest = depth + 1;
}

static void on_low(unsigned irq)
{
	uint64_t elr = sysreg_read(elr_el1), spsr = sysreg_read(spsr_el1);

	depth++;
	gic_set_bit(GICD_ISPENDR, high_intid);
	interrupts_on();
	clock_wait_us(100);
	interrupts_off();
	sysreg_write(elr_el1, elr);
	sysreg_write(spsr_el1, spsr);
	depth--;
	handled++;
}

static void check_nested_handlers(void)
{
	unsigned low = prepare(0, 0xc0);

	high_intid = prepare(1, 0x40);
	irq_handle(low, on_low);
	irq_handle(high_intid, on_high);
	interrupts_on();
	gic_set_bit(GICD_ISPENDR, low);
	clock_wait_us(1000);
	interrupts_off();
	check_eq("handlers-ran", handled, 2);
	check_eq("handler-nested", deepest, 2);
}

void guest_main(void)
{
	print("irq: GICv%u, %u lines\n", gic.version, gic.lines);
	check_sgis();
	check_priorities();
	check_states();
	check_many();
	check_nested_active();
	check_active_out_of_order();
	check_nested_handlers();
	if (machine.cpu_count > 1)
		check_cpus();
}
