/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * An APLIC's supervisor-level domain and an IMSIC in memory, for the tests of their drivers: what is written stays there,
 * and nothing answers but the CSRs of the interrupt file.
 */
#include <axhal/mmio.h>
#include <axstd/error.h>
#include <stdlib.h>
#include <string.h>
#include <axhal/arch/csr.h>
#include <axhal/arch/imsic.h>
#include <axhal/arch/irq.h>
#include "arch.h"
#include "host/host.h"
#include "imsic_host.h"

#define NUM_CPUS    4
#define NUM_SOURCES 96

#define DOMAINCFG         0x0000
#define SOURCECFG(source) ((source)*4)
#define SETIPNUM          0x1cdc
#define SETIENUM          0x1edc
#define CLRIE             0x1f00
#define CLRIENUM          0x1fdc
#define TARGET(source)    (0x3000 + (source)*4)
#define IDELIVERY(index)  (0x4000 + (index)*32)
#define CLAIMI(index)     (0x4000 + (index)*32 + 0x1c)

static uint8_t aplic[0x8000] __attribute__((aligned(4096)));
static struct fdt_riscv riscv;
static uint32_t counts[NUM_CPUS][IRQ_MAX];
static cpumask_t ipis_by_firmware;
DECLARE_PER_CPU(uint32_t *, irq_counts);

uint64_t cpu_hwid(unsigned cpu)
{
	return cpu;
}

const struct fdt_riscv *riscv_platform(void)
{
	return &riscv;
}

const struct riscv_info *riscv_info(void)
{
	return &riscv.info;
}

const struct intc *plic_init(const struct fdt_riscv *found)
{
	return NULL;
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
	return mmio_read32(aplic + offset);
}

/* A register that takes numbers: what was written last, and forget it. */
static uint32_t written(unsigned offset)
{
	uint32_t value = reg(offset);

	mmio_write32(aplic + offset, 0);
	return value;
}

static void play_begin(void)
{
	static bool known;

	host_set_cpu_count(NUM_CPUS);
	host_set_cpu(0);
	if (!known)
		host_add_device((uintptr_t)aplic, sizeof(aplic), aplic);
	known = true;
	memset(aplic, 0, sizeof(aplic));
	memset(aplic + SOURCECFG(1), 0x55, NUM_SOURCES * 4);
	memset(counts, 0, sizeof(counts));
	ipis_by_firmware = 0;
	host_log_reset();
	for (unsigned cpu = 0; cpu < NUM_CPUS; cpu++)
		*per_cpu(irq_counts, cpu) = counts[cpu];
	riscv = (struct fdt_riscv){
		.info.extensions = BIT(RISCV_EXT_H) | BIT(RISCV_EXT_SSAIA),
		.num_harts = NUM_CPUS,
		.aplic = { { (uintptr_t)aplic, sizeof(aplic), false }, NUM_SOURCES, false },
	};
	for (unsigned i = 0; i < NUM_CPUS; i++)
		riscv.harts[i] = (struct fdt_hart){ i, i + 1, HART_NONE, HART_NONE, HART_NONE };
}

static unsigned handled;
static enum irq_result result;
static unsigned source_irq = RISCV_IRQ_OF_SOURCE(40);

static enum irq_result handler(unsigned irq, void *arg)
{
	handled++;
	return result;
}

static void use_source(enum irq_trigger trigger)
{
	handled = 0;
	result = IRQ_DONE;
	if (irq_register(source_irq, trigger, handler, &source_irq, "device"))
		abort();
	irq_unmask(source_irq);
}

static void external_interrupt(void)
{
	*host_csr(CSR_SIP) = BIT(INT_SEI);
	irq_dispatch();
	*host_csr(CSR_SIP) = 0;
}
