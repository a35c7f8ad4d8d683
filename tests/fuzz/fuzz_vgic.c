/* fuzz: axdevice/arm/vgic.c axdevice/arm/vgic_cpu.c axdevice/arm/vgic_dist.c axdevice/arm/vgic_fdt.c axdevice/arm/vgic_irq.c axdevice/arm/vgic_lr.c axdevice/arm/vgic_redist.c axdevice/arm/vgic_regs.c axdevice/arm/vgic_route.c axdevice/arm/vgic_sgi.c axdevice/common/bus.c vgic_fake.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vGIC under whatever guests and devices do: register accesses of all widths, SGIs, lines, timers, vCPUs that
 * come and go, guests that acknowledge and end interrupts in any order. After every step the model's own rules must
 * hold.
 *
 * Input: byte 0 chooses version, list registers and vCPUs; then steps of an operation and its operands.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <axstd/log.h>
#include "../unit/vgic_fake.h"
#include "gic_regs.h"

#define MAX_STEPS   400
#define FORWARDED   40 /* SPI linked to a host interrupt */
#define HOST_NUMBER 80

static const uint8_t *next, *end;

static uint8_t byte(void)
{
	return next < end ? *next++ : 0;
}

static uint32_t word(void)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < 4; i++)
		value = value << 8 | byte();
	return value;
}

#define check(condition)                                                                \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

/* Return: how many interrupts wait in the vCPU's lists, each of which is one of its own. */
static unsigned check_queue(const struct vgic_cpu *cpu)
{
	const struct vgic_irq *irq;
	unsigned count = 0;

	for (unsigned b = 0; b < BUCKETS; b++) {
		check(!TAILQ_EMPTY(&cpu->queue[b]) == (cpu->buckets >> b & 1));
		TAILQ_FOREACH (irq, &cpu->queue[b], link) {
			check(irq->queued && irq->bucket == b && atomic_load(&irq->owner) == cpu);
			check(++count < 1024);
		}
	}
	return count;
}

static void check_irq(const struct vgic_irq *irq)
{
	const struct vgic_cpu *cpu = atomic_load(&irq->owner);
	bool wanted = irq->active || (vgic_irq_pending(irq) && vgic_irq_allowed(cpu, irq));

	if (irq->lr != NO_LR)
		check(cpu->loaded && !irq->queued && (cpu->used >> irq->lr & 1) && cpu->lr_irq[irq->lr] == irq);
	else
		check(irq->queued == wanted);
	check(irq->intid >= SGIS || !irq->sources || irq->latch);
	if (irq->lr == NO_LR && !irq->active && irq->target)
		check(irq->target == cpu);
}

/* No list register holds anything but what the model put there. */
static void check_lrs(const struct vgic_cpu *cpu)
{
	for (unsigned i = 0; i < VGIC_MAX_LRS && fake.cpu[cpu->index] >= 0; i++) {
		const struct fake_lr *lr = &fake.cpuif[fake.cpu[cpu->index]].lr[i];

		if (lr->state)
			check((cpu->used >> i & 1) && cpu->lr_irq[i]->intid == lr->intid &&
			      cpu->lr_irq[i]->lr == (int)i);
	}
}

static void check_all(void)
{
	struct vgic *vgic = fake.vgic;
	unsigned awaited = 0, in_queues = 0, queued = 0;

	for (unsigned c = 0; c < vgic->num_cpus; c++) {
		struct vgic_cpu *cpu = &vgic->cpus[c];

		in_queues += check_queue(cpu);
		check_lrs(cpu);
		for (unsigned i = 0; i < PRIVATE_IRQS; i++) {
			check_irq(&cpu->irqs[i]);
			queued += cpu->irqs[i].queued;
		}
		check(cpu->lock.next == cpu->lock.owner);
		check((cpu->dirty & ~cpu->used) == 0);
		check(cpu->loaded || !cpu->used);
		awaited += cpu->awaited;
	}
	for (unsigned i = 0; i < vgic->num_irqs - PRIVATE_IRQS; i++) {
		check_irq(&vgic->spis[i]);
		queued += vgic->spis[i].queued;
	}
	check(queued == in_queues);
	check(atomic_load(&vgic->awaited) == awaited);
}

/* The guest is about to run: what is most urgent can be acknowledged. */
static void check_entered(unsigned vcpu)
{
	const struct vgic_cpu *cpu = &fake.vgic->cpus[vcpu];
	uint64_t queued = cpu->buckets >> PRIORITIES;
	unsigned best = PRIORITIES;

	if (fake.cpu[vcpu] < 0)
		return;
	check(!cpu->dirty && !cpu->awaited);
	for (uint32_t used = cpu->used; used; used &= used - 1) {
		unsigned i = (unsigned)__builtin_ctz(used);
		const struct fake_lr *lr = &fake.cpuif[fake.cpu[vcpu]].lr[i];

		if (lr->state & LR_PENDING)
			check(vgic_irq_allowed(cpu, cpu->lr_irq[i]) && lr->priority == cpu->lr_irq[i]->priority);
		if (lr->state == LR_PENDING)
			best = MIN(best, lr->priority >> PRIORITY_SHIFT);
	}
	if (cpu->buckets)
		check(cpu->used == BIT(vgic_hw->nr_lrs) - 1);
	if (queued)
		check(best <= (unsigned)__builtin_ctzll(queued));
}

static void toggle_load(unsigned vcpu, unsigned cpu)
{
	if (fake.cpu[vcpu] >= 0) {
		fake_put(vcpu);
		return;
	}
	for (unsigned i = 0; i < FAKE_CPUS; i++)
		if (fake.cpu[i] == (int)cpu)
			return; /* taken */
	fake_load(vcpu, cpu);
}

/* Mostly registers that exist. */
static uint64_t address(void)
{
	static const uint16_t blocks[] = { GICD_CTLR,       GICD_IGROUPR,   GICD_ISENABLER, GICD_ICENABLER,
					   GICD_ISPENDR,    GICD_ICPENDR,   GICD_ISACTIVER, GICD_ICACTIVER,
					   GICD_IPRIORITYR, GICD_ITARGETSR, GICD_ICFGR,     GICD_SGIR,
					   GICD_IROUTER,    0xffc0,         0x0e00 };
	uint8_t where = byte();
	uint64_t offset = blocks[(where & 0xf) % ARRAY_SIZE(blocks)] + byte() % 0x180u;

	if (where & 0x80)
		return FAKE_SGI(where >> 4 & 3) + offset;
	if (where & 0x40)
		return FAKE_RD(where >> 4 & 3) + byte();
	return FAKE_GICD + offset;
}

static void access_register(unsigned vcpu, bool write)
{
	unsigned width = 1u << (byte() & 3);
	uint64_t addr = address() & ~(uint64_t)(width - 1), value;
	const struct bus_region *region = bus_find(&fake.bus, addr);

	if (!region || addr - region->base + width > region->size)
		return;
	if (!write) {
		fake_read(vcpu, addr, width);
		return;
	}
	value = (uint64_t)word() << 32;
	value |= word();
	fake_write(vcpu, addr, width, width == 8 ? value : value & (BIT(8 * width) - 1));
}

static void guest_instruction(unsigned vcpu, unsigned what)
{
	struct fake_cpuif *cpuif = fake.cpu[vcpu] < 0 ? NULL : &fake.cpuif[fake.cpu[vcpu]];

	if (!cpuif)
		return;
	fake_enter(vcpu);
	check_entered(vcpu);
	switch (what & 3) {
	case 0: fake_ack(vcpu); break;
	case 1: fake_eoi(vcpu, byte() % 100); break;
	case 2: fake_dir(vcpu, byte() % 100); break;
	case 3: cpuif->regs.vmcr = word(); break;
	}
}

/* A guest that behaves: takes one interrupt, or several nested ones, and ends them. */
static void guest_interrupts(unsigned vcpu, unsigned depth)
{
	unsigned taken[4], n = 0;

	for (; n < (depth & 3) + 1; n++) {
		fake_enter(vcpu);
		check_entered(vcpu);
		taken[n] = fake_ack(vcpu);
		if (taken[n] == FAKE_NONE)
			break;
	}
	while (n-- > 0)
		fake_eoi(vcpu, taken[n]);
}

static void step(void)
{
	uint8_t op = byte();
	unsigned vcpu = (op >> 4) % fake.vgic->num_cpus, arg;

	switch (op & 0xf) {
	case 0 ... 3: access_register(vcpu, true); break;
	case 4: access_register(vcpu, false); break;
	case 5:
		arg = byte();
		fake_line(PRIVATE_IRQS + arg % FAKE_SPIS, arg & 0x80);
		break;
	case 6:
		arg = byte();
		fake_private(vcpu, arg & 0x1f, arg & 0x20, arg & 0x40 ? FAKE_TIMER : 0);
		break;
	case 7:
		if (fake.chip->write_sgi)
			fake_sgi(vcpu, (uint64_t)byte() << 40 | word());
		break;
	case 8: toggle_load(vcpu, byte() % FAKE_CPUS); break;
	case 9: fake_pending(vcpu); break;
	case 10: fake.chip->private_active(&fake.vcpu[vcpu], byte() & 0x1f); break;
	case 11 ... 12: guest_instruction(vcpu, byte()); break;
	case 13 ... 14: guest_interrupts(vcpu, byte()); break;
	default: fake_enter(vcpu); check_entered(vcpu);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t kind;

	next = data;
	end = data + size;
	kind = byte();
	log_set_level(LOG_OFF);
	fake_create(kind & 1 ? 2 : 3, 1 + (kind >> 1 & 3), 2 + (kind >> 3 & 7));
	if (kind & 0x40)
		fake_unlink();
	vgic_forward(fake.vgic, FORWARDED, HOST_NUMBER);
	fake_start();
	for (unsigned i = 0; i < MAX_STEPS && next < end; i++) {
		step();
		check_all();
	}
	for (unsigned i = 0; i < FAKE_CPUS; i++)
		if (fake.cpu[i] >= 0)
			fake_put(i);
	check_all();
	vgic_reset(fake.vgic);
	check_all();
	fake_destroy();
	return 0;
}
