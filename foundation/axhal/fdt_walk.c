/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device tree mechanics: the walk, registers through buses, interrupt specifiers.
 */
#include "platform_fdt.h"
#include <axstd/error.h>
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_IRQ_CELLS 4

/* In place: a pointer to each would take as much again, and a relocation. */
static const char prop_names[FDT_NUM_PROPS][24] = {
	[FDT_COMPATIBLE] = "compatible",
	[FDT_REG] = "reg",
	[FDT_INTERRUPTS] = "interrupts",
	[FDT_STATUS] = "status",
	[FDT_DEVICE_TYPE] = "device_type",
	[FDT_RANGES] = "ranges",
	[FDT_ADDRESS_CELLS] = "#address-cells",
	[FDT_SIZE_CELLS] = "#size-cells",
	[FDT_PHANDLE] = "phandle",
	[FDT_LINUX_PHANDLE] = "linux,phandle",
	[FDT_INTERRUPT_PARENT] = "interrupt-parent",
	[FDT_INTERRUPT_CELLS] = "#interrupt-cells",
	[FDT_INTERRUPTS_EXTENDED] = "interrupts-extended",
	[FDT_INTERRUPT_NAMES] = "interrupt-names",
	[FDT_ENABLE_METHOD] = "enable-method",
	[FDT_METHOD] = "method",
	[FDT_CLOCK_FREQUENCY] = "clock-frequency",
	[FDT_REDIST_REGIONS] = "#redistributor-regions",
	[FDT_REDIST_STRIDE] = "redistributor-stride",
	[FDT_REG_SHIFT] = "reg-shift",
	[FDT_REG_IO_WIDTH] = "reg-io-width",
	[FDT_REG_OFFSET] = "reg-offset",
	[FDT_NO_MAP] = "no-map",
	[FDT_MODEL] = "model",
	[FDT_BOOTARGS] = "bootargs",
	[FDT_STDOUT_PATH] = "stdout-path",
	[FDT_LINUX_STDOUT_PATH] = "linux,stdout-path",
	[FDT_INITRD_START] = "linux,initrd-start",
	[FDT_INITRD_END] = "linux,initrd-end",
	[FDT_RNG_SEED] = "rng-seed",
	[FDT_MMU_TYPE] = "mmu-type",
	[FDT_TIMEBASE_FREQUENCY] = "timebase-frequency",
	[FDT_RISCV_ISA] = "riscv,isa",
	[FDT_RISCV_ISA_EXTENSIONS] = "riscv,isa-extensions",
	[FDT_RISCV_CBOM_BLOCK] = "riscv,cbom-block-size",
	[FDT_RISCV_CBOZ_BLOCK] = "riscv,cboz-block-size",
	[FDT_RISCV_CBOP_BLOCK] = "riscv,cbop-block-size",
	[FDT_RISCV_NDEV] = "riscv,ndev",
	[FDT_RISCV_NUM_SOURCES] = "riscv,num-sources",
	[FDT_RISCV_CHILDREN] = "riscv,children",
	[FDT_MSI_PARENT] = "msi-parent",
	[FDT_RISCV_NUM_IDS] = "riscv,num-ids",
	[FDT_RISCV_NUM_GUEST_IDS] = "riscv,num-guest-ids",
	[FDT_RISCV_GUEST_INDEX_BITS] = "riscv,guest-index-bits",
	[FDT_RISCV_HART_INDEX_BITS] = "riscv,hart-index-bits",
	[FDT_RISCV_GROUP_INDEX_BITS] = "riscv,group-index-bits",
	[FDT_RISCV_GROUP_INDEX_SHIFT] = "riscv,group-index-shift",
};

static void add_note(struct fdt_platform *out, const char *path, const char *fmt, va_list ap)
{
	char *text;
	int len = 0;

	if (out->num_notes == FDT_MAX_NOTES)
		return;
	text = out->notes[out->num_notes++];
	if (path)
		len = snprintf(text, FDT_NOTE_SIZE, "%s: ", path);
	if (len < FDT_NOTE_SIZE)
		vsnprintf(text + len, (size_t)(FDT_NOTE_SIZE - len), fmt, ap);
}

void fdt_note(struct fdt_platform *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_note(out, NULL, fmt, ap);
	va_end(ap);
}

void fdt_walk_path(const struct fdt_walk *walk, char *path, size_t size)
{
	size_t len = 0;

	snprintf(path, size, "/");
	for (int i = 1; i <= walk->depth && len < size - 1; i++)
		len += (size_t)snprintf(path + len, size - len, "/%s", walk->levels[i].name);
}

void fdt_walk_note(struct fdt_walk *walk, const char *fmt, ...)
{
	char path[FDT_PATH_SIZE];
	va_list ap;

	fdt_walk_path(walk, path, sizeof(path));
	va_start(ap, fmt);
	add_note(walk->out, path, fmt, ap);
	va_end(ap);
}

static int begin_node(struct fdt_walk *walk)
{
	const struct fdt_node_header *head = fdt_offset_ptr(walk->fdt, walk->offset, sizeof(*head));
	struct fdt_level *level = &walk->levels[++walk->depth];

	/* fdt_next_tag() has seen the end of the name. */
	level->name = head->name;
	level->node = walk->offset;
	walk->seen = 0;
	walk->open = true;
	return walk->depth || !head->name[0] ? 0 : -FDT_ERR_BADSTRUCTURE;
}

/* Return: the property that a name stands for, FDT_NUM_PROPS (of no interest) or a negative FDT_ERR. */
static int find_prop(struct fdt_walk *walk, uint32_t offset)
{
	struct fdt_name *slot = &walk->names[offset / 4 % ARRAY_SIZE(walk->names)];
	const char *name;
	int err, prop = 0;

	if (slot->known && slot->offset == offset)
		return slot->prop;
	name = fdt_get_string(walk->fdt, (int)offset, &err);
	if (!name)
		return err;
	while (prop < FDT_NUM_PROPS && (name[0] != prop_names[prop][0] || strcmp(name, prop_names[prop])))
		prop++;
	*slot = (struct fdt_name){ .offset = offset, .prop = (uint8_t)prop, .known = true };
	return prop;
}

static int add_prop(struct fdt_walk *walk)
{
	const struct fdt_property *value = fdt_offset_ptr(walk->fdt, walk->offset, sizeof(*value));
	int prop;

	if (!value)
		return -FDT_ERR_TRUNCATED;
	prop = find_prop(walk, fdt32_to_cpu(value->nameoff));
	if (prop < 0)
		return prop;
	if (prop < FDT_NUM_PROPS && walk->open && !(walk->seen & BIT(prop))) {
		walk->props[prop] = (struct fdt_data){ value->data, (int)fdt32_to_cpu(value->len) };
		walk->seen |= BIT(prop);
	}
	return 0;
}

static int read_num_cells(const struct fdt_walk *walk, enum fdt_prop prop, int otherwise)
{
	uint32_t value;

	if (!fdt_walk_prop(walk, prop))
		return otherwise;
	return fdt_walk_u32(walk, prop, &value) && value <= FDT_MAX_NCELLS ? (int)value : -1;
}

static void add_controller(struct fdt_walk *walk)
{
	struct fdt_platform *out = walk->out;
	const struct fdt_data *compatible = fdt_walk_prop(walk, FDT_COMPATIBLE);
	struct fdt_controller intc = { 0 };

	if (!fdt_walk_u32(walk, FDT_INTERRUPT_CELLS, &intc.cells) ||
	    (!fdt_walk_u32(walk, FDT_PHANDLE, &intc.phandle) && !fdt_walk_u32(walk, FDT_LINUX_PHANDLE, &intc.phandle)))
		return;
	if (out->num_controllers == FDT_MAX_INTC) {
		fdt_walk_note(walk, "more than %d devices: this one is not used", FDT_MAX_INTC);
		return;
	}
	if (compatible)
		intc.compatible = *compatible;
	out->controllers[out->num_controllers++] = intc;
}

/* The node's properties are known. */
static void close_props(struct fdt_walk *walk, fdt_visit *visit, void *arg)
{
	struct fdt_level *level = &walk->levels[walk->depth];
	const struct fdt_data *ranges = fdt_walk_prop(walk, FDT_RANGES);
	const char *status = fdt_walk_string(walk, FDT_STATUS);

	walk->open = false;
	level->address_cells = read_num_cells(walk, FDT_ADDRESS_CELLS, 2);
	level->size_cells = read_num_cells(walk, FDT_SIZE_CELLS, 1);
	level->ranges = ranges ? *ranges : (struct fdt_data){ 0 };
	level->enable_method = fdt_walk_string(walk, FDT_ENABLE_METHOD);
	if (!fdt_walk_u32(walk, FDT_INTERRUPT_PARENT, &level->interrupt_parent))
		level->interrupt_parent = walk->depth ? level[-1].interrupt_parent : 0;
	add_controller(walk);
	if (walk->disabled < 0 && status && strcmp(status, "okay") && strcmp(status, "ok"))
		walk->disabled = walk->depth;
	if (walk->disabled < 0)
		visit(walk, arg);
}

const char *fdt_walk_all(struct fdt_walk *walk, fdt_visit *visit, void *arg)
{
	int err = 0, next = 0;
	bool complete = false;

	walk->depth = walk->disabled = -1;
	while (!err) {
		uint32_t tag;

		walk->offset = next;
		tag = fdt_next_tag(walk->fdt, walk->offset, &next);
		if (next < 0)
			return fdt_strerror(next);
		if (tag == FDT_END)
			return complete ? NULL : fdt_strerror(-FDT_ERR_BADSTRUCTURE);
		if (tag == FDT_NOP)
			continue;
		if (complete || (walk->depth < 0 && tag != FDT_BEGIN_NODE))
			return fdt_strerror(-FDT_ERR_BADSTRUCTURE);
		if (tag == FDT_PROP) {
			err = add_prop(walk);
			continue;
		}
		if (walk->open)
			close_props(walk, visit, arg);
		if (tag == FDT_BEGIN_NODE) {
			if (walk->depth + 1 == FDT_MAX_DEPTH)
				return "nodes are nested too deeply";
			err = begin_node(walk);
			continue;
		}
		if (walk->disabled == walk->depth)
			walk->disabled = -1;
		complete = --walk->depth < 0;
	}
	return fdt_strerror(err);
}

const char *fdt_next_string(const struct fdt_data *list, const char *last)
{
	const char *text, *end;

	if (!list || !list->len)
		return NULL;
	text = last ? last + strlen(last) + 1 : list->data;
	end = (const char *)list->data + list->len;
	return text < end && memchr(text, 0, (size_t)(end - text)) ? text : NULL;
}

int fdt_is(const struct fdt_data *compatible, const char *const *list)
{
	for (const char *text = NULL; (text = fdt_next_string(compatible, text));)
		for (int i = 0; list[i]; i++)
			if (!strcmp(text, list[i]))
				return i;
	return -1;
}

int fdt_walk_is(const struct fdt_walk *walk, const char *const *list)
{
	return fdt_is(fdt_walk_prop(walk, FDT_COMPATIBLE), list);
}

const char *fdt_walk_string(const struct fdt_walk *walk, enum fdt_prop prop)
{
	return fdt_next_string(fdt_walk_prop(walk, prop), NULL);
}

bool fdt_walk_u32(const struct fdt_walk *walk, enum fdt_prop prop, uint32_t *value)
{
	const struct fdt_data *cell = fdt_walk_prop(walk, prop);

	if (!cell || cell->len != 4)
		return false;
	*value = fdt32_to_cpu(*(const fdt32_t *)cell->data);
	return true;
}

/* Cells as one number; what stands above 64 bits must be 0. */
static bool read_cells(const fdt32_t *cell, int count, uint64_t *value)
{
	*value = 0;
	for (int i = 0; i < count; i++) {
		if (*value >> 32)
			return false;
		*value = *value << 32 | fdt32_to_cpu(cell[i]);
	}
	return true;
}

uint64_t fdt_walk_number(const struct fdt_walk *walk, enum fdt_prop prop)
{
	const struct fdt_data *value = fdt_walk_prop(walk, prop);
	uint64_t number = 0;

	if (value && (value->len == 4 || value->len == 8))
		read_cells(value->data, value->len / 4, &number);
	return number;
}

/* One step towards the root: an address of @bus's children becomes an address on @bus's own parent. */
static int translate(const struct fdt_level *bus, const struct fdt_level *parent, struct fdt_range *range)
{
	int child_cells = bus->address_cells, size_cells = bus->size_cells, parent_cells = parent->address_cells;
	int len = bus->ranges.len, row = child_cells + parent_cells + size_cells;
	const fdt32_t *cell = bus->ranges.data;

	if (!cell || child_cells < 1 || size_cells < 0 || parent_cells < 1 || len % (row * 4))
		return -AX_EINVAL;
	if (!len)
		return 0;
	for (const fdt32_t *end = cell + len / 4; cell < end; cell += row) {
		uint64_t from, to, size;

		if (!read_cells(cell, child_cells, &from) || !read_cells(cell + child_cells, parent_cells, &to) ||
		    !read_cells(cell + child_cells + parent_cells, size_cells, &size))
			continue;
		if (range->base >= from && range->base - from < size) {
			range->base = range->base - from + to;
			return 0;
		}
	}
	return -AX_EINVAL;
}

int fdt_walk_reg(const struct fdt_walk *walk, unsigned index, struct fdt_range *range)
{
	const struct fdt_data *reg = fdt_walk_prop(walk, FDT_REG);
	const struct fdt_level *parent;
	const fdt32_t *cell;
	int row;

	if (!reg || walk->depth == 0)
		return -AX_ENOENT;
	parent = &walk->levels[walk->depth - 1];
	row = parent->address_cells + parent->size_cells;
	if (parent->address_cells < 1 || parent->size_cells < 0 || reg->len % (row * 4))
		return -AX_EINVAL;
	if (index >= (unsigned)(reg->len / (row * 4)))
		return -AX_ENOENT;
	cell = (const fdt32_t *)reg->data + (int)index * row;
	*range = (struct fdt_range){ 0 };
	if (!read_cells(cell, parent->address_cells, &range->base) ||
	    !read_cells(cell + parent->address_cells, parent->size_cells, &range->size))
		return -AX_EINVAL;
	for (const struct fdt_level *bus = parent; bus > walk->levels; bus--)
		if (translate(bus, bus - 1, range))
			return -AX_EINVAL;
	return range->base + range->size < range->base ? -AX_EINVAL : 0;
}

void fdt_walk_irq(const struct fdt_walk *walk, unsigned index, struct fdt_irq *irq)
{
	const struct fdt_data *extended = fdt_walk_prop(walk, FDT_INTERRUPTS_EXTENDED);
	const struct fdt_data *specifiers = extended ? extended : fdt_walk_prop(walk, FDT_INTERRUPTS);

	*irq = (struct fdt_irq){
		.node = fdt_walk_level(walk)->node,
		.extended = extended,
		.parent = fdt_walk_level(walk)->interrupt_parent,
		.index = index,
	};
	if (specifiers)
		irq->specifiers = *specifiers;
}

void fdt_irq_note(struct fdt_platform *out, const struct fdt_irq *irq, const char *text)
{
	char path[FDT_PATH_SIZE];

	fdt_note(out, "%s: %s", fdt_get_path(out->pub.fdt, irq->node, path, sizeof(path)) ? "?" : path, text);
}

static const struct fdt_controller *find_controller(const struct fdt_platform *out, uint32_t phandle)
{
	for (unsigned i = 0; phandle && i < out->num_controllers; i++)
		if (out->controllers[i].phandle == phandle)
			return &out->controllers[i];
	return NULL;
}

int fdt_irq_resolve(const struct fdt_platform *out, struct fdt_irq *irq)
{
	const fdt32_t *cell = irq->specifiers.data;
	uint32_t left = (uint32_t)irq->specifiers.len / 4, cells[MAX_IRQ_CELLS];
	const struct fdt_controller *intc = find_controller(out, irq->parent);

	for (unsigned i = 0; left; i++) {
		if (irq->extended) {
			intc = find_controller(out, fdt32_to_cpu(*cell++));
			left--;
		}
		if (!intc || (!irq->extended && !intc->cells))
			return -AX_EINVAL;
		if (intc->cells > left)
			return irq->extended ? -AX_EINVAL : -AX_ENOENT;
		if (i == irq->index) {
			if (!intc->cells || intc->cells > MAX_IRQ_CELLS)
				return -AX_ENOTSUP;
			for (unsigned j = 0; j < intc->cells; j++)
				cells[j] = fdt32_to_cpu(cell[j]);
			return platform_fdt_decode_irq(intc, cells, (int)intc->cells, irq);
		}
		cell += intc->cells;
		left -= intc->cells;
	}
	return -AX_ENOENT;
}
