/* unit: axhal/platform_fdt.c axhal/fdt_walk.c axhal/riscv64/fdt_riscv.c axhal/riscv64/isa.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Discovery over the device trees of RISC-V boards (from Debian's kernel package) and of QEMU's virt: what is found, or
 * why it is not. Trees made by hand follow in test_platform_riscv_tree.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <axhal/arch/irq.h>
#include "fdt_riscv.h"
#include "isa.h"

#define NO_MEMORY "no memory node gives a size"
#define NO_UART   "stdout-path, but not a UART of a known kind"

#define EXT(index) BIT(RISCV_EXT_##index)
/* What every one of them has. */
#define GC         (EXT(I) | EXT(M) | EXT(A) | EXT(F) | EXT(D) | EXT(C) | EXT(ZICSR) | EXT(ZIFENCEI) | EXT(ZICNTR) | EXT(ZIHPM))
#define QEMU       (GC | EXT(H) | EXT(ZIHINTPAUSE) | EXT(ZBA) | EXT(ZBB) | EXT(ZBC) | EXT(ZBS) | EXT(SSTC))
#define AIA        (EXT(SSAIA) | EXT(SMAIA))

struct board {
	const char *file;
	const char *model;
	const char *error; /* part of it; NULL: none */
	const char *note;  /* part of one of them; NULL: there is none */

	struct fdt_range ram; /* the first */
	unsigned num_ram;
	unsigned num_cpus;
	uint64_t first_cpu, last_cpu;
	const char *cpu;
	uint64_t extensions, timebase;

	paddr_t uart; /* 0: none */
	unsigned uart_shift, uart_source;

	struct fdt_range plic, aplic;
	unsigned num_sources;
	uint32_t first, last; /* number of the first and the last hart there or at the IMSIC */
	unsigned num_regions, guest_files, hart_bits, group_bits;
	struct fdt_range imsic; /* the last region */
	unsigned num_devices;
};

/* clang-format off */
static const struct board boards[] = {
	{ "qemu-virt-plic", "riscv-virtio,qemu", NULL, NULL, { 0x80000000, 0x8000000, false }, 1, 1, 0, 0, "riscv", QEMU, 10000000,
	  0x10000000, 0, 10, { 0xc000000, 0x600000, false }, { 0 }, 96, 1, 1, 0, 0, 0, 0, { 0 }, 8 },
	{ "qemu-virt-plic-4", "riscv-virtio,qemu", NULL, NULL, { 0x80000000, 0x8000000, false }, 1, 4, 0, 3, "riscv", QEMU, 10000000,
	  0x10000000, 0, 10, { 0xc000000, 0x600000, false }, { 0 }, 96, 1, 7, 0, 0, 0, 0, { 0 }, 8 },
	{ "qemu-virt-aplic", "riscv-virtio,qemu", NULL, NULL, { 0x80000000, 0x8000000, false }, 1, 1, 0, 0, "riscv", QEMU, 10000000,
	  0x10000000, 0, 10, { 0 }, { 0xd000000, 0x8000, false }, 96, 0, 0, 0, 0, 0, 0, { 0 }, 8 },
	{ "qemu-virt-aplic-4", "riscv-virtio,qemu", NULL, NULL, { 0x80000000, 0x8000000, false }, 1, 4, 0, 3, "riscv", QEMU, 10000000,
	  0x10000000, 0, 10, { 0 }, { 0xd000000, 0x8000, false }, 96, 0, 3, 0, 0, 0, 0, { 0 }, 8 },
	{ "qemu-virt-imsic", "riscv-virtio,qemu", NULL, NULL, { 0x80000000, 0x8000000, false }, 1, 1, 0, 0, "riscv", QEMU | AIA, 10000000,
	  0x10000000, 0, 10, { 0 }, { 0xd000000, 0x8000, false }, 96, 0, 0, 1, 0, 0, 0, { 0x28000000, 0x1000, false }, 8 },
	{ "qemu-virt-imsic-4", "riscv-virtio,qemu", NULL, NULL, { 0x80000000, 0x8000000, false }, 1, 4, 0, 3, "riscv", QEMU | AIA, 10000000,
	  0x10000000, 0, 10, { 0 }, { 0xd000000, 0x8000, false }, 96, 0, 3, 1, 2, 2, 0, { 0x28000000, 0x10000, false }, 8 },
	/* Each socket has an APLIC; the devices are at the second one's. */
	{ "qemu-virt-sockets", "riscv-virtio,qemu", NULL, "aplic@d008000: a second interrupt controller: not used",
	  { 0x80000000, 0x10000000, false }, 2, 4, 0, 3, "riscv", QEMU | AIA, 10000000,
	  0x10000000, 0, 10, { 0 }, { 0xd000000, 0x8000, false }, 96, 0, 3, 2, 1, 1, 1, { 0x29000000, 0x4000, false }, 0 },
	{ "cv1800b-milkv-duo", "Milk-V Duo", NULL, NULL, { 0x80000000, 0x4000000, false }, 1, 1, 0, 0, "c906", GC, 25000000,
	  0x4140000, 2, 44, { 0x70000000, 0x4000000, false }, { 0 }, 101, 1, 1, 0, 0, 0, 0, { 0 }, 0 },
	/* Hart 0 is a monitor core: it has no supervisor mode and one context. */
	{ "hifive-unleashed-a00", "SiFive HiFive Unleashed A00", NULL, NO_UART, { 0x80000000, 0x200000000, false }, 1, 4, 1, 4, "u54-mc",
	  GC, 1000000, 0, 0, 0, { 0xc000000, 0x4000000, false }, { 0 }, 53, 2, 8, 0, 0, 0, 0, { 0 }, 0 },
	{ "hifive-unmatched-a00", "SiFive HiFive Unmatched A00", NULL, NO_UART, { 0x80000000, 0x400000000, false }, 1, 4, 1, 4, "bullet0",
	  GC, 1000000, 0, 0, 0, { 0xc000000, 0x4000000, false }, { 0 }, 69, 2, 8, 0, 0, 0, 0, { 0 }, 0 },
	{ "jh7110-starfive-visionfive-2-v1.3b", "StarFive VisionFive 2 v1.3B", NULL, NULL, { 0x40000000, 0x100000000, false }, 1,
	  4, 1, 4, "u74-mc", GC | EXT(ZBA) | EXT(ZBB), 4000000,
	  0x10000000, 2, 32, { 0xc000000, 0x4000000, false }, { 0 }, 136, 2, 8, 0, 0, 0, 0, { 0 }, 0 },
	{ "mpfs-icicle-kit", "Microchip PolarFire-SoC Icicle Kit", NULL, NULL, { 0x80000000, 0x40000000, false }, 2, 4, 1, 4, "u54-mc",
	  GC, 1000000, 0x20100000, 2, 91, { 0xc000000, 0x4000000, false }, { 0 }, 186, 2, 8, 0, 0, 0, 0, { 0 }, 0 },
	{ "sg2042-milkv-pioneer", "Milk-V Pioneer", NO_MEMORY, NULL, { 0 }, 0, 64, 0, 63, "c920", GC, 50000000,
	  0x7040000000, 2, 112, { 0x7090000000, 0x4000000, false }, { 0 }, 224, 1, 127, 0, 0, 0, 0, { 0 }, 0 },
	{ "sun20i-d1-nezha", "Allwinner D1 Nezha", NO_MEMORY, NULL, { 0 }, 0, 1, 0, 0, "c906", GC, 24000000,
	  0x2500000, 2, 18, { 0x10000000, 0x4000000, false }, { 0 }, 175, 1, 1, 0, 0, 0, 0, { 0 }, 0 },
	{ "th1520-lichee-pi-4a", "Sipeed Lichee Pi 4A", NULL, NULL, { 0, 0x200000000, false }, 1, 4, 0, 3, "c910", GC, 3000000,
	  0xffe7014000, 2, 36, { 0xffd8000000, 0x1000000, false }, { 0 }, 240, 1, 7, 0, 0, 0, 0, { 0 }, 0 },
	/* No MMU at all. */
	{ "k210_generic", "Kendryte K210 generic", "/cpus has no usable CPU", "the PLIC reaches no hart's supervisor mode",
	  { 0x80000000, 0x400000, false }, 3, 0, 0, 0, "", 0, 7800000, 0, 0, 0, { 0xc000000, 0, false }, { 0 }, 65, 0, 0, 0, 0, 0, 0,
	  { 0 }, 0 },
};
/* clang-format on */

static uint8_t tree[FDT_MAX_SIZE] __attribute__((aligned(8)));
static struct fdt_platform found;
static struct fdt_riscv riscv;

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

static void check_range(const struct fdt_range *is, const struct fdt_range *wanted)
{
	assert_int_equal(is->base, wanted->base);
	assert_int_equal(is->size, wanted->size);
}

static void check_controllers(const struct board *b)
{
	const struct fdt_hart *first = &riscv.harts[0], *last = first + MAX(b->num_cpus, 1u) - 1;

	check_range(&riscv.plic.reg, &b->plic);
	check_range(&riscv.aplic.reg, &b->aplic);
	assert_int_equal(b->aplic.size ? riscv.aplic.num_sources : riscv.plic.num_sources, b->num_sources);
	assert_int_equal(riscv.aplic.msi, !!b->num_regions);
	assert_int_equal(riscv.imsic.num_regions, b->num_regions);
	if (!b->num_cpus)
		return;
	if (b->num_regions) {
		assert_int_equal(first->imsic, b->first);
		assert_int_equal(last->imsic, b->last);
		check_range(&riscv.imsic.region[b->num_regions - 1], &b->imsic);
		assert_int_equal(riscv.imsic.num_ids, 255);
		assert_int_equal(riscv.imsic.num_guest_ids, 255);
		assert_int_equal(riscv.imsic.guest_index_bits, b->guest_files);
		assert_int_equal(riscv.imsic.hart_index_bits, b->hart_bits);
		assert_int_equal(riscv.imsic.group_index_bits, b->group_bits);
		assert_int_equal(riscv.imsic.group_index_shift, 24);
	} else {
		assert_int_equal(b->plic.size ? first->context : first->idc, b->first);
		assert_int_equal(b->plic.size ? last->context : last->idc, b->last);
		assert_int_equal(b->plic.size ? first->idc : first->context, HART_NONE);
	}
}

static void a_board_is_found(void **state)
{
	const struct board *b = *state;
	size_t size = load(b->file);
	int err = platform_fdt_parse_riscv(tree, size, &found, &riscv);

	assert_int_equal(!!err, !!b->error);
	assert_non_null(strstr(found.error, b->error ? b->error : ""));
	if (b->note)
		assert_true(has_note(b->note));
	else
		assert_int_equal(found.num_notes, 0);
	assert_string_equal(found.pub.model, b->model);
	assert_int_equal(found.num_ram, b->num_ram);
	if (b->num_ram)
		check_range(&found.ram[0], &b->ram);
	assert_int_equal(found.num_cpus, b->num_cpus);
	assert_int_equal(riscv.num_harts, b->num_cpus);
	for (unsigned i = 0; i < riscv.num_harts; i++)
		assert_int_equal(riscv.harts[i].hwid, found.cpus[i].hwid);
	if (b->num_cpus) {
		assert_int_equal(riscv.harts[0].hwid, b->first_cpu);
		assert_int_equal(riscv.harts[b->num_cpus - 1].hwid, b->last_cpu);
	}
	assert_string_equal(found.cpu_name, b->cpu);
	assert_int_equal(riscv.info.extensions, b->extensions);
	assert_int_equal(riscv.info.timebase, b->timebase);
	assert_int_equal(found.pub.num_devices, b->num_devices);
	assert_int_equal(found.console.kind, b->uart ? UART_NS16550 : UART_NONE);
	assert_int_equal(found.console.base, b->uart);
	assert_int_equal(found.console.reg_shift, b->uart_shift);
	assert_int_equal(found.console.irq.irq, b->uart ? RISCV_IRQ_OF_SOURCE(b->uart_source) : 0);
	check_controllers(b);
}

static void virtio_devices_have_their_interrupts(void **state)
{
	static const char *const trees[] = { "qemu-virt-plic", "qemu-virt-imsic-4" };

	for (unsigned i = 0; i < ARRAY_SIZE(trees); i++) {
		const struct platform_device *dev = &found.pub.devices[0];

		platform_fdt_parse_riscv(tree, load(trees[i]), &found, &riscv);
		assert_int_equal(dev->kind, PLATFORM_VIRTIO_MMIO);
		assert_int_equal(dev->base, 0x10008000);
		assert_int_equal(dev->size, 0x1000);
		assert_int_equal(dev->irq, RISCV_IRQ_OF_SOURCE(8));
		assert_false(dev->irq_edge);
	}
}

static void flipped_bytes_never_do_harm(void **state)
{
	static const char *const trees[] = { "qemu-virt-plic-4", "qemu-virt-sockets", "qemu-virt-aplic" };

	srand(1);
	for (unsigned round = 0; round < 3000; round++) {
		size_t size = load(trees[round % ARRAY_SIZE(trees)]);

		for (unsigned i = 0; i < 8; i++)
			tree[(size_t)rand() % size] ^= (uint8_t)(1 << rand() % 8);
		platform_fdt_parse_riscv(tree, size, &found, &riscv);
		assert_true(riscv.num_harts <= CPU_MAX && riscv.imsic.num_regions <= IMSIC_MAX_REGIONS);
	}
}

static void isa_strings_follow_the_naming_rules(void **state)
{
	static const struct {
		const char *isa;
		uint64_t extensions;
	} strings[] = {
		{ "rv64imafdc", GC },
		{ "rv64gc", GC },
		{ "rv64gch_sstc", GC | EXT(H) | EXT(SSTC) },
		{ "rv64i2p1m2p0a2p1f2p2d2p2c2p0", GC },
		{ "rv64i2_m_a_f_d_c", GC },
		{ "rv64imafdcv_zicbom_zicboz1p0_zba1_svpbmt",
		  GC | EXT(V) | EXT(ZICBOM) | EXT(ZICBOZ) | EXT(ZBA) | EXT(SVPBMT) },
		{ "rv64gczba_zbb", GC | EXT(ZBA) | EXT(ZBB) },
		/* Not the extensions whose names they begin with. */
		{ "rv64gc_zbaa_zb_svinvalx_xzba_zvl128b_zve32x", GC },
		{ "rv64gcb", GC | EXT(ZBA) | EXT(ZBB) | EXT(ZBS) },
		{ "rv64imafdcsuh", GC | EXT(H) },
		{ "rv64imafdcsu", GC },
		{ "rv64gcp2p0h", GC | EXT(H) },
		{ "rv64gc__sstc_", GC | EXT(SSTC) },
		{ "rv64", 0 },
		{ "rv64m", EXT(M) },
		{ "rv32imac", 0 },
		{ "", 0 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(strings); i++)
		if (isa_read_string(strings[i].isa) != strings[i].extensions)
			fail_msg("%s: %#llx, not %#llx", strings[i].isa,
				 (unsigned long long)isa_read_string(strings[i].isa),
				 (unsigned long long)strings[i].extensions);
}

static void isa_lists_name_each_extension(void **state)
{
	static const char text[] = "i\0m\0zicbom\0sstc\0h\0zbaa\0";
	struct fdt_data list = { text, sizeof(text) - 1 };

	assert_int_equal(isa_read_list(&list), EXT(I) | EXT(M) | EXT(ZICBOM) | EXT(SSTC) | EXT(H));
	list.len -= 8; /* without its end "sstc" is no string */
	assert_int_equal(isa_read_list(&list), EXT(I) | EXT(M) | EXT(ZICBOM));
	assert_int_equal(isa_read_list(NULL), 0);
	assert_string_equal(riscv_ext_name(RISCV_EXT_ZICBOM), "zicbom");
	assert_string_equal(riscv_ext_name(RISCV_EXT_SMAIA), "smaia");
}

int main(void)
{
	static struct CMUnitTest tests[ARRAY_SIZE(boards) + 4] = {
		cmocka_unit_test(virtio_devices_have_their_interrupts),
		cmocka_unit_test(flipped_bytes_never_do_harm),
		cmocka_unit_test(isa_strings_follow_the_naming_rules),
		cmocka_unit_test(isa_lists_name_each_extension),
	};

	for (size_t i = 0; i < ARRAY_SIZE(boards); i++)
		tests[4 + i] = (struct CMUnitTest){
			.name = boards[i].file,
			.test_func = a_board_is_found,
			.initial_state = (void *)&boards[i],
		};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
