/* SPDX-License-Identifier: Apache-2.0 */
#include "vgic_fake.h"
#include "../../hypervisor/axdevice/arm/gic_regs.h"
#include <host/host.h>
#include <stdlib.h>
#include <string.h>
#include <axhal/irq.h>

#define IDLE      0x100
#define MAX_TURNS 8

struct fake_machine fake;
unsigned fake_source;
static struct vgic_hw fake_hw;

static struct fake_cpuif *here(void)
{
	return &fake.cpuif[cpu_id()];
}

static bool is_eoi(const struct fake_lr *lr)
{
	return !lr->state && lr->eoi && !lr->host_irq;
}

static void write_lr(unsigned i, uint64_t value)
{
	struct fake_lr lr = { .intid = LR_INTID(value),
			      .host_irq = value & LR_HW ? LR_PHYSICAL(value) : 0,
			      .priority = LR_PRIORITY(value),
			      .state = LR_STATE(value),
			      .source = value & LR_HW ? 0 : LR_PHYSICAL(value) & 7,
			      .group1 = value & LR_GROUP1,
			      .eoi = !(value & LR_HW) && (value & LR_EOI) };

	if (i >= fake_hw.nr_lrs || (lr.host_irq && (lr.state & LR_PENDING) && (lr.state & LR_ACTIVE)))
		abort();
	here()->lr[i] = lr;
}

static unsigned read_lr_state(unsigned i)
{
	return here()->lr[i].state;
}

static uint32_t empty_lrs(void)
{
	uint32_t empty = 0;

	for (unsigned i = 0; i < fake_hw.nr_lrs; i++)
		if (!here()->lr[i].state && !is_eoi(&here()->lr[i]))
			empty |= 1u << i;
	return empty;
}

static bool rearm_lr(unsigned i, uint64_t lr)
{
	if (!(empty_lrs() & 1u << i))
		return false;
	write_lr(i, lr);
	return true;
}

static uint32_t eoi_lrs(void)
{
	uint32_t eoi = 0;

	for (unsigned i = 0; i < fake_hw.nr_lrs; i++)
		if (is_eoi(&here()->lr[i]))
			eoi |= 1u << i;
	return eoi;
}

static uint32_t read_hcr(void)
{
	return here()->hcr;
}

static void write_hcr(uint32_t hcr)
{
	here()->hcr = hcr;
}

static void save(struct vgic_cpuif *cpuif)
{
	*cpuif = here()->regs;
}

static void load(const struct vgic_cpuif *cpuif)
{
	here()->regs = *cpuif;
}

static bool maintenance_asserted(const struct fake_cpuif *c)
{
	unsigned valid = 0, pending = 0;

	if (!(c->hcr & HCR_EN))
		return false;
	for (unsigned i = 0; i < fake_hw.nr_lrs; i++) {
		if (is_eoi(&c->lr[i]))
			return true;
		valid += c->lr[i].state != 0;
		pending += c->lr[i].state == LR_PENDING;
	}
	return ((c->hcr & HCR_UIE) && valid <= 1) || ((c->hcr & HCR_NPIE) && !pending) ||
	       ((c->hcr & HCR_LRENPIE) && HCR_EOICOUNT(c->hcr));
}

void vcpu_request(struct vcpu *vcpu, enum vcpu_work work)
{
	fake.requests++;
	atomic_fetch_or(&vcpu->work, work);
}

void arm_vcpu_set_irqchip(struct vcpu *vcpu, const struct arm_irqchip *irqchip, void *data)
{
	fake.chip = irqchip;
	vcpu->irqchip = data;
}

void irq_deactivate(unsigned irq)
{
	fake.host_active[irq] = false;
}

void irq_set_active(unsigned irq, bool active)
{
	fake.host_active[irq] = active;
}

bool vgic_host_line(unsigned host_irq)
{
	return fake.host_line[host_irq];
}

void fake_create(unsigned version, unsigned vcpus, unsigned lrs)
{
	struct vgic_params params = { .version = version,
				      .num_vcpus = vcpus,
				      .num_spis = FAKE_SPIS,
				      .dist_base = FAKE_GICD,
				      .redist_base = FAKE_GICR,
				      .trap_dir = version == 2,
				      .mpidrs = fake.affinity,
				      .mmio = &fake.bus };

	memset(&fake, 0, sizeof(fake));
	fake_hw = (struct vgic_hw){ .nr_lrs = lrs,
				    .pre_bits = 5,
				    .links = true,
				    .can_trap_dir = version == 3,
				    .write_lr = write_lr,
				    .rearm_lr = rearm_lr,
				    .read_lr_state = read_lr_state,
				    .empty_lrs = empty_lrs,
				    .eoi_lrs = eoi_lrs,
				    .read_hcr = read_hcr,
				    .write_hcr = write_hcr,
				    .save = save,
				    .load = load };
	vgic_hw = &fake_hw;
	host_set_cpu_count(FAKE_CPUS);
	bus_init(&fake.bus);
	for (unsigned i = 0; i < FAKE_CPUS; i++) {
		fake.affinity[i] = i;
		fake.cpu[i] = -1;
		fake.vcpu[i].id = i;
	}
	if (vgic_create(&params, &fake.vgic))
		abort();
	for (unsigned i = 0; i < vcpus; i++)
		vgic_attach(fake.vgic, &fake.vcpu[i]);
}

void fake_unlink(void)
{
	fake_hw.links = false;
}

void fake_destroy(void)
{
	for (unsigned i = 0; i < FAKE_CPUS; i++)
		if (fake.cpu[i] >= 0)
			fake_put(i);
	vgic_destroy(fake.vgic);
	bus_destroy(&fake.bus);
}

void fake_start(void)
{
	for (unsigned i = 0; i < fake.vgic->num_cpus; i++) {
		fake_load(i, i);
		/* Priority mask 0xf0, both groups on, binary points at their minimum. */
		fake.cpuif[i].regs.vmcr = 0xf0u << 24 | 2u << 21 | 3u << 18 | 3;
	}
	fake_w(0, FAKE_GICD + GICD_CTLR, 3);
	for (unsigned i = 0; i < fake.vgic->num_cpus; i++)
		fake_enter(i);
}

void fake_load(unsigned vcpu, unsigned cpu)
{
	host_set_cpu(cpu);
	fake.cpu[vcpu] = (int)cpu;
	fake.chip->load(&fake.vcpu[vcpu]);
}

void fake_put(unsigned vcpu)
{
	host_set_cpu((unsigned)fake.cpu[vcpu]);
	fake.chip->put(&fake.vcpu[vcpu]);
	fake.cpu[vcpu] = -1;
}

static void be(unsigned vcpu)
{
	if (fake.cpu[vcpu] >= 0)
		host_set_cpu((unsigned)fake.cpu[vcpu]);
}

uint64_t fake_read(unsigned vcpu, uint64_t addr, unsigned width)
{
	const struct bus_region *region = bus_find(&fake.bus, addr);

	be(vcpu);
	return region ? region->ops->read(region->opaque, vcpu, addr - region->base, width) : ~UINT64_C(0);
}

void fake_write(unsigned vcpu, uint64_t addr, unsigned width, uint64_t value)
{
	const struct bus_region *region = bus_find(&fake.bus, addr);

	be(vcpu);
	if (region)
		region->ops->write(region->opaque, vcpu, addr - region->base, width, value);
}

uint32_t fake_r(unsigned vcpu, uint64_t addr)
{
	return (uint32_t)fake_read(vcpu, addr, 4);
}

void fake_w(unsigned vcpu, uint64_t addr, uint32_t value)
{
	fake_write(vcpu, addr, 4, value);
}

void fake_enter(unsigned vcpu)
{
	struct vcpu *v = &fake.vcpu[vcpu];

	if (fake.cpu[vcpu] < 0)
		return;
	be(vcpu);
	for (unsigned turn = 0; turn < MAX_TURNS; turn++) {
		if (atomic_load(&v->work) & VCPU_WORK_IRQ) {
			atomic_fetch_and(&v->work, ~(uint32_t)VCPU_WORK_IRQ);
			fake.chip->flush(v);
		} else if (maintenance_asserted(here())) {
			fake.maintenance++;
			vgic_maintenance();
		} else {
			return;
		}
	}
	host_test_failed(__FILE__, __LINE__, "the guest is never entered");
}

static unsigned running(const struct vgic_cpuif *regs)
{
	uint32_t apr = regs->apr[0][0] | regs->apr[1][0];

	return apr ? (unsigned)__builtin_ctz(apr) << 3 : IDLE;
}

/* Binary points at their minimum are assumed: every priority bit preempts. */
unsigned fake_ack(unsigned vcpu)
{
	struct fake_lr *best = NULL;
	struct fake_cpuif *c;

	if (fake.cpu[vcpu] < 0)
		return FAKE_NONE;
	be(vcpu);
	c = here();
	for (unsigned i = 0; i < fake_hw.nr_lrs && (c->hcr & HCR_EN); i++) {
		struct fake_lr *lr = &c->lr[i];

		if (lr->state != LR_PENDING || !VMCR_ENG(c->regs.vmcr, lr->group1))
			continue;
		if (lr->priority >= VMCR_PRIORITY_MASK(c->regs.vmcr) || lr->priority >= running(&c->regs))
			continue;
		if (!best || lr->priority < best->priority)
			best = lr;
	}
	if (!best)
		return FAKE_NONE;
	best->state = LR_ACTIVE;
	c->regs.apr[best->group1][0] |= 1u << (best->priority >> 3);
	fake_source = best->source;
	return best->intid;
}

static void deactivate(struct fake_cpuif *c, unsigned intid)
{
	for (unsigned i = 0; i < fake_hw.nr_lrs; i++) {
		struct fake_lr *lr = &c->lr[i];

		if (lr->intid != intid || !(lr->state & LR_ACTIVE))
			continue;
		lr->state &= LR_PENDING;
		if (lr->host_irq)
			fake.host_active[lr->host_irq] = false;
		return;
	}
	if (HCR_EOICOUNT(c->hcr) < 31)
		c->hcr += 1u << 27;
}

void fake_eoi(unsigned vcpu, unsigned intid)
{
	struct fake_cpuif *c;
	unsigned group;

	if (fake.cpu[vcpu] < 0)
		return;
	be(vcpu);
	c = here();
	if (running(&c->regs) == IDLE)
		return;
	group = (c->regs.apr[1][0] & (1u << (running(&c->regs) >> 3))) != 0;
	c->regs.apr[group][0] &= c->regs.apr[group][0] - 1;
	if (!(c->regs.vmcr & VMCR_EOIM))
		deactivate(c, intid);
	else if (HCR_EOICOUNT(c->hcr) < 31)
		c->hcr += 1u << 27; /* as QEMU does, which it should not */
}

void fake_dir(unsigned vcpu, unsigned intid)
{
	uint64_t value = intid;

	if (fake.cpu[vcpu] < 0)
		return;
	be(vcpu);
	if (fake.vgic->version == 2)
		fake_w(vcpu, FAKE_GICR + GICC_DIR, intid);
	else if (here()->hcr & HCR_TDIR)
		fake.chip->sysreg(&fake.vcpu[vcpu], 0x30cb1, true, &value);
	else
		deactivate(here(), intid);
}

unsigned fake_take(unsigned vcpu)
{
	unsigned intid;

	fake_enter(vcpu);
	intid = fake_ack(vcpu);
	if (intid != FAKE_NONE)
		fake_eoi(vcpu, intid);
	fake_enter(vcpu);
	return intid;
}

unsigned fake_count_lrs(unsigned vcpu, unsigned intid)
{
	unsigned count = 0;

	for (unsigned c = 0; c < FAKE_CPUS; c++) {
		if (intid < PRIVATE_IRQS && fake.cpu[vcpu] != (int)c)
			continue;
		for (unsigned i = 0; i < fake_hw.nr_lrs; i++)
			count += fake.cpuif[c].lr[i].state && fake.cpuif[c].lr[i].intid == intid;
	}
	return count;
}

void fake_line(unsigned intid, bool level)
{
	struct irq_line line = vgic_line(fake.vgic, intid);

	irq_line_set(&line, level);
}

void fake_private(unsigned vcpu, unsigned intid, bool level, unsigned host_irq)
{
	be(vcpu);
	fake.host_line[host_irq] = level;
	fake.chip->set_private(&fake.vcpu[vcpu], intid, level, host_irq);
}

void fake_sgi(unsigned vcpu, uint64_t value)
{
	be(vcpu);
	fake.chip->write_sgi(&fake.vcpu[vcpu], value, true);
}

bool fake_pending(unsigned vcpu)
{
	be(vcpu);
	return fake.chip->pending(&fake.vcpu[vcpu]);
}
