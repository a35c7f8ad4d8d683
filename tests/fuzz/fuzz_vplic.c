/* fuzz: axdevice/riscv/vplic.c axdevice/common/bus.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PLIC beside a second one, written as the specification reads, without anything kept: after each step registers
 * and interrupt lines of the two agree.
 *
 * Input: byte 0 chooses the contexts; then steps of an operation and its operands.
 */
#include <stdlib.h>
#include <string.h>
#include <axdevice/riscv/vplic.h>

#define BASE    0x0c000000
#define SIZE    0x00220000
#define SOURCES 40
#define VCPUS   4
#define EDGES   32 /* sources from here on are edges */

/* The second PLIC. */
static struct {
	bool pending[SOURCES + 1], claimed[SOURCES + 1], latched[SOURCES + 1], line[SOURCES + 1];
	unsigned priority[SOURCES + 1];
	bool enable[VCPUS][SOURCES + 1];
	unsigned threshold[VCPUS];
} model;

static const uint8_t *next, *end;
static struct bus bus;
static struct vplic *plic;
static struct vcpu vcpus[VCPUS];
static bool external[VCPUS], machine;

static uint8_t byte(void)
{
	return next < end ? *next++ : 0;
}

void riscv_vcpu_set_irqchip(struct vcpu *vcpu, const struct riscv_irqchip *irqchip, void *data)
{
}

void riscv_vcpu_set_external(struct vcpu *vcpu, bool level)
{
	if (external[vcpu->id] == level)
		abort();
	external[vcpu->id] = level;
}

static uint32_t r(uint64_t reg)
{
	const struct bus_region *region = bus_find(&bus, BASE);

	return (uint32_t)region->ops->read(region->opaque, 0, reg, 4);
}

static void w(uint64_t reg, uint32_t value)
{
	const struct bus_region *region = bus_find(&bus, BASE);

	region->ops->write(region->opaque, 0, reg, 4, value);
}

static unsigned context_of(unsigned vcpu)
{
	return machine ? 2 * vcpu + 1 : vcpu;
}

static unsigned model_best(unsigned vcpu)
{
	unsigned best = 0;

	for (unsigned s = 1; s <= SOURCES; s++)
		if (model.pending[s] && model.enable[vcpu][s] && model.priority[s] > (best ? model.priority[best] : 0))
			best = s;
	return best;
}

static void check(void)
{
	for (unsigned v = 0; v < VCPUS; v++) {
		unsigned best = model_best(v);

		if (external[v] != (best && model.priority[best] > model.threshold[v]))
			abort();
	}
	for (unsigned s = 1; s <= SOURCES; s++)
		if (model.pending[s] != (r(0x1000 + s / 32 * 4) >> s % 32 & 1))
			abort();
}

static void model_request(unsigned s)
{
	if (!model.claimed[s])
		model.pending[s] = true;
	else if (s >= EDGES)
		model.latched[s] = true;
}

static void set_line(unsigned s, bool level)
{
	struct irq_line line = vplic_line(plic, s);

	irq_line_set(&line, level);
	if (level && !model.line[s])
		model_request(s);
	model.line[s] = level;
}

static void claim(unsigned v)
{
	unsigned best = model_best(v);

	if (r(0x200004 + 0x1000 * context_of(v)) != best)
		abort();
	model.pending[best] = false;
	model.claimed[best] = best != 0;
}

static void complete(unsigned v, unsigned s)
{
	bool again;

	w(0x200004 + 0x1000 * context_of(v), s);
	if (s > SOURCES || !model.enable[v][s] || !model.claimed[s])
		return;
	again = s >= EDGES ? model.latched[s] : model.line[s];
	model.claimed[s] = model.latched[s] = false;
	if (again)
		model_request(s);
}

static void write_enable(unsigned v, unsigned word, uint32_t value)
{
	uint64_t reg = 0x2000 + 0x80 * context_of(v) + 4 * word;
	uint32_t read = 0;

	w(reg, value);
	for (unsigned s = 32 * word; s < 32 * word + 32; s++) {
		if (!s || s > SOURCES)
			continue;
		model.enable[v][s] = value >> s % 32 & 1;
		read |= (uint32_t)model.enable[v][s] << s % 32;
	}
	if (r(reg) != read)
		abort();
}

static void reset(void)
{
	vplic_reset(plic);
	memset(&model, 0, sizeof(model));
}

/* Anything anywhere, of any width, that the second PLIC would not notice. */
static void harmless(void)
{
	const struct bus_region *region = bus_find(&bus, BASE);
	unsigned width = 1u << (byte() & 3);
	uint64_t offset = (byte() << 16 | byte() << 8 | byte()) & ~(width - 1u);
	uint64_t context = offset >= 0x200000 ? (offset - 0x200000) / 0x1000 : (offset - 0x2000) / 0x80;
	bool exists = machine ? context / 2 < VCPUS && (context & 1) : context < VCPUS;

	if (offset + width > SIZE)
		return;
	if (width != 4 || (offset >= 0x2000 && !exists)) {
		region->ops->write(region->opaque, 0, offset, width, ~0ull);
		if (region->ops->read(region->opaque, 0, offset, width))
			abort();
	} else if (offset >= 0x1000 && offset < 0x2000) {
		w(offset, ~0u);
	} else if (offset < 0x200000 || offset % 0x1000 != 4) {
		r(offset);
	}
}

static void step(void)
{
	uint8_t op = byte();
	unsigned v = op >> 4 & 3, s, value;

	switch (op & 0xf) {
	case 0 ... 3:
		s = byte();
		set_line(1 + (s & 0x7f) % SOURCES, s & 0x80);
		break;
	case 4 ... 6: claim(v); break;
	case 7 ... 9: complete(v, byte() & 0x3f); break;
	case 10:
		s = byte() & 0x3f;
		value = byte();
		w(4 * s, value);
		if (s && s <= SOURCES)
			model.priority[s] = value & 7;
		if (r(4 * s) != (s && s <= SOURCES ? value & 7 : 0))
			abort();
		break;
	case 11 ... 12:
		value = byte();
		write_enable(v, value & 1, (uint32_t)(value >> 1) * 0x01020408u ^ (uint32_t)byte() << 11);
		break;
	case 13:
		value = byte();
		w(0x200000 + 0x1000 * context_of(v), value);
		model.threshold[v] = value & 7;
		if (r(0x200000 + 0x1000 * context_of(v)) != (value & 7))
			abort();
		break;
	case 14: harmless(); break;
	default:
		if (op == 0xff)
			reset();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vplic_params params = {
		.base = BASE, .size = SIZE, .num_vcpus = VCPUS, .num_sources = SOURCES, .mmio = &bus
	};

	next = data;
	end = data + size;
	machine = params.machine_contexts = byte() & 1;
	memset(&model, 0, sizeof(model));
	memset(external, 0, sizeof(external));
	bus_init(&bus);
	if (vplic_create(&params, &plic))
		abort();
	for (unsigned i = 0; i < VCPUS; i++) {
		vcpus[i].id = i;
		vplic_attach(plic, &vcpus[i]);
	}
	for (unsigned s = EDGES; s <= SOURCES; s++)
		(void)vplic_edge_line(plic, s);
	while (next < end) {
		step();
		check();
	}
	vplic_destroy(plic);
	bus_destroy(&bus);
	return 0;
}
