/* unit: axdevice/arm/vgic.c axdevice/arm/vgic_cpu.c axdevice/arm/vgic_dist.c axdevice/arm/vgic_fdt.c axdevice/arm/vgic_irq.c axdevice/arm/vgic_lr.c axdevice/arm/vgic_redist.c axdevice/arm/vgic_regs.c axdevice/arm/vgic_route.c axdevice/arm/vgic_sgi.c axdevice/common/bus.c vgic_fake.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/* What GICv2 does otherwise: banked registers, targets by bit, SGIs with their sources. And both in the device tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <libfdt.h>
#include <cmocka.h>
#include <host/host.h>
#include "gic_regs.h"
#include "vgic_fake.h"

#define SPI 33

static int setup(void **state)
{
	fake_create(2, FAKE_CPUS, 4);
	fake_start();
	return 0;
}

static int teardown(void **state)
{
	fake_destroy();
	return 0;
}

static void private_registers_are_banked(void **state)
{
	fake_w(1, FAKE_GICD + GICD_ISENABLER, 1u << 27);
	assert_int_equal(fake_r(0, FAKE_GICD + GICD_ISENABLER), 0xffff);
	assert_int_equal(fake_r(1, FAKE_GICD + GICD_ISENABLER), 0xffff | 1u << 27);
	for (unsigned i = 0; i < FAKE_CPUS; i++)
		assert_int_equal(fake_r(i, FAKE_GICD + GICD_ITARGETSR), 0x01010101u << i);
}

static void sgis_are_always_enabled(void **state)
{
	fake_w(0, FAKE_GICD + GICD_ICENABLER, 0xffff);
	assert_int_equal(fake_r(0, FAKE_GICD + GICD_ISENABLER), 0xffff);
}

static void an_spi_goes_to_the_first_of_its_targets(void **state)
{
	fake_w(0, FAKE_GICD + GICD_ISENABLER + 4, 2);
	fake_line(SPI, true);
	for (unsigned i = 0; i < FAKE_CPUS; i++)
		assert_int_equal(fake_take(i), FAKE_NONE);
	fake_write(0, FAKE_GICD + GICD_ITARGETSR + SPI, 1, 0xfc);
	assert_int_equal(fake_read(0, FAKE_GICD + GICD_ITARGETSR + SPI, 1), 0x0c);
	assert_int_equal(fake_take(2), SPI);
	fake_w(0, FAKE_GICD + GICD_ITARGETSR + 32, 0x0800);
	fake_enter(2);
	assert_int_equal(fake_ack(2), FAKE_NONE);
	assert_int_equal(fake_take(3), SPI);
}

static void with_one_cpu_everything_goes_there(void **state)
{
	fake_destroy();
	fake_create(2, 1, 4);
	fake_start();
	fake_w(0, FAKE_GICD + GICD_ISENABLER + 4, 2);
	fake_line(SPI, true);
	assert_int_equal(fake_take(0), SPI);
}

static void an_sgi_comes_once_from_each_source(void **state)
{
	unsigned seen = 0;

	for (unsigned i = 1; i < FAKE_CPUS; i++)
		for (unsigned twice = 0; twice < 2; twice++)
			fake_w(i, FAKE_GICD + GICD_SGIR, 1u << 16 | 6);
	fake_enter(0);
	assert_int_equal(fake_read(0, FAKE_GICD + GICD_SPENDSGIR + 6, 1), 0xe);
	for (unsigned i = 1; i < FAKE_CPUS; i++) {
		assert_int_equal(fake_take(0), 6);
		seen |= 1u << fake_source;
		assert_int_equal(fake_count_lrs(0, 6), i + 1 < FAKE_CPUS);
	}
	assert_int_equal(seen, 0xe);
	assert_int_equal(fake_take(0), FAKE_NONE);
}

static void sgi_filters_choose_others_or_oneself(void **state)
{
	fake_w(1, FAKE_GICD + GICD_SGIR, 1u << 24 | 9);
	fake_w(2, FAKE_GICD + GICD_SGIR, 2u << 24 | 10);
	fake_w(2, FAKE_GICD + GICD_SGIR, 3u << 24 | 11);
	assert_int_equal(fake_take(0), 9);
	assert_int_equal(fake_take(1), FAKE_NONE);
	fake_enter(2);
	for (unsigned i = 9; i <= 10; i++) {
		unsigned intid = fake_take(2);

		assert_true(intid == 9 || intid == 10);
	}
	assert_int_equal(fake_take(2), FAKE_NONE);
	assert_int_equal(fake_take(3), 9);
}

static void pending_sgis_can_be_set_and_cleared_by_source(void **state)
{
	fake_write(0, FAKE_GICD + GICD_SPENDSGIR + 3, 1, 0xff);
	fake_enter(0);
	assert_int_equal(fake_read(0, FAKE_GICD + GICD_SPENDSGIR + 3, 1), 0xf);
	fake_write(0, FAKE_GICD + GICD_CPENDSGIR + 3, 1, 0x7);
	fake_enter(0);
	assert_int_equal(fake_read(0, FAKE_GICD + GICD_CPENDSGIR + 3, 1), 0x8);
	assert_int_equal(fake_take(0), 3);
	assert_int_equal(fake_source, 3);
	assert_int_equal(fake_take(0), FAKE_NONE);
	/* GICD_ISPENDR does not reach SGIs. */
	fake_w(0, FAKE_GICD + GICD_ISPENDR, 0xffff);
	assert_int_equal(fake_take(0), FAKE_NONE);
}

static void an_sgi_keeps_its_source_when_the_vcpu_moves(void **state)
{
	fake_w(2, FAKE_GICD + GICD_SGIR, 1u << 16 | 4);
	fake_w(3, FAKE_GICD + GICD_SGIR, 1u << 16 | 4);
	fake_enter(0);
	assert_int_equal(fake_ack(0), 4);
	assert_int_equal(fake_source, 2);
	fake_put(0);
	fake_load(0, 0);
	assert_int_equal(fake.cpuif[0].lr[0].source, 2);
	fake_eoi(0, 4);
	assert_int_equal(fake_take(0), 4);
	assert_int_equal(fake_source, 3);
}

static void deactivation_by_its_own_register_ends_the_right_one(void **state)
{
	fake.cpuif[0].regs.vmcr |= VMCR_EOIM;
	fake_w(0, FAKE_GICD + GICD_ICFGR + 8, ~0u);
	fake_w(0, FAKE_GICD + GICD_ISENABLER + 4, ~0u);
	fake_w(0, FAKE_GICD + GICD_ITARGETSR + 32, 0x01010101);
	fake_w(0, FAKE_GICD + GICD_ITARGETSR + 36, 0x01010101);
	for (unsigned i = 0; i < 8; i++) {
		fake_line(32 + i, true);
		fake_enter(0);
		assert_int_equal(fake_ack(0), 32 + i);
		fake_eoi(0, 32 + i);
	}
	for (unsigned i = 0; i < 8; i++) {
		unsigned n = i * 5 % 8;

		assert_int_equal(fake_r(0, FAKE_GICD + GICD_ISACTIVER + 4) >> n & 1, 1);
		fake_dir(0, 32 + n);
		assert_int_equal(fake_r(0, FAKE_GICD + GICD_ISACTIVER + 4) >> n & 1, 0);
		fake_enter(0);
	}
}

static void without_links_the_model_deactivates_the_hosts_interrupt(void **state)
{
	fake_unlink();
	fake_w(0, FAKE_GICD + GICD_ISENABLER, 1u << FAKE_TIMER);
	for (unsigned i = 0; i < 3; i++) {
		fake.host_active[FAKE_TIMER] = true;
		fake_private(0, FAKE_TIMER, true, FAKE_TIMER);
		fake_enter(0);
		assert_int_equal(fake_ack(0), FAKE_TIMER);
		fake_enter(0);
		assert_true(fake.host_active[FAKE_TIMER]);
		fake_eoi(0, FAKE_TIMER);
		fake_enter(0);
		assert_false(fake.host_active[FAKE_TIMER]);
		assert_int_equal(fake_ack(0), FAKE_NONE);
	}
	assert_int_equal(fake.maintenance, 3);
}

static void identification_says_version_2(void **state)
{
	assert_int_equal(fake_r(0, FAKE_GICD + 0xfe8), 0x2b);
	assert_int_equal(fake_r(0, FAKE_GICD + GICD_TYPER), 3 << 5 | FAKE_SPIS / 32);
	assert_int_equal(fake_r(0, FAKE_GICD + GICD_CTLR), 3);
	assert_null(fake.chip->write_sgi);
}

static void check_node(unsigned version, const char *compatible, uint64_t second, uint64_t second_size)
{
	char fdt[1024];
	struct fdt_context ctx = { .fdt = fdt, .intc_phandle = 7 };
	struct device *dev;
	const fdt64_t *reg;
	int node, len;

	fake_create(version, FAKE_CPUS, 4);
	dev = vgic_device(fake.vgic);
	assert_int_equal(fdt_create(fdt, sizeof(fdt)), 0);
	assert_int_equal(fdt_finish_reservemap(fdt), 0);
	assert_int_equal(fdt_begin_node(fdt, ""), 0);
	assert_int_equal(dev->ops->describe(dev, &ctx), 0);
	assert_int_equal(fdt_end_node(fdt), 0);
	assert_int_equal(fdt_finish(fdt), 0);
	node = fdt_node_offset_by_phandle(fdt, 7);
	assert_int_equal(fdt_node_check_compatible(fdt, node, compatible), 0);
	assert_non_null(fdt_getprop(fdt, node, "interrupt-controller", NULL));
	reg = fdt_getprop(fdt, node, "reg", &len);
	assert_int_equal(len, 32);
	assert_int_equal(fdt64_ld(reg), FAKE_GICD);
	assert_int_equal(fdt64_ld(reg + 2), second);
	assert_int_equal(fdt64_ld(reg + 3), second_size);
	fake_destroy();
}

static void the_device_tree_tells_the_version(void **state)
{
	uint32_t cells[3];

	check_node(3, "arm,gic-v3", FAKE_GICR, FAKE_CPUS * 0x20000);
	check_node(2, "arm,gic-400", FAKE_GICR, 0x2000);
	assert_int_equal(vgic_irq_cells(33, false, cells), 3);
	assert_memory_equal(cells, ((uint32_t[]){ 0, 1, 4 }), 12);
	vgic_irq_cells(27, false, cells);
	assert_memory_equal(cells, ((uint32_t[]){ 1, 11, 4 }), 12);
	vgic_irq_cells(40, true, cells);
	assert_memory_equal(cells, ((uint32_t[]){ 0, 8, 1 }), 12);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(private_registers_are_banked),
		T(sgis_are_always_enabled),
		T(an_spi_goes_to_the_first_of_its_targets),
		T(with_one_cpu_everything_goes_there),
		T(an_sgi_comes_once_from_each_source),
		T(sgi_filters_choose_others_or_oneself),
		T(pending_sgis_can_be_set_and_cleared_by_source),
		T(an_sgi_keeps_its_source_when_the_vcpu_moves),
		T(deactivation_by_its_own_register_ends_the_right_one),
		T(without_links_the_model_deactivates_the_hosts_interrupt),
		T(identification_says_version_2),
		cmocka_unit_test(the_device_tree_tells_the_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
