/* unit: axhal/platform_fdt.c axhal/fdt_walk.c axhal/aarch64/fdt_arm.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Discovery on trees made by hand: what real boards (test_platform.c) do not show.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>
#include <axstd/error.h>
#include "fdt_arm.h"

static uint8_t tree[64 * 1024] __attribute__((aligned(8)));
static struct fdt_platform found;
static struct fdt_arm arm;

#define cells(name, ...)                                                         \
	do {                                                                     \
		const uint32_t list_[] = { __VA_ARGS__ };                        \
		fdt32_t be_[ARRAY_SIZE(list_)];                                  \
		for (size_t i_ = 0; i_ < ARRAY_SIZE(list_); i_++)                \
			be_[i_] = cpu_to_fdt32(list_[i_]);                       \
		assert_int_equal(fdt_property(tree, name, be_, sizeof(be_)), 0); \
	} while (0)

static void node(const char *name)
{
	assert_int_equal(fdt_begin_node(tree, name), 0);
}

static void string(const char *name, const char *value)
{
	assert_int_equal(fdt_property_string(tree, name, value), 0);
}

static void end(void)
{
	assert_int_equal(fdt_end_node(tree), 0);
}

/* A root with one CPU and 1 GiB at 0x4000_0000; two address and size cells; phandle 1 is the interrupt parent. */
static void begin(void)
{
	fdt_create(tree, sizeof(tree));
	fdt_finish_reservemap(tree);
	node("");
	cells("#address-cells", 2);
	cells("#size-cells", 2);
	cells("interrupt-parent", 1);
	node("cpus");
	cells("#address-cells", 1);
	cells("#size-cells", 0);
	node("cpu@0");
	string("device_type", "cpu");
	string("compatible", "arm,cortex-a72");
	cells("reg", 0);
	end();
	end();
	node("memory@40000000");
	string("device_type", "memory");
	cells("reg", 0, 0x40000000, 0, 0x40000000);
	end();
}

static void gic_v3(void)
{
	node("intc@8000000");
	string("compatible", "arm,gic-v3");
	cells("#interrupt-cells", 3);
	cells("phandle", 1);
	cells("reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0x20000, 0, 0x9000000, 0, 0x20000);
	cells("#redistributor-regions", 2);
	cells("redistributor-stride", 0, 0x40000);
	end();
}

static int parse(void)
{
	end();
	assert_int_equal(fdt_finish(tree), 0);
	return platform_fdt_parse_arm(tree, sizeof(tree), &found, &arm);
}

static bool has_note(const char *text)
{
	for (unsigned i = 0; i < found.num_notes; i++)
		if (strstr(found.notes[i], text))
			return true;
	return false;
}

static void addresses_go_through_buses_of_any_width(void **state)
{
	begin();
	node("soc");
	string("compatible", "simple-bus");
	cells("#address-cells", 1);
	cells("#size-cells", 1);
	cells("ranges", 0x1000, 0x8, 0x0, 0x1000, /* 0x1000 -> 0x8_0000_0000 */
	      0x100000, 0x9, 0x0, 0x100000);      /* 0x10_0000 -> 0x9_0000_0000 */
	node("bus@120000");
	string("compatible", "simple-bus");
	cells("#address-cells", 2);
	cells("#size-cells", 1);
	cells("ranges", 1, 0, 0x120000, 0x10000); /* 0x1_0000_0000 -> 0x12_0000 */
	node("serial@1,200");
	string("compatible", "arm,pl011");
	cells("reg", 1, 0x200, 0x1000);
	end();
	end();
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(found.console.base, 0x900020200);
	assert_int_equal(found.console.size, 0x1000);
}

static void a_bus_without_ranges_hides_its_devices(void **state)
{
	begin();
	node("i2c");
	cells("#address-cells", 1);
	cells("#size-cells", 1);
	node("serial@10");
	string("compatible", "ns16550a");
	cells("reg", 0x10, 8);
	end();
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(found.console.kind, UART_NONE);
	assert_true(has_note("/i2c/serial@10: no usable reg"));
}

static void what_is_disabled_is_not_there_nor_are_its_children(void **state)
{
	begin();
	node("bus");
	string("status", "disabled");
	fdt_property(tree, "ranges", NULL, 0);
	node("serial@9000000");
	string("compatible", "arm,pl011");
	cells("reg", 0, 0x9000000, 0, 0x1000);
	end();
	end();
	node("serial@9100000");
	string("compatible", "arm,pl011");
	string("status", "disabled");
	cells("reg", 0, 0x9100000, 0, 0x1000);
	end();
	node("serial@9200000");
	string("compatible", "arm,pl011");
	string("status", "okay");
	cells("reg", 0, 0x9200000, 0, 0x1000);
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(found.console.base, 0x9200000);
}

static void stdout_path_may_be_an_alias_with_options(void **state)
{
	begin();
	node("aliases");
	string("serial7", "/serial@9100000");
	end();
	node("chosen");
	string("stdout-path", "serial7:115200n8");
	string("bootargs", "loglevel=debug panic=off");
	cells("linux,initrd-start", 0, 0x48000000);
	cells("linux,initrd-end", 0x48001234);
	string("rng-seed", "0123456789abcdef");
	end();
	node("serial@9000000");
	string("compatible", "arm,pl011");
	cells("reg", 0, 0x9000000, 0, 0x1000);
	end();
	node("serial@9100000");
	string("compatible", "snps,dw-apb-uart");
	cells("reg", 0, 0x9100000, 0, 0x1000);
	cells("reg-shift", 2);
	cells("reg-io-width", 4);
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(found.console.base, 0x9100000);
	assert_int_equal(found.console.kind, UART_NS16550);
	assert_int_equal(found.console.io_width, 4);
	assert_string_equal(found.pub.bootargs, "loglevel=debug panic=off");
	assert_int_equal(found.pub.ramdisk, 0x48000000);
	assert_int_equal(found.pub.ramdisk_size, 0x1234);
	assert_int_equal(found.rng_seed.len, 17);
	assert_memory_equal(found.rng_seed.data, "0123456789abcdef", 17);
}

static void a_wrong_stdout_path_is_told(void **state)
{
	begin();
	node("chosen");
	string("stdout-path", "serial9");
	end();
	assert_int_equal(parse(), 0);
	assert_true(has_note("stdout-path \"serial9\" names no node"));
	assert_true(has_note("no console"));
}

static void interrupts_are_found_in_both_forms(void **state)
{
	begin();
	gic_v3();
	node("pic");
	cells("#interrupt-cells", 1);
	cells("phandle", 2);
	end();
	node("virtio@a000000");
	string("compatible", "virtio,mmio");
	cells("reg", 0, 0xa000000, 0, 0x200);
	cells("interrupts", 0, 16, 1);
	end();
	node("virtio@a000200");
	string("compatible", "virtio,mmio");
	cells("reg", 0, 0xa000200, 0, 0x200);
	cells("interrupts-extended", 1, 1, 7, 4);
	end();
	node("virtio@a000400");
	string("compatible", "virtio,mmio");
	cells("reg", 0, 0xa000400, 0, 0x200);
	cells("interrupts-extended", 2, 5);
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(found.pub.num_devices, 2);
	assert_int_equal(found.pub.devices[0].irq, 48);
	assert_true(found.pub.devices[0].irq_edge);
	assert_int_equal(found.pub.devices[1].irq, 23);
	assert_false(found.pub.devices[1].irq_edge);
	assert_true(has_note("/virtio@a000400: no usable interrupts"));
	assert_int_equal(arm.num_redist, 2);
	assert_int_equal(arm.redist[1].base, 0x9000000);
	assert_int_equal(arm.redist_stride, 0x40000);
}

static void timer_interrupts_may_be_named(void **state)
{
	static const char names[] = "phys\0virt\0hyp-phys";

	begin();
	gic_v3();
	node("timer");
	string("compatible", "arm,armv8-timer");
	cells("interrupts", 1, 14, 4, 1, 11, 4, 1, 10, 4);
	fdt_property(tree, "interrupt-names", names, sizeof(names));
	cells("clock-frequency", 24000000);
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(arm.timer_irq[TIMER_SECURE], 0);
	assert_int_equal(arm.timer_irq[TIMER_PHYS], 30);
	assert_int_equal(arm.timer_irq[TIMER_VIRT], 27);
	assert_int_equal(arm.timer_irq[TIMER_HYP], 26);
	assert_int_equal(arm.timer_frequency, 24000000);
}

static void reservations_are_collected(void **state)
{
	begin();
	node("reserved-memory");
	cells("#address-cells", 2);
	cells("#size-cells", 2);
	fdt_property(tree, "ranges", NULL, 0);
	node("firmware@50000000");
	cells("reg", 0, 0x50000000, 0, 0x10000, 0, 0x51000000, 0, 0x1000);
	fdt_property(tree, "no-map", NULL, 0);
	end();
	node("pool");
	cells("size", 0, 0x4000000);
	end();
	node("bad@0");
	cells("reg", 1);
	end();
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(found.num_reserved, 2);
	assert_int_equal(found.reserved[1].base, 0x51000000);
	assert_true(found.reserved[1].no_map);
	assert_true(has_note("/reserved-memory/bad@0: malformed reg"));
}

static void psci_says_how_to_call_it(void **state)
{
	static const struct {
		const char *compatible, *method;
		enum psci_method expected;
		const char *note;
	} cases[] = {
		{ "arm,psci-1.0", "smc", PSCI_SMC, NULL },
		{ "arm,psci-0.2", "hvc", PSCI_HVC, NULL },
		{ "arm,psci", "smc", PSCI_NONE, "/psci: PSCI 0.1 is not supported" },
		{ "arm,psci-1.0", "svc", PSCI_NONE, "/psci: method is neither smc nor hvc" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		begin();
		node("psci");
		string("compatible", cases[i].compatible);
		string("method", cases[i].method);
		end();
		assert_int_equal(parse(), 0);
		assert_int_equal(arm.psci, cases[i].expected);
		if (cases[i].note)
			assert_true(has_note(cases[i].note));
	}
}

static void a_tree_that_is_nested_too_deeply_is_refused(void **state)
{
	begin();
	for (unsigned i = 0; i < 100; i++)
		node("a");
	for (unsigned i = 0; i < 100; i++)
		end();
	assert_int_equal(parse(), -AX_EINVAL);
	assert_non_null(strstr(found.error, "nested too deeply"));
}

static void a_tree_without_cpus_or_memory_is_refused(void **state)
{
	fdt_create(tree, sizeof(tree));
	fdt_finish_reservemap(tree);
	node("");
	node("memory");
	string("device_type", "memory");
	cells("reg", 0, 0x40000000, 0x40000000);
	end();
	assert_int_equal(parse(), -AX_EINVAL);
	assert_non_null(strstr(found.error, "/cpus has no usable CPU"));

	fdt_create(tree, sizeof(tree));
	fdt_finish_reservemap(tree);
	node("");
	assert_int_equal(parse(), -AX_EINVAL);
	assert_non_null(strstr(found.error, "no memory node"));
}

static void strings_without_an_end_are_no_strings(void **state)
{
	begin();
	node("serial@9000000");
	string("compatible", "arm,pl011");
	cells("reg", 0, 0x9000000, 0, 0x1000);
	fdt_property(tree, "status", "disabled", 8);
	fdt_property(tree, "device_type", "cpu", 3);
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(found.num_cpus, 1);
	assert_int_equal(found.console.kind, UART_PL011);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_go_through_buses_of_any_width),
		cmocka_unit_test(a_bus_without_ranges_hides_its_devices),
		cmocka_unit_test(what_is_disabled_is_not_there_nor_are_its_children),
		cmocka_unit_test(stdout_path_may_be_an_alias_with_options),
		cmocka_unit_test(a_wrong_stdout_path_is_told),
		cmocka_unit_test(interrupts_are_found_in_both_forms),
		cmocka_unit_test(timer_interrupts_may_be_named),
		cmocka_unit_test(reservations_are_collected),
		cmocka_unit_test(psci_says_how_to_call_it),
		cmocka_unit_test(a_tree_that_is_nested_too_deeply_is_refused),
		cmocka_unit_test(a_tree_without_cpus_or_memory_is_refused),
		cmocka_unit_test(strings_without_an_end_are_no_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
