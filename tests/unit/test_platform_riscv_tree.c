/* unit: axhal/platform_fdt.c axhal/fdt_walk.c axhal/riscv64/fdt_riscv.c axhal/riscv64/isa.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Discovery on RISC-V trees made by hand: what the boards of test_platform_riscv.c do not show.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>
#include <axhal/arch/irq.h>
#include <axstd/error.h>
#include "fdt_riscv.h"

static uint8_t tree[64 * 1024] __attribute__((aligned(8)));
static struct fdt_platform found;
static struct fdt_riscv riscv;

#define EXT(index) BIT(RISCV_EXT_##index)

/* Phandle of a hart's interrupt controller. */
#define INTC(hart) (0x10 + (hart))

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

/* A root with memory; devices are 64-bit. */
static void begin(void)
{
	fdt_create(tree, sizeof(tree));
	fdt_finish_reservemap(tree);
	node("");
	cells("#address-cells", 2);
	cells("#size-cells", 2);
	cells("interrupt-parent", 1);
	node("memory@80000000");
	string("device_type", "memory");
	cells("reg", 0, 0x80000000, 0, 0x40000000);
	end();
}

static void begin_cpus(void)
{
	node("cpus");
	cells("#address-cells", 1);
	cells("#size-cells", 0);
	cells("timebase-frequency", 10000000);
}

/* A hart; what else it has follows. */
static void begin_hart(unsigned id, const char *isa)
{
	char name[16];

	snprintf(name, sizeof(name), "cpu@%u", id);
	node(name);
	string("device_type", "cpu");
	cells("reg", id);
	string("mmu-type", "riscv,sv39");
	if (isa)
		string("riscv,isa", isa);
}

static void end_hart(unsigned id)
{
	node("interrupt-controller");
	string("compatible", "riscv,cpu-intc");
	cells("#interrupt-cells", 1);
	cells("phandle", INTC(id));
	end();
	end();
}

static void hart(unsigned id, const char *isa)
{
	begin_hart(id, isa);
	end_hart(id);
}

static void two_harts(const char *isa)
{
	begin_cpus();
	hart(0, isa);
	hart(1, isa);
	end();
}

static int parse(void)
{
	end();
	assert_int_equal(fdt_finish(tree), 0);
	return platform_fdt_parse_riscv(tree, sizeof(tree), &found, &riscv);
}

static bool has_note(const char *text)
{
	for (unsigned i = 0; i < found.num_notes; i++)
		if (strstr(found.notes[i], text))
			return true;
	return false;
}

static void device(const char *name, uint32_t base)
{
	node(name);
	string("compatible", "virtio,mmio");
	cells("reg", 0, base, 0, 0x1000);
}

static void the_isa_is_what_all_harts_have(void **state)
{
	static const char list[] = "i\0m\0a\0c\0h\0sstc\0zicboz\0zicbom";

	begin();
	begin_cpus();
	begin_hart(0, "rv64imafdch_zba"); /* riscv,isa-extensions counts more */
	fdt_property(tree, "riscv,isa-extensions", list, sizeof(list));
	cells("riscv,cboz-block-size", 64);
	cells("riscv,cbom-block-size", 64);
	end_hart(0);
	begin_hart(1, "rv64imach_sstc_zicboz_zba");
	cells("riscv,cboz-block-size", 32);
	end_hart(1);
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(riscv.info.extensions, EXT(I) | EXT(M) | EXT(A) | EXT(C) | EXT(H) | EXT(SSTC) | EXT(ZICBOZ));
	assert_int_equal(riscv.info.cboz_block, 32);
	assert_int_equal(riscv.info.cbom_block, 0);
	assert_int_equal(riscv.info.timebase, 10000000);
	assert_non_null(strstr(riscv.no_intc, "no usable PLIC or APLIC"));
}

static void harts_that_cannot_be_used_do_not_count(void **state)
{
	begin();
	begin_cpus();
	begin_hart(0, "rv64imac");
	string("status", "disabled");
	end_hart(0);
	node("cpu@1"); /* no mmu-type */
	string("device_type", "cpu");
	cells("reg", 1);
	string("riscv,isa", "rv64imac");
	end_hart(1);
	node("cpu@2");
	string("device_type", "cpu");
	cells("reg", 2);
	string("mmu-type", "riscv,none");
	string("riscv,isa", "rv64imac");
	end_hart(2);
	hart(3, "rv64gch");
	end();
	node("plic@c000000");
	string("compatible", "riscv,plic0");
	cells("reg", 0, 0xc000000, 0, 0x600000);
	cells("phandle", 1);
	cells("#interrupt-cells", 1);
	cells("riscv,ndev", 5000);
	/* Contexts are counted for all; a context with -1 has no wire. */
	cells("interrupts-extended", INTC(0), 11, INTC(0), 9, INTC(1), 11, INTC(3), 0xffffffff, INTC(3), 9, 99, 9);
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(riscv.num_harts, 1);
	assert_int_equal(found.num_cpus, 1);
	assert_int_equal(riscv.harts[0].hwid, 3);
	assert_int_equal(riscv.harts[0].context, 4);
	assert_true(riscv.info.extensions & EXT(H));
	assert_int_equal(riscv.plic.num_sources, 1023);
}

static void the_controller_may_stand_before_the_harts(void **state)
{
	begin();
	device("virtio@10001000", 0x10001000);
	cells("interrupts", 7);
	end();
	node("plic@c000000");
	string("compatible", "sifive,plic-1.0.0");
	cells("reg", 0, 0xc000000, 0, 0x600000);
	cells("phandle", 1);
	cells("#interrupt-cells", 1);
	cells("riscv,ndev", 95);
	cells("interrupts-extended", INTC(1), 9, INTC(0), 9);
	end();
	two_harts("rv64gch");
	assert_int_equal(parse(), 0);
	assert_int_equal(riscv.harts[0].context, 1);
	assert_int_equal(riscv.harts[1].context, 0);
	assert_int_equal(found.pub.devices[0].irq, RISCV_IRQ_OF_SOURCE(7));
	assert_int_equal(found.num_notes, 1); /* no console */
	assert_int_equal(riscv.no_intc[0], 0);
}

static void begin_aplic(const char *name, uint32_t base, uint32_t phandle)
{
	node(name);
	string("compatible", "riscv,aplic");
	cells("reg", 0, base, 0, 0x8000);
	cells("phandle", phandle);
	cells("#interrupt-cells", 2);
	cells("riscv,num-sources", 53);
}

static void an_aplic_without_its_imsic_may_drive_harts(void **state)
{
	begin();
	two_harts("rv64gch");
	begin_aplic("aplic@d000000", 0xd000000, 1);
	cells("msi-parent", 77);
	cells("interrupts-extended", INTC(1), 9, INTC(0), 9);
	end();
	assert_int_equal(parse(), 0);
	assert_false(riscv.aplic.msi);
	assert_int_equal(riscv.aplic.num_sources, 53);
	assert_int_equal(riscv.harts[0].idc, 1);
	assert_int_equal(riscv.harts[1].idc, 0);
}

static void an_aplic_that_drives_no_supervisor_is_not_used(void **state)
{
	begin();
	two_harts("rv64gch");
	begin_aplic("aplic@c000000", 0xc000000, 2);
	cells("interrupts-extended", INTC(0), 11, INTC(1), 11);
	end();
	begin_aplic("aplic@d000000", 0xd000000, 1);
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(riscv.aplic.reg.size, 0);
	assert_true(has_note("the APLIC reaches no hart's supervisor mode"));
}

static void types_of_interrupts(void **state)
{
	static const struct {
		uint32_t source, type;
		bool used, edge;
	} rows[] = {
		{ 1, 4, true, false },  { 2, 1, true, true },   { 3, 0, true, false },     { 4, 2, false, false },
		{ 5, 8, false, false }, { 0, 4, false, false }, { 1024, 4, false, false }, { 1023, 4, true, false },
	};
	unsigned used = 0;

	begin();
	two_harts("rv64gch");
	begin_aplic("aplic@d000000", 0xd000000, 1);
	cells("interrupts-extended", INTC(0), 9, INTC(1), 9);
	end();
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		device("virtio", 0x10000000 + i * 0x1000);
		cells("interrupts", rows[i].source, rows[i].type);
		end();
	}
	assert_int_equal(parse(), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct platform_device *dev = &found.pub.devices[used];

		if (!rows[i].used)
			continue;
		used++;
		assert_int_equal(dev->base, 0x10000000 + i * 0x1000);
		assert_int_equal(dev->irq, RISCV_IRQ_OF_SOURCE(rows[i].source));
		assert_int_equal(dev->irq_edge, rows[i].edge);
	}
	assert_int_equal(found.pub.num_devices, used);
}

static void imsic(uint32_t base, uint32_t phandle, uint32_t interrupt, bool both)
{
	char name[24];

	snprintf(name, sizeof(name), "imsics@%x", (unsigned)base);
	node(name);
	string("compatible", "riscv,imsics");
	cells("reg", 0, base, 0, 0x4000);
	cells("phandle", phandle);
	if (both)
		cells("interrupts-extended", INTC(1), interrupt, INTC(0), interrupt);
	else
		cells("interrupts-extended", INTC(1), interrupt);
	cells("riscv,num-ids", 127);
	end();
}

static void the_supervisor_imsic_is_chosen(void **state)
{
	begin();
	two_harts("rv64gch_ssaia");
	imsic(0x24000000, 2, 11, true);
	imsic(0x28000000, 3, 9, true);
	begin_aplic("aplic@d000000", 0xd000000, 1);
	cells("msi-parent", 3);
	end();
	assert_int_equal(parse(), 0);
	assert_true(riscv.aplic.msi);
	assert_int_equal(riscv.imsic.region[0].base, 0x28000000);
	assert_int_equal(riscv.imsic.num_ids, 127);
	assert_int_equal(riscv.imsic.num_guest_ids, 127);
	assert_int_equal(riscv.imsic.hart_index_bits, 1);
	assert_int_equal(riscv.imsic.group_index_shift, 24);
	assert_int_equal(riscv.harts[0].imsic, 1);
	assert_int_equal(riscv.harts[1].imsic, 0);
}

static void an_imsic_that_cannot_be_used_is_left_out(void **state)
{
	for (unsigned i = 0; i < 3; i++) {
		begin();
		two_harts(i == 0 ? "rv64gch" : "rv64gch_ssaia");
		imsic(0x28000000, 3, 9, i != 1);
		begin_aplic("aplic@d000000", 0xd000000, 1);
		cells("msi-parent", i == 2 ? 4 : 3);
		end();
		assert_int_equal(parse(), 0);
		assert_false(riscv.aplic.msi);
		assert_int_equal(riscv.aplic.reg.size, 0);
		assert_true(has_note(i == 0   ? "harts without Ssaia"
				     : i == 1 ? "does not reach all harts"
					      : "the APLIC reaches no hart"));
	}
}

static void an_unknown_controller_is_named(void **state)
{
	begin();
	two_harts("rv64gch");
	node("intc@c000000");
	string("compatible", "andestech,nceplic100");
	cells("reg", 0, 0xc000000, 0, 0x400000);
	cells("phandle", 1);
	cells("#interrupt-cells", 2);
	end();
	node("serial@10000000");
	string("compatible", "ns16550a");
	cells("reg", 0, 0x10000000, 0, 0x100);
	cells("interrupts", 10, 4);
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(found.console.irq.irq, 0);
	assert_true(has_note("console input is polled"));
	assert_string_equal(riscv.no_intc, "interrupt controller andestech,nceplic100 is not known");
}

static void a_tree_without_a_rate_says_so(void **state)
{
	begin();
	node("cpus");
	cells("#address-cells", 1);
	cells("#size-cells", 0);
	hart(0, "rv64gch");
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(riscv.info.timebase, 0);
	assert_true(has_note("no timebase-frequency"));

	begin();
	node("cpus");
	cells("#address-cells", 1);
	cells("#size-cells", 0);
	begin_hart(0, "rv64gch");
	cells("timebase-frequency", 1, 0); /* of 64 bits */
	end_hart(0);
	end();
	assert_int_equal(parse(), 0);
	assert_int_equal(riscv.info.timebase, UINT64_C(1) << 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_isa_is_what_all_harts_have),
		cmocka_unit_test(harts_that_cannot_be_used_do_not_count),
		cmocka_unit_test(the_controller_may_stand_before_the_harts),
		cmocka_unit_test(an_aplic_without_its_imsic_may_drive_harts),
		cmocka_unit_test(an_aplic_that_drives_no_supervisor_is_not_used),
		cmocka_unit_test(types_of_interrupts),
		cmocka_unit_test(the_supervisor_imsic_is_chosen),
		cmocka_unit_test(an_imsic_that_cannot_be_used_is_left_out),
		cmocka_unit_test(an_unknown_controller_is_named),
		cmocka_unit_test(a_tree_without_a_rate_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
