/* unit: axhal/riscv64/aplic.c axhal/riscv64/imsic.c axhal/riscv64/irq.c axhal/irq.c axhal/ipi.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IMSIC driver, and the APLIC driver that sends to it. AIA 1.0, chapters 3 and 4.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "aia_play.h"

#define FIRST_SOURCE_ID (1 + IPI_KINDS)
#define GUEST_BITS      1
#define STRIDE          (0x1000 << GUEST_BITS)

/* Two groups of two harts, 16 MiB apart; in each a page for the hart and one for a guest. */
static uint8_t (*groups)[1 << 24];
static uint64_t csrs[NUM_CPUS][4096];
static uint64_t indirect[NUM_CPUS][256];
static uint64_t real_guest_files;

uint64_t *host_csr(unsigned number)
{
	unsigned cpu = cpu_id();

	if (number == CSR_SIREG)
		return &indirect[cpu][csrs[cpu][CSR_SISELECT] & 255];
	if (number == CSR_HGEIE)
		csrs[cpu][number] &= real_guest_files; /* seen by the next access */
	return &csrs[cpu][number];
}

static uint32_t sent_to(unsigned cpu)
{
	uint8_t *file = groups[cpu / 2] + cpu % 2 * STRIDE;
	uint32_t value = mmio_read32(file);

	mmio_write32(file, 0);
	return value;
}

static int setup(void **state)
{
	play_begin();
	memset(csrs, 0, sizeof(csrs));
	memset(indirect, 0, sizeof(indirect));
	real_guest_files = 0x3e;
	if (!groups) {
		groups = host_alloc_ram(2 << 24, 2 << 24);
		for (unsigned i = 0; i < 2; i++)
			host_add_device((uintptr_t)groups[i], 2 * STRIDE, groups[i]);
	}
	riscv.aplic.msi = true;
	riscv.imsic = (struct fdt_imsic){
		.num_regions = 2,
		.region = { { (uintptr_t)groups[0], 2 * STRIDE, false }, { (uintptr_t)groups[1], 2 * STRIDE, false } },
		.num_ids = 63,
		.num_guest_ids = 127,
		.guest_index_bits = GUEST_BITS,
		.hart_index_bits = 1,
		.group_index_bits = 1,
		.group_index_shift = 24,
	};
	for (unsigned i = 0; i < NUM_CPUS; i++)
		riscv.harts[i].imsic = i;
	assert_int_equal(irq_init(), 0);
	irq_init_cpu();
	return 0;
}

static int teardown(void **state)
{
	irq_unregister(source_irq);
	return 0;
}

static void take(unsigned id)
{
	*host_csr(CSR_STOPEI) = id << 16 | id;
	external_interrupt();
}

static void every_identity_is_let_through(void **state)
{
	assert_string_equal(irq_controller_name(), "APLIC and IMSIC");
	assert_int_equal(riscv_host_intc(), RISCV_INTC_IMSIC);
	assert_int_equal(reg(DOMAINCFG), BIT(8) | BIT(2));
	for (unsigned cpu = 0; cpu < 2; cpu++) {
		host_set_cpu(cpu);
		irq_init_cpu();
		assert_int_equal(indirect[cpu][0xc0], UINT64_MAX);
		assert_int_equal(indirect[cpu][0xc2], 0); /* there are 63 */
		assert_int_equal(indirect[cpu][0x70], 1);
		assert_int_equal(indirect[cpu][0x72], 0);
		assert_int_equal(csr_read(CSR_SIE), BIT(INT_SSI) | BIT(INT_SEI));
	}
	host_set_cpu(0);
}

static void guests_have_the_files_that_all_harts_have(void **state)
{
	assert_int_equal(imsic_info()->num_ids, 63);
	assert_int_equal(imsic_info()->guest_ids, 127);
	assert_int_equal(imsic_info()->guest_files, 1);
	assert_int_equal(imsic_guest_page(0, 1), (uintptr_t)groups[0] + 0x1000);
	assert_int_equal(imsic_guest_page(3, 1), (uintptr_t)groups[1] + STRIDE + 0x1000);
	real_guest_files = 0;
	host_set_cpu(1);
	irq_init_cpu();
	assert_int_equal(imsic_info()->guest_files, 0);
	assert_int_equal(csr_read(CSR_HGEIE), 0);
	host_set_cpu(0);
}

static void a_source_is_a_message_to_its_hart(void **state)
{
	use_source(IRQ_EDGE_RISING);
	assert_int_equal(reg(SOURCECFG(40)), 4);
	assert_int_equal(reg(TARGET(40)) & 0x7ff, reg(TARGET(40)));
	assert_true(reg(TARGET(40)) >= FIRST_SOURCE_ID);
	assert_int_equal(written(SETIENUM), 40);
	assert_int_equal(written(SETIPNUM), 0);
	/* Group 1, hart 1 of it: the index has both. */
	assert_int_equal(irq_route(source_irq, 3), 0);
	assert_int_equal(reg(TARGET(40)) >> 18, 3);
	take(reg(TARGET(40)) & 0x7ff);
	assert_int_equal(handled, 1);
	assert_int_equal(*host_csr(CSR_STOPEI), 0); /* claimed */
	assert_int_equal(written(SETIPNUM), 0);
}

static void a_level_is_sent_again_when_it_was_handled(void **state)
{
	unsigned id;

	use_source(IRQ_LEVEL_HIGH);
	id = reg(TARGET(40)) & 0x7ff;
	assert_int_equal(reg(SOURCECFG(40)), 6);
	assert_int_equal(written(SETIPNUM), 40); /* it may have been high before */
	take(id);
	assert_int_equal(written(SETIPNUM), 40);
	result = IRQ_FORWARDED;
	take(id);
	assert_int_equal(written(SETIPNUM), 0);
	irq_deactivate(source_irq);
	assert_int_equal(written(SETIPNUM), 40);
	assert_int_equal(handled, 2);
}

static void identities_of_nobody_are_dropped(void **state)
{
	use_source(IRQ_EDGE_RISING);
	take(63);
	take(2047);
	take(0);
	assert_int_equal(handled, 0);
}

static unsigned rescheduled;

static void reschedule(void)
{
	rescheduled++;
}

static void ipis_are_messages(void **state)
{
	rescheduled = 0;
	ipi_register(IPI_RESCHEDULE, reschedule);
	for (unsigned cpu = 0; cpu < NUM_CPUS; cpu++) {
		ipi_send(cpu, IPI_CALL);
		assert_int_equal(sent_to(cpu), 1 + IPI_CALL);
	}
	assert_int_equal(ipis_by_firmware, 0);
	take(1 + IPI_RESCHEDULE);
	assert_int_equal(rescheduled, 1);
	assert_int_equal(counts[0][RISCV_IRQ_IPI + IPI_RESCHEDULE], 1);
}

/* Only what is registered takes an identity, and keeps it. */
static void identities_run_out(void **state)
{
	unsigned taken = 0;

	for (unsigned source = 1; source <= NUM_SOURCES; source++) {
		unsigned irq = RISCV_IRQ_OF_SOURCE(source);

		assert_int_equal(irq_register(irq, IRQ_EDGE_RISING, handler, NULL, "device"), 0);
		if (reg(TARGET(source)))
			taken++;
		irq_unregister(irq);
	}
	assert_in_range(taken, 63 - IPI_KINDS, 63 - IPI_KINDS + 1);
	assert_true(host_log_contains("no identity is left"));
}

static void without_a_file_for_each_hart_there_is_no_imsic(void **state)
{
	riscv.imsic.num_regions = 1;
	assert_false(imsic_init(&riscv));
	assert_true(host_log_contains("no interrupt file for CPU 2"));
	riscv.imsic.num_regions = 2;
	riscv.imsic.num_ids = IPI_KINDS;
	assert_false(imsic_init(&riscv));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_identity_is_let_through, setup, teardown),
		cmocka_unit_test_setup_teardown(guests_have_the_files_that_all_harts_have, setup, teardown),
		cmocka_unit_test_setup_teardown(a_source_is_a_message_to_its_hart, setup, teardown),
		cmocka_unit_test_setup_teardown(a_level_is_sent_again_when_it_was_handled, setup, teardown),
		cmocka_unit_test_setup_teardown(identities_of_nobody_are_dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(ipis_are_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(identities_run_out, setup, teardown),
		cmocka_unit_test_setup_teardown(without_a_file_for_each_hart_there_is_no_imsic, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
