/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the device tree that every architecture has: memory, CPUs, /chosen, the console, virtio.
 */
#include "platform_fdt.h"
#include <axstd/error.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

/* UARTs by compatible string; @reg_shift and @io_width are what the binding says where the node says nothing. */
static const struct uart_match {
	const char *compatible;
	enum uart_kind kind;
	bool no_setup;
	uint8_t reg_shift, io_width;
} uarts[] = {
	{ "arm,pl011", UART_PL011, false, 0, 4 },
	{ "arm,sbsa-uart", UART_PL011, true, 0, 4 },
	{ "ns16550a", UART_NS16550, false, 0, 1 },
	{ "ns16550", UART_NS16550, false, 0, 1 },
	{ "snps,dw-apb-uart", UART_NS16550, false, 0, 1 },
	{ "brcm,bcm2835-aux-uart", UART_NS16550, false, 2, 4 },
	{ "nvidia,tegra20-uart", UART_NS16550, false, 2, 4 },
	{ "ti,am654-uart", UART_NS16550, false, 2, 4 },
	{ "xlnx,xuartps", UART_CADENCE, false, 0, 4 },
	{ "cdns,uart-r1p12", UART_CADENCE, false, 0, 4 },
	{ "cdns,uart-r1p8", UART_CADENCE, false, 0, 4 },
};

static const char *const virtio_mmio[] = { "virtio,mmio", NULL };

static void copy_string(char *to, size_t size, const void *fdt, int node, const char *name)
{
	int len;
	const char *text = fdt_getprop(fdt, node, name, &len);

	if (!text || len <= 0)
		return;
	if ((size_t)len >= size)
		len = (int)size - 1;
	memcpy(to, text, (size_t)len);
	to[len] = 0;
}

static void node_name(const struct fdt_walk *walk, char *to, size_t size)
{
	const char *name = fdt_get_name(walk->fdt, fdt_walk_node(walk), NULL);

	snprintf(to, size, "%s", name ? name : "?");
}

static void visit_memory(struct fdt_walk *walk)
{
	struct fdt_platform *out = walk->out;
	struct fdt_range range;
	int err;

	for (unsigned i = 0; !(err = fdt_walk_reg(walk, i, &range)); i++) {
		if (!range.size)
			continue;
		if (out->num_ram == FDT_MAX_RAM) {
			fdt_walk_note(walk, "more than %d memory ranges: the rest is not used", FDT_MAX_RAM);
			return;
		}
		out->ram[out->num_ram++] = range;
	}
	if (err != -AX_ENOENT)
		fdt_walk_note(walk, "malformed reg: this memory is not used");
}

static void add_reserved(struct fdt_platform *out, const struct fdt_range *range)
{
	if (!range->size)
		return;
	if (out->num_reserved < FDT_MAX_RESERVED)
		out->reserved[out->num_reserved++] = *range;
	else
		snprintf(out->error, sizeof(out->error), "device tree: more than %d reserved ranges", FDT_MAX_RESERVED);
}

/* A child of /reserved-memory. One without reg asks the OS to choose a place: such pools are not for a hypervisor. */
static void visit_reserved(struct fdt_walk *walk)
{
	bool no_map = fdt_getprop(walk->fdt, fdt_walk_node(walk), "no-map", NULL);
	struct fdt_range range;
	int err;

	for (unsigned i = 0; !(err = fdt_walk_reg(walk, i, &range)); i++) {
		range.no_map = no_map;
		add_reserved(walk->out, &range);
	}
	if (err != -AX_ENOENT)
		fdt_walk_note(walk, "malformed reg: the reservation is ignored");
}

static enum fdt_cpu_method cpu_method(const struct fdt_walk *walk)
{
	const char *method = fdt_read_string(walk->fdt, fdt_walk_node(walk), "enable-method");

	if (!method)
		method = fdt_read_string(walk->fdt, walk->stack[walk->depth - 1], "enable-method");
	if (!method)
		return CPU_METHOD_NONE;
	if (!strcmp(method, "psci"))
		return CPU_METHOD_PSCI;
	return !strcmp(method, "spin-table") ? CPU_METHOD_SPIN_TABLE : CPU_METHOD_UNKNOWN;
}

static void visit_cpu(struct fdt_walk *walk)
{
	struct fdt_platform *out = walk->out;
	struct fdt_cpu *cpu = &out->cpus[out->num_cpus];
	const char *name;
	int len, cells = fdt_address_cells(walk->fdt, walk->stack[walk->depth - 1]);
	const fdt32_t *reg = fdt_getprop(walk->fdt, fdt_walk_node(walk), "reg", &len);

	if (!reg || cells < 1 || cells > 2 || len != cells * 4) {
		fdt_walk_note(walk, "malformed reg: this CPU is not used");
		return;
	}
	if (out->num_cpus == CPU_MAX) {
		fdt_walk_note(walk, "more than %d CPUs: this one is not used", CPU_MAX);
		return;
	}
	cpu->hwid = cells == 2 ? (uint64_t)fdt32_ld(reg) << 32 | fdt32_ld(reg + 1) : fdt32_ld(reg);
	cpu->method = cpu_method(walk);
	if (out->num_cpus++)
		return;
	copy_string(out->cpu_name, sizeof(out->cpu_name), walk->fdt, fdt_walk_node(walk), "compatible");
	name = strchr(out->cpu_name, ',');
	if (name)
		memmove(out->cpu_name, name + 1, strlen(name));
}

static const struct uart_match *match_uart(const struct fdt_walk *walk)
{
	for (size_t i = 0; walk->compatible && i < ARRAY_SIZE(uarts); i++)
		if (fdt_stringlist_contains(walk->compatible, walk->compatible_len, uarts[i].compatible))
			return &uarts[i];
	return NULL;
}

static void visit_uart(struct fdt_walk *walk, const struct uart_match *match)
{
	struct fdt_platform *out = walk->out;
	struct uart_desc uart = { .kind = match->kind, .no_setup = match->no_setup };
	const void *fdt = walk->fdt;
	int node = fdt_walk_node(walk);
	struct fdt_range range;
	uint32_t value;

	/* Without stdout-path the first one will do. */
	if (out->console.kind || (out->stdout_node >= 0 && node != out->stdout_node))
		return;
	if (fdt_walk_reg(walk, 0, &range) || !range.size) {
		fdt_walk_note(walk, "no usable reg: not used as console");
		return;
	}
	uart.base = range.base;
	uart.size = range.size;
	uart.reg_shift = match->reg_shift;
	uart.io_width = match->io_width;
	if (fdt_read_u32(fdt, node, "reg-shift", &value) && value <= 4)
		uart.reg_shift = value;
	if (fdt_read_u32(fdt, node, "reg-io-width", &value) && (value == 1 || value == 2 || value == 4))
		uart.io_width = value;
	if (fdt_read_u32(fdt, node, "reg-offset", &value) && value < range.size)
		uart.base += value;
	if (fdt_walk_irq(walk, 0, &uart.irq))
		fdt_walk_note(walk, "no usable interrupt: console input is polled");
	node_name(walk, uart.name, sizeof(uart.name));
	out->console = uart;
}

static void visit_virtio(struct fdt_walk *walk)
{
	struct platform *pub = &walk->out->pub;
	struct platform_device *dev = &pub->devices[pub->num_devices];
	struct fdt_range range;
	struct fdt_irq irq;

	if (pub->num_devices == PLATFORM_MAX_DEVICES) {
		fdt_walk_note(walk, "more than %d devices: this one is not used", PLATFORM_MAX_DEVICES);
		return;
	}
	if (fdt_walk_reg(walk, 0, &range) || fdt_walk_irq(walk, 0, &irq)) {
		fdt_walk_note(walk, "no usable reg or interrupts: not used");
		return;
	}
	*dev = (struct platform_device){
		.kind = PLATFORM_VIRTIO_MMIO,
		.base = range.base,
		.size = range.size,
		.irq = irq.irq,
		.irq_edge = irq.edge,
	};
	node_name(walk, dev->name, sizeof(dev->name));
	pub->num_devices++;
}

static bool has_type(const struct fdt_walk *walk, const char *wanted)
{
	const char *type = fdt_read_string(walk->fdt, fdt_walk_node(walk), "device_type");

	return type && !strcmp(type, wanted);
}

static bool is_reserved_memory(const struct fdt_walk *walk)
{
	const char *parent = fdt_get_name(walk->fdt, walk->stack[walk->depth - 1], NULL);

	return parent && !strcmp(parent, "reserved-memory");
}

static void visit(struct fdt_walk *walk, void *arg)
{
	const struct uart_match *uart;

	(void)arg;
	if (walk->depth == 1 && has_type(walk, "memory"))
		visit_memory(walk);
	else if (walk->depth == 2 && has_type(walk, "cpu"))
		visit_cpu(walk);
	else if (walk->depth == 2 && is_reserved_memory(walk))
		visit_reserved(walk);
	else if ((uart = match_uart(walk)))
		visit_uart(walk, uart);
	else if (fdt_walk_is(walk, virtio_mmio) >= 0)
		visit_virtio(walk);
}

/* stdout-path is "PATH" or "ALIAS", then perhaps ":options". */
static int find_stdout(const void *fdt, int chosen, struct fdt_platform *out)
{
	char text[128] = "";
	char *options;
	int node;

	copy_string(text, sizeof(text), fdt, chosen, "stdout-path");
	if (!text[0])
		copy_string(text, sizeof(text), fdt, chosen, "linux,stdout-path");
	if (!text[0])
		return -1;
	options = strchr(text, ':');
	if (options)
		*options = 0;
	node = fdt_path_offset(fdt, text);
	if (node < 0)
		fdt_note(out, "/chosen: stdout-path \"%s\" names no node: the first UART is the console", text);
	return node < 0 ? -1 : node;
}

static void read_chosen(const void *fdt, struct fdt_platform *out)
{
	int chosen = fdt_path_offset(fdt, "/chosen");
	uint64_t start, end;

	out->stdout_node = -1;
	if (chosen < 0)
		return;
	out->stdout_node = find_stdout(fdt, chosen, out);
	copy_string(out->pub.bootargs, sizeof(out->pub.bootargs), fdt, chosen, "bootargs");
	start = fdt_read_number(fdt, chosen, "linux,initrd-start");
	end = fdt_read_number(fdt, chosen, "linux,initrd-end");
	if (end > start) {
		out->pub.ramdisk = start;
		out->pub.ramdisk_size = end - start;
	}
}

static void read_memreserve(const void *fdt, struct fdt_platform *out)
{
	int count = fdt_num_mem_rsv(fdt);

	for (int i = 0; i < count; i++) {
		struct fdt_range range = { 0 };

		if (fdt_get_mem_rsv(fdt, i, &range.base, &range.size))
			return;
		if (range.base + range.size >= range.base)
			add_reserved(out, &range);
	}
}

/* The node that the description stops being sound at or after: the last one that can be walked to. */
static int report_damage(const void *fdt, struct fdt_platform *out, const char *what)
{
	char path[96] = "/";
	int last = 0, depth = 0;

	for (int node = 0; node >= 0 && depth >= 0 && depth < FDT_MAX_DEPTH; node = fdt_next_node(fdt, node, &depth))
		last = node;
	if (fdt_get_path(fdt, last, path, sizeof(path)) < 0)
		path[0] = 0;
	snprintf(out->error, sizeof(out->error), "device tree: %s, at or after %s (offset %d)", what, path, last);
	return -AX_EINVAL;
}

static void report_no_console(const void *fdt, struct fdt_platform *out)
{
	char path[96];

	if (out->console.kind)
		return;
	if (out->stdout_node < 0)
		fdt_note(out, "no UART of a known kind: no console");
	else if (!fdt_get_path(fdt, out->stdout_node, path, sizeof(path)))
		fdt_note(out, "%s: stdout-path, but not a UART of a known kind: no console", path);
}

int platform_fdt_parse(const void *fdt, size_t max_size, struct fdt_platform *out)
{
	int err, damaged;

	memset(out, 0, sizeof(*out));
	out->stdout_node = -1;
	err = max_size < sizeof(struct fdt_header) ? -FDT_ERR_TRUNCATED : fdt_check_header(fdt);
	if (!err && (uintptr_t)fdt % 8)
		err = -FDT_ERR_ALIGNMENT;
	if (!err && fdt_totalsize(fdt) > max_size)
		err = -FDT_ERR_TRUNCATED;
	/* Devicetree Specification 5.6. */
	if (!err && (!IS_ALIGNED(fdt_off_mem_rsvmap(fdt), 8) || !IS_ALIGNED(fdt_off_dt_struct(fdt), 4)))
		err = -FDT_ERR_ALIGNMENT;
	if (err) {
		snprintf(out->error, sizeof(out->error), "device tree: bad header: %s", fdt_strerror(err));
		return -AX_EINVAL;
	}
	out->pub.fdt = fdt;
	out->pub.fdt_size = fdt_totalsize(fdt);
	damaged = fdt_check_full(fdt, out->pub.fdt_size);
	copy_string(out->pub.model, sizeof(out->pub.model), fdt, 0, "model");
	read_chosen(fdt, out);
	read_memreserve(fdt, out);
	err = fdt_walk_all(fdt, out, visit, NULL);
	if (damaged)
		return report_damage(fdt, out, fdt_strerror(damaged));
	if (err)
		return report_damage(fdt, out, "nodes are nested too deeply");
	report_no_console(fdt, out);
	if (out->error[0])
		return -AX_EINVAL;
	if (!out->num_ram)
		snprintf(out->error, sizeof(out->error),
			 "device tree: no memory node gives a size: the boot loader has to fill it in");
	else if (!out->num_cpus)
		snprintf(out->error, sizeof(out->error), "device tree: /cpus has no usable CPU");
	return out->error[0] ? -AX_EINVAL : 0;
}
