/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Emulated 16550A (PC16550D data sheet, June 1995), FIFOs of 16.
 *
 * Transmission takes no time: the transmitter is always empty, and every byte written raises its interrupt again. What
 * is received waits in the console until there is room in the FIFO, so that only loop back overruns it. The character
 * time-out passes at once: the interrupt is there as soon as there is anything to read.
 *
 * Nobody turns the modem's lines: clear to send, data set ready and carrier detect are on, except in loop back.
 *
 * The lock guards everything but what a single load can answer: LSR and IIR, kept ready by update(). Order: this lock,
 * then the interrupt controller's and the console's.
 */
#include "ns16550_regs.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <axalloc/heap.h>
#include <axdevice/ns16550.h>
#include <axstd/error.h>
#include <axstd/spinlock.h>
#include <libfdt.h>

#define FIFO_DEPTH 16
#define MMIO_SIZE  0x100
#define NUM_PORTS  8
#define CLOCK_HZ   3686400
#define IDLE       (LSR_THRE | LSR_TEMT)
#define CONNECTED  (MSR_CTS | MSR_DSR | MSR_DCD)

struct ns16550 {
	struct uart uart;
	struct device dev;
	struct device_env env;
	struct console_backend console;
	struct spinlock lock;
	uint8_t fifo[FIFO_DEPTH];
	unsigned head, count;
	bool thre; /* the transmitter's interrupt: it has run empty since IIR was read */
	bool overrun;
	bool level;       /* of the interrupt line */
	uint8_t lsr, iir; /* as update() left them */
	uint8_t ier, lcr, mcr, msr, scr, dll, dlm;
	uint8_t fcr; /* 0 while the FIFOs are off */
};

static struct bus *bus_of(const struct ns16550 *p)
{
	return p->env.ports ? p->env.ports : p->env.mmio;
}

static unsigned fifo_depth(const struct ns16550 *p)
{
	return p->fcr & FCR_ENABLE ? FIFO_DEPTH : 1;
}

/* How many bytes are "data available" and not just a time-out. */
static unsigned rx_trigger(const struct ns16550 *p)
{
	static const uint8_t levels[4] = { 1, 4, 8, 14 };

	return p->fcr & FCR_ENABLE ? levels[FCR_TRIGGER(p->fcr)] : 1;
}

static unsigned most_urgent(const struct ns16550 *p)
{
	if ((p->ier & IER_ELSI) && p->overrun)
		return IIR_LINE;
	if ((p->ier & IER_ERBFI) && p->count)
		return p->count >= rx_trigger(p) ? IIR_DATA : IIR_TIMEOUT;
	if ((p->ier & IER_ETBEI) && p->thre)
		return IIR_THRE;
	if ((p->ier & IER_EDSSI) && (p->msr & MSR_DELTAS))
		return IIR_MODEM;
	return IIR_NONE;
}

/* Something has changed: bring LSR, IIR and the interrupt line up to date. */
static void update(struct ns16550 *p)
{
	unsigned lsr = IDLE | (p->count ? LSR_DR : 0) | (p->overrun ? LSR_OE : 0);
	unsigned id = most_urgent(p);
	bool level = id != IIR_NONE;

	__atomic_store_n(&p->lsr, (uint8_t)lsr, __ATOMIC_RELAXED);
	__atomic_store_n(&p->iir, (uint8_t)(id | (p->fcr & FCR_ENABLE ? IIR_FIFOS : 0)), __ATOMIC_RELAXED);
	if (level == p->level)
		return;
	p->level = level;
	irq_line_set(&p->env.irq, level);
}

static void push(struct ns16550 *p, uint8_t byte)
{
	p->fifo[(p->head + p->count++) % FIFO_DEPTH] = byte;
}

/* Take what the console has, as far as there is room. In loop back the receiver does not hear it. */
static void fill(struct ns16550 *p)
{
	while (!(p->mcr & MCR_LOOP) && p->count < fifo_depth(p)) {
		int byte = p->console.get ? p->console.get(p->console.opaque) : -1;

		if (byte < 0)
			break;
		push(p, (uint8_t)byte);
	}
}

static void ns16550_rx_ready(struct uart *uart)
{
	struct ns16550 *p = container_of(uart, struct ns16550, uart);
	uint64_t flags = spin_lock_irqsave(&p->lock);

	fill(p);
	update(p);
	spin_unlock_irqrestore(&p->lock, flags);
}

static uint8_t read_data(struct ns16550 *p)
{
	uint8_t byte = 0;

	if (!p->count)
		return 0;
	byte = p->fifo[p->head];
	p->head = (p->head + 1) % FIFO_DEPTH;
	p->count--;
	fill(p);
	return byte;
}

static uint8_t read_msr(struct ns16550 *p)
{
	uint8_t msr = p->msr;

	p->msr &= (uint8_t)~MSR_DELTAS;
	return msr;
}

/* Registers that a read may change, and those that nobody reads often. */
static uint8_t read_locked(struct ns16550 *p, uint64_t offset)
{
	bool divisor = p->lcr & LCR_DLAB;
	uint8_t value;

	switch (offset) {
	case UART_RBR: return divisor ? p->dll : read_data(p);
	case UART_IER: return divisor ? p->dlm : p->ier;
	case UART_IIR:
		value = p->iir;
		if ((value & IIR_ID) == IIR_THRE)
			p->thre = false;
		return value;
	case UART_LCR: return p->lcr;
	case UART_MCR: return p->mcr;
	case UART_LSR:
		value = p->lsr;
		p->overrun = false;
		return value;
	case UART_MSR: return read_msr(p);
	case UART_SCR: return p->scr;
	default: return 0;
	}
}

/* Not inline: the loads before it shall not pay for its stack frame. */
static __attribute__((noinline)) uint64_t read_slowly(struct ns16550 *p, uint64_t offset)
{
	uint64_t flags = spin_lock_irqsave(&p->lock);
	uint8_t value = read_locked(p, offset);

	update(p);
	spin_unlock_irqrestore(&p->lock, flags);
	return value;
}

static uint64_t ns16550_read(void *opaque, unsigned vcpu, uint64_t offset, unsigned width)
{
	struct ns16550 *p = opaque;
	uint8_t value;

	if (offset == UART_LSR) {
		value = __atomic_load_n(&p->lsr, __ATOMIC_RELAXED);
		if (likely(!(value & LSR_OE)))
			return value;
	} else if (offset == UART_IIR) {
		value = __atomic_load_n(&p->iir, __ATOMIC_RELAXED);
		if ((value & IIR_ID) != IIR_THRE)
			return value;
	}
	return read_slowly(p, offset);
}

/* Loop back: what is sent is received. A full FIFO keeps what it has, a single register the newest byte. */
static void loop_back(struct ns16550 *p, uint8_t byte)
{
	if (p->count < fifo_depth(p)) {
		push(p, byte);
		return;
	}
	p->overrun = true;
	if (!(p->fcr & FCR_ENABLE))
		p->fifo[p->head] = byte;
}

/* FCR. Switching the FIFOs on or off empties them; the other bits count only if bit 0 is written with them. */
static void write_fcr(struct ns16550 *p, uint8_t value)
{
	if (((value ^ p->fcr) & FCR_ENABLE) || (value & (FCR_ENABLE | FCR_CLEAR_RX)) == (FCR_ENABLE | FCR_CLEAR_RX))
		p->head = p->count = 0;
	p->fcr = value & FCR_ENABLE ? value : 0;
	fill(p);
}

/* The lines in MSR: in loop back they are MCR's outputs, 8.6.7. */
static void update_modem(struct ns16550 *p)
{
	unsigned lines = CONNECTED, changed;

	if (p->mcr & MCR_LOOP)
		lines = (p->mcr & MCR_RTS ? MSR_CTS : 0) | (p->mcr & MCR_DTR ? MSR_DSR : 0) |
			(p->mcr & MCR_OUT1 ? MSR_RI : 0) | (p->mcr & MCR_OUT2 ? MSR_DCD : 0);
	changed = (lines ^ p->msr) >> 4;
	if (lines & MSR_RI)
		changed &= ~(unsigned)MSR_TERI; /* it tells the end of ringing only */
	p->msr = (uint8_t)(lines | (p->msr & MSR_DELTAS) | changed);
}

static void write_locked(struct ns16550 *p, uint64_t offset, uint8_t value)
{
	bool divisor = p->lcr & LCR_DLAB;

	switch (offset) {
	case UART_RBR:
		if (divisor) {
			p->dll = value;
			break;
		}
		if (p->mcr & MCR_LOOP)
			loop_back(p, value);
		p->thre = true;
		break;
	case UART_IER:
		if (divisor) {
			p->dlm = value;
			break;
		}
		if (value & ~p->ier & IER_ETBEI)
			p->thre = true; /* enabled while empty */
		__atomic_store_n(&p->ier, value & IER_ALL, __ATOMIC_RELAXED);
		break;
	case UART_IIR: write_fcr(p, value); break;
	case UART_LCR: __atomic_store_n(&p->lcr, value, __ATOMIC_RELAXED); break;
	case UART_MCR:
		__atomic_store_n(&p->mcr, value & MCR_ALL, __ATOMIC_RELAXED);
		update_modem(p);
		fill(p);
		break;
	case UART_SCR: p->scr = value; break;
	default: break;
	}
}

static __attribute__((noinline)) void write_slowly(struct ns16550 *p, uint64_t offset, uint8_t value)
{
	uint64_t flags = spin_lock_irqsave(&p->lock);

	write_locked(p, offset, value);
	update(p);
	spin_unlock_irqrestore(&p->lock, flags);
}

static void ns16550_write(void *opaque, unsigned vcpu, uint64_t offset, unsigned width, uint64_t value)
{
	struct ns16550 *p = opaque;

	if (offset == UART_RBR && !(__atomic_load_n(&p->lcr, __ATOMIC_RELAXED) & LCR_DLAB) &&
	    !(__atomic_load_n(&p->mcr, __ATOMIC_RELAXED) & MCR_LOOP)) {
		p->console.put(p->console.opaque, (uint8_t)value);
		/* Nobody waits for the interrupt, who enables it later gets it then; or it is there already. */
		if (!(__atomic_load_n(&p->ier, __ATOMIC_RELAXED) & IER_ETBEI) ||
		    (__atomic_load_n(&p->iir, __ATOMIC_RELAXED) & IIR_ID) == IIR_THRE)
			return;
	}
	write_slowly(p, offset, (uint8_t)value);
}

static const struct bus_ops ns16550_bus_ops = { .read = ns16550_read, .write = ns16550_write };

/* Table I of the data sheet; what it leaves undefined is 0. */
static void set_reset_values(struct ns16550 *p)
{
	p->head = p->count = 0;
	p->thre = p->overrun = false;
	p->ier = p->lcr = p->mcr = p->scr = p->dll = p->dlm = p->fcr = 0;
	p->msr = CONNECTED;
	update(p);
}

static void ns16550_reset(struct device *dev)
{
	struct ns16550 *p = container_of(dev, struct ns16550, dev);
	uint64_t flags = spin_lock_irqsave(&p->lock);

	set_reset_values(p);
	spin_unlock_irqrestore(&p->lock, flags);
}

static int ns16550_describe(struct device *dev, struct fdt_context *ctx)
{
	struct ns16550 *p = container_of(dev, struct ns16550, dev);
	uint64_t reg[2] = { cpu_to_fdt64(dev->base), cpu_to_fdt64(dev->size) };
	uint32_t cells[3];
	unsigned n;
	void *fdt = ctx->fdt;

	if (p->env.ports)
		return 0;
	n = ctx->irq_cells(p->env.irq.number, false, cells);
	for (unsigned i = 0; i < n; i++)
		cells[i] = cpu_to_fdt32(cells[i]);
	return fdt_begin_node(fdt, dev->name) ?: fdt_property_string(fdt, "compatible", "ns16550a")
		?: fdt_property(fdt, "reg", reg, sizeof(reg))
		?: fdt_property_u32(fdt, "interrupt-parent", ctx->intc_phandle)
		?: fdt_property(fdt, "interrupts", cells, n * sizeof(cells[0]))
		?: fdt_property_u32(fdt, "clock-frequency", CLOCK_HZ) ?: fdt_end_node(fdt);
}

static void ns16550_destroy(struct device *dev)
{
	struct ns16550 *p = container_of(dev, struct ns16550, dev);

	bus_remove(bus_of(p), p);
	kfree(p);
}

static const struct device_ops ns16550_ops = {
	.type = "ns16550a",
	.reset = ns16550_reset,
	.describe = ns16550_describe,
	.destroy = ns16550_destroy,
};

int ns16550_create(const struct device_env *env, uint64_t base, const struct console_backend *backend,
		   struct uart **out)
{
	struct ns16550 *p = kzalloc(sizeof(*p));
	struct bus_region region = { .base = base, .ops = &ns16550_bus_ops, .opaque = p };
	int err;

	if (!p)
		return -AX_ENOMEM;
	p->env = *env;
	p->console = *backend;
	p->uart = (struct uart){ .dev = &p->dev, .rx_ready = ns16550_rx_ready };
	p->dev.ops = &ns16550_ops;
	p->dev.base = base;
	p->dev.size = region.size = env->ports ? NUM_PORTS : MMIO_SIZE;
	snprintf(p->dev.name, sizeof(p->dev.name), "serial@%" PRIx64, base);
	region.name = p->dev.name;
	set_reset_values(p);
	err = bus_add(bus_of(p), &region, NULL);
	if (err) {
		kfree(p);
		return err;
	}
	*out = &p->uart;
	return 0;
}
