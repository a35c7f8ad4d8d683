/* unit: axdevice/riscv/vaia.c axdevice/riscv/vaia_fdt.c axdevice/riscv/vaia_file.c axdevice/riscv/vaplic.c axdevice/riscv/vimsic.c axdevice/common/bus.c axstd/error.c vaia_fake.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The APLIC: registers, pending bits by source mode, direct delivery, MSIs, its nodes in the device tree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include <host/host.h>
#include <axstd/error.h>
#include <libfdt.h>
#include "vaia_fake.h"

#define SOURCE       10
#define BIT10        (UINT32_C(1) << SOURCE)
#define SOURCECFG(n) (APLIC_SOURCECFG + 4 * (n))
#define TARGET(n)    (APLIC_TARGET + 4 * (n))
#define IDC(n, reg)  (APLIC_IDC + IDC_SIZE * (n) + (reg))
#define HART(n)      ((uint32_t)(n) << TARGET_HART_SHIFT)

static int start_direct(void **state)
{
	fake_create(2, false, 0);
	for (unsigned i = 0; i < 2; i++) {
		fake_load(i, i);
		fake_w(IDC(i, IDC_IDELIVERY), 1);
	}
	fake_w(APLIC_DOMAINCFG, DOMAINCFG_IE);
	return 0;
}

static int start_msi(void **state)
{
	fake_create(2, true, 0);
	for (unsigned i = 0; i < 2; i++) {
		fake_load(i, i);
		fake_set_ireg(i, ISELECT_EIDELIVERY, 1);
		for (unsigned w = 0; w < 4; w++)
			fake_set_ireg(i, ISELECT_EIE + 2 * w, UINT64_MAX);
	}
	fake_w(APLIC_DOMAINCFG, DOMAINCFG_IE);
	return 0;
}

static int stop(void **state)
{
	fake_destroy();
	return 0;
}

static void use(unsigned source, unsigned mode, uint32_t target)
{
	fake_w(SOURCECFG(source), mode);
	fake_w(TARGET(source), target);
	fake_w(APLIC_SETIENUM, source);
}

static unsigned claim(unsigned hart)
{
	return fake_r(IDC(hart, IDC_CLAIMI)) >> TOPI_ID_SHIFT;
}

static void an_active_level_stays_pending_when_it_is_claimed(void **state)
{
	use(SOURCE, SM_LEVEL1, HART(1) | 3);
	fake_line(SOURCE, true);
	assert_true(fake.level[1]);
	assert_false(fake.level[0]);
	assert_int_equal(fake_r(IDC(1, IDC_TOPI)), SOURCE << 16 | 3);
	assert_int_equal(fake_r(IDC(1, IDC_CLAIMI)), SOURCE << 16 | 3);
	assert_int_equal(claim(1), SOURCE);
	assert_true(fake.level[1]);
	fake_line(SOURCE, false);
	assert_false(fake.level[1]);
	assert_int_equal(claim(1), 0);
}

static void a_level_in_direct_mode_is_neither_set_nor_cleared_by_writes(void **state)
{
	use(SOURCE, SM_LEVEL1, HART(0) | 1);
	fake_w(APLIC_SETIPNUM, SOURCE);
	fake_w(APLIC_SETIP, BIT10);
	assert_int_equal(fake_r(APLIC_SETIP), 0);
	fake_line(SOURCE, true);
	fake_w(APLIC_CLRIPNUM, SOURCE);
	fake_w(APLIC_IN_CLRIP, BIT10);
	assert_int_equal(fake_r(APLIC_SETIP), BIT10);
	assert_int_equal(fake_r(APLIC_IN_CLRIP), BIT10);
}

static void an_edge_is_pending_until_it_is_claimed_or_cleared(void **state)
{
	use(SOURCE, SM_EDGE1, HART(0) | 1);
	fake_line(SOURCE, true);
	fake_line(SOURCE, false);
	assert_int_equal(claim(0), SOURCE);
	assert_int_equal(claim(0), 0);
	assert_false(fake.level[0]);
	fake_line(SOURCE, true);
	fake_w(APLIC_CLRIPNUM, SOURCE);
	assert_false(fake.level[0]);
	fake_w(APLIC_SETIPNUM_LE, SOURCE);
	assert_int_equal(claim(0), SOURCE);
	fake_w(APLIC_SETIPNUM_BE, __builtin_bswap32(SOURCE));
	assert_int_equal(claim(0), SOURCE);
	assert_int_equal(fake_r(APLIC_SETIPNUM), 0);
}

static void inverted_sources_look_at_the_low_level(void **state)
{
	use(SOURCE, SM_LEVEL0, HART(0) | 1);
	assert_int_equal(claim(0), SOURCE);
	assert_int_equal(fake_r(APLIC_IN_CLRIP), BIT10);
	fake_line(SOURCE, true);
	assert_int_equal(claim(0), 0);
	fake_w(SOURCECFG(SOURCE), SM_EDGE0);
	assert_int_equal(claim(0), 0);
	fake_line(SOURCE, false);
	assert_int_equal(claim(0), SOURCE);
	fake_line(SOURCE, true);
	assert_int_equal(claim(0), 0);
}

static void a_detached_source_hears_only_writes(void **state)
{
	use(SOURCE, SM_DETACHED, HART(0) | 1);
	fake_line(SOURCE, true);
	assert_int_equal(fake_r(APLIC_IN_CLRIP), 0);
	assert_int_equal(claim(0), 0);
	fake_w(APLIC_SETIP, BIT10);
	assert_int_equal(claim(0), SOURCE);
}

static void an_inactive_source_reads_as_zero(void **state)
{
	use(SOURCE, SM_EDGE1, HART(1) | 7);
	fake_line(SOURCE, true);
	assert_int_equal(fake_r(TARGET(SOURCE)), HART(1) | 7);
	fake_w(SOURCECFG(SOURCE), SM_INACTIVE);
	assert_false(fake.level[1]);
	fake_w(TARGET(SOURCE), HART(1) | 7);
	fake_w(APLIC_SETIENUM, SOURCE);
	fake_w(APLIC_SETIE, BIT10);
	fake_w(APLIC_SETIPNUM, SOURCE);
	assert_int_equal(fake_r(TARGET(SOURCE)), 0);
	assert_int_equal(fake_r(APLIC_SETIE), 0);
	assert_int_equal(fake_r(APLIC_SETIP), 0);
	assert_int_equal(fake_r(APLIC_IN_CLRIP), 0);
	/* What waits at its wire shows when it is active again as a level. */
	use(SOURCE, SM_LEVEL1, HART(0) | 1);
	assert_int_equal(claim(0), SOURCE);
}

static void source_modes_that_do_not_exist_are_inactive(void **state)
{
	static const uint32_t values[] = { 2, 3, SOURCECFG_D | SM_EDGE1, SOURCECFG_D };

	for (unsigned i = 0; i < ARRAY_SIZE(values); i++) {
		fake_w(SOURCECFG(SOURCE), SM_EDGE1);
		assert_int_equal(fake_r(SOURCECFG(SOURCE)), SM_EDGE1);
		fake_w(SOURCECFG(SOURCE), values[i]);
		assert_int_equal(fake_r(SOURCECFG(SOURCE)), 0);
	}
	fake_w(SOURCECFG(FAKE_SOURCES + 1), SM_EDGE1);
	assert_int_equal(fake_r(SOURCECFG(FAKE_SOURCES + 1)), 0);
	fake_w(SOURCECFG(FAKE_SOURCES), SM_EDGE1);
	assert_int_equal(fake_r(SOURCECFG(FAKE_SOURCES)), SM_EDGE1);
}

static void the_least_priority_number_wins_then_the_least_source(void **state)
{
	use(20, SM_EDGE1, HART(0) | 5);
	use(40, SM_EDGE1, HART(0) | 5);
	use(70, SM_EDGE1, HART(0) | 4);
	use(5, SM_EDGE1, HART(0)); /* priority 0 becomes 1 */
	assert_int_equal(fake_r(TARGET(5)), HART(0) | 1);
	fake_line(40, true);
	fake_line(20, true);
	fake_line(70, true);
	fake_line(5, true);
	assert_int_equal(claim(0), 5);
	assert_int_equal(claim(0), 70);
	assert_int_equal(claim(0), 20);
	assert_int_equal(claim(0), 40);
	assert_int_equal(claim(0), 0);
}

static void the_threshold_holds_back_its_number_and_above(void **state)
{
	use(SOURCE, SM_LEVEL1, HART(0) | 5);
	fake_line(SOURCE, true);
	fake_w(IDC(0, IDC_ITHRESHOLD), 5);
	assert_false(fake.level[0]);
	assert_int_equal(fake_r(IDC(0, IDC_TOPI)), 0);
	fake_w(IDC(0, IDC_ITHRESHOLD), 6);
	assert_true(fake.level[0]);
	fake_w(IDC(0, IDC_ITHRESHOLD), 0);
	assert_int_equal(claim(0), SOURCE);
}

static void delivery_and_the_domain_gate_the_signal_but_not_topi(void **state)
{
	use(SOURCE, SM_LEVEL1, HART(0) | 5);
	fake_line(SOURCE, true);
	fake_w(IDC(0, IDC_IDELIVERY), 0);
	assert_false(fake.level[0]);
	assert_int_equal(fake_r(IDC(0, IDC_TOPI)) >> 16, SOURCE);
	fake_w(IDC(0, IDC_IDELIVERY), 1);
	assert_true(fake.level[0]);
	fake_w(APLIC_DOMAINCFG, 0);
	assert_false(fake.level[0]);
	assert_int_equal(fake_r(IDC(0, IDC_TOPI)) >> 16, SOURCE);
	fake_w(APLIC_DOMAINCFG, UINT32_MAX);
	assert_int_equal(fake_r(APLIC_DOMAINCFG), DOMAINCFG_FIXED | DOMAINCFG_IE);
	assert_true(fake.level[0]);
}

static void iforce_ends_with_a_claim_of_nothing(void **state)
{
	fake_w(IDC(1, IDC_IFORCE), 1);
	assert_true(fake.level[1]);
	assert_int_equal(fake_r(IDC(1, IDC_IFORCE)), 1);
	assert_int_equal(claim(1), 0);
	assert_int_equal(fake_r(IDC(1, IDC_IFORCE)), 0);
	assert_false(fake.level[1]);
}

static void a_new_target_takes_the_interrupt_along(void **state)
{
	use(SOURCE, SM_LEVEL1, HART(0) | 1);
	fake_line(SOURCE, true);
	fake_w(TARGET(SOURCE), HART(1) | 1);
	assert_false(fake.level[0]);
	assert_true(fake.level[1]);
	fake_w(TARGET(SOURCE), HART(77) | 1); /* nobody */
	assert_false(fake.level[1]);
	assert_int_equal(fake_r(IDC(77, IDC_TOPI)), 0);
}

static void enables_by_word_and_by_number(void **state)
{
	fake_w(SOURCECFG(33), SM_EDGE1);
	fake_w(SOURCECFG(34), SM_EDGE1);
	fake_w(APLIC_SETIE + 4, UINT32_MAX);
	assert_int_equal(fake_r(APLIC_SETIE + 4), 6);
	fake_w(APLIC_CLRIENUM, 33);
	assert_int_equal(fake_r(APLIC_SETIE + 4), 4);
	fake_w(APLIC_CLRIE + 4, 4);
	assert_int_equal(fake_r(APLIC_SETIE + 4), 0);
	assert_int_equal(fake_r(APLIC_CLRIE + 4), 0);
	fake_line(33, true);
	assert_false(fake.level[0]);
	fake_w(APLIC_SETIENUM, 33);
	assert_true(fake.level[0]);
	fake_w(APLIC_CLRIENUM, 33);
	assert_false(fake.level[0]);
}

static void numbers_beyond_the_last_source_are_ignored(void **state)
{
	static const unsigned regs[] = { APLIC_SETIPNUM, APLIC_CLRIPNUM, APLIC_SETIENUM, APLIC_CLRIENUM };
	static const uint32_t numbers[] = { 0, FAKE_SOURCES + 1, 1024, UINT32_MAX };

	for (unsigned r = 0; r < ARRAY_SIZE(regs); r++)
		for (unsigned n = 0; n < ARRAY_SIZE(numbers); n++)
			fake_w(regs[r], numbers[n]);
	for (unsigned w = 0; w < 32; w++) {
		fake_w(APLIC_SETIP + 4 * w, UINT32_MAX);
		fake_w(APLIC_SETIE + 4 * w, UINT32_MAX);
		assert_int_equal(fake_r(APLIC_SETIP + 4 * w), 0);
		assert_int_equal(fake_r(APLIC_SETIE + 4 * w), 0);
	}
	assert_null(vaia_line(fake.aia, 0).set);
	assert_null(vaia_line(fake.aia, FAKE_SOURCES + 1).set);
}

static void only_words_are_registers(void **state)
{
	fake_write(0, FAKE_APLIC + SOURCECFG(1), 1, 4);
	fake_write(0, FAKE_APLIC + SOURCECFG(2), 8, 0x0000000400000004);
	assert_int_equal(fake_r(SOURCECFG(1)) | fake_r(SOURCECFG(2)) | fake_r(SOURCECFG(3)), 0);
	assert_int_equal(fake_read(0, FAKE_APLIC, 8), 0);
	assert_int_equal(fake_read(0, FAKE_APLIC, 2), 0);
}

static void msi_addresses_are_not_the_supervisors_business(void **state)
{
	for (unsigned reg = 0x1bc0; reg < 0x1bd0; reg += 4) {
		fake_w(reg, UINT32_MAX);
		assert_int_equal(fake_r(reg), 0);
	}
}

static void reset_is_power_on(void **state)
{
	use(SOURCE, SM_LEVEL1, HART(0) | 1);
	fake_line(SOURCE, true);
	fake_put(0);
	fake_put(1);
	vaia_reset(fake.aia);
	assert_false(fake.level[0]);
	assert_int_equal(fake_r(APLIC_DOMAINCFG), DOMAINCFG_FIXED);
	assert_int_equal(fake_r(SOURCECFG(SOURCE)), 0);
	assert_int_equal(fake_r(IDC(0, IDC_IDELIVERY)), 0);
}

static void a_vcpu_that_starts_again_is_told_its_level(void **state)
{
	use(SOURCE, SM_LEVEL1, HART(1) | 1);
	fake_line(SOURCE, true);
	fake_put(1);
	fake.level[1] = false; /* its reset */
	vaia_reset_cpu(&fake.vcpu[1]);
	assert_true(fake.level[1]);
}

/* --- MSI mode --- */

static void an_edge_is_forwarded_and_forgotten(void **state)
{
	use(SOURCE, SM_EDGE1, HART(1) | 42);
	fake_line(SOURCE, true);
	assert_int_equal(fake_r(APLIC_SETIP), 0);
	assert_true(fake.level[1]);
	assert_int_equal(fake_claim(1), 42);
	assert_false(fake.level[1]);
}

static void a_level_is_sent_once_and_again_on_setipnum_while_high(void **state)
{
	use(SOURCE, SM_LEVEL1, HART(0) | 9);
	fake_line(SOURCE, true);
	assert_int_equal(fake_claim(0), 9);
	assert_int_equal(fake_claim(0), 0);
	fake_w(APLIC_SETIPNUM_LE, SOURCE);
	assert_int_equal(fake_claim(0), 9);
	fake_line(SOURCE, false);
	fake_w(APLIC_SETIPNUM_LE, SOURCE);
	assert_int_equal(fake_claim(0), 0);
	fake_line(SOURCE, true);
	assert_int_equal(fake_claim(0), 9);
}

static void a_level_that_waits_for_its_enable_can_be_cleared(void **state)
{
	fake_w(SOURCECFG(SOURCE), SM_LEVEL1);
	fake_w(TARGET(SOURCE), HART(0) | 9);
	fake_line(SOURCE, true);
	assert_int_equal(fake_r(APLIC_SETIP), BIT10);
	fake_w(APLIC_CLRIPNUM, SOURCE);
	assert_int_equal(fake_r(APLIC_SETIP), 0);
	fake_w(APLIC_SETIPNUM, SOURCE);
	assert_int_equal(fake_r(APLIC_SETIP), BIT10);
	fake_line(SOURCE, false);
	assert_int_equal(fake_r(APLIC_SETIP), 0);
	fake_line(SOURCE, true);
	fake_w(APLIC_SETIENUM, SOURCE);
	assert_int_equal(fake_r(APLIC_SETIP), 0);
	assert_int_equal(fake_claim(0), 9);
}

static void nothing_is_sent_while_the_domain_is_off(void **state)
{
	fake_w(APLIC_DOMAINCFG, 0);
	use(SOURCE, SM_EDGE1, HART(0) | 9);
	fake_line(SOURCE, true);
	assert_int_equal(fake_claim(0), 0);
	fake_w(APLIC_GENMSI, HART(0) | 77); /* extempore MSIs are */
	assert_int_equal(fake_claim(0), 77);
	assert_int_equal(fake_r(APLIC_GENMSI), 0);
	fake_w(APLIC_DOMAINCFG, DOMAINCFG_IE);
	assert_int_equal(fake_r(APLIC_DOMAINCFG), DOMAINCFG_FIXED | DOMAINCFG_IE | DOMAINCFG_DM);
	assert_int_equal(fake_claim(0), 9);
}

static void targets_hold_what_exists(void **state)
{
	fake_w(SOURCECFG(SOURCE), SM_EDGE1);
	fake_w(TARGET(SOURCE), UINT32_MAX);
	assert_int_equal(fake_r(TARGET(SOURCE)), TARGET_HART_MASK | 0xff); /* no guest index; 255 identities */
	fake_w(APLIC_SETIENUM, SOURCE);
	fake_line(SOURCE, true); /* to nobody */
	assert_int_equal(fake_r(APLIC_SETIP), 0);
	assert_int_equal(fake_r(IDC(0, IDC_IDELIVERY)), 0); /* no direct delivery */
	fake_w(IDC(0, IDC_IFORCE), 1);
	assert_int_equal(fake_r(IDC(0, IDC_IFORCE)), 0);
}

/* --- the device tree --- */

static char tree[8192];

static void describe(struct fdt_context *ctx)
{
	struct device *dev = vaia_device(fake.aia);

	assert_int_equal(fdt_create(tree, sizeof(tree)), 0);
	fdt_finish_reservemap(tree);
	fdt_begin_node(tree, "");
	assert_int_equal(dev->ops->describe(dev, ctx), 0);
	fdt_end_node(tree);
	assert_int_equal(fdt_finish(tree), 0);
	assert_int_equal(fdt_check_full(tree, sizeof(tree)), 0);
}

static uint32_t cell(const char *path, const char *name, unsigned n)
{
	int len, node = fdt_path_offset(tree, path);
	const fdt32_t *cells = fdt_getprop(tree, node, name, &len);

	assert_true(node >= 0 && cells && len >= (int)(4 * n + 4));
	return fdt32_to_cpu(cells[n]);
}

static void nodes_of_the_direct_mode(void **state)
{
	struct fdt_context ctx = { .fdt = tree, .intc_phandle = 1, .hart_phandle = 0x10, .next_phandle = 0x100 };

	describe(&ctx);
	assert_int_equal(cell("/aplic@d000000", "phandle", 0), 1);
	assert_int_equal(cell("/aplic@d000000", "interrupts-extended", 2), 0x11);
	assert_int_equal(cell("/aplic@d000000", "interrupts-extended", 3), 9);
	assert_int_equal(cell("/aplic@d000000", "riscv,num-sources", 0), FAKE_SOURCES);
	assert_int_equal(cell("/aplic@d000000", "reg", 3), 0x8000);
	assert_true(fdt_path_offset(tree, "/imsics@28000000") < 0);
}

static void nodes_of_the_msi_mode(void **state)
{
	struct fdt_context ctx = { .fdt = tree, .intc_phandle = 1, .hart_phandle = 0x10, .next_phandle = 0x100 };
	uint32_t cells[3];

	describe(&ctx);
	assert_int_equal(cell("/aplic@d000000", "msi-parent", 0), 0x100);
	assert_int_equal(cell("/imsics@28000000", "phandle", 0), 0x100);
	assert_int_equal(cell("/imsics@28000000", "riscv,num-ids", 0), FAKE_IDS);
	assert_int_equal(cell("/imsics@28000000", "reg", 3), 0x2000);
	assert_int_equal(cell("/imsics@28000000", "interrupts-extended", 2), 0x11);
	assert_int_equal(ctx.next_phandle, 0x101);
	assert_int_equal(vaia_irq_cells(7, false, cells), 2);
	assert_int_equal(cells[0], 7);
	assert_int_equal(cells[1], 4);
	vaia_irq_cells(7, true, cells);
	assert_int_equal(cells[1], 1);
}

/* --- creation --- */

static void bad_parameters_are_refused(void **state)
{
	struct bus bus;
	struct vaia *aia;
	const struct vaia_params good = { .aplic_base = FAKE_APLIC,
					  .imsic = true,
					  .imsic_base = FAKE_IMSIC,
					  .num_vcpus = 1,
					  .num_sources = 1,
					  .num_ids = 63,
					  .mmio = &bus };
	struct vaia_params p;

	bus_init(&bus);
#define REFUSED(change)                                              \
	do {                                                         \
		p = good;                                            \
		change;                                              \
		assert_int_equal(vaia_create(&p, &aia), -AX_EINVAL); \
	} while (0)
	REFUSED(p.num_vcpus = 0);
	REFUSED(p.num_vcpus = 65);
	REFUSED(p.num_sources = 0);
	REFUSED(p.num_sources = 1024);
	REFUSED(p.num_ids = 64);
	REFUSED(p.num_ids = 2111);
	REFUSED(p.imsic_base++);
	REFUSED(p.aplic_base++);
	for (unsigned n = 0; n < 3; n++) {
		host_fail_after(n);
		assert_int_equal(vaia_create(&good, &aia), -AX_ENOMEM);
		host_fail_never();
		assert_int_equal(bus.count, 0);
	}
	assert_int_equal(vaia_create(&good, &aia), 0);
	p = good;
	p.aplic_base = 0x1000;
	assert_int_equal(vaia_create(&p, &aia), -AX_EEXIST);
	assert_int_equal(bus.count, 2);
	vaia_destroy(aia);
	assert_int_equal(bus.count, 0);
	bus_destroy(&bus);
	vaia_destroy(NULL);
}

#define DIRECT(test) cmocka_unit_test_setup_teardown(test, start_direct, stop)
#define MSI(test)    cmocka_unit_test_setup_teardown(test, start_msi, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DIRECT(an_active_level_stays_pending_when_it_is_claimed),
		DIRECT(a_level_in_direct_mode_is_neither_set_nor_cleared_by_writes),
		DIRECT(an_edge_is_pending_until_it_is_claimed_or_cleared),
		DIRECT(inverted_sources_look_at_the_low_level),
		DIRECT(a_detached_source_hears_only_writes),
		DIRECT(an_inactive_source_reads_as_zero),
		DIRECT(source_modes_that_do_not_exist_are_inactive),
		DIRECT(the_least_priority_number_wins_then_the_least_source),
		DIRECT(the_threshold_holds_back_its_number_and_above),
		DIRECT(delivery_and_the_domain_gate_the_signal_but_not_topi),
		DIRECT(iforce_ends_with_a_claim_of_nothing),
		DIRECT(a_new_target_takes_the_interrupt_along),
		DIRECT(enables_by_word_and_by_number),
		DIRECT(numbers_beyond_the_last_source_are_ignored),
		DIRECT(only_words_are_registers),
		DIRECT(msi_addresses_are_not_the_supervisors_business),
		DIRECT(reset_is_power_on),
		DIRECT(a_vcpu_that_starts_again_is_told_its_level),
		DIRECT(nodes_of_the_direct_mode),
		MSI(an_edge_is_forwarded_and_forgotten),
		MSI(a_level_is_sent_once_and_again_on_setipnum_while_high),
		MSI(a_level_that_waits_for_its_enable_can_be_cleared),
		MSI(nothing_is_sent_while_the_domain_is_off),
		MSI(targets_hold_what_exists),
		MSI(nodes_of_the_msi_mode),
		cmocka_unit_test(bad_parameters_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
