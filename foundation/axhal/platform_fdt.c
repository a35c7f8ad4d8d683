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

static void copy_string(char *to, size_t size, const struct fdt_data *text)
{
	size_t len = text ? MIN((size_t)text->len, size - 1) : 0;

	if (!len)
		return;
	memcpy(to, text->data, len);
	to[len] = 0;
}

static void copy_name(const struct fdt_walk *walk, char *to, size_t size)
{
	const char *name = fdt_walk_level(walk)->name;
	size_t len = MIN(strlen(name), size - 1);

	memcpy(to, name, len);
	to[len] = 0;
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
	bool no_map = fdt_walk_prop(walk, FDT_NO_MAP);
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
	const char *method = fdt_walk_level(walk)->enable_method;

	if (!method)
		method = walk->levels[walk->depth - 1].enable_method;
	if (!method)
		return CPU_METHOD_NONE;
	if (!strcmp(method, "psci"))
		return CPU_METHOD_PSCI;
	return !strcmp(method, "spin-table") ? CPU_METHOD_SPIN_TABLE : CPU_METHOD_UNKNOWN;
}

/* A RISC-V hart without MMU has no supervisor mode: a monitor core. */
static bool is_monitor(const struct fdt_walk *walk)
{
	const char *mmu = fdt_walk_string(walk, FDT_MMU_TYPE);

	return (fdt_walk_prop(walk, FDT_RISCV_ISA) || fdt_walk_prop(walk, FDT_RISCV_ISA_EXTENSIONS)) &&
	       (!mmu || !strcmp(mmu, "riscv,none"));
}

/* Return: can it be used? */
static bool visit_cpu(struct fdt_walk *walk)
{
	struct fdt_platform *out = walk->out;
	struct fdt_cpu *cpu = &out->cpus[out->num_cpus];
	char *name;
	int cells = walk->levels[walk->depth - 1].address_cells;
	const struct fdt_data *reg = fdt_walk_prop(walk, FDT_REG);

	if (is_monitor(walk))
		return false;
	if (!reg || cells < 1 || cells > 2 || reg->len != cells * 4) {
		fdt_walk_note(walk, "malformed reg: this CPU is not used");
		return false;
	}
	if (out->num_cpus == CPU_MAX) {
		fdt_walk_note(walk, "more than %d CPUs: this one is not used", CPU_MAX);
		return false;
	}
	cpu->hwid = fdt_walk_number(walk, FDT_REG);
	cpu->method = cpu_method(walk);
	if (out->num_cpus++)
		return true;
	copy_string(out->cpu_name, sizeof(out->cpu_name), fdt_walk_prop(walk, FDT_COMPATIBLE));
	name = strchr(out->cpu_name, ',');
	if (name)
		memmove(out->cpu_name, name + 1, strlen(name));
	return true;
}

static const struct uart_match *match_uart(const struct fdt_walk *walk)
{
	const struct fdt_data *compatible = fdt_walk_prop(walk, FDT_COMPATIBLE);

	for (const char *text = NULL; (text = fdt_next_string(compatible, text));)
		for (size_t i = 0; i < ARRAY_SIZE(uarts); i++)
			if (!strcmp(text, uarts[i].compatible))
				return &uarts[i];
	return NULL;
}

/* Which one is the console is known at the end. */
static void visit_uart(struct fdt_walk *walk, const struct uart_match *match)
{
	struct fdt_platform *out = walk->out;
	struct uart_desc *uart = &out->uarts[out->num_uarts];
	struct fdt_range range;
	uint32_t value;

	if (out->num_uarts == FDT_MAX_UARTS) {
		fdt_walk_note(walk, "more than %d devices: this one is not used", FDT_MAX_UARTS);
		return;
	}
	if (fdt_walk_reg(walk, 0, &range))
		range = (struct fdt_range){ 0 };
	uart->kind = match->kind;
	uart->no_setup = match->no_setup;
	uart->base = range.base;
	uart->size = range.size;
	uart->reg_shift = match->reg_shift;
	uart->io_width = match->io_width;
	if (fdt_walk_u32(walk, FDT_REG_SHIFT, &value) && value <= 4)
		uart->reg_shift = value;
	if (fdt_walk_u32(walk, FDT_REG_IO_WIDTH, &value) && (value == 1 || value == 2 || value == 4))
		uart->io_width = value;
	if (fdt_walk_u32(walk, FDT_REG_OFFSET, &value) && value < range.size)
		uart->base += value;
	fdt_walk_irq(walk, 0, &uart->irq);
	copy_name(walk, uart->name, sizeof(uart->name));
	fdt_walk_path(walk, uart->path, sizeof(uart->path));
	out->num_uarts++;
}

static void visit_virtio(struct fdt_walk *walk)
{
	struct platform *pub = &walk->out->pub;
	struct platform_device *dev = &pub->devices[pub->num_devices];
	struct fdt_range range;

	if (pub->num_devices == PLATFORM_MAX_DEVICES) {
		fdt_walk_note(walk, "more than %d devices: this one is not used", PLATFORM_MAX_DEVICES);
		return;
	}
	if (fdt_walk_reg(walk, 0, &range)) {
		fdt_walk_note(walk, "no usable reg: not used");
		return;
	}
	dev->kind = PLATFORM_VIRTIO_MMIO;
	dev->base = range.base;
	dev->size = range.size;
	copy_name(walk, dev->name, sizeof(dev->name));
	fdt_walk_irq(walk, 0, &walk->out->device_irqs[pub->num_devices++]);
}

static void resolve_devices(struct fdt_platform *out)
{
	struct platform *pub = &out->pub;
	unsigned num = 0;

	for (unsigned i = 0; i < pub->num_devices; i++) {
		struct platform_device *dev = &pub->devices[i];
		struct fdt_irq *irq = &out->device_irqs[i];

		if (fdt_irq_resolve(out, irq)) {
			fdt_irq_note(out, irq, "no usable interrupts: not used");
			continue;
		}
		dev->irq = irq->irq;
		dev->irq_edge = irq->edge;
		if (num++ != i)
			pub->devices[num - 1] = *dev;
	}
	pub->num_devices = num;
}

static bool has_type(const struct fdt_walk *walk, const char *wanted)
{
	const char *type = fdt_walk_string(walk, FDT_DEVICE_TYPE);

	return type && !strcmp(type, wanted);
}

static void visit_chosen(struct fdt_walk *walk)
{
	struct fdt_platform *out = walk->out;
	uint64_t start = fdt_walk_number(walk, FDT_INITRD_START), end = fdt_walk_number(walk, FDT_INITRD_END);
	const struct fdt_data *seed = fdt_walk_prop(walk, FDT_RNG_SEED);

	out->stdout_path = fdt_walk_string(walk, FDT_STDOUT_PATH);
	if (!out->stdout_path)
		out->stdout_path = fdt_walk_string(walk, FDT_LINUX_STDOUT_PATH);
	copy_string(out->pub.bootargs, sizeof(out->pub.bootargs), fdt_walk_prop(walk, FDT_BOOTARGS));
	if (seed)
		out->rng_seed = *seed;
	if (end > start) {
		out->pub.ramdisk = start;
		out->pub.ramdisk_size = end - start;
	}
}

struct other_visit {
	fdt_visit *visit;
	void *arg;
};

static void visit(struct fdt_walk *walk, void *arg)
{
	const struct other_visit *other = arg;
	const struct uart_match *uart;

	if (fdt_walk_is(walk, virtio_mmio) >= 0)
		visit_virtio(walk);
	else if (walk->depth == 0)
		copy_string(walk->out->pub.model, sizeof(walk->out->pub.model), fdt_walk_prop(walk, FDT_MODEL));
	else if (walk->depth == 1 && has_type(walk, "memory"))
		visit_memory(walk);
	else if (walk->depth == 1 && !strcmp(fdt_walk_level(walk)->name, "chosen"))
		visit_chosen(walk);
	else if (walk->depth == 2 && has_type(walk, "cpu") && !visit_cpu(walk))
		; /* not used */
	else if (walk->depth == 2 && !strcmp(walk->levels[1].name, "reserved-memory"))
		visit_reserved(walk);
	else if ((uart = match_uart(walk)))
		visit_uart(walk, uart);
	else
		other->visit(walk, other->arg);
}

/*
 * stdout-path is "PATH" or "ALIAS", then perhaps ":options". Mostly it is the very path of a UART; the tree is searched
 * only otherwise. Return: the UART, NULL when it is none of those found.
 */
static const struct uart_desc *find_stdout(struct fdt_platform *out)
{
	size_t len = strcspn(out->stdout_path, ":");
	char path[FDT_PATH_SIZE];
	int node;

	for (unsigned i = 0; i < out->num_uarts; i++)
		if (!strncmp(out->uarts[i].path, out->stdout_path, len) && !out->uarts[i].path[len])
			return &out->uarts[i];
	node = fdt_path_offset_namelen(out->pub.fdt, out->stdout_path, (int)len);
	if (node < 0) {
		fdt_note(out, "/chosen: stdout-path \"%.*s\" names no node: the first UART is the console", (int)len,
			 out->stdout_path);
		out->stdout_path = NULL;
		return NULL;
	}
	if (fdt_get_path(out->pub.fdt, node, path, sizeof(path)))
		path[0] = 0;
	for (unsigned i = 0; i < out->num_uarts; i++)
		if (!strcmp(out->uarts[i].path, path))
			return &out->uarts[i];
	fdt_note(out, "%s: stdout-path, but not a UART of a known kind: no console", path);
	return NULL;
}

static void choose_console(struct fdt_platform *out)
{
	const struct uart_desc *wanted = out->stdout_path ? find_stdout(out) : NULL;

	/* Without stdout-path the first one will do. */
	for (unsigned i = 0; i < out->num_uarts && !out->console.kind; i++) {
		const struct uart_desc *uart = &out->uarts[i];

		if (out->stdout_path && uart != wanted)
			continue;
		if (uart->size)
			out->console = *uart;
		else
			fdt_note(out, "%s: no usable reg: not used as console", uart->path);
	}
	if (!out->console.kind && !out->stdout_path)
		fdt_note(out, "no UART of a known kind: no console");
	if (out->console.kind && fdt_irq_resolve(out, &out->console.irq))
		fdt_irq_note(out, &out->console.irq, "no usable interrupt: console input is polled");
}

static int read_memreserve(const void *fdt, struct fdt_platform *out)
{
	int count = fdt_num_mem_rsv(fdt);

	for (int i = 0; i < count; i++) {
		struct fdt_range range = { 0 };

		if (!fdt_get_mem_rsv(fdt, i, &range.base, &range.size) && range.base + range.size >= range.base)
			add_reserved(out, &range);
	}
	return MIN(count, 0);
}

static int check_header(const void *fdt, size_t max_size)
{
	int err = max_size < sizeof(struct fdt_header) ? -FDT_ERR_TRUNCATED : fdt_check_header(fdt);

	if (err)
		return err;
	/* Before version 16 node names were whole paths. */
	if (fdt_version(fdt) < 16)
		return -FDT_ERR_BADVERSION;
	if (fdt_totalsize(fdt) > max_size)
		return -FDT_ERR_TRUNCATED;
	/* Devicetree Specification 5.6. */
	if (!IS_ALIGNED(fdt_off_mem_rsvmap(fdt), 8) || !IS_ALIGNED(fdt_off_dt_struct(fdt), 4))
		return -FDT_ERR_ALIGNMENT;
	return 0;
}

int platform_fdt_parse(const void *fdt, size_t max_size, struct fdt_platform *out, fdt_visit *visit_other, void *arg)
{
	struct other_visit other = { visit_other, arg };
	struct fdt_walk walk = { .fdt = fdt, .out = out };
	const char *damage;
	int err;

	memset(out, 0, sizeof(*out));
	err = check_header(fdt, max_size);
	if (err) {
		snprintf(out->error, sizeof(out->error), "device tree: bad header: %s", fdt_strerror(err));
		return -AX_EINVAL;
	}
	out->pub.fdt = fdt;
	out->pub.fdt_size = fdt_totalsize(fdt);
	err = read_memreserve(fdt, out);
	damage = fdt_walk_all(&walk, visit, &other);
	choose_console(out);
	resolve_devices(out);
	if (damage || err) {
		char path[FDT_PATH_SIZE];

		fdt_walk_path(&walk, path, sizeof(path));
		snprintf(out->error, sizeof(out->error), "device tree: %s, at or after %s (offset %d)",
			 damage ? damage : fdt_strerror(err), path, walk.offset);
	}
	if (out->error[0])
		return -AX_EINVAL;
	if (!out->num_ram)
		snprintf(out->error, sizeof(out->error),
			 "device tree: no memory node gives a size: the boot loader has to fill it in");
	else if (!out->num_cpus)
		snprintf(out->error, sizeof(out->error), "device tree: /cpus has no usable CPU");
	return out->error[0] ? -AX_EINVAL : 0;
}
