/* SPDX-License-Identifier: Apache-2.0 */
#include "fdt_arm.h"
#include <axstd/error.h>
#include <libfdt.h>
#include <string.h>

static const char *const gic_v2[] = { "arm,gic-400", "arm,cortex-a15-gic", "arm,cortex-a7-gic", "arm,eb11mp-gic",
				      NULL };
static const char *const gic_v3[] = { "arm,gic-v3", NULL };
static const char *const generic_timer[] = { "arm,armv8-timer", "arm,armv7-timer", NULL };
static const char *const psci[] = { "arm,psci-1.0", "arm,psci-0.2", "arm,psci", NULL };
#define PSCI_0_1 2

/*
 * Interrupt specifier: type (0 SPI, 1 PPI), number, flags (1 edge rising, 4 level high); arm,gic-v3 may add an
 * affinity cell.
 */
int platform_fdt_decode_irq(const void *fdt, int intc, const uint32_t *cells, int count, struct fdt_irq *irq)
{
	if (fdt_is(fdt, intc, gic_v2) < 0 && fdt_is(fdt, intc, gic_v3) < 0)
		return -AX_ENOTSUP;
	if (count < 3)
		return -AX_EINVAL;
	if (cells[0] == 0 && cells[1] < 988)
		irq->irq = 32 + cells[1];
	else if (cells[0] == 1 && cells[1] < 16)
		irq->irq = 16 + cells[1];
	else
		return -AX_EINVAL;
	irq->edge = cells[2] & 3;
	return 0;
}

static bool get_reg(struct fdt_walk *walk, unsigned index, struct fdt_range *range)
{
	if (!fdt_walk_reg(walk, index, range) && range->size)
		return true;
	*range = (struct fdt_range){ 0 };
	return false;
}

static void visit_gic(struct fdt_walk *walk, struct fdt_arm *arm, unsigned version)
{
	struct fdt_irq irq;
	uint32_t regions = 1;
	unsigned next;

	if (arm->gic_version) {
		fdt_walk_note(walk, "a second interrupt controller: not used");
		return;
	}
	if (!get_reg(walk, 0, &arm->dist)) {
		fdt_walk_note(walk, "no usable reg for the distributor: not used");
		return;
	}
	if (version == 2) {
		if (!get_reg(walk, 1, &arm->cpu)) {
			fdt_walk_note(walk, "no usable reg for the CPU interface: not used");
			return;
		}
		if (get_reg(walk, 2, &arm->hyp))
			get_reg(walk, 3, &arm->vcpu);
	} else {
		fdt_read_u32(walk->fdt, fdt_walk_node(walk), "#redistributor-regions", &regions);
		for (next = 0; next < regions && next < GIC_MAX_REDIST; next++)
			if (!get_reg(walk, 1 + next, &arm->redist[next]))
				break;
		if (!next) {
			fdt_walk_note(walk, "no usable reg for the redistributors: not used");
			return;
		}
		if (next < regions)
			fdt_walk_note(walk, "only %u of %u redistributor regions are usable", next, (unsigned)regions);
		arm->num_redist = next;
		arm->redist_stride = fdt_read_number(walk->fdt, fdt_walk_node(walk), "redistributor-stride");
	}
	if (!fdt_walk_irq(walk, 0, &irq))
		arm->maintenance_irq = irq.irq;
	arm->gic_version = version;
}

/* Interrupts in fixed order: secure physical, physical, virtual, hypervisor; or named. */
static void visit_timer(struct fdt_walk *walk, struct fdt_arm *arm)
{
	static const char *const names[] = { "sec-phys", "phys", "virt", "hyp-phys" };
	bool named = fdt_getprop(walk->fdt, fdt_walk_node(walk), "interrupt-names", NULL);

	if (arm->has_timer)
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		struct fdt_irq irq;
		int index = (int)i;

		if (named)
			index = fdt_stringlist_search(walk->fdt, fdt_walk_node(walk), "interrupt-names", names[i]);
		if (index < 0 || fdt_walk_irq(walk, (unsigned)index, &irq))
			continue;
		arm->timer_irq[i] = irq.irq;
	}
	fdt_read_u32(walk->fdt, fdt_walk_node(walk), "clock-frequency", &arm->timer_frequency);
	if (!arm->timer_irq[TIMER_HYP])
		fdt_walk_note(walk, "no usable interrupt for the hypervisor's timer");
	arm->has_timer = true;
}

static void visit_psci(struct fdt_walk *walk, struct fdt_arm *arm, int version)
{
	const char *method = fdt_read_string(walk->fdt, fdt_walk_node(walk), "method");

	if (version == PSCI_0_1)
		fdt_walk_note(walk, "PSCI 0.1 is not supported: one CPU, no power control");
	else if (method && !strcmp(method, "smc"))
		arm->psci = PSCI_SMC;
	else if (method && !strcmp(method, "hvc"))
		arm->psci = PSCI_HVC;
	else
		fdt_walk_note(walk, "method is neither smc nor hvc: one CPU, no power control");
}

static void visit(struct fdt_walk *walk, void *arg)
{
	int version;

	if (!walk->compatible)
		return;
	if (fdt_walk_is(walk, gic_v2) >= 0)
		visit_gic(walk, arg, 2);
	else if (fdt_walk_is(walk, gic_v3) >= 0)
		visit_gic(walk, arg, 3);
	else if (fdt_walk_is(walk, generic_timer) >= 0)
		visit_timer(walk, arg);
	else if ((version = fdt_walk_is(walk, psci)) >= 0)
		visit_psci(walk, arg, version);
}

void platform_fdt_parse_arm(struct fdt_platform *out, struct fdt_arm *arm)
{
	*arm = (struct fdt_arm){ 0 };
	fdt_walk_all(out->pub.fdt, out, visit, arm);
	if (!arm->gic_version)
		fdt_note(out, "no GICv2 or GICv3: guests cannot run");
	if (!arm->has_timer)
		fdt_note(out, "no usable generic timer node");
}
