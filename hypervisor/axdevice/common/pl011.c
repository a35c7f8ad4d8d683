/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Emulated PL011 (Arm DDI 0183), revision r1p5: FIFOs of 32.
 *
 * Transmission takes no time: the transmit FIFO is always empty and every byte written raises the transmit interrupt.
 * A byte goes out even if the guest has not enabled the UART, as drivers for early messages expect from a UART that
 * firmware set up.
 *
 * Received bytes wait in the console until there is room in the FIFO. The receive timeout passes at once: the
 * interrupt is raised as soon as there is anything to read.
 *
 * The lock guards everything but what a single load can answer (UARTFR). Order: this lock, then the interrupt
 * controller's and the console's.
 */
#include "pl011_regs.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <axalloc/heap.h>
#include <axdevice/pl011.h>
#include <axstd/error.h>
#include <axstd/spinlock.h>
#include <libfdt.h>

#define FIFO_DEPTH  32
#define PL011_SIZE  0x1000
#define CLOCK_HZ    24000000
#define RX_LEVELS   5
#define INT_ALL     0x7ffu
#define RESET_CR    (CR_TXE | CR_RXE)
#define RESET_IFLS  0x12
#define ALWAYS_IDLE FR_TXFE

struct pl011 {
	struct uart uart;
	struct device dev;
	struct device_env env;
	struct console_backend console;
	struct spinlock lock;
	uint8_t fifo[FIFO_DEPTH];
	unsigned head, count;
	bool served; /* the guest has read data since an interrupt was cleared */
	bool level;  /* of the interrupt line */
	uint32_t fr, ris;
	/* Plain registers, see plain_registers[]. */
	uint32_t ilpr, ibrd, fbrd, lcr_h, cr, ifls, imsc, dmacr;
};

/* Registers that only keep what is written. */
static const struct {
	uint8_t offset;
	uint16_t field;
	uint16_t mask;
} plain_registers[] = {
	{ UARTILPR, offsetof(struct pl011, ilpr), 0xff },    { UARTIBRD, offsetof(struct pl011, ibrd), 0xffff },
	{ UARTFBRD, offsetof(struct pl011, fbrd), 0x3f },    { UARTLCR_H, offsetof(struct pl011, lcr_h), 0xff },
	{ UARTCR, offsetof(struct pl011, cr), 0xff87 },      { UARTIFLS, offsetof(struct pl011, ifls), 0x3f },
	{ UARTIMSC, offsetof(struct pl011, imsc), INT_ALL }, { UARTDMACR, offsetof(struct pl011, dmacr), 0x7 },
};

/* UARTPeriphID0-3 (part 0x011, Arm, revision 3), UARTPCellID0-3 */
static const uint8_t id_registers[8] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

static unsigned fifo_depth(const struct pl011 *p)
{
	return p->lcr_h & LCR_H_FEN ? FIFO_DEPTH : 1;
}

/* How many bytes raise the receive interrupt: eighths of the FIFO, 3.3.10. */
static unsigned rx_level(const struct pl011 *p)
{
	static const uint8_t levels[RX_LEVELS] = { 4, 8, 16, 24, 28 };
	unsigned select = IFLS_RXIFLSEL(p->ifls);

	if (!(p->lcr_h & LCR_H_FEN))
		return 1;
	return levels[select < RX_LEVELS ? select : RX_LEVELS - 1];
}

static void update_line(struct pl011 *p)
{
	bool level = p->ris & p->imsc;

	if (level == p->level)
		return;
	p->level = level;
	irq_line_set(&p->env.irq, level);
}

/* The flags that follow from the number of bytes in the FIFO. */
static void update_rx_flags(struct pl011 *p)
{
	uint32_t fr = ALWAYS_IDLE;

	if (!p->count)
		fr |= FR_RXFE;
	if (p->count >= fifo_depth(p))
		fr |= FR_RXFF;
	__atomic_store_n(&p->fr, fr, __ATOMIC_RELAXED);
	if (!p->count)
		p->ris &= ~(INT_RX | INT_RT);
	else if (p->count < rx_level(p))
		p->ris &= ~INT_RX;
}

/* There is news in the FIFO: raise what the number of bytes asks for. */
static void raise_rx(struct pl011 *p)
{
	update_rx_flags(p);
	if (!p->count)
		return;
	p->ris |= INT_RT;
	if (p->count >= rx_level(p))
		p->ris |= INT_RX;
}

static void push(struct pl011 *p, uint8_t byte)
{
	p->fifo[(p->head + p->count++) % FIFO_DEPTH] = byte;
}

/* Take what the console has, as far as there is room. */
static void fill(struct pl011 *p)
{
	unsigned before = p->count;

	while ((p->cr & CR_RXE) && !(p->cr & CR_LBE) && p->count < fifo_depth(p)) {
		int byte = p->console.get ? p->console.get(p->console.opaque) : -1;

		if (byte < 0)
			break;
		push(p, (uint8_t)byte);
	}
	if (p->count != before)
		raise_rx(p);
}

static void pl011_rx_ready(struct uart *uart)
{
	struct pl011 *p = container_of(uart, struct pl011, uart);
	uint64_t flags = spin_lock_irqsave(&p->lock);

	fill(p);
	update_line(p);
	spin_unlock_irqrestore(&p->lock, flags);
}

static uint32_t read_data(struct pl011 *p)
{
	uint64_t flags = spin_lock_irqsave(&p->lock);
	uint32_t byte = 0;

	if (p->count) {
		byte = p->fifo[p->head];
		p->head = (p->head + 1) % FIFO_DEPTH;
		p->count--;
		p->served = true;
		fill(p);
		update_rx_flags(p);
		update_line(p);
	}
	spin_unlock_irqrestore(&p->lock, flags);
	return byte;
}

static void write_data(struct pl011 *p, uint8_t byte)
{
	bool loopback = p->cr & CR_LBE;
	uint64_t flags;

	if (!loopback)
		p->console.put(p->console.opaque, byte);
	if (!loopback && (__atomic_load_n(&p->ris, __ATOMIC_RELAXED) & INT_TX))
		return;
	flags = spin_lock_irqsave(&p->lock);
	if (loopback && p->count < fifo_depth(p)) {
		push(p, byte);
		raise_rx(p);
	}
	p->ris |= INT_TX;
	update_line(p);
	spin_unlock_irqrestore(&p->lock, flags);
}

/*
 * UARTICR. A driver that took some bytes and then clears the interrupt must hear about the rest; one that clears
 * first and reads later must not be interrupted for ever.
 */
static void clear_interrupts(struct pl011 *p, uint32_t bits)
{
	p->ris &= ~bits;
	if ((bits & (INT_RX | INT_RT)) && p->served && p->count)
		p->ris |= INT_RT;
	p->served = false;
}

static uint32_t *plain_register(struct pl011 *p, uint64_t offset, uint32_t *mask)
{
	for (size_t i = 0; i < ARRAY_SIZE(plain_registers); i++) {
		if (plain_registers[i].offset != offset)
			continue;
		*mask = plain_registers[i].mask;
		return (uint32_t *)((char *)p + plain_registers[i].field);
	}
	return NULL;
}

static uint64_t pl011_read(void *opaque, unsigned vcpu, uint64_t offset, unsigned width)
{
	struct pl011 *p = opaque;
	uint32_t *reg, mask;

	switch (offset) {
	case UARTFR: return __atomic_load_n(&p->fr, __ATOMIC_RELAXED);
	case UARTDR: return read_data(p);
	case UARTRIS: return __atomic_load_n(&p->ris, __ATOMIC_RELAXED);
	case UARTMIS: return __atomic_load_n(&p->ris, __ATOMIC_RELAXED) & p->imsc;
	case UARTID ... UARTID + 0x1f: return offset % 4 ? 0 : id_registers[(offset - UARTID) / 4];
	default: break;
	}
	reg = plain_register(p, offset, &mask);
	return reg ? __atomic_load_n(reg, __ATOMIC_RELAXED) : 0;
}

static void pl011_write(void *opaque, unsigned vcpu, uint64_t offset, unsigned width, uint64_t value)
{
	struct pl011 *p = opaque;
	uint32_t *reg, mask;
	uint64_t flags;

	if (offset == UARTDR) {
		write_data(p, (uint8_t)value);
		return;
	}
	flags = spin_lock_irqsave(&p->lock);
	reg = plain_register(p, offset, &mask);
	if (reg)
		__atomic_store_n(reg, (uint32_t)value & mask, __ATOMIC_RELAXED);
	else if (offset == UARTICR)
		clear_interrupts(p, (uint32_t)value & INT_ALL);
	/* The FIFO's depth and level may have changed, or reception may have been switched on. */
	if (offset == UARTCR || offset == UARTLCR_H || offset == UARTIFLS) {
		fill(p);
		raise_rx(p);
	}
	update_line(p);
	spin_unlock_irqrestore(&p->lock, flags);
}

static const struct bus_ops pl011_bus_ops = { .read = pl011_read, .write = pl011_write };

static void set_reset_values(struct pl011 *p)
{
	p->head = p->count = 0;
	p->served = false;
	p->ris = 0;
	p->ilpr = p->ibrd = p->fbrd = p->lcr_h = p->imsc = p->dmacr = 0;
	p->cr = RESET_CR;
	p->ifls = RESET_IFLS;
	update_rx_flags(p);
}

static void pl011_reset(struct device *dev)
{
	struct pl011 *p = container_of(dev, struct pl011, dev);
	uint64_t flags = spin_lock_irqsave(&p->lock);

	set_reset_values(p);
	update_line(p);
	spin_unlock_irqrestore(&p->lock, flags);
}

static int describe_clock(const struct pl011 *p, void *fdt, uint32_t phandle)
{
	char name[32];

	snprintf(name, sizeof(name), "clock-%" PRIx64, p->dev.base);
	return fdt_begin_node(fdt, name) ?: fdt_property_string(fdt, "compatible", "fixed-clock")
		?: fdt_property_u32(fdt, "#clock-cells", 0) ?: fdt_property_u32(fdt, "clock-frequency", CLOCK_HZ)
		?: fdt_property_u32(fdt, "phandle", phandle) ?: fdt_end_node(fdt);
}

static int pl011_describe(struct device *dev, struct fdt_context *ctx)
{
	static const char compatible[] = "arm,pl011\0arm,primecell";
	static const char clock_names[] = "uartclk\0apb_pclk";
	struct pl011 *p = container_of(dev, struct pl011, dev);
	uint64_t reg[2] = { cpu_to_fdt64(dev->base), cpu_to_fdt64(PL011_SIZE) };
	uint32_t clock = ctx->next_phandle++;
	uint32_t clocks[2] = { cpu_to_fdt32(clock), cpu_to_fdt32(clock) };
	uint32_t cells[3];
	unsigned n = ctx->irq_cells(p->env.irq.number, false, cells);
	void *fdt = ctx->fdt;

	for (unsigned i = 0; i < n; i++)
		cells[i] = cpu_to_fdt32(cells[i]);
	return describe_clock(p, fdt, clock) ?: fdt_begin_node(fdt, dev->name)
		?: fdt_property(fdt, "compatible", compatible, sizeof(compatible))
		?: fdt_property(fdt, "reg", reg, sizeof(reg))
		?: fdt_property_u32(fdt, "interrupt-parent", ctx->intc_phandle)
		?: fdt_property(fdt, "interrupts", cells, n * sizeof(cells[0]))
		?: fdt_property(fdt, "clocks", clocks, sizeof(clocks))
		?: fdt_property(fdt, "clock-names", clock_names, sizeof(clock_names)) ?: fdt_end_node(fdt);
}

static void pl011_destroy(struct device *dev)
{
	struct pl011 *p = container_of(dev, struct pl011, dev);

	bus_remove(p->env.mmio, p);
	kfree(p);
}

static const struct device_ops pl011_ops = {
	.type = "pl011",
	.reset = pl011_reset,
	.describe = pl011_describe,
	.destroy = pl011_destroy,
};

int pl011_create(const struct device_env *env, uint64_t base, const struct console_backend *backend, struct uart **out)
{
	struct pl011 *p = kzalloc(sizeof(*p));
	int err;

	if (!p)
		return -AX_ENOMEM;
	p->env = *env;
	p->console = *backend;
	p->uart = (struct uart){ .dev = &p->dev, .rx_ready = pl011_rx_ready };
	p->dev.ops = &pl011_ops;
	p->dev.base = base;
	p->dev.size = PL011_SIZE;
	snprintf(p->dev.name, sizeof(p->dev.name), "pl011@%" PRIx64, base);
	set_reset_values(p);
	err = bus_add(
		env->mmio,
		&(struct bus_region){
			.base = base, .size = PL011_SIZE, .ops = &pl011_bus_ops, .opaque = p, .name = p->dev.name },
		NULL);
	if (err) {
		kfree(p);
		return err;
	}
	*out = &p->uart;
	return 0;
}
