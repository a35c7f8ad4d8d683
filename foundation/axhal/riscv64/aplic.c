/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The APLIC (AIA 1.0, chapter 4): its supervisor-level domain, which drives the harts itself (direct mode) or sends
 * messages to their IMSICs.
 */
#include "../irq_table.h"
#include "fdt_riscv.h"
#include "imsic_host.h"
#include <axhal/arch/isa.h>
#include <axhal/mmio.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axstd/spinlock.h>

#define DOMAINCFG         0x0000
#define SOURCECFG(source) ((source)*4)
#define SETIPNUM          0x1cdc
#define SETIENUM          0x1edc
#define CLRIE             0x1f00
#define CLRIENUM          0x1fdc
#define TARGET(source)    (0x3000 + (source)*4)
#define IDC(index)        (0x4000 + (uint64_t)(index)*32)

#define DOMAINCFG_DM   BIT(2)
#define DOMAINCFG_IE   BIT(8)
#define SOURCECFG_D    BIT(10)
#define SOURCECFG_EDGE 4
#define SOURCECFG_HIGH 6
#define TARGET_HART    18

/* An interrupt delivery control structure. */
#define IDELIVERY  0x00
#define ITHRESHOLD 0x08
#define CLAIMI     0x1c

struct source {
	uint16_t id; /* with an IMSIC: the identity that is sent, 0: none yet */
	bool level, unmasked;
	bool held; /* forwarded, direct mode, level: it would come again at once, so it is disabled */
};

static char *regs;
static bool msi;
static struct spinlock lock = SPINLOCK_INIT; /* guards @sources against others than the one who handles it */
static struct source sources[INTC_MAX_SOURCE + 1];
static void *idcs[CPU_MAX]; /* direct mode; NULL: the CPU has none */

static void aplic_mask(unsigned source)
{
	uint64_t flags = spin_lock_irqsave(&lock);

	sources[source].unmasked = false;
	mmio_write32(regs + CLRIENUM, source);
	spin_unlock_irqrestore(&lock, flags);
}

/*
 * In MSI mode a message is sent when the level rises. This sends another one if it is high (AIA 4.9.2).
 */
static void send_again(unsigned source)
{
	mmio_write32(regs + SETIPNUM, source);
}

static void aplic_unmask(unsigned source)
{
	uint64_t flags = spin_lock_irqsave(&lock);

	sources[source].unmasked = true;
	if (!sources[source].held)
		mmio_write32(regs + SETIENUM, source);
	if (msi && sources[source].level)
		send_again(source);
	spin_unlock_irqrestore(&lock, flags);
}

static int aplic_route(unsigned source, unsigned cpu)
{
	uint32_t target = 1; /* priority */

	if (msi)
		target = imsic_target_hart(cpu) << TARGET_HART | sources[source].id;
	else if (idcs[cpu])
		target |= riscv_hart(cpu)->idc << TARGET_HART;
	else
		return -AX_ENOTSUP;
	mmio_write32(regs + TARGET(source), target);
	return 0;
}

static unsigned first_cpu(void)
{
	unsigned cpu = 0;

	while (!msi && cpu < CPU_MAX - 1 && !idcs[cpu])
		cpu++;
	return cpu;
}

static void aplic_set_trigger(unsigned source, enum irq_trigger trigger)
{
	struct source *info = &sources[source];

	if (msi && !info->id) {
		int id = imsic_source_id(source);

		if (id < 0) {
			log_error("APLIC: no identity is left for source %u: it stays silent", source);
			return;
		}
		info->id = (uint16_t)id;
	}
	info->level = trigger == IRQ_LEVEL_HIGH;
	mmio_write32(regs + SOURCECFG(source), info->level ? SOURCECFG_HIGH : SOURCECFG_EDGE);
	/* The target register of an inactive source cannot be written. */
	aplic_route(source, first_cpu());
}

static void hold(unsigned source)
{
	uint64_t flags = spin_lock_irqsave(&lock);

	sources[source].held = true;
	mmio_write32(regs + CLRIENUM, source);
	spin_unlock_irqrestore(&lock, flags);
}

static void aplic_deactivate(unsigned source)
{
	struct source *info = &sources[source];
	uint64_t flags;

	if (!info->level)
		return;
	flags = spin_lock_irqsave(&lock);
	info->held = false;
	if (msi)
		send_again(source);
	else if (info->unmasked)
		mmio_write32(regs + SETIENUM, source);
	spin_unlock_irqrestore(&lock, flags);
}

static struct intc intc;

static void direct_external(void)
{
	unsigned source = mmio_read32((char *)idcs[cpu_id()] + CLAIMI) >> 16;

	if (!source || source > intc.num_sources)
		return;
	if (irq_handle(RISCV_IRQ_OF_SOURCE(source)) == IRQ_FORWARDED && sources[source].level)
		hold(source);
}

static void msi_external(void)
{
	unsigned source = imsic_take();

	if (source && irq_handle(RISCV_IRQ_OF_SOURCE(source)) == IRQ_DONE && sources[source].level)
		send_again(source);
}

static bool direct_init_cpu(void)
{
	char *idc = idcs[cpu_id()];

	if (!idc)
		return false;
	mmio_write32(idc + ITHRESHOLD, 0);
	mmio_write32(idc + IDELIVERY, 1);
	return true;
}

static struct intc intc = {
	.mask = aplic_mask,
	.unmask = aplic_unmask,
	.set_trigger = aplic_set_trigger,
	.route = aplic_route,
	.deactivate = aplic_deactivate,
};

/* Return: has some CPU an IDC? */
static bool find_idcs(uint64_t size)
{
	bool found = false;

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		const struct fdt_hart *hart = riscv_hart(cpu);

		idcs[cpu] = NULL;
		if (!hart || hart->idc == HART_NONE || IDC((uint64_t)hart->idc + 1) > size) {
			log_warn("APLIC: no delivery structure for CPU %u: it gets no device interrupts", cpu);
			continue;
		}
		idcs[cpu] = regs + IDC(hart->idc);
		mmio_write32((char *)idcs[cpu] + IDELIVERY, 0);
		found = true;
	}
	return found;
}

static void use_direct(void)
{
	intc.name = "APLIC";
	intc.init_cpu = direct_init_cpu;
	intc.external = direct_external;
	intc.send_ipi = NULL;
}

static void use_msi(void)
{
	intc.name = "APLIC and IMSIC";
	intc.init_cpu = imsic_init_cpu;
	intc.external = msi_external;
	intc.send_ipi = imsic_send_ipi;
}

const struct intc *aplic_init(const struct fdt_riscv *riscv)
{
	const struct fdt_aplic *aplic = &riscv->aplic;

	if (!aplic->reg.size)
		return NULL;
	regs = mem_map_device(aplic->reg.base, aplic->reg.size);
	if (!regs)
		return NULL;
	msi = aplic->msi && imsic_init(riscv);
	intc.num_sources = MIN(aplic->num_sources, (unsigned)INTC_MAX_SOURCE);
	if (!msi && !find_idcs(aplic->reg.size)) {
		log_error("APLIC: it reaches no CPU");
		return NULL;
	}
	mmio_write32(regs + DOMAINCFG, 0);
	for (unsigned source = 0; source <= intc.num_sources; source += 32)
		mmio_write32(regs + CLRIE + source / 8, UINT32_MAX);
	for (unsigned source = 1; source <= intc.num_sources; source++)
		mmio_write32(regs + SOURCECFG(source), 0);
	if (msi)
		use_msi();
	else
		use_direct();
	mmio_write32(regs + DOMAINCFG, (uint32_t)(DOMAINCFG_IE | (msi ? DOMAINCFG_DM : 0)));
	return &intc;
}
