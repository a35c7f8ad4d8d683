/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts between CPUs: routing, redistributors, SGIs with their source. */
#include "irq.h"
#include <cpu.h>

#include <stdatomic.h>

static atomic_uint taken[GUEST_MAX_CPUS], last_intid[GUEST_MAX_CPUS], ready, sources;
static atomic_bool end;

static void on_interrupt(unsigned irq)
{
	last_intid[cpu_index()] = irq;
	taken[cpu_index()]++;
}

static void other(void *arg)
{
	interrupts_on();
	ready++;
	while (!end) {
		interrupts_off();
		if (!end)
			wait_for_interrupt();
		interrupts_on();
	}
	interrupts_off();
	ready--;
}

static bool wait_taken(unsigned cpu, unsigned count)
{
	uint64_t start = clock_read();

	while (taken[cpu] < count) {
		if (clock_read() - start > 30 * clock_frequency())
			return false;
		cpu_relax();
	}
	return true;
}

static void check_routing(void)
{
	unsigned intid = prepare(0, PRIORITY), cpu;
	unsigned missing = 0, wrong = 0, readback = 0;

	irq_handle(intid, on_interrupt);
	for (cpu = 0; cpu < machine.cpu_count; cpu++) {
		unsigned before = taken[cpu];

		gic_set_target(intid, cpu);
		if (gic.version == 3)
			readback += mmio_read64(gic.dist + GICD_IROUTER + 8ULL * intid) != machine.cpu_hwid[cpu];
		else
			readback += mmio_read8(gic.dist + GICD_ITARGETSR + intid) != 1u << cpu;
		gic_set_bit(GICD_ISPENDR, intid);
		interrupts_on();
		missing += !wait_taken(cpu, before + 1);
		interrupts_off();
		wrong += last_intid[cpu] != intid;
	}
	check_eq("route-to-each", missing, 0);
	check_eq("route-right-intid", wrong, 0);
	check_eq("route-reads-back", readback, 0);
}

/* Moved while it waits: pending and disabled, it goes to the new target when it is enabled. */
static void check_move(void)
{
	unsigned intid = prepare(0, PRIORITY), before = taken[1];

	irq_disable(intid);
	gic_set_bit(GICD_ISPENDR, intid);
	gic_set_target(intid, 1);
	irq_enable(intid);
	check(wait_taken(1, before + 1), "moved-while-pending", "CPU 1 did not get it");
	nothing("moved-away");
}

/* GICv3: any CPU that can. GICv2: all that are named compete, one gets it. */
static void check_any(void)
{
	unsigned intid = prepare(0, PRIORITY), cpu, before = 0, after, rounds;

	for (cpu = 1; cpu < machine.cpu_count; cpu++)
		before += taken[cpu];
	if (gic.version == 3)
		mmio_write64(gic.dist + GICD_IROUTER + 8ULL * intid, 1ULL << 31);
	else
		mmio_write8(gic.dist + GICD_ITARGETSR + intid, (1u << machine.cpu_count) - 1);
	gic_set_bit(GICD_ISPENDR, intid);
	before += taken[0];
	interrupts_on();
	for (rounds = 0, after = before; after == before && rounds < 5000; rounds++) {
		clock_wait_us(1000);
		for (cpu = 0, after = 0; cpu < machine.cpu_count; cpu++)
			after += taken[cpu];
	}
	interrupts_off();
	check_eq("one-of-n", after - before, 1);
}

static void on_sgi_source(unsigned irq)
{
	taken[cpu_index()]++;
}

static void send_to_first(void *arg)
{
	gic_sgi(0, 9);
	sources++;
}

/* GICv2: an SGI pends once for each source (IHI 0048 4.3.13); GICv3: once. */
static void check_sources(void)
{
	unsigned cpu, count = 0, seen = 0;
	uint32_t iar;

	for (cpu = 1; cpu < machine.cpu_count; cpu++)
		count += cpu_start(cpu, send_to_first, NULL) == 0;
	while (sources < count)
		cpu_relax();
	while (GIC_INTID(iar = gic_ack()) == 9) {
		seen |= 1u << (iar >> 10 & 7);
		gic_eoi(iar);
	}
	if (gic.version == 2)
		check_eq("sgi-of-each-source", seen, ((1u << machine.cpu_count) - 1) & ~1u);
	else
		check_eq("sgi-without-source", seen, 1);
	for (cpu = 1; cpu < machine.cpu_count; cpu++) {
		while (!cpu_is_off(cpu))
			cpu_relax();
	}
}

static void check_targets_of_private(void)
{
	if (gic.version == 2)
		check_eq("itargetsr0-self", mmio_read32(gic.dist + GICD_ITARGETSR), 0x01010101u << cpu_index());
}

static void check_redistributors(void)
{
	unsigned cpu, wrong = 0, lasts = 0;
	uint64_t typer;

	if (gic.version != 3)
		return;
	for (cpu = 0; cpu < machine.cpu_count; cpu++) {
		typer = mmio_read64(gic.redists + cpu * 0x20000ULL + GICR_TYPER);
		wrong += (typer >> 32) !=
			 ((machine.cpu_hwid[cpu] & 0xffffff) | (machine.cpu_hwid[cpu] >> 8 & 0xff000000));
		wrong += (typer >> 8 & 0xffff) != cpu;
		lasts += (typer >> 4 & 1) << cpu;
		/* As two words as well. */
		wrong += mmio_read32(gic.redists + cpu * 0x20000ULL + GICR_TYPER + 4) != typer >> 32;
	}
	check_eq("gicr-typer", wrong, 0);
	check_eq("gicr-last", lasts, 1u << (machine.cpu_count - 1));
}

void check_cpus(void)
{
	unsigned cpu;

	check_targets_of_private();
	check_redistributors();
	check_sources();
	irq_handle(1, on_sgi_source);
	for (cpu = 1; cpu < machine.cpu_count; cpu++)
		check_eq("cpu-on", cpu_start(cpu, other, NULL), 0);
	while (ready < machine.cpu_count - 1)
		cpu_relax();
	check_routing();
	/*
	 * QEMU's GICv2 keeps the targets of an interrupt as they were when it became pending, and gives it to all of
	 * them.
	 */
	if (gic.version == 3 || !bootarg("bare")) {
		check_move();
		check_any();
	}
	end = true;
	gic_sgi_others(1);
	while (ready)
		cpu_relax();
}
