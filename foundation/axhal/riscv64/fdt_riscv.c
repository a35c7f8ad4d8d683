/* SPDX-License-Identifier: Apache-2.0 */
#include "fdt_riscv.h"
#include "isa.h"
#include <axhal/arch/csr_defs.h>
#include <axhal/arch/irq.h>
#include <axstd/error.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

static const char *const plic[] = { "sifive,plic-1.0.0", "riscv,plic0", "thead,c900-plic", NULL };
static const char *const aplic[] = { "riscv,aplic", NULL };
static const char *const imsic[] = { "riscv,imsics", NULL };
static const char *const cpu_intc[] = { "riscv,cpu-intc", NULL };

#define INT_MEI    11
#define TYPE_EDGE  1 /* second cell: rising edge */
#define TYPE_LEVEL 4 /* active high */

/* The walk collects; phandles are known at its end. */
struct riscv_walk {
	struct fdt_riscv *riscv;
	int hart_node;           /* of the last hart */
	uint64_t other_timebase; /* of a hart's own node */
	struct fdt_data plic_harts, aplic_harts, imsic_harts;
	uint32_t msi_parent, imsic_phandle;
};

/* Interrupt specifier: number, and for the APLIC and some PLICs the type. */
int platform_fdt_decode_irq(const struct fdt_controller *intc, const uint32_t *cells, int count, struct fdt_irq *irq)
{
	bool is_aplic = fdt_is(&intc->compatible, aplic) >= 0;

	if (!is_aplic && fdt_is(&intc->compatible, plic) < 0)
		return -AX_ENOTSUP;
	if (!cells[0] || cells[0] > 1023 || (is_aplic && count < 2))
		return -AX_EINVAL;
	/* There is no falling edge and no low level in enum irq_trigger. */
	if (count > 1 && cells[1] && cells[1] != TYPE_EDGE && cells[1] != TYPE_LEVEL)
		return -AX_ENOTSUP;
	irq->irq = RISCV_IRQ_OF_SOURCE(cells[0]);
	irq->edge = count > 1 && cells[1] == TYPE_EDGE;
	return 0;
}

static void visit_hart(struct fdt_walk *walk, struct riscv_walk *state)
{
	struct fdt_riscv *riscv = state->riscv;
	const struct fdt_data *list = fdt_walk_prop(walk, FDT_RISCV_ISA_EXTENSIONS);
	const char *isa = fdt_walk_string(walk, FDT_RISCV_ISA);
	uint64_t extensions = list ? isa_read_list(list) : isa ? isa_read_string(isa) : 0;
	struct riscv_info *info = &riscv->info;
	unsigned blocks[3];

	if (riscv->num_harts == CPU_MAX)
		return;
	for (unsigned i = 0; i < ARRAY_SIZE(blocks); i++)
		blocks[i] = (unsigned)fdt_walk_number(walk, FDT_RISCV_CBOM_BLOCK + i);
	if (!riscv->num_harts) {
		*info = (struct riscv_info){ .extensions = extensions,
					     .timebase = info->timebase,
					     .cbom_block = blocks[0],
					     .cboz_block = blocks[1],
					     .cbop_block = blocks[2] };
		state->other_timebase = fdt_walk_number(walk, FDT_TIMEBASE_FREQUENCY);
	}
	info->extensions &= extensions;
	/* Code that steps by blocks has to hit all of them: where harts differ, the smallest. */
	info->cbom_block = MIN(info->cbom_block, blocks[0]);
	info->cboz_block = MIN(info->cboz_block, blocks[1]);
	info->cbop_block = MIN(info->cbop_block, blocks[2]);
	state->hart_node = fdt_walk_level(walk)->node;
	riscv->harts[riscv->num_harts++] = (struct fdt_hart){
		.hwid = fdt_walk_number(walk, FDT_REG),
		.context = HART_NONE,
		.idc = HART_NONE,
		.imsic = HART_NONE,
	};
}

static uint32_t own_phandle(const struct fdt_walk *walk)
{
	uint32_t phandle = 0;

	if (!fdt_walk_u32(walk, FDT_PHANDLE, &phandle))
		fdt_walk_u32(walk, FDT_LINUX_PHANDLE, &phandle);
	return phandle;
}

/* Is interrupt @irq of some hart among what the controller drives? */
static bool drives(const struct fdt_data *extended, uint32_t irq)
{
	const fdt32_t *cell = extended ? extended->data : NULL;

	for (int i = 1; extended && i < extended->len / 4; i += 2)
		if (fdt32_to_cpu(cell[i]) == irq)
			return true;
	return false;
}

/* Interrupts of a controller that is not used shall not be taken for those of the one that is. */
static void ignore_controller(struct fdt_walk *walk)
{
	uint32_t phandle = own_phandle(walk);
	struct fdt_platform *out = walk->out;

	for (unsigned i = 0; i < out->num_controllers; i++)
		if (out->controllers[i].phandle == phandle)
			out->controllers[i].compatible.len = 0;
}

static bool get_reg(struct fdt_walk *walk, unsigned index, struct fdt_range *range)
{
	if (!fdt_walk_reg(walk, index, range) && range->size)
		return true;
	*range = (struct fdt_range){ 0 };
	return false;
}

static bool begin_controller(struct fdt_walk *walk, struct fdt_range *reg)
{
	if (reg->size)
		fdt_walk_note(walk, "a second interrupt controller: not used");
	else if (!get_reg(walk, 0, reg))
		fdt_walk_note(walk, "no usable reg: not used");
	else
		return true;
	ignore_controller(walk);
	return false;
}

static struct fdt_data harts_of(const struct fdt_walk *walk)
{
	const struct fdt_data *extended = fdt_walk_prop(walk, FDT_INTERRUPTS_EXTENDED);

	return extended ? *extended : (struct fdt_data){ 0 };
}

static void visit_plic(struct fdt_walk *walk, struct riscv_walk *state)
{
	struct fdt_plic *found = &state->riscv->plic;

	if (!begin_controller(walk, &found->reg))
		return;
	found->num_sources = (unsigned)MIN(fdt_walk_number(walk, FDT_RISCV_NDEV), 1023u);
	state->plic_harts = harts_of(walk);
}

/* The machine-level domain drives the harts' machine interrupts, or hands sources to its children. */
static void visit_aplic(struct fdt_walk *walk, struct riscv_walk *state)
{
	struct fdt_aplic *found = &state->riscv->aplic;
	struct fdt_data harts = harts_of(walk);

	if (drives(&harts, INT_MEI) || fdt_walk_prop(walk, FDT_RISCV_CHILDREN)) {
		ignore_controller(walk);
		return;
	}
	if (!begin_controller(walk, &found->reg))
		return;
	found->num_sources = (unsigned)MIN(fdt_walk_number(walk, FDT_RISCV_NUM_SOURCES), 1023u);
	state->aplic_harts = harts;
	fdt_walk_u32(walk, FDT_MSI_PARENT, &state->msi_parent);
}

static void visit_imsic(struct fdt_walk *walk, struct riscv_walk *state)
{
	struct fdt_imsic *found = &state->riscv->imsic;
	struct fdt_data harts = harts_of(walk);
	uint32_t value = 24;

	if (!drives(&harts, INT_SEI))
		return;
	if (found->num_regions) {
		fdt_walk_note(walk, "a second interrupt controller: not used");
		return;
	}
	while (found->num_regions < IMSIC_MAX_REGIONS &&
	       get_reg(walk, found->num_regions, &found->region[found->num_regions]))
		found->num_regions++;
	if (!found->num_regions) {
		fdt_walk_note(walk, "no usable reg: not used");
		return;
	}
	found->num_ids = (unsigned)MIN(fdt_walk_number(walk, FDT_RISCV_NUM_IDS), 2047u);
	found->num_guest_ids = (unsigned)MIN(fdt_walk_number(walk, FDT_RISCV_NUM_GUEST_IDS), 2047u);
	if (!found->num_guest_ids)
		found->num_guest_ids = found->num_ids;
	found->guest_index_bits = (unsigned)MIN(fdt_walk_number(walk, FDT_RISCV_GUEST_INDEX_BITS), 7u);
	/* Without it: as many as it takes to tell the harts apart. */
	found->hart_index_bits = (unsigned)MIN(fdt_walk_number(walk, FDT_RISCV_HART_INDEX_BITS), 15u);
	if (!fdt_walk_prop(walk, FDT_RISCV_HART_INDEX_BITS))
		while ((unsigned)harts.len / 8 > 1u << found->hart_index_bits)
			found->hart_index_bits++;
	found->group_index_bits = (unsigned)MIN(fdt_walk_number(walk, FDT_RISCV_GROUP_INDEX_BITS), 7u);
	fdt_walk_u32(walk, FDT_RISCV_GROUP_INDEX_SHIFT, &value);
	found->group_index_shift = MIN(value, 55u);
	state->imsic_harts = harts;
	state->imsic_phandle = own_phandle(walk);
}

static void visit(struct fdt_walk *walk, void *arg)
{
	struct riscv_walk *state = arg;
	struct fdt_riscv *riscv = state->riscv;
	unsigned last = riscv->num_harts - 1;

	if (walk->depth == 2 && walk->out->num_cpus > riscv->num_harts)
		visit_hart(walk, state);
	else if (walk->depth == 3 && riscv->num_harts && walk->levels[2].node == state->hart_node &&
		 fdt_walk_is(walk, cpu_intc) >= 0)
		riscv->harts[last].intc = own_phandle(walk);
	else if (walk->depth == 1 && !strcmp(fdt_walk_level(walk)->name, "cpus"))
		riscv->info.timebase = fdt_walk_number(walk, FDT_TIMEBASE_FREQUENCY);
	else if (fdt_walk_is(walk, plic) >= 0)
		visit_plic(walk, state);
	else if (fdt_walk_is(walk, aplic) >= 0)
		visit_aplic(walk, state);
	else if (fdt_walk_is(walk, imsic) >= 0)
		visit_imsic(walk, state);
}

/*
 * interrupts-extended names the harts in the controller's own order. @member: offset in struct fdt_hart of the number
 * there. Return: how many harts are reached.
 */
static unsigned number_harts(struct fdt_riscv *riscv, const struct fdt_data *extended, size_t member)
{
	const fdt32_t *cell = extended->data;
	unsigned reached = 0;

	for (unsigned i = 0; (int)i < extended->len / 8; i++) {
		uint32_t intc = fdt32_to_cpu(cell[2 * i]);

		if (fdt32_to_cpu(cell[2 * i + 1]) != INT_SEI || !intc)
			continue;
		for (unsigned hart = 0; hart < riscv->num_harts; hart++) {
			uint32_t *number = (uint32_t *)((char *)&riscv->harts[hart] + member);

			if (riscv->harts[hart].intc == intc && *number == HART_NONE) {
				*number = i;
				reached++;
			}
		}
	}
	return reached;
}

/* The machine's controller is the one that its devices name. */
static void explain_no_controller(const struct fdt_platform *out, struct fdt_riscv *riscv)
{
	const char *name = NULL;

	for (unsigned i = 0; i < out->num_controllers; i++)
		if (out->controllers[i].phandle && out->controllers[i].phandle == out->console.irq.parent)
			name = fdt_next_string(&out->controllers[i].compatible, NULL);
	if (name)
		snprintf(riscv->no_intc, sizeof(riscv->no_intc), "interrupt controller %s is not known", name);
	else
		snprintf(riscv->no_intc, sizeof(riscv->no_intc), "the device tree has no usable PLIC or APLIC");
}

static void finish_controllers(struct fdt_platform *out, struct riscv_walk *state)
{
	struct fdt_riscv *riscv = state->riscv;

	if (riscv->plic.reg.size && !number_harts(riscv, &state->plic_harts, offsetof(struct fdt_hart, context))) {
		fdt_note(out, "the PLIC reaches no hart's supervisor mode: not used");
		riscv->plic.reg.size = 0;
	}
	if (riscv->imsic.num_regions && !(riscv->info.extensions & BIT(RISCV_EXT_SSAIA))) {
		fdt_note(out, "an IMSIC, but harts without Ssaia: not used");
		riscv->imsic.num_regions = 0;
	}
	if (riscv->imsic.num_regions &&
	    number_harts(riscv, &state->imsic_harts, offsetof(struct fdt_hart, imsic)) < riscv->num_harts) {
		fdt_note(out, "the IMSIC does not reach all harts: not used");
		riscv->imsic.num_regions = 0;
	}
	riscv->aplic.msi = riscv->imsic.num_regions && state->msi_parent == state->imsic_phandle;
	if (riscv->aplic.reg.size && !riscv->aplic.msi &&
	    !number_harts(riscv, &state->aplic_harts, offsetof(struct fdt_hart, idc))) {
		fdt_note(out, "the APLIC reaches no hart's supervisor mode: not used");
		riscv->aplic.reg.size = 0;
	}
	if (!riscv->plic.reg.size && !riscv->aplic.reg.size)
		explain_no_controller(out, riscv);
}

int platform_fdt_parse_riscv(const void *fdt, size_t max_size, struct fdt_platform *out, struct fdt_riscv *riscv)
{
	struct riscv_walk state = { .riscv = riscv };
	int err;

	*riscv = (struct fdt_riscv){ 0 };
	err = platform_fdt_parse(fdt, max_size, out, visit, &state);
	if (!riscv->info.timebase)
		riscv->info.timebase = state.other_timebase;
	finish_controllers(out, &state);
	if (!riscv->info.timebase)
		fdt_note(out, "/cpus: no timebase-frequency");
	return err;
}
