/* unit: axhal/riscv64/plic.c axhal/riscv64/irq.c axhal/irq.c axhal/ipi.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PLIC driver and the hart's own interrupts, on registers in memory: what is written stays there, and a claim reads
 * what the test has put there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <axhal/arch/csr.h>
#include <axhal/arch/imsic.h>
#include <axhal/arch/irq.h>
#include <axhal/mmio.h>
#include <axhal/platform.h>
#include <axstd/error.h>
#include "arch.h"
#include "host/host.h"
#include "intc.h"

#define NUM_CPUS  4
#define PLIC_SIZE 0x208000

#define PRIORITY(source)   ((source)*4)
#define ENABLE(context)    (0x2000 + (context)*0x80)
#define THRESHOLD(context) (0x200000 + (context)*0x1000)
#define CLAIM(context)     (0x200004 + (context)*0x1000)

static uint8_t plic[PLIC_SIZE] __attribute__((aligned(4096)));
static struct fdt_riscv riscv;
static uint32_t counts[NUM_CPUS][IRQ_MAX];
static cpumask_t ipis_by_firmware;
DECLARE_PER_CPU(uint32_t *, irq_counts);

/* CPU 0 is the hart that booted: not the first one of the tree. */
uint64_t cpu_hwid(unsigned cpu)
{
	static const uint64_t hwids[NUM_CPUS] = { 3, 1, 2, 4 };

	return hwids[cpu];
}

const struct fdt_riscv *riscv_platform(void)
{
	return &riscv;
}

const struct riscv_info *riscv_info(void)
{
	return &riscv.info;
}

const struct intc *aplic_init(const struct fdt_riscv *found)
{
	return NULL;
}

const struct imsic_info *imsic_info(void)
{
	static const struct imsic_info none;

	return &none;
}

void sbi_send_ipi(cpumask_t cpus)
{
	ipis_by_firmware |= cpus;
}

void arch_cpu_halt(void)
{
	abort();
}

static uint32_t reg(unsigned offset)
{
	return mmio_read32(plic + offset);
}

/* Four harts; hart 4 has no context. */
static int setup_machine(bool has_plic)
{
	static bool known;

	host_set_cpu_count(NUM_CPUS);
	host_set_cpu(0);
	if (!known)
		host_add_device((uintptr_t)plic, sizeof(plic), plic);
	known = true;
	memset(plic, 0, sizeof(plic));
	memset(counts, 0, sizeof(counts));
	ipis_by_firmware = 0;
	for (unsigned cpu = 0; cpu < NUM_CPUS; cpu++)
		*per_cpu(irq_counts, cpu) = counts[cpu];
	riscv = (struct fdt_riscv){
		.info.extensions = BIT(RISCV_EXT_H),
		.num_harts = NUM_CPUS,
		.harts = { { 1, 1, 2, HART_NONE, HART_NONE },
			   { 2, 2, 4, HART_NONE, HART_NONE },
			   { 3, 3, 6, HART_NONE, HART_NONE },
			   { 4, 4, HART_NONE, HART_NONE, HART_NONE } },
		.plic = { { (uintptr_t)plic, has_plic ? sizeof(plic) : 0, false }, 96 },
	};
	*host_csr(CSR_SIE) = *host_csr(CSR_SIP) = *host_csr(CSR_HIE) = *host_csr(CSR_HIP) = 0;
	memset(plic + PRIORITY(1), 0xff, 96 * 4);
	memset(plic + ENABLE(2), 0xff, 5 * 0x80);
	assert_int_equal(irq_init(), 0);
	irq_init_cpu();
	return 0;
}

static int setup(void **state)
{
	return setup_machine(true);
}

static int setup_without(void **state)
{
	return setup_machine(false);
}

static unsigned handled;
static enum irq_result result;

static enum irq_result handler(unsigned irq, void *arg)
{
	handled++;
	assert_int_equal(arg ? *(unsigned *)arg : irq, irq);
	return result;
}

static unsigned source_irq = RISCV_IRQ_OF_SOURCE(40);

static void use_source(void)
{
	assert_int_equal(irq_register(source_irq, IRQ_LEVEL_HIGH, handler, &source_irq, "device"), 0);
	irq_unmask(source_irq);
	handled = 0;
	result = IRQ_DONE;
}

static void forget_source(void)
{
	assert_int_equal(irq_unregister(source_irq), 0);
}

static void take(unsigned context, unsigned source)
{
	mmio_write32(plic + CLAIM(context), source);
	*host_csr(CSR_SIP) |= BIT(INT_SEI);
	irq_dispatch();
	*host_csr(CSR_SIP) &= ~BIT(INT_SEI);
}

static void all_sources_start_masked_at_the_boot_cpu(void **state)
{
	assert_string_equal(irq_controller_name(), "PLIC");
	assert_int_equal(riscv_host_intc(), RISCV_INTC_PLIC);
	for (unsigned source = 1; source <= 96; source++)
		assert_int_equal(reg(PRIORITY(source)), 0);
	/* CPU 0 is hart 3. */
	assert_int_equal(reg(ENABLE(6)), 0xfffffffe);
	assert_int_equal(reg(ENABLE(6) + 12), 1);
	assert_int_equal(reg(ENABLE(2)), 0);
	assert_int_equal(reg(ENABLE(4) + 8), 0);
	assert_int_equal(reg(THRESHOLD(6)), 0);
	assert_int_equal(csr_read(CSR_SIE), BIT(INT_SSI) | BIT(INT_SEI));
	assert_null(platform_virtualization_error());
}

static void a_source_is_claimed_handled_and_completed(void **state)
{
	use_source();
	assert_int_equal(reg(PRIORITY(40)), 1);
	take(6, 40);
	assert_int_equal(handled, 1);
	assert_int_equal(counts[0][source_irq], 1);
	assert_int_equal(reg(CLAIM(6)), 40); /* not to be told from the claim, here */
	take(6, 0);
	assert_int_equal(handled, 1);
	/* What the PLIC should not have. */
	take(6, 97);
	take(6, UINT32_MAX);
	assert_int_equal(handled, 1);
	irq_mask(source_irq);
	assert_int_equal(reg(PRIORITY(40)), 0);
	forget_source();
}

static enum irq_result forget_claim(unsigned irq, void *arg)
{
	mmio_write32(plic + CLAIM(6), 0);
	return result;
}

static void a_forwarded_source_is_completed_later_where_it_was_claimed(void **state)
{
	use_source();
	forget_source();
	assert_int_equal(irq_register(source_irq, IRQ_LEVEL_HIGH, forget_claim, NULL, "device"), 0);
	take(6, 40);
	assert_int_equal(reg(CLAIM(6)), 40);
	result = IRQ_FORWARDED;
	take(6, 40);
	assert_int_equal(reg(CLAIM(6)), 0);
	host_set_cpu(1);
	irq_deactivate(source_irq);
	assert_int_equal(reg(CLAIM(6)), 40);
	assert_int_equal(reg(CLAIM(2)), 0);
	host_set_cpu(0);
	/* Routed away between claim and completion: enabled for it, and then no more. */
	take(6, 40);
	assert_int_equal(irq_route(source_irq, 1), 0);
	assert_int_equal(reg(ENABLE(6) + 4) & BIT(8), 0);
	irq_deactivate(source_irq);
	assert_int_equal(reg(CLAIM(6)), 40);
	assert_int_equal(reg(ENABLE(6) + 4) & BIT(8), 0);
	assert_int_equal(reg(ENABLE(2) + 4), BIT(8));
	forget_source();
}

static void a_source_goes_to_one_cpu(void **state)
{
	use_source();
	assert_int_equal(irq_route(source_irq, 2), 0);
	assert_int_equal(reg(ENABLE(4) + 4), BIT(8));
	assert_int_equal(reg(ENABLE(6) + 4), UINT32_MAX & ~BIT(8));
	assert_int_equal(irq_route(source_irq, 3), -AX_ENOTSUP);
	assert_int_equal(irq_route(RISCV_IRQ_SOURCE, 1), -AX_EINVAL);
	assert_int_equal(irq_route(RISCV_IRQ_TIMER, 1), -AX_EINVAL);
	assert_int_equal(irq_route(RISCV_IRQ_OF_SOURCE(97), 1), -AX_EINVAL);
	host_set_cpu(2);
	irq_init_cpu();
	take(4, 40);
	assert_int_equal(counts[2][source_irq], 1);
	/* The CPU without a context still has its timer and IPIs. */
	host_set_cpu(3);
	*host_csr(CSR_SIE) = 0;
	irq_init_cpu();
	assert_int_equal(csr_read(CSR_SIE), BIT(INT_SSI));
	host_set_cpu(0);
	forget_source();
}

static void an_unexpected_source_is_masked(void **state)
{
	plic_init(&riscv);
	mmio_write32(plic + PRIORITY(7), 1);
	take(6, 7);
	assert_int_equal(reg(PRIORITY(7)), 0);
	assert_int_equal(counts[0][RISCV_IRQ_OF_SOURCE(7)], 1);
}

static void the_timer_and_guest_files_are_bits_of_the_hart(void **state)
{
	handled = 0;
	result = IRQ_DONE;
	assert_int_equal(irq_register(RISCV_IRQ_TIMER, IRQ_LEVEL_HIGH, handler, NULL, "timer"), 0);
	assert_int_equal(irq_register(RISCV_IRQ_GUEST_EXT, IRQ_LEVEL_HIGH, handler, NULL, "files"), 0);
	*host_csr(CSR_SIP) = BIT(INT_STI);
	irq_dispatch();
	assert_int_equal(handled, 0); /* not enabled */
	irq_unmask(RISCV_IRQ_TIMER);
	assert_true(csr_read(CSR_SIE) & BIT(INT_STI));
	irq_dispatch();
	assert_int_equal(counts[0][RISCV_IRQ_TIMER], 1);
	irq_mask(RISCV_IRQ_TIMER);
	assert_false(csr_read(CSR_SIE) & BIT(INT_STI));
	*host_csr(CSR_SIP) = 0;
	*host_csr(CSR_HIP) = BIT(INT_SGEI) | BIT(INT_VSSI);
	irq_dispatch();
	assert_int_equal(handled, 1);
	irq_unmask(RISCV_IRQ_GUEST_EXT);
	assert_int_equal(csr_read(CSR_HIE), BIT(INT_SGEI));
	irq_dispatch();
	assert_int_equal(counts[0][RISCV_IRQ_GUEST_EXT], 1);
	irq_mask(RISCV_IRQ_GUEST_EXT);
	assert_int_equal(csr_read(CSR_HIE), 0);
	irq_unregister(RISCV_IRQ_TIMER);
	irq_unregister(RISCV_IRQ_GUEST_EXT);
}

static unsigned rescheduled;

static void reschedule(void)
{
	rescheduled++;
}

static void ipis_of_several_kinds_travel_in_one_message(void **state)
{
	rescheduled = 0;
	ipi_register(IPI_RESCHEDULE, reschedule);
	host_set_cpu(1);
	irq_init_cpu();
	ipi_send(0, IPI_RESCHEDULE);
	ipi_send(0, IPI_CALL);
	ipi_send(0, IPI_RESCHEDULE);
	assert_int_equal(ipis_by_firmware, BIT(0));
	host_set_cpu(0);
	*host_csr(CSR_SIP) = BIT(INT_SSI);
	irq_dispatch();
	assert_int_equal(csr_read(CSR_SIP), 0);
	assert_int_equal(rescheduled, 1);
	assert_int_equal(counts[0][RISCV_IRQ_IPI + IPI_RESCHEDULE], 1);
	assert_int_equal(counts[0][RISCV_IRQ_IPI + IPI_CALL], 1);
	/* Nothing is left over. */
	*host_csr(CSR_SIP) = BIT(INT_SSI);
	irq_dispatch();
	assert_int_equal(rescheduled, 1);
}

static void without_a_controller_there_are_timer_and_ipis(void **state)
{
	assert_string_equal(irq_controller_name(), "none");
	assert_int_equal(riscv_host_intc(), RISCV_INTC_NONE);
	assert_int_equal(csr_read(CSR_SIE), BIT(INT_SSI));
	assert_non_null(strstr(arch_virtualization_error(), "does not work"));
	snprintf(riscv.no_intc, sizeof(riscv.no_intc), "there is none");
	assert_string_equal(arch_virtualization_error(), "there is none");
	assert_int_equal(irq_register(RISCV_IRQ_SOURCE + 1, IRQ_LEVEL_HIGH, handler, NULL, "x"), -AX_EINVAL);
	irq_unmask(RISCV_IRQ_TIMER);
	assert_int_equal(csr_read(CSR_SIE), BIT(INT_SSI) | BIT(INT_STI));
	ipi_send(2, IPI_RESCHEDULE);
	assert_int_equal(ipis_by_firmware, BIT(2));
	riscv.info.extensions = 0;
	assert_non_null(strstr(arch_virtualization_error(), "no H extension"));
	irq_unmask(RISCV_IRQ_GUEST_EXT);
	assert_int_equal(csr_read(CSR_HIE), 0);
}

static void a_plic_that_no_cpu_can_use_is_none(void **state)
{
	riscv.plic.reg.size = 0x202000; /* the contexts lie behind its end */
	assert_null(plic_init(&riscv));
	assert_true(host_log_contains("no context for CPU 0"));
	assert_true(host_log_contains("no CPU has a context"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_a_controller_there_are_timer_and_ipis, setup_without),
		cmocka_unit_test_setup(all_sources_start_masked_at_the_boot_cpu, setup),
		cmocka_unit_test_setup(a_source_is_claimed_handled_and_completed, setup),
		cmocka_unit_test_setup(a_forwarded_source_is_completed_later_where_it_was_claimed, setup),
		cmocka_unit_test_setup(a_source_goes_to_one_cpu, setup),
		cmocka_unit_test_setup(an_unexpected_source_is_masked, setup),
		cmocka_unit_test_setup(the_timer_and_guest_files_are_bits_of_the_hart, setup),
		cmocka_unit_test_setup(ipis_of_several_kinds_travel_in_one_message, setup),
		cmocka_unit_test_setup(a_plic_that_no_cpu_can_use_is_none, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
