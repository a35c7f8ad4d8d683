/* unit: axdevice/arm/vgic.c axdevice/arm/vgic_cpu.c axdevice/arm/vgic_dist.c axdevice/arm/vgic_fdt.c axdevice/arm/vgic_irq.c axdevice/arm/vgic_lr.c axdevice/arm/vgic_redist.c axdevice/arm/vgic_regs.c axdevice/arm/vgic_route.c axdevice/arm/vgic_sgi.c axdevice/common/bus.c vgic_fake.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vGICv3 model: levels, edges, list registers, SGIs, routing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <host/host.h>
#include "gic_regs.h"
#include "vgic_fake.h"

#define SPI     33
#define SPI_REG 4 /* of the word with INTIDs 32-63 */
#define SPI_BIT 2

/* The registers of SPI words. */
#define D(reg) (FAKE_GICD + (reg) + SPI_REG)

static int start_4lrs(void **state)
{
	fake_create(3, FAKE_CPUS, 4);
	fake_start();
	return 0;
}

static int start_2lrs(void **state)
{
	fake_create(3, FAKE_CPUS, 2);
	fake_start();
	return 0;
}

static int stop(void **state)
{
	fake_destroy();
	return 0;
}

static void enable_spi(unsigned intid)
{
	fake_w(0, FAKE_GICD + GICD_ISENABLER + intid / 32 * 4, 1u << intid % 32);
}

static void make_edge(unsigned intid)
{
	uint64_t reg = FAKE_GICD + GICD_ICFGR + intid / 16 * 4;

	fake_w(0, reg, fake_r(0, reg) | 2u << intid % 16 * 2);
}

static void set_priority(unsigned intid, unsigned priority)
{
	fake_write(0, FAKE_GICD + GICD_IPRIORITYR + intid, 1, priority);
}

static void an_enabled_level_interrupt_is_taken_until_its_line_falls(void **state)
{
	enable_spi(SPI);
	fake_line(SPI, true);
	assert_int_equal(fake_take(0), SPI);
	assert_int_equal(fake_take(0), SPI);
	fake_enter(0);
	assert_int_equal(fake_ack(0), SPI);
	fake_line(SPI, false);
	fake_enter(0);
	fake_eoi(0, SPI);
	assert_int_equal(fake_take(0), FAKE_NONE);
	assert_int_equal(fake_count_lrs(0, SPI), 0);
}

static void a_line_that_falls_before_it_is_taken_is_forgotten(void **state)
{
	enable_spi(SPI);
	fake_line(SPI, true);
	fake_enter(0);
	fake_line(SPI, false);
	assert_int_equal(fake_take(0), FAKE_NONE);
}

static void a_falling_line_saves_the_maintenance_interrupt(void **state)
{
	enable_spi(SPI);
	fake_line(SPI, true);
	fake_enter(0);
	assert_int_equal(fake_ack(0), SPI);
	fake_line(SPI, false);
	fake_enter(0);
	fake_eoi(0, SPI);
	fake_enter(0);
	assert_int_equal(fake.maintenance, 0);
}

static void a_disabled_level_interrupt_shows_its_line(void **state)
{
	fake_line(SPI, true);
	assert_int_equal(fake_r(0, D(GICD_ISPENDR)) & SPI_BIT, SPI_BIT);
	assert_int_equal(fake_take(0), FAKE_NONE);
	fake_line(SPI, false);
	assert_int_equal(fake_r(0, D(GICD_ISPENDR)) & SPI_BIT, 0);
	fake_line(SPI, true);
	enable_spi(SPI);
	assert_int_equal(fake_take(0), SPI);
}

static void disabling_withdraws_it_from_the_list_register(void **state)
{
	enable_spi(SPI);
	fake_line(SPI, true);
	fake_enter(0);
	assert_int_equal(fake_count_lrs(0, SPI), 1);
	fake_w(0, D(GICD_ICENABLER), SPI_BIT);
	fake_enter(0);
	assert_int_equal(fake_count_lrs(0, SPI), 0);
	assert_int_equal(fake_r(0, D(GICD_ISPENDR)) & SPI_BIT, SPI_BIT);
}

static void disabling_from_another_cpu_shows_in_rwp_until_done(void **state)
{
	enable_spi(SPI);
	fake_line(SPI, true);
	fake_enter(0);
	fake_w(1, D(GICD_ICENABLER), SPI_BIT);
	assert_true(fake_r(1, FAKE_GICD + GICD_CTLR) & GICD_CTLR_RWP);
	fake_enter(0);
	assert_false(fake_r(1, FAKE_GICD + GICD_CTLR) & GICD_CTLR_RWP);
	assert_int_equal(fake_ack(0), FAKE_NONE);
}

static void an_edge_while_active_comes_again(void **state)
{
	make_edge(SPI);
	enable_spi(SPI);
	fake_line(SPI, true);
	fake_line(SPI, false);
	fake_enter(0);
	assert_int_equal(fake_ack(0), SPI);
	fake_line(SPI, true);
	fake_enter(0);
	assert_int_equal(fake_count_lrs(0, SPI), 1);
	fake_eoi(0, SPI);
	assert_int_equal(fake_take(0), SPI);
	assert_int_equal(fake_take(0), FAKE_NONE);
}

static void two_edges_before_it_is_taken_are_one(void **state)
{
	make_edge(SPI);
	enable_spi(SPI);
	for (unsigned i = 0; i < 2; i++) {
		fake_line(SPI, true);
		fake_line(SPI, false);
		fake_enter(0);
	}
	assert_int_equal(fake_take(0), SPI);
	assert_int_equal(fake_take(0), FAKE_NONE);
}

static void an_edge_while_disabled_is_kept(void **state)
{
	make_edge(SPI);
	fake_line(SPI, true);
	fake_line(SPI, false);
	assert_int_equal(fake_take(0), FAKE_NONE);
	enable_spi(SPI);
	assert_int_equal(fake_take(0), SPI);
}

static void software_can_make_it_pending_and_not(void **state)
{
	enable_spi(SPI);
	fake_w(0, D(GICD_ISPENDR), SPI_BIT);
	assert_int_equal(fake_r(0, D(GICD_ICPENDR)), SPI_BIT);
	fake_enter(0);
	assert_int_equal(fake_r(0, D(GICD_ICPENDR)), SPI_BIT);
	fake_w(0, D(GICD_ICPENDR), SPI_BIT);
	assert_int_equal(fake_r(0, D(GICD_ICPENDR)), 0);
	assert_int_equal(fake_take(0), FAKE_NONE);
	fake_w(0, D(GICD_ISPENDR), SPI_BIT);
	assert_int_equal(fake_take(0), SPI);
	assert_int_equal(fake_take(0), FAKE_NONE);
}

static void clearing_pending_does_not_lower_a_line(void **state)
{
	enable_spi(SPI);
	fake_line(SPI, true);
	fake_enter(0);
	fake_w(0, D(GICD_ICPENDR), SPI_BIT);
	assert_int_equal(fake_take(0), SPI);
}

static void the_active_state_can_be_read_and_cleared(void **state)
{
	make_edge(SPI);
	enable_spi(SPI);
	fake_line(SPI, true);
	fake_enter(0);
	assert_int_equal(fake_r(0, D(GICD_ISACTIVER)), 0);
	assert_int_equal(fake_ack(0), SPI);
	assert_int_equal(fake_r(0, D(GICD_ISACTIVER)), SPI_BIT);
	fake_w(0, D(GICD_ICACTIVER), SPI_BIT);
	assert_int_equal(fake_r(0, D(GICD_ISACTIVER)), 0);
	fake_enter(0);
	assert_int_equal(fake_count_lrs(0, SPI), 0);
	fake_line(SPI, false);
	fake_line(SPI, true);
	fake.cpuif[0].regs.apr[1][0] = 0;
	assert_int_equal(fake_take(0), SPI);
}

static void an_interrupt_made_active_is_not_delivered(void **state)
{
	enable_spi(SPI);
	fake_w(0, D(GICD_ISACTIVER), SPI_BIT);
	fake_w(0, D(GICD_ISPENDR), SPI_BIT);
	assert_int_equal(fake_take(0), FAKE_NONE);
	fake_w(0, D(GICD_ICACTIVER), SPI_BIT);
	assert_int_equal(fake_take(0), SPI);
}

static void another_cpu_sees_the_active_state_after_asking(void **state)
{
	enable_spi(SPI);
	fake_w(0, D(GICD_ISPENDR), SPI_BIT);
	fake_enter(0);
	assert_int_equal(fake_ack(0), SPI);
	fake_r(1, D(GICD_ISACTIVER));
	fake_enter(0);
	assert_int_equal(fake_r(1, D(GICD_ISACTIVER)), SPI_BIT);
	fake_eoi(0, SPI);
	fake_r(1, D(GICD_ISACTIVER));
	fake_enter(0);
	assert_int_equal(fake_r(1, D(GICD_ISACTIVER)), 0);
}

static void more_interrupts_than_list_registers_come_by_priority(void **state)
{
	for (unsigned i = 0; i < 12; i++) {
		enable_spi(40 + i);
		set_priority(40 + i, 0xe0 - 8 * i);
		fake_line(40 + i, true);
	}
	for (unsigned i = 12; i-- > 0;) {
		fake_enter(0);
		assert_int_equal(fake_ack(0), 40 + i);
		fake_line(40 + i, false);
		fake_eoi(0, 40 + i);
	}
	assert_int_equal(fake_take(0), FAKE_NONE);
}

static void a_more_urgent_one_finds_a_place_in_full_list_registers(void **state)
{
	for (unsigned i = 0; i < 4; i++) {
		enable_spi(40 + i);
		set_priority(40 + i, 0x80);
		fake_line(40 + i, true);
	}
	fake_enter(0);
	enable_spi(50);
	set_priority(50, 0x40);
	fake_line(50, true);
	fake_enter(0);
	assert_int_equal(fake_ack(0), 50);
}

static void nested_interrupts_beyond_the_list_registers_end_in_order(void **state)
{
	for (unsigned i = 0; i < 6; i++) {
		make_edge(40 + i);
		enable_spi(40 + i);
		set_priority(40 + i, 0xe0 - 16 * i);
		fake_line(40 + i, true);
		fake_enter(0);
		assert_int_equal(fake_ack(0), 40 + i);
	}
	for (unsigned i = 6; i-- > 0;) {
		fake_eoi(0, 40 + i);
		fake_enter(0);
		assert_int_equal(fake_r(0, D(GICD_ISACTIVER)) >> 8, (1u << i) - 1);
	}
	assert_int_equal(fake_take(0), FAKE_NONE);
}

static void what_is_ended_without_list_register_is_counted(void **state)
{
	for (unsigned i = 0; i < 4; i++) {
		make_edge(40 + i);
		enable_spi(40 + i);
		set_priority(40 + i, 0xe0 - 16 * i);
		fake_line(40 + i, true);
		fake_enter(0);
		assert_int_equal(fake_ack(0), 40 + i);
	}
	/* No maintenance interrupt gets through meanwhile. */
	for (unsigned i = 4; i-- > 0;)
		fake_eoi(0, 40 + i);
	fake_enter(0);
	assert_int_equal(fake_r(0, D(GICD_ISACTIVER)), 0);
}

static void with_split_end_a_trapped_dir_ends_the_right_one(void **state)
{
	fake.cpuif[0].regs.vmcr |= VMCR_EOIM;
	for (unsigned i = 0; i < 4; i++) {
		make_edge(40 + i);
		enable_spi(40 + i);
		fake_line(40 + i, true);
		fake_enter(0);
		assert_int_equal(fake_ack(0), 40 + i);
		fake_eoi(0, 40 + i);
	}
	fake_line(44, true);
	make_edge(44);
	enable_spi(44);
	fake_w(0, D(GICD_ISPENDR), 1u << 12);
	fake_enter(0);
	assert_int_equal(fake_r(0, D(GICD_ISACTIVER)) >> 8, 0xf);
	fake_dir(0, 42);
	fake_enter(0);
	assert_int_equal(fake_r(0, D(GICD_ISACTIVER)) >> 8, 0xb);
	fake_dir(0, 40);
	fake_enter(0);
	assert_int_equal(fake_r(0, D(GICD_ISACTIVER)) >> 8, 0xa);
}

static void priority_mask_and_groups_decide_whether_a_cpu_wakes(void **state)
{
	enable_spi(SPI);
	set_priority(SPI, 0xa0);
	assert_false(fake_pending(0));
	fake_line(SPI, true);
	assert_true(fake_pending(0));
	fake.cpuif[0].regs.vmcr = 0x80u << 24 | 3;
	assert_false(fake_pending(0));
	fake.cpuif[0].regs.vmcr = 0xf0u << 24 | 1;
	assert_false(fake_pending(0));
	fake.cpuif[0].regs.vmcr = 0xf0u << 24 | 3u << 18 | 3;
	assert_true(fake_pending(0));
	fake.cpuif[0].regs.apr[1][0] = 1u << (0xa0 >> 3);
	assert_false(fake_pending(0));
	set_priority(SPI, 0x98);
	fake_enter(0);
	assert_true(fake_pending(0));
}

static void a_switched_off_distributor_signals_nothing(void **state)
{
	enable_spi(SPI);
	fake_line(SPI, true);
	fake_enter(0);
	fake_w(1, FAKE_GICD + GICD_CTLR, 0);
	fake_enter(0);
	assert_int_equal(fake_ack(0), FAKE_NONE);
	fake_w(1, FAKE_GICD + GICD_CTLR, 1);
	assert_int_equal(fake_take(0), FAKE_NONE);
	fake_w(1, FAKE_GICD + GICD_CTLR, 2);
	assert_int_equal(fake_take(0), SPI);
}

static void changing_the_group_moves_it_to_the_other_enable(void **state)
{
	enable_spi(SPI);
	fake_w(0, FAKE_GICD + GICD_CTLR, 2);
	fake_w(0, D(GICD_IGROUPR), ~(uint32_t)SPI_BIT);
	fake_line(SPI, true);
	assert_int_equal(fake_take(0), FAKE_NONE);
	fake_w(0, D(GICD_IGROUPR), ~0u);
	assert_int_equal(fake_take(0), SPI);
}

static void an_sgi_reaches_the_listed_cpus(void **state)
{
	fake_sgi(0, 5u << 24 | 0xa); /* vCPUs 1 and 3 */
	assert_int_equal(fake_take(0), FAKE_NONE);
	assert_int_equal(fake_take(1), 5);
	assert_int_equal(fake_take(2), FAKE_NONE);
	assert_int_equal(fake_take(3), 5);
	assert_int_equal(fake.requests, 2);
}

static void an_sgi_to_oneself_asks_nobody(void **state)
{
	fake.requests = 0;
	fake_sgi(2, 7u << 24 | 4);
	assert_int_equal(fake.requests, 0);
	assert_int_equal(fake_take(2), 7);
}

static void a_broadcast_excludes_the_sender(void **state)
{
	fake_sgi(1, BIT(40) | 3u << 24);
	assert_int_equal(fake_take(1), FAKE_NONE);
	assert_int_equal(fake_take(0), 3);
	assert_int_equal(fake_take(2), 3);
	assert_int_equal(fake_take(3), 3);
}

static void an_sgi_to_nobody_is_ignored(void **state)
{
	fake_sgi(0, UINT64_C(9) << 48 | 3u << 24 | 0xffff);
	fake_sgi(0, 1u << 16 | 3u << 24 | 0xffff);
	fake_sgi(0, UINT64_C(1) << 44 | 3u << 24 | 0xffff);
	fake_sgi(0, 3u << 24 | 0xfff0);
	for (unsigned i = 0; i < FAKE_CPUS; i++)
		assert_int_equal(fake_take(i), FAKE_NONE);
}

static void a_linked_timer_ends_at_the_host_too(void **state)
{
	fake_w(0, FAKE_SGI(0) + GICD_ISENABLER, 1u << FAKE_TIMER);
	for (unsigned i = 0; i < 3; i++) {
		fake.host_active[FAKE_TIMER] = true;
		fake_private(0, FAKE_TIMER, true, FAKE_TIMER);
		fake_enter(0);
		assert_int_equal(fake_ack(0), FAKE_TIMER);
		assert_true(fake.chip->private_active(&fake.vcpu[0], FAKE_TIMER));
		fake_eoi(0, FAKE_TIMER);
		assert_false(fake.host_active[FAKE_TIMER]);
		assert_false(fake.chip->private_active(&fake.vcpu[0], FAKE_TIMER));
	}
	assert_int_equal(fake_take(0), FAKE_NONE);
	assert_int_equal(fake.maintenance, 0);
}

static void a_timer_travels_with_its_vcpu(void **state)
{
	fake_w(0, FAKE_SGI(0) + GICD_ISENABLER, 1u << FAKE_TIMER);
	fake_private(0, FAKE_TIMER, true, FAKE_TIMER);
	fake_enter(0);
	assert_int_equal(fake_ack(0), FAKE_TIMER);
	fake_put(0);
	assert_true(fake.chip->private_active(&fake.vcpu[0], FAKE_TIMER));
	assert_int_equal(fake_count_lrs(0, FAKE_TIMER), 0);
	fake_put(3);
	fake_load(0, 3);
	assert_true(fake.chip->private_active(&fake.vcpu[0], FAKE_TIMER));
	fake_eoi(0, FAKE_TIMER);
	assert_false(fake.chip->private_active(&fake.vcpu[0], FAKE_TIMER));
	assert_int_equal(fake_take(0), FAKE_NONE);
}

static void a_linked_interrupt_is_never_pending_and_active_at_once(void **state)
{
	fake_w(0, FAKE_SGI(0) + GICD_ISENABLER, 1u << FAKE_TIMER);
	fake_private(0, FAKE_TIMER, true, FAKE_TIMER);
	fake_enter(0);
	assert_int_equal(fake_ack(0), FAKE_TIMER);
	fake_w(0, FAKE_SGI(0) + GICD_ISPENDR, 1u << FAKE_TIMER);
	fake_enter(0); /* the fake hardware would end the program */
	assert_int_equal(fake_r(0, FAKE_SGI(0) + GICD_ISPENDR), 1u << FAKE_TIMER);
	fake_eoi(0, FAKE_TIMER);
	fake_sgi(0, 1u << 24 | 1); /* the next exit, whatever it is for */
	fake_w(0, FAKE_SGI(0) + GICD_ISENABLER, 1u << FAKE_TIMER);
	fake_r(0, FAKE_SGI(0) + GICD_ISPENDR);
	fake_enter(0);
	assert_int_equal(fake_count_lrs(0, FAKE_TIMER), 1);
}

static void a_disabled_timer_shows_as_pending(void **state)
{
	fake_private(0, FAKE_TIMER, true, FAKE_TIMER);
	assert_int_equal(fake_r(0, FAKE_SGI(0) + GICD_ISPENDR), 1u << FAKE_TIMER);
	assert_true(fake.chip->private_active(&fake.vcpu[0], FAKE_TIMER));
	fake_private(0, FAKE_TIMER, false, FAKE_TIMER);
	assert_int_equal(fake_r(0, FAKE_SGI(0) + GICD_ISPENDR), 0);
}

static void a_timer_that_the_guest_stopped_is_no_longer_pending(void **state)
{
	/* Disabled at the GIC, then stopped: nothing tells the host. */
	fake.host_active[FAKE_TIMER] = true;
	fake_private(0, FAKE_TIMER, true, FAKE_TIMER);
	fake.host_line[FAKE_TIMER] = false;
	assert_int_equal(fake_r(0, FAKE_SGI(0) + GICD_ISPENDR), 0);
	assert_false(fake.host_active[FAKE_TIMER]);
	/* The same, and then enabled. */
	fake_private(0, FAKE_TIMER, true, FAKE_TIMER);
	fake.host_line[FAKE_TIMER] = false;
	fake_w(0, FAKE_SGI(0) + GICD_ISENABLER, 1u << FAKE_TIMER);
	assert_int_equal(fake_take(0), FAKE_NONE);
	/* Waiting in a list register while the guest masks interrupts. */
	fake_private(0, FAKE_TIMER, true, FAKE_TIMER);
	fake_enter(0);
	fake.host_line[FAKE_TIMER] = false;
	assert_int_equal(fake_r(0, FAKE_SGI(0) + GICD_ISPENDR), 0);
	assert_int_equal(fake_take(0), FAKE_NONE);
	/* Taken: then it is the guest that ends it. */
	fake_private(0, FAKE_TIMER, true, FAKE_TIMER);
	fake_enter(0);
	assert_int_equal(fake_ack(0), FAKE_TIMER);
	fake.host_line[FAKE_TIMER] = false;
	assert_int_equal(fake_r(0, FAKE_SGI(0) + GICD_ISACTIVER), 1u << FAKE_TIMER);
	fake_eoi(0, FAKE_TIMER);
	assert_int_equal(fake_take(0), FAKE_NONE);
}

static void many_active_interrupts_end_in_any_order(void **state)
{
	fake.cpuif[0].regs.vmcr |= VMCR_EOIM;
	for (unsigned i = 0; i < 20; i++) {
		make_edge(40 + i);
		enable_spi(40 + i);
		fake_line(40 + i, true);
		fake_enter(0);
		assert_int_equal(fake_ack(0), 40 + i);
		fake_enter(0);
		fake_eoi(0, 40 + i);
		fake_enter(0);
	}
	assert_int_equal(fake_r(0, D(GICD_ISACTIVER)) >> 8, 0xfffff);
	for (unsigned i = 0; i < 20; i++) {
		unsigned n = i * 7 % 20;

		fake_dir(0, 40 + n);
		fake_enter(0);
		assert_int_equal(fake_r(0, D(GICD_ISACTIVER)) >> (8 + n) & 1, 0);
	}
	assert_int_equal(fake_r(0, D(GICD_ISACTIVER)), 0);
}

static void an_emulated_timer_is_taken_again_while_its_level_is_high(void **state)
{
	fake_w(0, FAKE_SGI(0) + GICD_ISENABLER, 1u << 30);
	fake_private(0, 30, true, 0);
	assert_int_equal(fake_take(0), 30);
	fake_enter(0);
	assert_int_equal(fake_ack(0), 30);
	fake_private(0, 30, false, 0);
	fake_enter(0);
	fake_eoi(0, 30);
	assert_int_equal(fake_take(0), FAKE_NONE);
}

static void nothing_wakes_a_vcpu_that_left_with_a_masked_interrupt(void **state)
{
	enable_spi(SPI);
	fake_line(SPI, true);
	fake.cpuif[0].regs.vmcr = 0; /* everything masked */
	fake_enter(0);
	assert_false(fake_pending(0));
	fake_put(0);
	assert_int_equal(atomic_load(&fake.vcpu[0].work), 0);
	fake_load(0, 0);
	assert_int_equal(atomic_load(&fake.vcpu[0].work), 0);
}

static void pending_interrupts_survive_put_and_load(void **state)
{
	enable_spi(SPI);
	set_priority(SPI, 0x80);
	fake_w(0, D(GICD_ISPENDR), SPI_BIT);
	fake_sgi(1, 2u << 24 | 1);
	fake_enter(0);
	fake_put(0);
	fake_load(0, 0);
	assert_int_equal(fake_take(0), 2);
	assert_int_equal(fake_take(0), SPI);
	assert_int_equal(fake_take(0), FAKE_NONE);
}

static void a_new_route_takes_a_pending_interrupt_along(void **state)
{
	enable_spi(SPI);
	fake_line(SPI, true);
	fake_enter(0);
	fake_write(0, FAKE_GICD + GICD_IROUTER + 8 * SPI, 8, 2);
	fake_enter(0);
	assert_int_equal(fake_ack(0), FAKE_NONE);
	assert_int_equal(fake_take(2), SPI);
	assert_int_equal(fake_read(0, FAKE_GICD + GICD_IROUTER + 8 * SPI, 8), 2);
}

static void an_active_interrupt_moves_when_it_has_ended(void **state)
{
	enable_spi(SPI);
	fake_line(SPI, true);
	fake_enter(0);
	assert_int_equal(fake_ack(0), SPI);
	fake_write(1, FAKE_GICD + GICD_IROUTER + 8 * SPI, 8, 2);
	fake_enter(0);
	assert_int_equal(fake_take(2), FAKE_NONE);
	fake_eoi(0, SPI);
	assert_int_equal(fake_take(0), FAKE_NONE);
	assert_int_equal(fake_take(2), SPI);
}

static void a_route_to_nobody_keeps_it_pending(void **state)
{
	enable_spi(SPI);
	fake_write(0, FAKE_GICD + GICD_IROUTER + 8 * SPI, 8, UINT64_C(0x100000007));
	fake_line(SPI, true);
	for (unsigned i = 0; i < FAKE_CPUS; i++)
		assert_int_equal(fake_take(i), FAKE_NONE);
	fake_w(0, FAKE_GICD + GICD_IROUTER + 8 * SPI + 4, 0);
	fake_w(0, FAKE_GICD + GICD_IROUTER + 8 * SPI, 1);
	assert_int_equal(fake_take(1), SPI);
}

static void a_forwarded_interrupt_ends_at_the_host_and_comes_again(void **state)
{
	assert_int_equal(vgic_forward(fake.vgic, SPI, 100), 0);
	enable_spi(SPI);
	for (unsigned i = 0; i < 3; i++) {
		fake.host_active[100] = true;
		fake_line(SPI, true);
		fake_enter(0);
		assert_int_equal(fake_ack(0), SPI);
		fake_eoi(0, SPI);
		assert_false(fake.host_active[100]);
	}
	assert_int_equal(fake_take(0), FAKE_NONE);
}

static void configuration_and_private_interrupts_have_fixed_parts(void **state)
{
	assert_int_equal(fake_r(0, FAKE_SGI(0) + GICD_ICFGR), 0xaaaaaaaa);
	fake_w(0, FAKE_SGI(0) + GICD_ICFGR + 4, ~0u);
	assert_int_equal(fake_r(0, FAKE_SGI(0) + GICD_ICFGR + 4), 0);
	fake_w(0, FAKE_GICD + GICD_ICFGR + 8, ~0u);
	assert_int_equal(fake_r(0, FAKE_GICD + GICD_ICFGR + 8), 0xaaaaaaaa);
	fake_w(0, FAKE_GICD + GICD_IPRIORITYR + 32, ~0u);
	assert_int_equal(fake_r(0, FAKE_GICD + GICD_IPRIORITYR + 32), 0xf8f8f8f8);
	/* INTIDs 0-31 are not the distributor's. */
	fake_w(0, FAKE_GICD + GICD_ISENABLER, ~0u);
	assert_int_equal(fake_r(0, FAKE_GICD + GICD_ISENABLER), 0);
	assert_int_equal(fake_r(0, FAKE_SGI(0) + GICD_ISENABLER), 0xffff);
}

static void widths_that_the_architecture_does_not_have_are_ignored(void **state)
{
	fake_write(0, D(GICD_ISENABLER), 1, 0xff);
	fake_write(0, D(GICD_ISENABLER), 2, 0xff);
	fake_write(0, D(GICD_ISENABLER) + 4, 8, ~UINT64_C(0));
	assert_int_equal(fake_r(0, D(GICD_ISENABLER)), 0);
	assert_int_equal(fake_r(0, D(GICD_ISENABLER) + 4), 0);
	assert_int_equal(fake_read(0, FAKE_GICD + GICD_TYPER, 1), 0);
	/* Beyond the last interrupt. */
	fake_w(0, FAKE_GICD + GICD_ISENABLER + 12, ~0u);
	assert_int_equal(fake_r(0, FAKE_GICD + GICD_ISENABLER + 12), 0);
	fake_write(0, FAKE_GICD + GICD_IROUTER + 8 * 1019, 8, 1);
	assert_int_equal(fake_read(0, FAKE_GICD + GICD_IROUTER + 8 * 1019, 8), 0);
	assert_int_equal(fake_read(0, FAKE_GICD + GICD_IROUTER + 8, 8), 0);
}

static void identification_says_what_there_is(void **state)
{
	assert_int_equal(fake_r(0, FAKE_GICD + GICD_TYPER) & 0x1f, FAKE_SPIS / 32);
	assert_int_equal(fake_r(0, FAKE_GICD + 0xffe8), 0x3b);
	assert_int_equal(fake_r(0, FAKE_RD(3) + 0xffe8), 0x3b);
	assert_int_equal(fake_r(0, FAKE_GICD + GICD_CTLR) & 0x7f, 0x53);
	for (unsigned i = 0; i < FAKE_CPUS; i++) {
		uint64_t type = fake_read(0, FAKE_RD(i) + GICR_TYPER, 8);

		assert_int_equal(type, (uint64_t)i << 32 | i << 8 | (i == FAKE_CPUS - 1 ? 0x10 : 0));
		assert_int_equal(fake_r(0, FAKE_RD(i) + GICR_TYPER + 4), i);
	}
	assert_int_equal(fake_r(2, FAKE_RD(1) + GICR_WAKER), 6);
	fake_w(2, FAKE_RD(1) + GICR_WAKER, 0);
	assert_int_equal(fake_r(2, FAKE_RD(1) + GICR_WAKER), 0);
}

static size_t dump(uint32_t *out, size_t max)
{
	size_t n = 0;

	for (uint64_t offset = 0; offset < 0x10000 && n < max; offset += 4)
		out[n++] = fake_r(0, FAKE_GICD + offset);
	for (unsigned i = 0; i < FAKE_CPUS; i++)
		for (uint64_t offset = 0; offset < 0x20000 && n < max; offset += 4)
			out[n++] = fake_r(0, FAKE_RD(i) + offset);
	return n;
}

static void after_reset_it_is_like_a_new_one(void **state)
{
	static uint32_t fresh[200000], again[200000];
	size_t n;

	fake_create(3, FAKE_CPUS, 4);
	n = dump(fresh, 200000);
	fake_start();
	for (uint64_t offset = 0x80; offset < 0x10000; offset += 4) {
		fake_w(0, FAKE_GICD + offset, 0xa5a5a5a5);
		fake_w(0, FAKE_SGI(1) + offset, 0x5a5a5a5a);
		fake_enter(0);
		fake_enter(1);
	}
	fake_line(40, true);
	fake_w(0, FAKE_RD(2) + GICR_WAKER, 0);
	for (unsigned i = 0; i < FAKE_CPUS; i++)
		fake_put(i);
	vgic_reset(fake.vgic);
	assert_int_equal(dump(again, 200000), n);
	assert_memory_equal(fresh, again, n * 4);
	for (unsigned i = 0; i < FAKE_CPUS; i++) {
		fake_load(i, i);
		fake_enter(i);
		assert_int_equal(fake_ack(i), FAKE_NONE);
	}
	fake_destroy();
}

static void clusters_of_affinities_are_found(void **state)
{
	static const uint64_t affinities[6] = { 0x0, 0x100, 0x101, 0x11f, 0x10000, UINT64_C(0x200000003) };
	struct bus bus = { 0 };
	struct vgic_params params = { .version = 3,
				      .num_vcpus = 6,
				      .num_spis = 32,
				      .redist_base = 0x100000,
				      .mpidrs = affinities,
				      .mmio = &bus };
	static const uint64_t twice[2] = { 5, 5 };
	struct vgic *vgic;

	assert_int_equal(vgic_create(&params, &vgic), 0);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(vgic_find_cpu(vgic, vgic_route_affinity(affinities[i]))->index, i);
	assert_null(vgic_find_cpu(vgic, 1));
	assert_null(vgic_find_cpu(vgic, 0x2000004));
	assert_true(vgic->typer & GICD_TYPER_RSS);
	vgic_destroy(vgic);
	params.mpidrs = twice;
	params.num_vcpus = 2;
	assert_int_not_equal(vgic_create(&params, &vgic), 0);
	params.num_vcpus = 513;
	assert_int_not_equal(vgic_create(&params, &vgic), 0);
	bus_destroy(&bus);
}

static void no_memory_is_lost_when_there_is_none(void **state)
{
	static const uint64_t affinities[2] = { 0, 1 };
	struct bus bus = { 0 };
	struct vgic_params params = { .version = 3,
				      .num_vcpus = 2,
				      .num_spis = 32,
				      .redist_base = 0x100000,
				      .mpidrs = affinities,
				      .mmio = &bus };
	size_t before = host_heap_live();
	struct vgic *vgic;

	for (unsigned n = 0;; n++) {
		int err;

		host_fail_after(n);
		err = vgic_create(&params, &vgic);
		host_fail_never();
		if (!err)
			break;
		bus_destroy(&bus);
		assert_int_equal(host_heap_live(), before);
	}
	vgic_destroy(vgic);
	bus_destroy(&bus);
	assert_int_equal(host_heap_live(), before);
}

#define T4(f) cmocka_unit_test_setup_teardown(f, start_4lrs, stop)
#define T2(f) cmocka_unit_test_setup_teardown(f, start_2lrs, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T4(an_enabled_level_interrupt_is_taken_until_its_line_falls),
		T4(a_line_that_falls_before_it_is_taken_is_forgotten),
		T4(a_falling_line_saves_the_maintenance_interrupt),
		T4(a_disabled_level_interrupt_shows_its_line),
		T4(disabling_withdraws_it_from_the_list_register),
		T4(disabling_from_another_cpu_shows_in_rwp_until_done),
		T4(an_edge_while_active_comes_again),
		T4(two_edges_before_it_is_taken_are_one),
		T4(an_edge_while_disabled_is_kept),
		T4(software_can_make_it_pending_and_not),
		T4(clearing_pending_does_not_lower_a_line),
		T4(the_active_state_can_be_read_and_cleared),
		T4(an_interrupt_made_active_is_not_delivered),
		T4(another_cpu_sees_the_active_state_after_asking),
		T4(more_interrupts_than_list_registers_come_by_priority),
		T2(more_interrupts_than_list_registers_come_by_priority),
		T4(a_more_urgent_one_finds_a_place_in_full_list_registers),
		T4(nested_interrupts_beyond_the_list_registers_end_in_order),
		T2(nested_interrupts_beyond_the_list_registers_end_in_order),
		T2(what_is_ended_without_list_register_is_counted),
		T4(with_split_end_a_trapped_dir_ends_the_right_one),
		T2(with_split_end_a_trapped_dir_ends_the_right_one),
		T4(priority_mask_and_groups_decide_whether_a_cpu_wakes),
		T4(a_switched_off_distributor_signals_nothing),
		T4(changing_the_group_moves_it_to_the_other_enable),
		T4(an_sgi_reaches_the_listed_cpus),
		T4(an_sgi_to_oneself_asks_nobody),
		T4(a_broadcast_excludes_the_sender),
		T4(an_sgi_to_nobody_is_ignored),
		T4(a_linked_timer_ends_at_the_host_too),
		T4(a_timer_travels_with_its_vcpu),
		T4(a_linked_interrupt_is_never_pending_and_active_at_once),
		T4(a_disabled_timer_shows_as_pending),
		T4(a_timer_that_the_guest_stopped_is_no_longer_pending),
		T4(many_active_interrupts_end_in_any_order),
		T2(many_active_interrupts_end_in_any_order),
		T4(an_emulated_timer_is_taken_again_while_its_level_is_high),
		T4(nothing_wakes_a_vcpu_that_left_with_a_masked_interrupt),
		T4(pending_interrupts_survive_put_and_load),
		T4(a_new_route_takes_a_pending_interrupt_along),
		T4(an_active_interrupt_moves_when_it_has_ended),
		T4(a_route_to_nobody_keeps_it_pending),
		T4(a_forwarded_interrupt_ends_at_the_host_and_comes_again),
		T4(configuration_and_private_interrupts_have_fixed_parts),
		T4(widths_that_the_architecture_does_not_have_are_ignored),
		T4(identification_says_what_there_is),
		cmocka_unit_test(after_reset_it_is_like_a_new_one),
		cmocka_unit_test(clusters_of_affinities_are_found),
		cmocka_unit_test(no_memory_is_lost_when_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
