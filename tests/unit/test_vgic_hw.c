/* unit: axdevice/arm/vgic_host.c axdevice/arm/vgic_v2_hw.c axdevice/arm/vgic_v3_hw.c axstd/error.c */
/* SPDX-License-Identifier: Apache-2.0 */
/* The two virtual CPU interfaces: what goes into which register, and what is found out about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <axdevice/arm/vgic.h>
#include <axhal/arch/gic.h>
#include <axhal/arch/sysreg.h>
#include <axhal/irq.h>
#include <axstd/error.h>
#include <cmocka.h>
#include <host/host.h>
#include "vgic_internal.h"

#define MAINTENANCE 25
#define VIRT_TIMER  27
#define GICV_ADDR   0x08040000

const struct vgic_hw *vgic_hw;
static struct gic_info info;
static struct timer_info timers = { .el1_virt_irq = VIRT_TIMER };
static uint32_t gich[0x200 / 4], gicv[4096 / 4];
static unsigned maintenances;

const struct gic_info *gic_info(void)
{
	return &info;
}

const struct timer_info *timer_info(void)
{
	return &timers;
}

void vgic_maintenance(void)
{
	maintenances++;
}

static int setup(void **state)
{
	static bool added;

	memset(gich, 0, sizeof(gich));
	memset(gicv, 0, sizeof(gicv));
	if (!added)
		host_add_device(GICV_ADDR, sizeof(gicv), gicv);
	added = true;
	host_irq_reset();
	vgic_hw = NULL;
	maintenances = 0;
	return 0;
}

static int init_v2(void)
{
	info = (struct gic_info){ .version = 2, .maintenance_irq = MAINTENANCE, .gich = gich, .gicv = GICV_ADDR };
	gich[1] = 4u << 26 | 3; /* 5 preemption bits, 4 list registers */
	return vgic_host_init();
}

static int init_v3(uint64_t vtr)
{
	info = (struct gic_info){ .version = 3, .maintenance_irq = MAINTENANCE };
	sysreg_write(ICH_VTR_EL2, vtr);
	return vgic_host_init();
}

static void a_machine_without_virtual_interface_is_refused(void **state)
{
	info = (struct gic_info){ 0 };
	assert_int_equal(vgic_host_init(), -AX_ENODEV);
	info = (struct gic_info){ .version = 2, .maintenance_irq = MAINTENANCE };
	assert_int_equal(vgic_host_init(), -AX_ENODEV);
	assert_int_equal(init_v3(0), -AX_ENODEV); /* one list register */
	info = (struct gic_info){ .version = 3 };
	sysreg_write(ICH_VTR_EL2, 3);
	assert_int_equal(vgic_host_init(), -AX_ENODEV); /* no maintenance interrupt */
	assert_null(vgic_hw);
	vgic_host_init_cpu();
}

static void the_maintenance_interrupt_reaches_the_model(void **state)
{
	assert_int_equal(init_v2(), 0);
	assert_true(host_irq_is_masked(MAINTENANCE));
	vgic_host_init_cpu();
	assert_false(host_irq_is_masked(MAINTENANCE));
	host_irq_raise(MAINTENANCE);
	assert_int_equal(maintenances, 1);
}

static void list_registers_of_gicv2_are_packed(void **state)
{
	assert_int_equal(init_v2(), 0);
	assert_int_equal(vgic_hw->nr_lrs, 4);
	assert_int_equal(vgic_hw->pre_bits, 5);
	vgic_hw->write_lr(0, 27 | LR_HW | LR_MAKE_LINK(30) | LR_MAKE_PRIORITY(0xa0) | LR_MAKE_STATE(LR_PENDING));
	assert_int_equal(gich[0x100 / 4], 1u << 31 | 1u << 28 | 0x14u << 23 | 30u << 10 | 27);
	vgic_hw->write_lr(2, 5 | LR_MAKE_LINK(3) | LR_EOI | LR_GROUP1 | LR_MAKE_PRIORITY(0xf8) |
				     LR_MAKE_STATE(LR_PENDING | LR_ACTIVE));
	assert_int_equal(gich[0x108 / 4], 1u << 30 | 3u << 28 | 0x1fu << 23 | 1u << 19 | 3u << 10 | 5);
	assert_int_equal(vgic_hw->read_lr_state(2), LR_PENDING | LR_ACTIVE);
	gich[0x30 / 4] = 1;
	assert_true(vgic_hw->rearm_lr(0, 27));
	assert_int_equal(gich[0x100 / 4], 27);
	gich[0x30 / 4] = 0;
	assert_false(vgic_hw->rearm_lr(0, 28));
	assert_int_equal(gich[0x100 / 4], 27);
}

static void the_state_of_gicv2_travels(void **state)
{
	struct vgic_cpuif cpuif = { .vmcr = 0xf0000001, .apr = { { 0x80 } } }, saved = { 0 };

	assert_int_equal(init_v2(), 0);
	vgic_hw->load(&cpuif);
	assert_int_equal(gich[0x08 / 4], 0xf0000001);
	assert_int_equal(gich[0xf0 / 4], 0x80);
	vgic_hw->save(&saved);
	assert_memory_equal(&saved, &cpuif, sizeof(saved));
}

static void qemus_gicv2_is_told_from_others(void **state)
{
	gicv[0xfc / 4] = 0x0002043b;
	assert_int_equal(init_v2(), 0);
	assert_false(vgic_hw->links);
	host_irq_reset();
	gicv[0xfc / 4] = 0x0202143b; /* GIC-400 */
	assert_int_equal(init_v2(), 0);
	assert_true(vgic_hw->links);
}

static void list_registers_of_gicv3_are_numbered(void **state)
{
	assert_int_equal(init_v3(1u << 19 | 4u << 26 | 15), 0);
	assert_int_equal(vgic_hw->nr_lrs, 16);
	assert_true(vgic_hw->can_trap_dir);
	for (unsigned i = 0; i < 16; i++)
		vgic_hw->write_lr(i, LR_MAKE_STATE(i & 3) | i);
	assert_int_equal(*host_sysreg("ICH_LR0_EL2"), 0);
	assert_int_equal(*host_sysreg("ICH_LR7_EL2"), LR_MAKE_STATE(3) | 7);
	assert_int_equal(*host_sysreg("ICH_LR15_EL2"), LR_MAKE_STATE(3) | 15);
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(vgic_hw->read_lr_state(i), i & 3);
	sysreg_write(ICH_ELRSR_EL2, 0x8000);
	assert_true(vgic_hw->rearm_lr(15, 99));
	assert_false(vgic_hw->rearm_lr(14, 99));
	assert_int_equal(*host_sysreg("ICH_LR15_EL2"), 99);
	assert_int_equal(*host_sysreg("ICH_LR14_EL2"), LR_MAKE_STATE(2) | 14);
}

static void only_active_priorities_that_exist_are_touched(void **state)
{
	struct vgic_cpuif cpuif = { .apr = { { 1, 2, 3, 4 }, { 5, 6, 7, 8 } } }, saved;

	for (unsigned bits = 5; bits <= 7; bits++) {
		unsigned registers = 1u << (bits - 5);

		host_irq_reset();
		sysreg_write(ICH_AP1R1_EL2, 0);
		sysreg_write(ICH_AP1R3_EL2, 0);
		assert_int_equal(init_v3((uint64_t)(bits - 1) << 26 | 3), 0);
		assert_int_equal(vgic_hw->pre_bits, bits);
		vgic_hw->load(&cpuif);
		assert_int_equal(*host_sysreg("ICH_AP1R0_EL2"), 5);
		assert_int_equal(*host_sysreg("ICH_AP1R1_EL2"), registers > 1 ? 6 : 0);
		assert_int_equal(*host_sysreg("ICH_AP1R3_EL2"), registers > 2 ? 8 : 0);
		memset(&saved, 0, sizeof(saved));
		vgic_hw->save(&saved);
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(saved.apr[1][i], i < registers ? cpuif.apr[1][i] : 0);
	}
}

static void the_timers_line_is_read_from_its_control_register(void **state)
{
	assert_true(vgic_host_line(VIRT_TIMER + 1));
	sysreg_write(CNTV_CTL_EL0, 5);
	assert_true(vgic_host_line(VIRT_TIMER));
	for (unsigned ctl = 0; ctl < 8; ctl++) {
		sysreg_write(CNTV_CTL_EL0, ctl);
		assert_int_equal(vgic_host_line(VIRT_TIMER), ctl == 5);
	}
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_machine_without_virtual_interface_is_refused),
		T(the_maintenance_interrupt_reaches_the_model),
		T(list_registers_of_gicv2_are_packed),
		T(the_state_of_gicv2_travels),
		T(qemus_gicv2_is_told_from_others),
		T(list_registers_of_gicv3_are_numbered),
		T(only_active_priorities_that_exist_are_touched),
		T(the_timers_line_is_read_from_its_control_register),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
