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

void fdt_walk_note(struct fdt_walk *walk, const char *fmt, ...)
{
	char path[96];
	size_t len = 0;
	va_list ap;

	path[0] = '/';
	path[1] = 0;
	for (int i = 1; i <= walk->depth && len < sizeof(path) - 1; i++) {
		const char *name = fdt_get_name(walk->fdt, walk->stack[i], NULL);

		len += (size_t)snprintf(path + len, sizeof(path) - len, "/%s", name ? name : "?");
	}
	va_start(ap, fmt);
	add_note(walk->out, path, fmt, ap);
	va_end(ap);
}

static bool node_enabled(const void *fdt, int node)
{
	const char *status = fdt_read_string(fdt, node, "status");

	return !status || !strcmp(status, "okay") || !strcmp(status, "ok");
}

int fdt_walk_all(const void *fdt, struct fdt_platform *out, void (*visit)(struct fdt_walk *walk, void *arg), void *arg)
{
	struct fdt_walk walk = { .fdt = fdt, .out = out };
	int depth = 0, disabled = -1;

	for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(fdt, node, &depth)) {
		if (depth >= FDT_MAX_DEPTH)
			return -AX_EINVAL;
		if (disabled >= 0 && depth > disabled)
			continue;
		disabled = -1;
		if (!node_enabled(fdt, node)) {
			disabled = depth;
			continue;
		}
		walk.depth = depth;
		walk.stack[depth] = node;
		walk.compatible = fdt_getprop(fdt, node, "compatible", &walk.compatible_len);
		visit(&walk, arg);
	}
	return 0;
}

static int find_compatible(const char *compatible, int len, const char *const *list)
{
	for (int i = 0; compatible && list[i]; i++)
		if (fdt_stringlist_contains(compatible, len, list[i]))
			return i;
	return -1;
}

int fdt_walk_is(const struct fdt_walk *walk, const char *const *list)
{
	return find_compatible(walk->compatible, walk->compatible_len, list);
}

int fdt_is(const void *fdt, int node, const char *const *list)
{
	int len;
	const char *compatible = fdt_getprop(fdt, node, "compatible", &len);

	return find_compatible(compatible, len, list);
}

const char *fdt_read_string(const void *fdt, int node, const char *name)
{
	return fdt_stringlist_get(fdt, node, name, 0, NULL);
}

bool fdt_read_u32(const void *fdt, int node, const char *name, uint32_t *value)
{
	int len;
	const fdt32_t *cell = fdt_getprop(fdt, node, name, &len);

	if (!cell || len != sizeof(*cell))
		return false;
	*value = fdt32_ld(cell);
	return true;
}

uint64_t fdt_read_number(const void *fdt, int node, const char *name)
{
	int len;
	const fdt32_t *cell = fdt_getprop(fdt, node, name, &len);

	if (!cell || (len != 4 && len != 8))
		return 0;
	return len == 4 ? fdt32_ld(cell) : (uint64_t)fdt32_ld(cell) << 32 | fdt32_ld(cell + 1);
}

/* Cells as one number; what stands above 64 bits must be 0. */
static bool read_cells(const fdt32_t *cell, int count, uint64_t *value)
{
	*value = 0;
	for (int i = 0; i < count; i++) {
		if (*value >> 32)
			return false;
		*value = *value << 32 | fdt32_ld(cell + i);
	}
	return true;
}

/* One step towards the root: an address of @bus's children becomes an address on @bus's own parent. */
static int translate(const void *fdt, int bus, int parent, struct fdt_range *range)
{
	int child_cells = fdt_address_cells(fdt, bus), size_cells = fdt_size_cells(fdt, bus);
	int parent_cells = fdt_address_cells(fdt, parent);
	int len, row = child_cells + parent_cells + size_cells;
	const fdt32_t *cell = fdt_getprop(fdt, bus, "ranges", &len);

	if (!cell || child_cells < 0 || size_cells < 0 || parent_cells < 0 || len % (row * 4))
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
	const void *fdt = walk->fdt;
	int len, address_cells, size_cells, row;
	const fdt32_t *cell = fdt_getprop(fdt, fdt_walk_node(walk), "reg", &len);

	if (!cell || walk->depth == 0)
		return -AX_ENOENT;
	address_cells = fdt_address_cells(fdt, walk->stack[walk->depth - 1]);
	size_cells = fdt_size_cells(fdt, walk->stack[walk->depth - 1]);
	row = address_cells + size_cells;
	if (address_cells < 0 || size_cells < 0 || len % (row * 4))
		return -AX_EINVAL;
	if (index >= (unsigned)(len / (row * 4)))
		return -AX_ENOENT;
	cell += (int)index * row;
	*range = (struct fdt_range){ 0 };
	if (!read_cells(cell, address_cells, &range->base) ||
	    !read_cells(cell + address_cells, size_cells, &range->size))
		return -AX_EINVAL;
	for (int i = walk->depth - 1; i > 0; i--)
		if (translate(fdt, walk->stack[i], walk->stack[i - 1], range))
			return -AX_EINVAL;
	return range->base + range->size < range->base ? -AX_EINVAL : 0;
}

static int node_of(struct fdt_walk *walk, uint32_t phandle)
{
	if (walk->parent_phandle != phandle) {
		walk->parent_node = fdt_node_offset_by_phandle(walk->fdt, phandle);
		walk->parent_phandle = phandle;
	}
	return walk->parent_node;
}

/* The interrupt parent: said by the node or the nearest ancestor that says it. */
static int interrupt_parent(struct fdt_walk *walk)
{
	uint32_t phandle;

	for (int i = walk->depth; i >= 0; i--)
		if (fdt_read_u32(walk->fdt, walk->stack[i], "interrupt-parent", &phandle))
			return phandle ? node_of(walk, phandle) : -FDT_ERR_NOTFOUND;
	return -FDT_ERR_NOTFOUND;
}

static int decode(const void *fdt, int intc, const fdt32_t *cell, int count, struct fdt_irq *irq)
{
	uint32_t cells[MAX_IRQ_CELLS];

	if (count < 1 || count > MAX_IRQ_CELLS)
		return -AX_ENOTSUP;
	for (int i = 0; i < count; i++)
		cells[i] = fdt32_ld(cell + i);
	return platform_fdt_decode_irq(fdt, intc, cells, count, irq);
}

static int extended_irq(const void *fdt, const fdt32_t *cell, int cells, unsigned index, struct fdt_irq *irq)
{
	for (unsigned i = 0; cells > 0; i++) {
		int intc = fdt_node_offset_by_phandle(fdt, fdt32_ld(cell));
		uint32_t count;

		if (intc < 0 || !fdt_read_u32(fdt, intc, "#interrupt-cells", &count) || count >= (uint32_t)cells)
			return -AX_EINVAL;
		if (i == index)
			return decode(fdt, intc, cell + 1, (int)count, irq);
		cell += count + 1;
		cells -= (int)count + 1;
	}
	return -AX_ENOENT;
}

int fdt_walk_irq(struct fdt_walk *walk, unsigned index, struct fdt_irq *irq)
{
	const void *fdt = walk->fdt;
	const fdt32_t *cell;
	uint32_t count;
	int len, intc;

	*irq = (struct fdt_irq){ 0 };
	cell = fdt_getprop(fdt, fdt_walk_node(walk), "interrupts-extended", &len);
	if (cell)
		return extended_irq(fdt, cell, len / 4, index, irq);
	cell = fdt_getprop(fdt, fdt_walk_node(walk), "interrupts", &len);
	if (!cell)
		return -AX_ENOENT;
	intc = interrupt_parent(walk);
	if (intc < 0 || !fdt_read_u32(fdt, intc, "#interrupt-cells", &count) || !count || count > MAX_IRQ_CELLS)
		return -AX_EINVAL;
	if ((uint64_t)(index + 1) * count * 4 > (uint64_t)len)
		return -AX_ENOENT;
	return decode(fdt, intc, cell + index * count, (int)count, irq);
}
