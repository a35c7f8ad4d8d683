/* SPDX-License-Identifier: Apache-2.0 */
#include "fdt_arm.h"
#include <axstd/error.h>
#include <string.h>

static const char *const gic_v2[] = { "arm,gic-400", "arm,cortex-a15-gic", "arm,cortex-a7-gic", "arm,eb11mp-gic",
				      NULL };
static const char *const gic_v3[] = { "arm,gic-v3", NULL };
static const char *const generic_timer[] = { "arm,armv8-timer", "arm,armv7-timer", NULL };
static const char *const psci[] = { "arm,psci-1.0", "arm,psci-0.2", "arm,psci", NULL };
#define PSCI_0_1 2

/* The walk collects; the interrupts are known at its end. */
struct arm_walk {
	struct fdt_arm *arm;
	struct fdt_irq maintenance, timer[4];
};

/*
 * Interrupt specifier: type (0 SPI, 1 PPI), number, flags (1 edge rising, 4 level high); arm,gic-v3 may add an
 * affinity cell.
 */
int platform_fdt_decode_irq(const struct fdt_controller *intc, const uint32_t *cells, int count, struct fdt_irq *irq)
{
	if (fdt_is(&intc->compatible, gic_v3) < 0 && fdt_is(&intc->compatible, gic_v2) < 0)
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

static void visit_gic(struct fdt_walk *walk, struct arm_walk *state, unsigned version)
{
	struct fdt_arm *arm = state->arm;
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
		fdt_walk_u32(walk, FDT_REDIST_REGIONS, &regions);
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
		arm->redist_stride = fdt_walk_number(walk, FDT_REDIST_STRIDE);
	}
	fdt_walk_irq(walk, 0, &state->maintenance);
	arm->gic_version = version;
}

/* Interrupts in fixed order: secure physical, physical, virtual, hypervisor; or named. */
static void visit_timer(struct fdt_walk *walk, struct arm_walk *state)
{
	static const char *const names[] = { "sec-phys", "phys", "virt", "hyp-phys", NULL };
	const struct fdt_data *given = fdt_walk_prop(walk, FDT_INTERRUPT_NAMES);
	unsigned index = 0;

	if (state->arm->has_timer)
		return;
	/* Without a name it is no entry at all. */
	for (unsigned i = 0; i < ARRAY_SIZE(state->timer); i++)
		fdt_walk_irq(walk, given ? UINT32_MAX : i, &state->timer[i]);
	for (const char *name = NULL; (name = fdt_next_string(given, name)); index++)
		for (unsigned i = 0; names[i]; i++)
			if (!strcmp(name, names[i]))
				fdt_walk_irq(walk, index, &state->timer[i]);
	fdt_walk_u32(walk, FDT_CLOCK_FREQUENCY, &state->arm->timer_frequency);
	state->arm->has_timer = true;
}

static void visit_psci(struct fdt_walk *walk, struct fdt_arm *arm, int version)
{
	const char *method = fdt_walk_string(walk, FDT_METHOD);

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
	struct arm_walk *state = arg;
	int version;

	if (fdt_walk_is(walk, gic_v2) >= 0)
		visit_gic(walk, state, 2);
	else if (fdt_walk_is(walk, gic_v3) >= 0)
		visit_gic(walk, state, 3);
	else if (fdt_walk_is(walk, generic_timer) >= 0)
		visit_timer(walk, state);
	else if ((version = fdt_walk_is(walk, psci)) >= 0)
		visit_psci(walk, state->arm, version);
}

int platform_fdt_parse_arm(const void *fdt, size_t max_size, struct fdt_platform *out, struct fdt_arm *arm)
{
	struct arm_walk state = { .arm = arm };
	int err;

	*arm = (struct fdt_arm){ 0 };
	err = platform_fdt_parse(fdt, max_size, out, visit, &state);
	if (!fdt_irq_resolve(out, &state.maintenance))
		arm->maintenance_irq = state.maintenance.irq;
	for (unsigned i = 0; i < ARRAY_SIZE(state.timer); i++)
		if (!fdt_irq_resolve(out, &state.timer[i]))
			arm->timer_irq[i] = state.timer[i].irq;
	if (arm->has_timer && !arm->timer_irq[TIMER_HYP])
		fdt_irq_note(out, &state.timer[TIMER_HYP], "no usable interrupt for the hypervisor's timer");
	if (!arm->gic_version)
		fdt_note(out, "no GICv2 or GICv3: guests cannot run");
	if (!arm->has_timer)
		fdt_note(out, "no usable generic timer node");
	return err;
}
