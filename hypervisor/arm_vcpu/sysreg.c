/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System registers that the guest may not touch itself, and the ID registers: what they show is what is virtualized.
 */
#include <axhal/arch/gic.h>
#include "arm_vcpu.h"
#include "esr.h"

#define FIELD_MASK(lo) (UINT64_C(0xf) << (lo))

/*
 * One row per ID register that is not zero for the guest (Arm ARM D17.2.52 ff.): the host's fields in @keep are
 * shown, @set is added. A field that is not kept reads 0: not there. Reserved registers, AArch32's (no AArch32 in
 * guests) and those of features that are not virtualized (SVE, SME, MTE, ...) have no row.
 */
static const struct id_row {
	uint8_t crm, op2;
	uint64_t keep, set;
} id_rows[] = {
	/* PFR0: EL0 and EL1 in AArch64 only; FP, AdvSIMD, DIT, CSV3. CSV2: see below. GIC: see arm_sysreg_init. */
	{ 4, 0, FIELD_MASK(16) | FIELD_MASK(20) | FIELD_MASK(48) | FIELD_MASK(56) | FIELD_MASK(60), 0x11 },
	/* PFR1: BT, SSBS. */
	{ 4, 1, FIELD_MASK(0) | FIELD_MASK(4), 0 },
	/* DFR0: Armv8 debug, break- and watchpoints; no PMU, trace, SPE. */
	{ 5, 0, FIELD_MASK(12) | FIELD_MASK(20) | FIELD_MASK(28) | FIELD_MASK(36), 0x6 },
	/* ISAR0: all but TME. */
	{ 6, 0, ~FIELD_MASK(24), 0 },
	/*
	 * ISAR1: DPB, JSCVT, FCMA, LRCPC, FRINTTS, SB, SPECRES, BF16, DGH, I8MM; no pointer authentication, XS, LS64.
	 */
	{ 6, 1, FIELD_MASK(0) | GENMASK(23, 12) | GENMASK(55, 32), 0 },
	/* ISAR2: RPRES. */
	{ 6, 2, FIELD_MASK(4), 0 },
	/* MMFR0: PARange, ASIDBits, BigEnd, BigEndEL0, granules of stage 1. */
	{ 7, 0, FIELD_MASK(0) | FIELD_MASK(4) | FIELD_MASK(8) | GENMASK(31, 16), 0 },
	/* MMFR1: HAFDBS, HPDS, PAN, ETS, nTLBPA. */
	{ 7, 1, FIELD_MASK(0) | FIELD_MASK(12) | FIELD_MASK(20) | FIELD_MASK(36) | FIELD_MASK(48), 0 },
	/* MMFR2: CnP, UAO, LSM, VARange, CCIDX, ST, AT, IDS, TTL, BBM, E0PD. */
	{ 7, 2, GENMASK(11, 0) | GENMASK(23, 16) | GENMASK(39, 28) | GENMASK(63, 48), 0 },
};

/* What the guest reads, by CRm - 4 and op2; filled in once. */
static uint64_t id_values[4][8];

static uint64_t host_id_register(unsigned crm, unsigned op2)
{
	switch (crm << 4 | op2) {
	case 0x40: return sysreg_read(ID_AA64PFR0_EL1);
	case 0x41: return sysreg_read(ID_AA64PFR1_EL1);
	case 0x50: return sysreg_read(ID_AA64DFR0_EL1);
	case 0x60: return sysreg_read(ID_AA64ISAR0_EL1);
	case 0x61: return sysreg_read(ID_AA64ISAR1_EL1);
	case 0x62: return sysreg_read(S3_0_C0_C6_2);
	case 0x70: return sysreg_read(ID_AA64MMFR0_EL1);
	case 0x71: return sysreg_read(ID_AA64MMFR1_EL1);
	case 0x72: return sysreg_read(S3_0_C0_C7_2);
	default: return 0;
	}
}

void arm_sysreg_init(void)
{
	uint64_t pfr0;

	for (size_t i = 0; i < ARRAY_SIZE(id_rows); i++) {
		const struct id_row *row = &id_rows[i];

		id_values[row->crm - 4][row->op2] = (host_id_register(row->crm, row->op2) & row->keep) | row->set;
	}
	pfr0 = id_values[0][0];
	if (FIELD(pfr0, 59, 56) > 1) /* CSV2: SCXTNUM_ELx are not virtualized */
		pfr0 = (pfr0 & ~FIELD_MASK(56)) | UINT64_C(1) << 56;
	if (gic_info()->version == 3)
		pfr0 |= UINT64_C(1) << 24; /* system register interface of the GIC */
	id_values[0][0] = pfr0;
}

uint64_t arm_id_register(unsigned crm, unsigned op2)
{
	return crm >= 4 && crm <= 7 ? id_values[crm - 4][op2 & 7] : 0;
}

static bool read_as_zero(struct arm_vcpu *v, uint32_t reg, bool write, uint64_t *value)
{
	*value = 0;
	return true;
}

/* ID_AA64MMFR0_EL1.PARange: not more than the guest's physical addresses have. */
static uint64_t clamp_pa_range(uint64_t mmfr0, unsigned gpa_bits)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48, 52 };
	uint64_t range = 0;

	while (range < FIELD(mmfr0, 3, 0) && range + 1 < ARRAY_SIZE(bits) && bits[range + 1] <= gpa_bits)
		range++;
	return (mmfr0 & ~FIELD_MASK(0)) | range;
}

static bool id_register(struct arm_vcpu *v, uint32_t reg, bool write, uint64_t *value)
{
	*value = arm_id_register(reg >> 4 & 0xf, reg & 7);
	if (reg == SYSREG(3, 0, 0, 7, 0))
		*value = clamp_pa_range(*value, v->aspace->table.format->input_bits);
	return !write;
}

static bool generate_sgi(struct arm_vcpu *v, uint32_t reg, bool write, uint64_t *value)
{
	if (!write || !v->irqchip->write_sgi)
		return false;
	v->irqchip->write_sgi(&v->vcpu, *value, (reg & 7) != 7);
	return true;
}

static bool gic_register(struct arm_vcpu *v, uint32_t reg, bool write, uint64_t *value)
{
	return v->irqchip->sysreg && v->irqchip->sysreg(&v->vcpu, reg, write, value);
}

/* Ranges of encodings: op0, op1, CRn, CRm and op2 as one number. The first that fits answers. */
static const struct sysreg_row {
	uint32_t first, last;
	bool (*access)(struct arm_vcpu *v, uint32_t reg, bool write, uint64_t *value);
} sysreg_rows[] = {
	/* clang-format off */
	{ SYSREG(3, 0, 12, 11, 5), SYSREG(3, 0, 12, 11, 7), generate_sgi },	/* ICC_SGI1R, ICC_ASGI1R, ICC_SGI0R */
	{ SYSREG(3, 3, 14, 2, 0), SYSREG(3, 3, 14, 2, 2), arm_timer_sysreg },	/* CNTP_TVAL, _CTL, _CVAL */
	{ SYSREG(2, 0, 0, 0, 0), SYSREG(2, 7, 15, 15, 7), arm_debug_sysreg },
	{ SYSREG(3, 0, 0, 1, 0), SYSREG(3, 0, 0, 7, 7), id_register },
	{ SYSREG(3, 0, 1, 0, 1), SYSREG(3, 0, 1, 0, 1), read_as_zero },		/* ACTLR: writes are ignored */
	{ SYSREG(3, 0, 4, 6, 0), SYSREG(3, 0, 4, 6, 0), gic_register },		/* ICC_PMR */
	{ SYSREG(3, 0, 12, 8, 0), SYSREG(3, 0, 12, 12, 7), gic_register },
	/* clang-format on */
};

bool arm_handle_sysreg(struct arm_vcpu *v, uint64_t esr)
{
	uint32_t reg = ESR_SYS_REG(esr);
	bool write = !(esr & ESR_SYS_READ);
	uint64_t value = write ? arm_get_x(v, ESR_SYS_RT(esr)) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(sysreg_rows); i++) {
		if (reg < sysreg_rows[i].first || reg > sysreg_rows[i].last)
			continue;
		if (!sysreg_rows[i].access(v, reg, write, &value))
			break;
		if (!write)
			arm_set_x(v, ESR_SYS_RT(esr), value);
		arm_skip(v, esr);
		return false;
	}
	v->exit->reason = write ? VCPU_EXIT_SYSREG_WRITE : VCPU_EXIT_SYSREG_READ;
	v->exit->sysreg.addr = reg;
	v->exit->sysreg.value = value;
	v->exit->sysreg.reg = (uint8_t)ESR_SYS_RT(esr);
	v->exit->sysreg.width = 8;
	return true;
}
