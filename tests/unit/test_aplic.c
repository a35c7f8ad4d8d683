/* unit: axhal/riscv64/aplic.c axhal/riscv64/imsic.c axhal/riscv64/irq.c axhal/irq.c axhal/ipi.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The APLIC driver in direct mode. AIA 1.0, chapter 4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "aia_play.h"

static int setup(void **state)
{
	play_begin();
	/* The controller counts harts in an order of its own, and does not know CPU 3. */
	riscv.harts[0].idc = 2;
	riscv.harts[1].idc = 0;
	riscv.harts[2].idc = 1;
	assert_int_equal(irq_init(), 0);
	irq_init_cpu();
	return 0;
}

static int teardown(void **state)
{
	irq_unregister(source_irq);
	irq_deactivate(source_irq);
	return 0;
}

static void take(unsigned idc, unsigned source)
{
	mmio_write32(aplic + CLAIMI(idc), source << 16 | 1);
	external_interrupt();
}

static void the_domain_starts_silent(void **state)
{
	assert_string_equal(irq_controller_name(), "APLIC");
	assert_int_equal(riscv_host_intc(), RISCV_INTC_APLIC);
	assert_int_equal(imsic_info()->num_ids, 0);
	for (unsigned source = 1; source <= NUM_SOURCES; source++)
		assert_int_equal(reg(SOURCECFG(source)), 0);
	for (unsigned i = 0; i <= NUM_SOURCES / 32; i++)
		assert_int_equal(reg(CLRIE + i * 4), UINT32_MAX);
	assert_int_equal(reg(DOMAINCFG), BIT(8));
	assert_int_equal(reg(IDELIVERY(2)), 1);
	assert_int_equal(reg(IDELIVERY(0)), 0); /* until that CPU comes */
	host_set_cpu(1);
	irq_init_cpu();
	assert_int_equal(reg(IDELIVERY(0)), 1);
	host_set_cpu(3);
	*host_csr(CSR_SIE) = 0;
	irq_init_cpu();
	assert_int_equal(csr_read(CSR_SIE), BIT(INT_SSI));
	host_set_cpu(0);
	assert_true(host_log_contains("no delivery structure for CPU 3"));
}

static void a_source_has_its_trigger_and_its_hart(void **state)
{
	use_source(IRQ_LEVEL_HIGH);
	assert_int_equal(reg(SOURCECFG(40)), 6);
	assert_int_equal(reg(TARGET(40)), 2 << 18 | 1);
	assert_int_equal(written(SETIENUM), 40);
	assert_int_equal(irq_route(source_irq, 1), 0);
	assert_int_equal(reg(TARGET(40)), 0 << 18 | 1);
	assert_int_equal(irq_route(source_irq, 3), -AX_ENOTSUP);
	assert_int_equal(irq_route(RISCV_IRQ_SOURCE, 1), -AX_EINVAL);
	irq_mask(source_irq);
	assert_int_equal(written(CLRIENUM), 40);
	assert_int_equal(irq_unregister(source_irq), 0);
	use_source(IRQ_EDGE_RISING);
	assert_int_equal(reg(SOURCECFG(40)), 4);
}

static void a_source_is_claimed_and_handled(void **state)
{
	use_source(IRQ_LEVEL_HIGH);
	written(SETIENUM);
	take(2, 40);
	assert_int_equal(handled, 1);
	assert_int_equal(counts[0][source_irq], 1);
	assert_int_equal(written(CLRIENUM) | written(SETIENUM) | written(SETIPNUM), 0);
	take(2, 0);
	take(2, NUM_SOURCES + 1);
	take(2, 1023);
	assert_int_equal(handled, 1);
	/* Nobody's: masked. */
	take(2, 41);
	assert_int_equal(written(CLRIENUM), 41);
}

static void a_forwarded_level_is_held_until_it_is_ended(void **state)
{
	use_source(IRQ_LEVEL_HIGH);
	written(SETIENUM);
	result = IRQ_FORWARDED;
	take(2, 40);
	assert_int_equal(written(CLRIENUM), 40);
	/* Unmasked in between: not before it is ended. */
	irq_unmask(source_irq);
	assert_int_equal(written(SETIENUM), 0);
	irq_deactivate(source_irq);
	assert_int_equal(written(SETIENUM), 40);
	/* Masked in between: it stays so. */
	take(2, 40);
	irq_mask(source_irq);
	irq_deactivate(source_irq);
	assert_int_equal(written(SETIENUM), 0);
	irq_unmask(source_irq);
	assert_int_equal(written(SETIENUM), 40);
}

static void a_forwarded_edge_needs_no_holding(void **state)
{
	use_source(IRQ_EDGE_RISING);
	written(SETIENUM);
	result = IRQ_FORWARDED;
	take(2, 40);
	irq_deactivate(source_irq);
	assert_int_equal(written(CLRIENUM) | written(SETIENUM) | written(SETIPNUM), 0);
}

static void ipis_go_by_the_firmware(void **state)
{
	ipi_send(2, IPI_RESCHEDULE);
	assert_int_equal(ipis_by_firmware, BIT(2));
}

static void an_aplic_that_reaches_nobody_is_none(void **state)
{
	riscv.aplic.reg.size = 0x4000;
	assert_null(aplic_init(&riscv));
	assert_true(host_log_contains("it reaches no CPU"));
	riscv.aplic.reg.size = 0;
	assert_null(aplic_init(&riscv));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_domain_starts_silent, setup, teardown),
		cmocka_unit_test_setup_teardown(a_source_has_its_trigger_and_its_hart, setup, teardown),
		cmocka_unit_test_setup_teardown(a_source_is_claimed_and_handled, setup, teardown),
		cmocka_unit_test_setup_teardown(a_forwarded_level_is_held_until_it_is_ended, setup, teardown),
		cmocka_unit_test_setup_teardown(a_forwarded_edge_needs_no_holding, setup, teardown),
		cmocka_unit_test_setup_teardown(ipis_go_by_the_firmware, setup, teardown),
		cmocka_unit_test_setup_teardown(an_aplic_that_reaches_nobody_is_none, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
