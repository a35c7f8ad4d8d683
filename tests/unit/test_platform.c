/* unit: axhal/platform_fdt.c axhal/fdt_walk.c axhal/aarch64/fdt_arm.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Discovery over the device trees of real boards (from Debian's kernel package) and of QEMU's machines: what is
 * found, or why it is not. Trees made by hand follow in test_platform_tree.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fdt_arm.h"

#define NO_MEMORY "no memory node gives a size"

struct board {
	const char *file;
	const char *model;
	const char *error; /* part of it; NULL: none */
	const char *note;  /* part of one of them; NULL: none */

	struct fdt_range ram[2]; /* first and last; equal when there is one */
	unsigned num_ram, num_reserved;

	unsigned num_cpus;
	uint64_t last_cpu;
	enum fdt_cpu_method method;
	const char *cpu;

	enum uart_kind uart;
	paddr_t uart_base;
	unsigned uart_shift, uart_irq;

	unsigned gic;
	paddr_t dist;
	paddr_t second; /* GICv2: CPU interface; GICv3: first redistributor region */
	uint64_t second_size;
	paddr_t gich, gicv;

	unsigned hyp_timer; /* the hypervisor's; the others are 3 up, 4 up and 1 up */
	enum psci_method psci;
	unsigned num_devices;
};

/* clang-format off */
static const struct board boards[] = {
	{ "rk3568-rock-3a", "Radxa ROCK 3A", NO_MEMORY, NULL, {}, 0, 0, 4, 0x300, CPU_METHOD_PSCI, "cortex-a55",
	  UART_NS16550, 0xfe660000, 2, 150, 3, 0xfd400000, 0xfd460000, 0x80000, 0, 0, 26, PSCI_SMC, 0 },
	{ "rk3568-evb1-v10", "Rockchip RK3568 EVB1 DDR4 V10 Board", NO_MEMORY, NULL, {}, 0, 0, 4, 0x300, CPU_METHOD_PSCI, "cortex-a55",
	  UART_NS16550, 0xfe660000, 2, 150, 3, 0xfd400000, 0xfd460000, 0x80000, 0, 0, 26, PSCI_SMC, 0 },
	{ "rk3588-rock-5b", "Radxa ROCK 5B", NO_MEMORY, NULL, {}, 0, 1, 8, 0x700, CPU_METHOD_PSCI, "cortex-a55",
	  UART_NS16550, 0xfeb50000, 2, 365, 3, 0xfe600000, 0xfe680000, 0x100000, 0, 0, 26, PSCI_SMC, 0 },
	{ "rk3588-evb1-v10", "Rockchip RK3588 EVB1 V10 Board", NO_MEMORY, NULL, {}, 0, 1, 8, 0x700, CPU_METHOD_PSCI, "cortex-a55",
	  UART_NS16550, 0xfeb50000, 2, 365, 3, 0xfe600000, 0xfe680000, 0x100000, 0, 0, 26, PSCI_SMC, 0 },
	{ "rk3399-rockpro64", "Pine64 RockPro64 v2.1", NO_MEMORY, NULL, {}, 0, 0, 6, 0x101, CPU_METHOD_PSCI, "cortex-a53",
	  UART_NS16550, 0xff1a0000, 2, 132, 3, 0xfee00000, 0xfef00000, 0xc0000, 0, 0, 26, PSCI_SMC, 0 },
	{ "zynqmp-zcu102-rev1.0", "ZynqMP ZCU102 Rev1.0", NULL, NULL,
	  { { 0, 0x80000000, false }, { 0x800000000, 0x80000000, false } }, 2, 2, 4, 3, CPU_METHOD_PSCI, "cortex-a53",
	  UART_CADENCE, 0xff000000, 0, 53, 2, 0xf9010000, 0xf9020000, 0x20000, 0xf9040000, 0xf9060000, 26, PSCI_SMC, 0 },
	{ "bcm2837-rpi-3-b", "Raspberry Pi 3 Model B", NULL, "no GICv2 or GICv3: guests cannot run",
	  { { 0, 0x40000000, false }, { 0, 0x40000000, false } }, 1, 1, 4, 3, CPU_METHOD_SPIN_TABLE, "cortex-a53",
	  UART_NS16550, 0x3f215040, 2, 0, 0, 0, 0, 0, 0, 0, 0, PSCI_NONE, 0 },
	{ "bcm2711-rpi-4-b", "Raspberry Pi 4 Model B", NO_MEMORY, NULL, {}, 0, 1, 4, 3, CPU_METHOD_SPIN_TABLE, "cortex-a72",
	  UART_NS16550, 0xfe215040, 2, 125, 2, 0xff841000, 0xff842000, 0x2000, 0xff844000, 0xff846000, 26, PSCI_NONE, 0 },
	{ "fsl-ls1046a-rdb", "LS1046A RDB Board", NO_MEMORY, NULL, {}, 0, 0, 4, 3, CPU_METHOD_NONE, "cortex-a72",
	  UART_NS16550, 0x21c0500, 0, 86, 2, 0x1410000, 0x1420000, 0x20000, 0x1440000, 0x1460000, 26, PSCI_NONE, 0 },
	{ "hi3660-hikey960", "HiKey960", NO_MEMORY, NULL, {}, 0, 1, 8, 0x103, CPU_METHOD_PSCI, "cortex-a53",
	  UART_PL011, 0xfff32000, 0, 111, 2, 0xe82b1000, 0xe82b2000, 0x2000, 0xe82b4000, 0xe82b6000, 26, PSCI_SMC, 0 },
	{ "imx8mp-evk", "NXP i.MX8MPlus EVK board", NULL, "serial@30890000: stdout-path, but not a UART of a known kind",
	  { { 0x40000000, 0xc0000000, false }, { 0x100000000, 0xc0000000, false } }, 2, 3, 4, 3, CPU_METHOD_PSCI, "cortex-a53",
	  UART_NONE, 0, 0, 0, 3, 0x38800000, 0x38880000, 0xc0000, 0, 0, 26, PSCI_SMC, 0 },
	{ "k3-am625-sk", "Texas Instruments AM625 SK", NULL, NULL,
	  { { 0x80000000, 0x80000000, false }, { 0x80000000, 0x80000000, false } }, 1, 4, 4, 3, CPU_METHOD_PSCI, "cortex-a53",
	  UART_NS16550, 0x2800000, 2, 210, 3, 0x1800000, 0x1880000, 0xc0000, 0, 0, 26, PSCI_SMC, 0 },
	{ "meson-g12b-odroid-n2", "Hardkernel ODROID-N2", NULL, "serial@3000: stdout-path, but not a UART of a known kind",
	  { { 0, 0x40000000, false }, { 0, 0x40000000, false } }, 1, 2, 6, 0x103, CPU_METHOD_PSCI, "cortex-a53",
	  UART_NONE, 0, 0, 0, 2, 0xffc01000, 0xffc02000, 0x2000, 0xffc04000, 0xffc06000, 26, PSCI_SMC, 0 },
	{ "sdm845-db845c", "Thundercomm Dragonboard 845c", NO_MEMORY, NULL, {}, 0, 21, 8, 0x700, CPU_METHOD_PSCI, "kryo385",
	  UART_NONE, 0, 0, 0, 3, 0x17a00000, 0x17a60000, 0x100000, 0, 0, 16, PSCI_SMC, 0 },
	{ "sun50i-h6-orangepi-3", "OrangePi 3", NO_MEMORY, NULL, {}, 0, 0, 4, 3, CPU_METHOD_PSCI, "cortex-a53",
	  UART_NS16550, 0x5000000, 2, 32, 2, 0x3021000, 0x3022000, 0x2000, 0x3024000, 0x3026000, 26, PSCI_SMC, 0 },
	{ "tegra210-p3450-0000", "NVIDIA Jetson Nano Developer Kit", NULL, "/serial@70006000: no usable interrupt",
	  { { 0x80000000, 0x100000000, false }, { 0x80000000, 0x100000000, false } }, 1, 0, 4, 3, CPU_METHOD_PSCI, "cortex-a57",
	  UART_NS16550, 0x70006000, 2, 0, 2, 0x50041000, 0x50042000, 0x2000, 0x50044000, 0x50046000, 26, PSCI_SMC, 0 },
	{ "qemu-virt-gicv2", "linux,dummy-virt", NULL, NULL,
	  { { 0x40000000, 0x8000000, false }, { 0x40000000, 0x8000000, false } }, 1, 0, 1, 0, CPU_METHOD_NONE, "cortex-a15",
	  UART_PL011, 0x9000000, 0, 33, 2, 0x8000000, 0x8010000, 0x10000, 0x8030000, 0x8040000, 26, PSCI_SMC, 32 },
	{ "qemu-virt-gicv3", "linux,dummy-virt", NULL, NULL,
	  { { 0x40000000, 0x8000000, false }, { 0x40000000, 0x8000000, false } }, 1, 0, 1, 0, CPU_METHOD_NONE, "cortex-a15",
	  UART_PL011, 0x9000000, 0, 33, 3, 0x8000000, 0x80a0000, 0xf60000, 0, 0, 26, PSCI_SMC, 32 },
	{ "qemu-versal-virt", "Xilinx Versal Virtual development board", NULL, NULL,
	  { { 0, 0x8000000, false }, { 0, 0x8000000, false } }, 1, 0, 2, 1, CPU_METHOD_NONE, "cortex-a72",
	  UART_PL011, 0xff000000, 0, 50, 3, 0xf9000000, 0xf9080000, 0x80000, 0, 0, 26, PSCI_NONE, 8 },
};
/* clang-format on */

static uint8_t tree[FDT_MAX_SIZE] __attribute__((aligned(8)));
static struct fdt_platform found;
static struct fdt_arm arm;

static size_t load(const char *name)
{
	char path[256];
	size_t size;
	FILE *file;

	snprintf(path, sizeof(path), TOP "/third_party/src/dtbs/%s.dtb", name);
	file = fopen(path, "rb");
	if (!file)
		fail_msg("%s is missing: run tools/deps dtbs", path);
	size = fread(tree, 1, sizeof(tree), file);
	fclose(file);
	return size;
}

static bool has_note(const char *text)
{
	for (unsigned i = 0; i < found.num_notes; i++)
		if (strstr(found.notes[i], text))
			return true;
	return false;
}

static void check_console(const struct board *b)
{
	assert_int_equal(found.console.kind, b->uart);
	if (!b->uart)
		return;
	assert_int_equal(found.console.base, b->uart_base);
	assert_int_equal(found.console.reg_shift, b->uart_shift);
	assert_int_equal(found.console.irq.irq, b->uart_irq);
	assert_false(found.console.irq.edge);
}

static void check_arm(const struct board *b)
{
	const struct fdt_range *second = b->gic == 2 ? &arm.cpu : &arm.redist[0];

	assert_int_equal(arm.gic_version, b->gic);
	assert_int_equal(arm.dist.base, b->dist);
	assert_int_equal(second->base, b->second);
	assert_int_equal(second->size, b->second_size);
	assert_int_equal(arm.hyp.base, b->gich);
	assert_int_equal(arm.vcpu.base, b->gicv);
	assert_int_equal(arm.maintenance_irq, b->gic ? 25 : 0);
	assert_true(arm.has_timer);
	assert_int_equal(arm.timer_irq[TIMER_HYP], b->hyp_timer);
	if (b->hyp_timer == 26) {
		assert_int_equal(arm.timer_irq[TIMER_SECURE], 29);
		assert_int_equal(arm.timer_irq[TIMER_PHYS], 30);
		assert_int_equal(arm.timer_irq[TIMER_VIRT], 27);
	}
	assert_int_equal(arm.psci, b->psci);
}

static void a_board_is_found(void **state)
{
	const struct board *b = *state;
	size_t size = load(b->file);
	int err = platform_fdt_parse_arm(tree, size, &found, &arm);

	assert_int_equal(!!err, !!b->error);
	assert_non_null(strstr(found.error, b->error ? b->error : ""));
	if (b->note)
		assert_true(has_note(b->note));
	else if (b->uart)
		assert_int_equal(found.num_notes, 0);
	assert_string_equal(found.pub.model, b->model);
	assert_int_equal(found.num_ram, b->num_ram);
	if (b->num_ram) {
		assert_memory_equal(&found.ram[0].base, &b->ram[0].base, 16);
		assert_memory_equal(&found.ram[found.num_ram - 1].base, &b->ram[1].base, 16);
	}
	assert_int_equal(found.num_reserved, b->num_reserved);
	assert_int_equal(found.num_cpus, b->num_cpus);
	assert_int_equal(found.cpus[0].hwid, 0);
	assert_int_equal(found.cpus[b->num_cpus - 1].hwid, b->last_cpu);
	assert_int_equal(found.cpus[0].method, b->method);
	assert_string_equal(found.cpu_name, b->cpu);
	assert_int_equal(found.pub.num_devices, b->num_devices);
	check_console(b);
	check_arm(b);
}

static void virtio_devices_have_their_interrupts(void **state)
{
	const struct platform_device *dev = &found.pub.devices[31];

	platform_fdt_parse_arm(tree, load("qemu-virt-gicv3"), &found, &arm);
	assert_int_equal(dev->kind, PLATFORM_VIRTIO_MMIO);
	assert_int_equal(dev->base, 0xa003e00);
	assert_int_equal(dev->size, 0x200);
	assert_int_equal(dev->irq, 32 + 0x2f);
	assert_true(dev->irq_edge);
	assert_string_equal(dev->name, "virtio_mmio@a003e00");
}

static void a_truncated_tree_is_an_error_at_any_length(void **state)
{
	size_t size = load("zynqmp-zcu102-rev1.0");

	for (size_t cut = 0; cut < size; cut += cut < 256 ? 1 : 97) {
		assert_true(platform_fdt_parse_arm(tree, cut, &found, &arm) < 0);
		assert_non_null(strstr(found.error, "device tree: bad header"));
	}
}

/* The header's total size is made to fit what is left, as a broken download would not: only the content tells. */
static void a_tree_cut_in_the_middle_names_the_place(void **state)
{
	size_t size = load("zynqmp-zcu102-rev1.0");
	uint32_t *header = (uint32_t *)tree;

	/* size_dt_struct (word 9) ends the structure early: inside some node. */
	header[9] = __builtin_bswap32(0x4000);
	assert_true(platform_fdt_parse_arm(tree, size, &found, &arm) < 0);
	assert_non_null(strstr(found.error, "at or after /"));
	assert_non_null(strstr(found.error, "offset"));
}

static void flipped_bytes_never_do_harm(void **state)
{
	size_t size = load("bcm2837-rpi-3-b");

	srand(1);
	for (unsigned round = 0; round < 2000; round++) {
		size_t at[8];
		uint8_t old[8];

		for (unsigned i = 0; i < 8; i++) {
			at[i] = (size_t)rand() % size;
			old[i] = tree[at[i]];
			tree[at[i]] ^= (uint8_t)(1 << rand() % 8);
		}
		platform_fdt_parse_arm(tree, size, &found, &arm);
		for (unsigned i = 8; i-- > 0;)
			tree[at[i]] = old[i];
	}
	assert_int_equal(platform_fdt_parse_arm(tree, size, &found, &arm), 0);
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(boards) + 4] = {
		cmocka_unit_test(virtio_devices_have_their_interrupts),
		cmocka_unit_test(a_truncated_tree_is_an_error_at_any_length),
		cmocka_unit_test(a_tree_cut_in_the_middle_names_the_place),
		cmocka_unit_test(flipped_bytes_never_do_harm),
	};

	for (size_t i = 0; i < ARRAY_SIZE(boards); i++)
		tests[4 + i] = (struct CMUnitTest){
			.name = boards[i].file,
			.test_func = a_board_is_found,
			.initial_state = (void *)&boards[i],
		};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
