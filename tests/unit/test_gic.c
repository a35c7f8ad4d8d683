/* unit: axhal/aarch64/gicv3.c axhal/aarch64/gicv2.c axhal/irq.c axhal/ipi.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GIC drivers on registers in memory: what is written stays there, and nothing answers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <axhal/power.h>
#include "arch.h"
#include "gic_regs.h"
#include "host/host.h"

#define REDIST_SIZE 0x20000
#define NUM_CPUS    4

static uint8_t dist[0x10000] __attribute__((aligned(4096)));
static uint8_t redist[2][8 * REDIST_SIZE] __attribute__((aligned(4096)));
static uint8_t cpuif[0x20000] __attribute__((aligned(4096)));
static struct fdt_arm arm;
static struct gic_info info;
static uint64_t hwids[NUM_CPUS];
static uint32_t counts[NUM_CPUS][IRQ_MAX];
DECLARE_PER_CPU(uint32_t *, irq_counts);

uint64_t cpu_hwid(unsigned cpu)
{
	return hwids[cpu];
}

const struct fdt_arm *arm_platform(void)
{
	return &arm;
}

static const struct irq_chip *chip;

const struct irq_chip *arch_irq_find(void)
{
	chip = arm.gic_version == 3 ? gicv3_init(&arm, &info) : gicv2_init(&arm, &info);
	return chip;
}

void arch_cpu_halt(void)
{
	abort();
}

static uint32_t reg(const void *base, unsigned offset)
{
	return mmio_read32((const char *)base + offset);
}

static int setup(void **state)
{
	static bool known;

	host_set_cpu_count(NUM_CPUS);
	if (!known) {
		host_add_device((uintptr_t)dist, sizeof(dist), dist);
		host_add_device((uintptr_t)redist, sizeof(redist), redist);
		host_add_device((uintptr_t)cpuif, sizeof(cpuif), cpuif);
	}
	known = true;
	memset(dist, 0, sizeof(dist));
	memset(redist, 0, sizeof(redist));
	memset(cpuif, 0, sizeof(cpuif));
	memset(counts, 0, sizeof(counts));
	for (unsigned cpu = 0; cpu < NUM_CPUS; cpu++)
		*per_cpu(irq_counts, cpu) = counts[cpu];
	mmio_write32(dist + GICD_TYPER, 2); /* 96 INTIDs */
	info = (struct gic_info){ 0 };
	return 0;
}

/* --- GICv3 --- */

/* @typer: affinity in the upper half, VLPIS, Last */
static void put_redist(unsigned region, uint64_t offset, uint64_t affinity, uint64_t flags)
{
	mmio_write64(redist[region] + offset + 8, affinity << 32 | flags);
}

static void setup_v3(void)
{
	arm = (struct fdt_arm){
		.gic_version = 3,
		.dist = { (uintptr_t)dist, sizeof(dist), false },
		.num_redist = 2,
		.redist = { { (uintptr_t)redist[0], sizeof(redist[0]), false },
			    { (uintptr_t)redist[1], sizeof(redist[1]), false } },
	};
	hwids[0] = 0x80000000; /* RES1 and no affinity */
	hwids[1] = 0x80000001;
	hwids[2] = 0x123;
	hwids[3] = 0x0500060712;
	put_redist(0, 0, 0x0, 0);
	put_redist(0, REDIST_SIZE, 0x1, BIT(4));
	put_redist(1, 0, 0x123, BIT(1)); /* VLPIS: four frames */
	put_redist(1, 2 * REDIST_SIZE, 0x05060712, BIT(4));
	*host_sysreg("ICC_SRE_EL2") = 0xf;
	assert_int_equal(irq_init(), 0);
}

static void init_cpu(unsigned cpu)
{
	host_set_cpu(cpu);
	irq_init_cpu();
	host_set_cpu(0);
}

static void every_cpu_finds_its_redistributor(void **state)
{
	static const struct {
		unsigned region, offset;
	} frames[NUM_CPUS] = { { 0, 0 }, { 0, REDIST_SIZE }, { 1, 0 }, { 1, 2 * REDIST_SIZE } };

	setup_v3();
	for (unsigned cpu = 0; cpu < NUM_CPUS; cpu++) {
		const uint8_t *sgi = redist[frames[cpu].region] + frames[cpu].offset + 0x10000;

		assert_int_equal(reg(sgi, GICD_IPRIORITYR), 0);
		init_cpu(cpu);
		assert_int_equal(reg(sgi, GICD_IPRIORITYR), 0xa0a0a0a0);
		assert_int_equal(reg(sgi, GICD_IGROUPR), UINT32_MAX);
		assert_int_equal(reg(sgi, GICD_ISENABLER), BIT(IPI_STOP)); /* the last one written */
	}
	assert_int_equal(*host_sysreg("ICC_CTLR_EL1") & 2, 2);
	assert_int_equal(*host_sysreg("ICC_PMR_EL1"), 0xff);
}

static void a_cpu_without_redistributor_is_a_panic(void **state)
{
	setup_v3();
	hwids[1] = 0x77;
	host_set_cpu(1);
	assert_panics(irq_init_cpu());
	host_set_cpu(0);
}

static void ipis_are_addressed_by_affinity(void **state)
{
	setup_v3();
	ipi_send(1, IPI_CALL);
	assert_int_equal(*host_sysreg("ICC_SGI1R_EL1"), (uint64_t)IPI_CALL << 24 | BIT(1));
	ipi_send(2, IPI_RESCHEDULE); /* Aff1 1, Aff0 0x23: range 2, bit 3 */
	assert_int_equal(*host_sysreg("ICC_SGI1R_EL1"), UINT64_C(2) << 44 | 1 << 16 | BIT(3));
	ipi_send(3, IPI_STOP); /* 5.6.7.0x12 */
	assert_int_equal(*host_sysreg("ICC_SGI1R_EL1"), UINT64_C(5) << 48 | UINT64_C(1) << 44 | UINT64_C(6) << 32 |
								(uint64_t)IPI_STOP << 24 | 7 << 16 | BIT(2));
}

static enum irq_result forward(unsigned irq, void *arg)
{
	return *(enum irq_result *)arg;
}

static void shared_interrupts_are_routed_and_configured(void **state)
{
	enum irq_result result = IRQ_FORWARDED;

	setup_v3();
	init_cpu(0);
	assert_int_equal(irq_register(40, IRQ_EDGE_RISING, forward, &result, "spi"), 0);
	assert_int_equal(reg(dist, GICD_ICFGR + 8), 2 << 16);
	assert_int_equal(mmio_read64(dist + GICD_IROUTER + 8 * 40), 0);
	assert_int_equal(irq_route(40, 3), 0);
	assert_int_equal(mmio_read64(dist + GICD_IROUTER + 8 * 40), 0x0500060712);
	irq_unmask(40);
	assert_int_equal(reg(dist, GICD_ISENABLER + 4), BIT(8));
	irq_mask(40);
	assert_int_equal(reg(dist, GICD_ICENABLER + 4), BIT(8));
	irq_set_active(40, true);
	assert_int_equal(reg(dist, GICD_ISACTIVER + 4), BIT(8));
}

static void only_what_is_done_is_deactivated(void **state)
{
	enum irq_result result = IRQ_FORWARDED;

	setup_v3();
	assert_int_equal(irq_register(41, IRQ_LEVEL_HIGH, forward, &result, "spi"), 0);
	*host_sysreg("ICC_IAR1_EL1") = 41;
	*host_sysreg("ICC_DIR_EL1") = 0;
	irq_dispatch();
	assert_int_equal(*host_sysreg("ICC_EOIR1_EL1"), 41);
	assert_int_equal(*host_sysreg("ICC_DIR_EL1"), 0);
	result = IRQ_DONE;
	irq_dispatch();
	assert_int_equal(*host_sysreg("ICC_DIR_EL1"), 41);
	*host_sysreg("ICC_IAR1_EL1") = 1023;
	*host_sysreg("ICC_EOIR1_EL1") = 0;
	irq_dispatch();
	assert_int_equal(*host_sysreg("ICC_EOIR1_EL1"), 0);
	assert_int_equal(counts[0][41], 2);
}

/* --- GICv2 --- */

static void setup_v2(uint64_t window)
{
	arm = (struct fdt_arm){
		.gic_version = 2,
		.dist = { (uintptr_t)dist, sizeof(dist), false },
		.cpu = { (uintptr_t)cpuif, window, false },
		.hyp = { (uintptr_t)redist[0], 0x1000, false },
		.vcpu = { 0x9060000, window, false },
	};
	mmio_write32(dist + GICD_ITARGETSR, 0x04040404); /* this CPU is interface 2 */
}

static void a_gicv2_is_driven_by_memory(void **state)
{
	enum irq_result result = IRQ_DONE;

	setup_v2(0x2000);
	assert_int_equal(irq_init(), 0);
	init_cpu(0);
	assert_int_equal(reg(cpuif, 0), 0x201);
	assert_int_equal(dist[GICD_ITARGETSR + 50], 4);
	ipi_send(0, IPI_CALL);
	assert_int_equal(reg(dist, GICD_SGIR), 4 << 16 | IPI_CALL);
	assert_int_equal(irq_register(50, IRQ_LEVEL_HIGH, forward, &result, "spi"), 0);
	mmio_write32(cpuif + 0xc, 50 | 3 << 10);
	irq_dispatch();
	assert_int_equal(reg(cpuif, 0x10), 50 | 3 << 10);
	assert_int_equal(reg(cpuif, 0x1000), 50 | 3 << 10);
	assert_ptr_equal(info.gich, redist[0]);
	assert_int_equal(info.gicv, 0x9060000);
	assert_int_equal(info.gicv_size, 0x2000);
}

static void windows_of_128_kib_are_used_where_their_pages_meet(void **state)
{
	setup_v2(0x20000);
	assert_int_equal(irq_init(), 0);
	init_cpu(0);
	assert_int_equal(reg(cpuif, 0xf000), 0x201);
	irq_deactivate(33);
	assert_int_equal(reg(cpuif, 0x10000), 33);
	assert_int_equal(info.gicv, 0x906f000);
	assert_int_equal(info.gicv_size, 0x2000);
}

static void a_cpu_interface_without_deactivation_is_refused(void **state)
{
	setup_v2(0x1000);
	assert_true(irq_init() < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_cpu_finds_its_redistributor, setup),
		cmocka_unit_test_setup(a_cpu_without_redistributor_is_a_panic, setup),
		cmocka_unit_test_setup(ipis_are_addressed_by_affinity, setup),
		cmocka_unit_test_setup(shared_interrupts_are_routed_and_configured, setup),
		cmocka_unit_test_setup(only_what_is_done_is_deactivated, setup),
		cmocka_unit_test_setup(a_gicv2_is_driven_by_memory, setup),
		cmocka_unit_test_setup(windows_of_128_kib_are_used_where_their_pages_meet, setup),
		cmocka_unit_test_setup(a_cpu_interface_without_deactivation_is_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
