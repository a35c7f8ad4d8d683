/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The APLIC: one interrupt domain at supervisor level (AIA 1.0, chapter 4). Its delivery mode is fixed: by MSIs if the
 * VM has IMSICs, direct otherwise.
 */
#include "aplic_regs.h"
#include "vaia_internal.h"
#include <string.h>

static inline uint32_t rectified(const struct vaplic *a, unsigned w)
{
	return (a->input[w] ^ a->inverted[w]) & a->wired[w];
}

static inline uint32_t ready(const struct vaplic *a, unsigned w)
{
	return a->pending[w] & a->enable[w];
}

static inline uint32_t source_bit(unsigned source)
{
	return UINT32_C(1) << source % 32;
}

static inline bool is_active(const struct vaia *aia, uint32_t source)
{
	return source <= aia->num_sources && (aia->aplic.active[source / 32] & source_bit(source));
}

/* --- direct delivery (4.8) --- */

static inline bool passes(const struct vaplic_idc *idc, uint32_t priority)
{
	return !idc->threshold || priority < idc->threshold;
}

/* topi of hart @hart: the least priority number, then the least source number. */
static uint32_t top(const struct vaia *aia, unsigned hart)
{
	const struct vaplic *a = &aia->aplic;
	uint32_t best = 0, best_priority = TARGET_PRIORITY + 1;

	for (unsigned w = 0; w < aia->num_words; w++) {
		for (uint32_t bits = ready(a, w); bits; bits &= bits - 1) {
			unsigned source = 32 * w + (unsigned)__builtin_ctz(bits);
			uint32_t priority = a->target[source] & TARGET_PRIORITY;

			if (TARGET_HART(a->target[source]) != hart || priority >= best_priority)
				continue;
			best = source;
			best_priority = priority;
		}
	}
	return best && passes(&a->idc[hart], best_priority) ? best << TOPI_ID_SHIFT | best_priority : 0;
}

static void tell_hart(struct vaia *aia, unsigned hart, bool any)
{
	struct vaplic_idc *idc = &aia->aplic.idc[hart];
	bool level = aia->aplic.enabled && idc->delivery && (any || idc->force);

	if (level == idc->level)
		return;
	idc->level = level;
	if (aia->imsics[hart].vcpu)
		riscv_vcpu_set_external(aia->imsics[hart].vcpu, level);
}

static void update_hart(struct vaia *aia, unsigned hart)
{
	if (!aia->msi && hart < aia->num_harts)
		tell_hart(aia, hart, top(aia, hart));
}

/* All harts in one walk over the sources: what a guest can make this cost does not depend on how many it has. */
static void update_harts(struct vaia *aia)
{
	const struct vaplic *a = &aia->aplic;
	uint64_t harts = 0;

	for (unsigned w = 0; w < aia->num_words; w++) {
		for (uint32_t bits = ready(a, w); bits; bits &= bits - 1) {
			uint32_t target = a->target[32 * w + (unsigned)__builtin_ctz(bits)];

			if (TARGET_HART(target) < aia->num_harts &&
			    passes(&a->idc[TARGET_HART(target)], target & TARGET_PRIORITY))
				harts |= BIT(TARGET_HART(target));
		}
	}
	for (unsigned i = 0; i < aia->num_harts; i++)
		tell_hart(aia, i, harts >> i & 1);
}

/* --- delivery by MSI (4.9) --- */

static void send(struct vaia *aia, uint32_t target)
{
	if (TARGET_HART(target) < aia->num_harts)
		vimsic_send(&aia->imsics[TARGET_HART(target)], target & aia->id_mask);
}

static void forward_word(struct vaia *aia, unsigned w)
{
	struct vaplic *a = &aia->aplic;
	uint32_t bits = a->enabled ? ready(a, w) : 0;

	a->pending[w] &= ~bits;
	for (; bits; bits &= bits - 1)
		send(aia, a->target[32 * w + (unsigned)__builtin_ctz(bits)]);
}

/* --- both --- */

/* Sources of word @w have changed. */
static void update_word(struct vaia *aia, unsigned w)
{
	if (aia->msi)
		forward_word(aia, w);
	else
		update_harts(aia);
}

static void update_source(struct vaia *aia, unsigned source)
{
	if (aia->msi)
		forward_word(aia, source / 32);
	else
		update_hart(aia, TARGET_HART(aia->aplic.target[source]));
}

static void update_all(struct vaia *aia)
{
	if (!aia->msi) {
		update_harts(aia);
		return;
	}
	for (unsigned w = 0; w < aia->num_words; w++)
		forward_word(aia, w);
}

/*
 * "Precise effects on interrupt-pending bits" (4.7): in direct mode the pending bit of a level sensitive source is a
 * copy of its rectified input; with MSIs it can be set while the input is high, and cleared.
 */
static void set_pending(struct vaia *aia, unsigned w, uint32_t bits)
{
	struct vaplic *a = &aia->aplic;
	uint32_t settable = a->active[w] & ~a->level[w];

	if (aia->msi)
		settable |= a->level[w] & rectified(a, w);
	bits &= settable;
	if (!(bits & ~a->pending[w]))
		return;
	a->pending[w] |= bits;
	update_word(aia, w);
}

static void clear_pending(struct vaia *aia, unsigned w, uint32_t bits)
{
	struct vaplic *a = &aia->aplic;

	if (!aia->msi)
		bits &= ~a->level[w];
	if (!(bits & a->pending[w]))
		return;
	a->pending[w] &= ~bits;
	update_word(aia, w);
}

static void set_enable(struct vaia *aia, unsigned w, uint32_t bits)
{
	struct vaplic *a = &aia->aplic;

	bits &= a->active[w] & ~a->enable[w];
	a->enable[w] |= bits;
	if (bits & a->pending[w])
		update_word(aia, w);
}

static void clear_enable(struct vaia *aia, unsigned w, uint32_t bits)
{
	struct vaplic *a = &aia->aplic;

	bits &= a->enable[w];
	a->enable[w] &= ~bits;
	if (bits & a->pending[w])
		update_word(aia, w);
}

static void change_bit(uint32_t *words, unsigned source, bool value)
{
	if (value)
		words[source / 32] |= source_bit(source);
	else
		words[source / 32] &= ~source_bit(source);
}

/* The rectified input of a level sensitive source was looked at anew: 4.7, and 4.5.2 for a new source mode. */
static void follow_level(struct vaplic *a, unsigned source)
{
	if (a->level[source / 32] & source_bit(source))
		change_bit(a->pending, source, rectified(a, source / 32) & source_bit(source));
}

static void write_sourcecfg(struct vaia *aia, unsigned source, uint32_t value)
{
	struct vaplic *a = &aia->aplic;
	/* There is no other domain to delegate to: an attempt writes zero, as a reserved source mode does. */
	unsigned mode = value & SOURCECFG_D ? SM_INACTIVE : value & SOURCECFG_SM, old = a->mode[source];
	uint32_t target = a->target[source];

	if (mode > SM_DETACHED && mode < SM_EDGE1)
		mode = SM_INACTIVE;
	if (source > aia->num_sources || mode == old)
		return;
	a->mode[source] = (uint8_t)mode;
	change_bit(a->active, source, mode != SM_INACTIVE);
	change_bit(a->wired, source, mode >= SM_EDGE1);
	change_bit(a->level, source, mode >= SM_LEVEL1);
	change_bit(a->inverted, source, mode == SM_EDGE0 || mode == SM_LEVEL0);
	if (mode == SM_INACTIVE) {
		change_bit(a->pending, source, false);
		change_bit(a->enable, source, false);
		a->target[source] = 0;
	} else if (old == SM_INACTIVE) {
		a->target[source] = aia->msi ? 0 : 1;
	}
	follow_level(a, source);
	if (aia->msi)
		forward_word(aia, source / 32);
	else
		update_hart(aia, TARGET_HART(target));
}

static void write_target(struct vaia *aia, unsigned source, uint32_t value)
{
	struct vaplic *a = &aia->aplic;
	unsigned old = TARGET_HART(a->target[source]);

	if (!is_active(aia, source))
		return;
	if (aia->msi) {
		a->target[source] = value & (TARGET_HART_MASK | aia->id_mask);
		return;
	}
	a->target[source] = value & (TARGET_HART_MASK | TARGET_PRIORITY);
	if (!(value & TARGET_PRIORITY))
		a->target[source] |= 1;
	update_hart(aia, TARGET_HART(value));
	if (old != TARGET_HART(value))
		update_hart(aia, old);
}

void vaplic_set_line(void *controller, unsigned source, bool level)
{
	struct vaia *aia = controller;
	struct vaplic *a = &aia->aplic;
	unsigned w = source / 32;
	uint64_t flags = spin_lock_irqsave(&a->lock);
	uint32_t before = rectified(a, w), after;

	change_bit(a->input, source, level);
	after = rectified(a, w);
	if (before != after) {
		a->pending[w] |= after & ~before;
		a->pending[w] &= ~(before & ~after & a->level[w]);
		update_source(aia, source);
	}
	spin_unlock_irqrestore(&a->lock, flags);
}

static uint32_t claim(struct vaia *aia, unsigned hart)
{
	struct vaplic *a = &aia->aplic;
	uint32_t value = top(aia, hart);
	unsigned source = value >> TOPI_ID_SHIFT;

	if (!value)
		a->idc[hart].force = 0;
	else if (a->level[source / 32] & source_bit(source))
		return value; /* stays pending until its input falls */
	else
		a->pending[source / 32] &= ~source_bit(source);
	update_hart(aia, hart);
	return value;
}

static __attribute__((noinline)) uint64_t read_idc(struct vaia *aia, unsigned offset)
{
	unsigned hart = offset / IDC_SIZE;
	const struct vaplic_idc *idc = aia->aplic.idc + hart % APLIC_MAX_HARTS;
	uint32_t value = 0;

	if (aia->msi || hart >= aia->num_harts)
		return 0;
	spin_lock(&aia->aplic.lock);
	switch (offset % IDC_SIZE) {
	case IDC_IDELIVERY: value = idc->delivery; break;
	case IDC_IFORCE: value = idc->force; break;
	case IDC_ITHRESHOLD: value = idc->threshold; break;
	case IDC_TOPI: value = top(aia, hart); break;
	case IDC_CLAIMI: value = claim(aia, hart); break;
	default: break;
	}
	spin_unlock(&aia->aplic.lock);
	return value;
}

static void write_idc(struct vaia *aia, unsigned hart, unsigned reg, uint32_t value)
{
	struct vaplic_idc *idc = aia->aplic.idc + hart % APLIC_MAX_HARTS;

	if (aia->msi || hart >= aia->num_harts)
		return;
	switch (reg) {
	case IDC_IDELIVERY: idc->delivery = value & 1; break;
	case IDC_IFORCE: idc->force = value & 1; break;
	case IDC_ITHRESHOLD: idc->threshold = value & TARGET_PRIORITY; break;
	default: return;
	}
	update_hart(aia, hart);
}

static inline uint32_t peek(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static uint32_t read_bits(const struct vaplic *a, unsigned offset)
{
	unsigned w = offset / 4 % APLIC_WORDS;

	switch (offset & ~0x7fu) {
	case APLIC_SETIP: return peek(&a->pending[w]);
	case APLIC_IN_CLRIP: return (peek(&a->input[w]) ^ peek(&a->inverted[w])) & peek(&a->wired[w]);
	case APLIC_SETIE: return peek(&a->enable[w]);
	default: return 0;
	}
}

static void write_bits(struct vaia *aia, unsigned offset, uint32_t value)
{
	unsigned w = offset / 4 % APLIC_WORDS;

	switch (offset & ~0x7fu) {
	case APLIC_SETIP: set_pending(aia, w, value); break;
	case APLIC_IN_CLRIP: clear_pending(aia, w, value); break;
	case APLIC_SETIE: set_enable(aia, w, value); break;
	case APLIC_CLRIE: clear_enable(aia, w, value); break;
	default: break;
	}
}

/* Registers that take the number of a source, and those that stand alone. */
static void write_other(struct vaia *aia, unsigned offset, uint32_t value)
{
	uint32_t number = offset == APLIC_SETIPNUM_BE ? __builtin_bswap32(value) : value;

	if (offset == APLIC_GENMSI) {
		if (aia->msi)
			send(aia, value);
		return;
	}
	if (!is_active(aia, number))
		return;
	switch (offset) {
	case APLIC_SETIPNUM:
	case APLIC_SETIPNUM_LE:
	case APLIC_SETIPNUM_BE: set_pending(aia, number / 32, source_bit(number)); break;
	case APLIC_CLRIPNUM: clear_pending(aia, number / 32, source_bit(number)); break;
	case APLIC_SETIENUM: set_enable(aia, number / 32, source_bit(number)); break;
	case APLIC_CLRIENUM: clear_enable(aia, number / 32, source_bit(number)); break;
	default: break;
	}
}

static uint32_t read_domaincfg(const struct vaia *aia)
{
	return DOMAINCFG_FIXED | (aia->aplic.enabled ? DOMAINCFG_IE : 0) | (aia->msi ? DOMAINCFG_DM : 0);
}

static void write_register(struct vaia *aia, unsigned offset, uint32_t value)
{
	unsigned source = offset / 4 % (APLIC_WORDS * 32);

	if (offset == APLIC_DOMAINCFG) {
		aia->aplic.enabled = value & DOMAINCFG_IE;
		update_all(aia);
	} else if (offset < APLIC_SOURCECFG + 0x1000) {
		write_sourcecfg(aia, source, value);
	} else if (offset >= APLIC_IDC) {
		write_idc(aia, (offset - APLIC_IDC) / IDC_SIZE, offset % IDC_SIZE, value);
	} else if (offset > APLIC_TARGET) {
		write_target(aia, source, value);
	} else if (offset >= APLIC_SETIPNUM_LE || (offset & 0xff) == (APLIC_SETIPNUM & 0xff)) {
		write_other(aia, offset, value);
	} else {
		write_bits(aia, offset, value);
	}
}

/* Only aligned words are registers (4.5). What reading does not change is read without the lock. */
static uint64_t vaplic_read(void *opaque, unsigned vcpu, uint64_t offset, unsigned width)
{
	struct vaia *aia = opaque;
	unsigned source = (unsigned)offset / 4 % (APLIC_WORDS * 32);

	if (unlikely(width != 4))
		return 0;
	switch (offset >> 12) {
	case APLIC_SOURCECFG >> 12:
		return source ? __atomic_load_n(&aia->aplic.mode[source], __ATOMIC_RELAXED) : read_domaincfg(aia);
	case APLIC_SETIP >> 12: return read_bits(&aia->aplic, (unsigned)offset);
	case APLIC_TARGET >> 12: return peek(&aia->aplic.target[source]); /* genmsi: 0, never busy */
	default: return offset < APLIC_IDC ? 0 : read_idc(aia, (unsigned)(offset - APLIC_IDC));
	}
}

static void vaplic_write(void *opaque, unsigned vcpu, uint64_t offset, unsigned width, uint64_t value)
{
	struct vaia *aia = opaque;

	if (width != 4)
		return;
	spin_lock(&aia->aplic.lock);
	write_register(aia, (unsigned)offset, (uint32_t)value);
	spin_unlock(&aia->aplic.lock);
}

const struct bus_ops vaplic_ops = { .read = vaplic_read, .write = vaplic_write };

void vaplic_reset(struct vaia *aia)
{
	struct vaplic *a = &aia->aplic;
	uint64_t flags = spin_lock_irqsave(&a->lock);

	a->enabled = false;
	memset(a->input, 0, sizeof(*a) - offsetof(struct vaplic, input));
	for (unsigned i = 0; i < aia->num_harts && !aia->msi; i++)
		if (aia->imsics[i].vcpu)
			riscv_vcpu_set_external(aia->imsics[i].vcpu, false);
	spin_unlock_irqrestore(&a->lock, flags);
}
