/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IMSICs whose registers are in memory: one interrupt file at supervisor level per vCPU (AIA 1.0, chapter 3). The file
 * is written by MSIs and, through siselect, sireg and stopei, by its vCPU; all of these trap.
 */
#include "aplic_regs.h"
#include "vaia_internal.h"
#include <axhal/arch/csr.h>
#include <axhal/arch/isa.h>
#include <axhal/time.h>

static inline unsigned words(const struct vaia *aia)
{
	return (aia->num_ids + 1) / 64;
}

/* The least identity that is pending, enabled and below the threshold; 0: none. */
static unsigned top(const struct vimsic *imsic)
{
	const struct imsic_regs *regs = &imsic->regs;

	for (unsigned w = 0; w < words(imsic->aia); w++) {
		uint64_t ready = regs->pending[w] & regs->enabled[w];
		unsigned id;

		if (!ready)
			continue;
		id = 64 * w + (unsigned)__builtin_ctzll(ready);
		return !regs->threshold || id < regs->threshold ? id : 0;
	}
	return 0;
}

void vimsic_update(struct vimsic *imsic)
{
	bool level = !imsic->file && imsic->regs.delivery && top(imsic);

	if (level == imsic->level)
		return;
	imsic->level = level;
	if (imsic->vcpu)
		riscv_vcpu_set_external(imsic->vcpu, level);
}

void vimsic_send(struct vimsic *imsic, uint32_t id)
{
	if (!id || id > imsic->aia->num_ids)
		return;
	spin_lock(&imsic->lock);
	if (imsic->file) {
		vaia_host_send(imsic->cpu, imsic->file, id);
	} else {
		bitmap_set(imsic->regs.pending, id);
		/* It can raise the level, never lower it. */
		if (!imsic->level && bitmap_test(imsic->regs.enabled, id))
			vimsic_update(imsic);
	}
	spin_unlock(&imsic->lock);
}

/* --- the page of an IMSIC: seteipnum_le, seteipnum_be (3.5); everything reads as zero --- */

static uint64_t read_page(void *opaque, unsigned vcpu, uint64_t offset, unsigned width)
{
	return 0;
}

static void write_page(void *opaque, unsigned vcpu, uint64_t offset, unsigned width, uint64_t value)
{
	struct vaia *aia = opaque;
	struct vimsic *imsic = &aia->imsics[offset / IMSIC_PAGE];

	if (width != 4)
		return;
	if (offset % IMSIC_PAGE == IMSIC_SETEIPNUM_LE)
		vimsic_send(imsic, (uint32_t)value);
	else if (offset % IMSIC_PAGE == IMSIC_SETEIPNUM_BE)
		vimsic_send(imsic, __builtin_bswap32((uint32_t)value));
}

const struct bus_ops vimsic_ops = { .read = read_page, .write = write_page };

/* --- CSRs --- */

/* Change the masked bits of *@reg; access->value gets what it held before. */
static void change(uint64_t *reg, struct riscv_csr_access *access, uint64_t writable)
{
	uint64_t old = *reg, mask = access->write ? access->mask & writable : 0;

	*reg = (old & ~mask) | (access->value & mask);
	access->value = old;
}

static void change32(uint32_t *reg, struct riscv_csr_access *access, uint32_t writable)
{
	uint64_t wide = *reg;

	change(&wide, access, writable);
	*reg = (uint32_t)wide;
}

/* Word @word of an array of identities, of which 1 .. num_ids exist. */
static void change_ids(const struct vaia *aia, uint64_t *ids, unsigned word, struct riscv_csr_access *access)
{
	if (word < words(aia))
		change(&ids[word], access, word ? UINT64_MAX : ~UINT64_C(1));
	else
		access->value = 0;
}

/* Numbers of one half of an array hold 64 bits on RV64: odd ones do not exist. Lock held. */
static bool indirect(struct vimsic *imsic, uint64_t select, struct riscv_csr_access *access)
{
	struct imsic_regs *regs = &imsic->regs;
	unsigned number = (unsigned)select;

	switch (number) {
	case ISELECT_EIDELIVERY: change32(&regs->delivery, access, 1); break;
	case ISELECT_EITHRESHOLD: change32(&regs->threshold, access, imsic->aia->id_mask); break;
	case ISELECT_EIP ... ISELECT_LAST:
		if (number & 1)
			return false;
		change_ids(imsic->aia, number < ISELECT_EIE ? regs->pending : regs->enabled,
			   (number % (ISELECT_EIE - ISELECT_EIP)) / 2, access);
		break;
	default: access->value = 0; return true; /* reserved: reads as zero (3.8) */
	}
	if (access->write)
		vimsic_update(imsic);
	return true;
}

static bool access_sireg(struct vimsic *imsic, uint64_t select, struct riscv_csr_access *access)
{
	bool known = false;

	/* Priorities of major interrupts: none can be configured. */
	if (select >= ISELECT_IPRIO && select <= ISELECT_IPRIO_LAST) {
		access->value = 0;
		return !(select & 1);
	}
	if (select < ISELECT_EIDELIVERY || select > ISELECT_LAST)
		return false;
	spin_lock(&imsic->lock);
	if (!imsic->file)
		known = indirect(imsic, select, access);
	spin_unlock(&imsic->lock);
	return known;
}

/* Any write claims what the read returns (3.10). */
static void access_stopei(struct vimsic *imsic, struct riscv_csr_access *access)
{
	unsigned id;

	spin_lock(&imsic->lock);
	id = imsic->file ? 0 : top(imsic);
	access->value = (uint64_t)id << TOPI_ID_SHIFT | id;
	if (access->write && id) {
		bitmap_clear(imsic->regs.pending, id);
		vimsic_update(imsic);
	}
	spin_unlock(&imsic->lock);
}

/* What sip would show. QEMU 7 forgets all but SSIP in vsip, and the timer of Sstc in both. */
static uint64_t pending_interrupts(void)
{
	uint64_t pending = csr_read(CSR_HIP) >> 1;

	if (riscv_has(RISCV_EXT_SSTC) && time_now_ticks() >= csr_read(CSR_VSTIMECMP))
		pending |= BIT(INT_STI);
	return pending;
}

/* Major interrupts of a supervisor, the most important first (default order); stopi's priority is 1. */
static uint64_t stopi(void)
{
	static const uint8_t order[] = { INT_SEI, INT_SSI, INT_STI };
	uint64_t ready = pending_interrupts() & csr_read(CSR_VSIE);

	for (unsigned i = 0; i < ARRAY_SIZE(order); i++)
		if (ready & BIT(order[i]))
			return (uint64_t)order[i] << TOPI_ID_SHIFT | 1;
	return 0;
}

#define SELECT_BITS 0xfff

/* With Ssaia siselect and stopi are the hart's, and trap only where Smstateen is in the way. */
static bool vimsic_csr(struct vcpu *vcpu, struct riscv_csr_access *access)
{
	struct vimsic *imsic = vcpu->irqchip;
	uint64_t select = csr_read(CSR_VSISELECT);

	switch (access->csr) {
	case CSR_SISELECT:
		change(&select, access, SELECT_BITS);
		csr_write(CSR_VSISELECT, select);
		return true;
	case CSR_SIREG: return access_sireg(imsic, select, access);
	case CSR_STOPI: access->value = csr_read(CSR_VSTOPI); return !access->write;
	case CSR_STOPEI: access_stopei(imsic, access); return true;
	default: return false;
	}
}

/* Without Ssaia the hart has none of these registers. */
static bool vimsic_csr_emulated(struct vcpu *vcpu, struct riscv_csr_access *access)
{
	struct vimsic *imsic = vcpu->irqchip;

	switch (access->csr) {
	case CSR_SISELECT: change(&imsic->select, access, SELECT_BITS); return true;
	case CSR_SIREG: return access_sireg(imsic, imsic->select, access);
	case CSR_STOPEI: access_stopei(imsic, access); return true;
	case CSR_STOPI: access->value = stopi(); return !access->write; /* read-only */
	default: return false;
	}
}

/* Without IMSICs a hart has none of their CSRs. */
const struct riscv_irqchip vaia_irqchip_direct = { 0 };

const struct riscv_irqchip vaia_irqchip = {
	.load = vaia_load,
	.put = vaia_put,
	.prepare = vaia_prepare,
	.pending = vaia_pending,
	.csr = vimsic_csr,
};

const struct riscv_irqchip vaia_irqchip_emulated = { .csr = vimsic_csr_emulated, .emulates_imsic = true };
