/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Emulated PLIC (RISC-V PLIC Specification 1.0.0; register map in its chapter 3).
 *
 * Each source has a gateway: it sends one request to the core, which shows it as pending, and no other until a handler
 * has claimed and completed that one. A request stays even if a level goes away before it is claimed (section 1.3). A
 * level that is still high at completion is a new request; so is an edge that came in between.
 *
 * Every context keeps the most urgent of its enabled pending sources, so that a claim and the interrupt line need no
 * search: only what takes that very source away does.
 *
 * The lock guards everything; reads that change nothing go without. Order: a device's lock, this lock.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <axalloc/heap.h>
#include <axdevice/riscv/vplic.h>
#include <axstd/error.h>
#include <axstd/spinlock.h>
#include <libfdt.h>

#define MAX_SOURCES   1024 /* source 0 does not exist */
#define MAX_VCPUS     64
#define WORDS         (MAX_SOURCES / 32)
#define PRIORITY_MASK 7 /* SiFive: 7 levels */

/* Register map */
#define PLIC_PRIORITY  0x000000
#define PLIC_PENDING   0x001000
#define PLIC_ENABLE    0x002000 /* 128 bytes per context */
#define PLIC_CONTEXT   0x200000 /* a page per context: */
#define CONTEXT_STRIDE 0x1000
#define THRESHOLD      0x0
#define CLAIM          0x4

#define INT_S_EXTERNAL 9
#define INT_NONE       0xffffffff /* a context that is not there */

struct vplic_context {
	struct vcpu *vcpu;
	uint64_t mask; /* its bit in enabled_by */
	uint32_t enable[WORDS];
	uint32_t threshold;
	unsigned best;          /* the most urgent pending source that is enabled, 0: none */
	unsigned best_priority; /* its priority, 0: none */
	bool level;             /* of the vCPU's external interrupt */
};

struct vplic {
	struct device dev;
	struct spinlock lock;
	struct bus *mmio;
	unsigned num_vcpus, num_sources, words;
	bool machine_contexts;
	uint32_t exists[WORDS]; /* sources that there are */
	uint32_t pending[WORDS];
	uint32_t claimed[WORDS]; /* the gateway waits for completion */
	uint32_t edge[WORDS];    /* sources of vplic_edge_line */
	uint32_t latched[WORDS]; /* an edge that came while the gateway waited */
	uint32_t lines[WORDS];   /* levels */
	uint8_t priority[MAX_SOURCES];
	uint64_t enabled_by[MAX_SOURCES]; /* which vCPUs' contexts */
	struct vplic_context contexts[];
};

static const struct riscv_irqchip vplic_irqchip; /* the vCPU need not ask anything */

static bool has_bit(const uint32_t *words, unsigned source)
{
	return words[source / 32] >> source % 32 & 1;
}

static void set_bit(uint32_t *words, unsigned source)
{
	__atomic_store_n(&words[source / 32], words[source / 32] | 1u << source % 32, __ATOMIC_RELAXED);
}

static void clear_bit(uint32_t *words, unsigned source)
{
	__atomic_store_n(&words[source / 32], words[source / 32] & ~(1u << source % 32), __ATOMIC_RELAXED);
}

static void update_output(struct vplic_context *c)
{
	bool level = c->best_priority > c->threshold;

	if (level == c->level)
		return;
	c->level = level;
	if (c->vcpu)
		riscv_vcpu_set_external(c->vcpu, level);
}

/* Highest priority first, then lowest number; priority 0 never interrupts. */
static void search(const struct vplic *plic, struct vplic_context *c)
{
	unsigned best = 0, best_priority = 0;

	for (unsigned w = 0; w < plic->words; w++) {
		for (uint32_t bits = plic->pending[w] & c->enable[w]; bits; bits &= bits - 1) {
			unsigned source = 32 * w + (unsigned)__builtin_ctz(bits);

			if (plic->priority[source] > best_priority) {
				best = source;
				best_priority = plic->priority[source];
			}
		}
	}
	__atomic_store_n(&c->best, best, __ATOMIC_RELAXED);
	c->best_priority = best_priority;
	update_output(c);
}

/* What contexts think of @source is not true any more. */
static void search_all(struct vplic *plic, unsigned source)
{
	for (uint64_t vcpus = plic->enabled_by[source]; vcpus; vcpus &= vcpus - 1)
		search(plic, &plic->contexts[__builtin_ctzll(vcpus)]);
}

/* The gateway has a request. */
static void request(struct vplic *plic, unsigned source)
{
	unsigned priority = plic->priority[source];

	if (has_bit(plic->claimed, source)) {
		if (has_bit(plic->edge, source))
			set_bit(plic->latched, source);
		return;
	}
	if (has_bit(plic->pending, source))
		return;
	set_bit(plic->pending, source);
	for (uint64_t vcpus = plic->enabled_by[source]; vcpus; vcpus &= vcpus - 1) {
		struct vplic_context *c = &plic->contexts[__builtin_ctzll(vcpus)];

		if (priority < c->best_priority || !priority || (priority == c->best_priority && source > c->best))
			continue;
		__atomic_store_n(&c->best, source, __ATOMIC_RELAXED);
		c->best_priority = priority;
		update_output(c);
	}
}

static void set_line(void *controller, unsigned source, bool level)
{
	struct vplic *plic = controller;
	uint64_t flags = spin_lock_irqsave(&plic->lock);
	bool rises = level && !has_bit(plic->lines, source);

	if (level)
		set_bit(plic->lines, source);
	else
		clear_bit(plic->lines, source);
	if (rises)
		request(plic, source);
	spin_unlock_irqrestore(&plic->lock, flags);
}

struct irq_line vplic_line(struct vplic *plic, unsigned source)
{
	if (!source || source > plic->num_sources)
		return (struct irq_line){ 0 };
	return (struct irq_line){ .set = set_line, .controller = plic, .number = source };
}

struct irq_line vplic_edge_line(struct vplic *plic, unsigned source)
{
	struct irq_line line = vplic_line(plic, source);

	if (line.set)
		set_bit(plic->edge, source);
	return line;
}

/*
 * Section 8. The threshold has no say in what is claimed. Not inline, as what writes registers: reads of registers
 * shall not pay for a stack frame.
 */
static __attribute__((noinline)) uint64_t claim(struct vplic *plic, struct vplic_context *c)
{
	uint64_t flags;
	unsigned source;

	if (!__atomic_load_n(&c->best, __ATOMIC_RELAXED))
		return 0; /* the end of every handler's loop */
	flags = spin_lock_irqsave(&plic->lock);
	source = c->best;
	if (source) {
		clear_bit(plic->pending, source);
		set_bit(plic->claimed, source);
		search_all(plic, source);
	}
	spin_unlock_irqrestore(&plic->lock, flags);
	return source;
}

/* Section 9. Ignored for a source that this context has not enabled. */
static __attribute__((noinline)) void complete(struct vplic *plic, struct vplic_context *c, unsigned source)
{
	unsigned w = source / 32;
	uint32_t bit = 1u << source % 32;
	uint64_t flags;

	if (source > plic->num_sources)
		return;
	flags = spin_lock_irqsave(&plic->lock);
	if (c->enable[w] & plic->claimed[w] & bit) {
		bool again = (plic->edge[w] & bit ? plic->latched : plic->lines)[w] & bit;

		plic->claimed[w] &= ~bit;
		plic->latched[w] &= ~bit;
		if (again)
			request(plic, source);
	}
	spin_unlock_irqrestore(&plic->lock, flags);
}

/* The context with the specification's number @number, NULL: there is none. */
static struct vplic_context *context(struct vplic *plic, uint64_t number)
{
	if (plic->machine_contexts) {
		if (!(number & 1))
			return NULL;
		number /= 2;
	}
	return number < plic->num_vcpus ? &plic->contexts[number] : NULL;
}

static uint64_t vplic_read(void *opaque, unsigned vcpu, uint64_t offset, unsigned width)
{
	struct vplic *plic = opaque;
	struct vplic_context *c;

	if (width != 4)
		return 0; /* registers are words */
	if (offset >= PLIC_CONTEXT) {
		c = context(plic, (offset - PLIC_CONTEXT) / CONTEXT_STRIDE);
		if (!c)
			return 0;
		switch (offset % CONTEXT_STRIDE) {
		case THRESHOLD: return __atomic_load_n(&c->threshold, __ATOMIC_RELAXED);
		case CLAIM: return claim(plic, c);
		default: return 0;
		}
	}
	if (offset >= PLIC_ENABLE) {
		c = context(plic, (offset - PLIC_ENABLE) / sizeof(c->enable));
		return c ? __atomic_load_n(&c->enable[offset % sizeof(c->enable) / 4], __ATOMIC_RELAXED) : 0;
	}
	if (offset >= PLIC_PENDING) {
		offset -= PLIC_PENDING;
		return offset < sizeof(plic->pending) ? __atomic_load_n(&plic->pending[offset / 4], __ATOMIC_RELAXED)
						      : 0;
	}
	return __atomic_load_n(&plic->priority[offset / 4], __ATOMIC_RELAXED);
}

static __attribute__((noinline)) void write_priority(struct vplic *plic, unsigned source, unsigned priority)
{
	uint64_t flags;

	if (!source || source > plic->num_sources ||
	    priority == __atomic_load_n(&plic->priority[source], __ATOMIC_RELAXED))
		return;
	flags = spin_lock_irqsave(&plic->lock);
	__atomic_store_n(&plic->priority[source], (uint8_t)priority, __ATOMIC_RELAXED);
	if (has_bit(plic->pending, source))
		search_all(plic, source);
	spin_unlock_irqrestore(&plic->lock, flags);
}

static __attribute__((noinline)) void write_enable(struct vplic *plic, struct vplic_context *c, unsigned w,
						   uint32_t value)
{
	uint32_t changed;
	uint64_t flags;

	value &= plic->exists[w];
	if (value == __atomic_load_n(&c->enable[w], __ATOMIC_RELAXED))
		return;
	flags = spin_lock_irqsave(&plic->lock);
	changed = c->enable[w] ^ value;
	__atomic_store_n(&c->enable[w], value, __ATOMIC_RELAXED);
	for (uint32_t bits = changed; bits; bits &= bits - 1)
		plic->enabled_by[32 * w + (unsigned)__builtin_ctz(bits)] ^= c->mask;
	if (changed & plic->pending[w])
		search(plic, c);
	spin_unlock_irqrestore(&plic->lock, flags);
}

static __attribute__((noinline)) void write_threshold(struct vplic *plic, struct vplic_context *c, uint32_t value)
{
	uint64_t flags = spin_lock_irqsave(&plic->lock);

	__atomic_store_n(&c->threshold, value & PRIORITY_MASK, __ATOMIC_RELAXED);
	update_output(c);
	spin_unlock_irqrestore(&plic->lock, flags);
}

static void vplic_write(void *opaque, unsigned vcpu, uint64_t offset, unsigned width, uint64_t value)
{
	struct vplic *plic = opaque;
	struct vplic_context *c;

	if (width != 4)
		return;
	if (offset >= PLIC_CONTEXT) {
		c = context(plic, (offset - PLIC_CONTEXT) / CONTEXT_STRIDE);
		if (c && offset % CONTEXT_STRIDE == CLAIM)
			complete(plic, c, (unsigned)value);
		else if (c && offset % CONTEXT_STRIDE == THRESHOLD)
			write_threshold(plic, c, (uint32_t)value);
	} else if (offset >= PLIC_ENABLE) {
		c = context(plic, (offset - PLIC_ENABLE) / sizeof(c->enable));
		if (c)
			write_enable(plic, c, (unsigned)(offset % sizeof(c->enable) / 4), (uint32_t)value);
	} else if (offset < PLIC_PENDING) {
		write_priority(plic, (unsigned)offset / 4, value & PRIORITY_MASK);
	}
}

static const struct bus_ops vplic_bus_ops = { .read = vplic_read, .write = vplic_write };

void vplic_reset(struct vplic *plic)
{
	uint64_t flags = spin_lock_irqsave(&plic->lock);

	memset(plic->pending, 0, sizeof(plic->pending));
	memset(plic->claimed, 0, sizeof(plic->claimed));
	memset(plic->latched, 0, sizeof(plic->latched));
	memset(plic->lines, 0, sizeof(plic->lines));
	memset(plic->priority, 0, sizeof(plic->priority));
	memset(plic->enabled_by, 0, sizeof(plic->enabled_by));
	for (unsigned i = 0; i < plic->num_vcpus; i++) {
		struct vplic_context *c = &plic->contexts[i];

		memset(c->enable, 0, sizeof(c->enable));
		c->threshold = 0;
		__atomic_store_n(&c->best, 0, __ATOMIC_RELAXED);
		c->best_priority = 0;
		update_output(c);
	}
	spin_unlock_irqrestore(&plic->lock, flags);
}

unsigned vplic_irq_cells(unsigned source, bool edge, uint32_t cells[3])
{
	cells[0] = source;
	return 1;
}

/* Binding sifive,plic-1.0.0: of each context the hart's controller and its interrupt. */
static int write_contexts(const struct vplic *plic, const struct fdt_context *ctx)
{
	unsigned per_vcpu = plic->machine_contexts ? 4 : 2;
	fdt32_t *p;
	int ret = fdt_property_placeholder(ctx->fdt, "interrupts-extended",
					   (int)(plic->num_vcpus * per_vcpu * sizeof(*p)), (void **)&p);

	for (unsigned i = 0; i < plic->num_vcpus && !ret; i++) {
		if (plic->machine_contexts) {
			fdt32_st(p++, ctx->hart_phandle + i);
			fdt32_st(p++, INT_NONE);
		}
		fdt32_st(p++, ctx->hart_phandle + i);
		fdt32_st(p++, INT_S_EXTERNAL);
	}
	return ret;
}

static int vplic_describe(struct device *dev, struct fdt_context *ctx)
{
	static const char compatible[] = "sifive,plic-1.0.0\0riscv,plic0";
	const struct vplic *plic = container_of(dev, struct vplic, dev);
	uint64_t reg[2] = { cpu_to_fdt64(dev->base), cpu_to_fdt64(dev->size) };
	void *fdt = ctx->fdt;

	return fdt_begin_node(fdt, dev->name) ?: fdt_property(fdt, "compatible", compatible, sizeof(compatible))
		?: fdt_property(fdt, "reg", reg, sizeof(reg)) ?: fdt_property_u32(fdt, "#interrupt-cells", 1)
		?: fdt_property_u32(fdt, "#address-cells", 0) ?: fdt_property(fdt, "interrupt-controller", NULL, 0)
		?: write_contexts(plic, ctx) ?: fdt_property_u32(fdt, "riscv,ndev", plic->num_sources)
		?: fdt_property_u32(fdt, "phandle", ctx->intc_phandle) ?: fdt_end_node(fdt);
}

static const struct device_ops vplic_ops = { .type = "plic", .describe = vplic_describe };

struct device *vplic_device(struct vplic *plic)
{
	return &plic->dev;
}

void vplic_attach(struct vplic *plic, struct vcpu *vcpu)
{
	plic->contexts[vcpu->id].vcpu = vcpu;
	riscv_vcpu_set_irqchip(vcpu, &vplic_irqchip, &plic->contexts[vcpu->id]);
}

int vplic_create(const struct vplic_params *params, struct vplic **out)
{
	unsigned contexts = params->num_vcpus * (params->machine_contexts ? 2 : 1);
	struct vplic *plic;
	int err;

	if (!params->num_vcpus || params->num_vcpus > MAX_VCPUS || !params->num_sources ||
	    params->num_sources >= MAX_SOURCES || params->size < PLIC_CONTEXT + contexts * CONTEXT_STRIDE)
		return -AX_EINVAL;
	plic = kzalloc(sizeof(*plic) + params->num_vcpus * sizeof(plic->contexts[0]));
	if (!plic)
		return -AX_ENOMEM;
	plic->mmio = params->mmio;
	plic->num_vcpus = params->num_vcpus;
	plic->num_sources = params->num_sources;
	plic->words = params->num_sources / 32 + 1;
	plic->machine_contexts = params->machine_contexts;
	for (unsigned s = 1; s <= plic->num_sources; s++)
		set_bit(plic->exists, s);
	for (unsigned i = 0; i < plic->num_vcpus; i++)
		plic->contexts[i].mask = BIT(i);
	plic->dev.ops = &vplic_ops;
	plic->dev.base = params->base;
	plic->dev.size = params->size;
	snprintf(plic->dev.name, sizeof(plic->dev.name), "plic@%" PRIx64, params->base);
	err = bus_add(params->mmio,
		      &(struct bus_region){ .base = params->base,
					    .size = params->size,
					    .ops = &vplic_bus_ops,
					    .opaque = plic,
					    .name = plic->dev.name },
		      NULL);
	if (err) {
		kfree(plic);
		return err;
	}
	*out = plic;
	return 0;
}

void vplic_destroy(struct vplic *plic)
{
	bus_remove(plic->mmio, plic);
	kfree(plic);
}
