/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Self-hosted debug of the guest, Arm ARM D2 and D17.3.
 *
 * All debug registers trap (MDCR_EL2.TDA) and live in memory, until the guest switches monitor debug on
 * (MDSCR_EL1.MDE): then they are in the CPU while the vCPU is loaded. External debug, the PMU, trace and statistical
 * profiling are never the guest's.
 */
#include "arm_vcpu.h"
#include "esr.h"

#define MDCR_TPMCR BIT(5)
#define MDCR_TPM   BIT(6)
#define MDCR_TDA   BIT(9)
#define MDCR_TDOSA BIT(10)
#define MDCR_TDRA  BIT(11)
#define MDCR_TPMS  BIT(14)
#define MDCR_TTRF  BIT(19)
#define MDCR_TDCC  BIT(27) /* the debug communications channel, even while the other registers do not trap (FEAT_FGT) */

#define MDCR_GUEST (MDCR_TPMCR | MDCR_TPM | MDCR_TDA | MDCR_TDOSA | MDCR_TDRA | MDCR_TPMS | MDCR_TTRF | MDCR_TDCC)

#define MDCR_HPMN GENMASK(4, 0)

#define MDSCR_MDE      BIT(15)
#define MDSCR_SETTABLE (BIT(0) | BIT(12) | BIT(13) | BIT(15)) /* SS, TDCC, KDE, MDE */

#define OSLSR_OSLM BIT(3)
#define OSLSR_OSLK BIT(1)

#define NUM_BREAKPOINTS() (unsigned)(FIELD(arm_id_register(5, 0), 15, 12) + 1)
#define NUM_WATCHPOINTS() (unsigned)(FIELD(arm_id_register(5, 0), 23, 20) + 1)

/* clang-format off */
/* The sixteen registers of one family exist as far as the CPU has them: 15 first, as each case falls through. */
#define EACH(X, base)                                                                                          \
	case 16: X(base, 15) __attribute__((fallthrough)); case 15: X(base, 14) __attribute__((fallthrough));  \
	case 14: X(base, 13) __attribute__((fallthrough)); case 13: X(base, 12) __attribute__((fallthrough));  \
	case 12: X(base, 11) __attribute__((fallthrough)); case 11: X(base, 10) __attribute__((fallthrough));  \
	case 10: X(base, 9) __attribute__((fallthrough)); case 9: X(base, 8) __attribute__((fallthrough));     \
	case 8: X(base, 7) __attribute__((fallthrough)); case 7: X(base, 6) __attribute__((fallthrough));      \
	case 6: X(base, 5) __attribute__((fallthrough)); case 5: X(base, 4) __attribute__((fallthrough));      \
	case 4: X(base, 3) __attribute__((fallthrough)); case 3: X(base, 2) __attribute__((fallthrough));      \
	case 2: X(base, 1) __attribute__((fallthrough)); default: X(base, 0)

#define BREAK_SAVE(d, n) d->bvr[n] = sysreg_read(DBGBVR##n##_EL1); d->bcr[n] = sysreg_read(DBGBCR##n##_EL1);
#define BREAK_LOAD(d, n) sysreg_write(DBGBVR##n##_EL1, d->bvr[n]); sysreg_write(DBGBCR##n##_EL1, d->bcr[n]);
#define WATCH_SAVE(d, n) d->wvr[n] = sysreg_read(DBGWVR##n##_EL1); d->wcr[n] = sysreg_read(DBGWCR##n##_EL1);
#define WATCH_LOAD(d, n) sysreg_write(DBGWVR##n##_EL1, d->wvr[n]); sysreg_write(DBGWCR##n##_EL1, d->wcr[n]);
/* clang-format on */

static void save_points(struct arm_debug_state *d)
{
	switch (NUM_BREAKPOINTS()) {
		EACH(BREAK_SAVE, d)
	}
	switch (NUM_WATCHPOINTS()) {
		EACH(WATCH_SAVE, d)
	}
}

static void load_points(struct arm_debug_state *d)
{
	switch (NUM_BREAKPOINTS()) {
		EACH(BREAK_LOAD, d)
	}
	switch (NUM_WATCHPOINTS()) {
		EACH(WATCH_LOAD, d)
	}
}

/* HPMN stays what the foundation has found: all counters are there, none is the guest's. */
static void set_traps(uint64_t traps)
{
	sysreg_write(MDCR_EL2, (sysreg_read(MDCR_EL2) & MDCR_HPMN) | traps);
}

/* The OS Lock is set by a reset; it would keep back all debug exceptions of guests (Arm ARM D2.5). */
void arm_debug_host_init_cpu(void)
{
	sysreg_write(OSLAR_EL1, 0);
	isb();
}

static void to_hardware(struct arm_debug_state *d)
{
	load_points(d);
	d->in_hardware = true;
	set_traps(MDCR_GUEST & ~MDCR_TDA);
}

void arm_debug_load(struct arm_vcpu *v)
{
	if (v->el1[EL1_MDSCR] & MDSCR_MDE)
		to_hardware(&v->debug);
	else
		set_traps(MDCR_GUEST);
}

void arm_debug_put(struct arm_vcpu *v)
{
	if (v->debug.in_hardware)
		save_points(&v->debug);
	v->debug.in_hardware = false;
}

static bool access_slot(uint64_t *slot, bool write, uint64_t *value)
{
	if (write)
		*slot = *value;
	else
		*value = *slot;
	return true;
}

static bool access_mdscr(struct arm_vcpu *v, bool write, uint64_t *value)
{
	if (!write) {
		*value = sysreg_read(MDSCR_EL1);
		return true;
	}
	sysreg_write(MDSCR_EL1, *value & MDSCR_SETTABLE);
	if (*value & MDSCR_MDE)
		to_hardware(&v->debug);
	return true;
}

bool arm_debug_sysreg(struct arm_vcpu *v, uint32_t reg, bool write, uint64_t *value)
{
	struct arm_debug_state *d = &v->debug;
	unsigned n = reg >> 4 & 0xf;
	uint64_t slot;

	switch (reg) {
	case SYSREG(2, 0, 0, 2, 2): return access_mdscr(v, write, value);
	case SYSREG(2, 0, 0, 2, 0): /* MDCCINT: no debug communications channel */
	case SYSREG(2, 3, 0, 1, 0): /* MDCCSR */
	case SYSREG(2, 3, 0, 4, 0): /* DBGDTR */
	case SYSREG(2, 3, 0, 5, 0): /* DBGDTRRX / TX */
	case SYSREG(2, 0, 0, 0, 2): /* OSDTRRX */
	case SYSREG(2, 0, 0, 3, 2): /* OSDTRTX */
	case SYSREG(2, 0, 0, 6, 2): /* OSECCR */
	case SYSREG(2, 0, 1, 3, 4): /* OSDLR */
	case SYSREG(2, 0, 1, 4, 4): /* DBGPRCR */
	case SYSREG(2, 0, 1, 0, 0): /* MDRAR */
	case SYSREG(2, 0, 7, 8, 6): /* DBGCLAIMSET */
	case SYSREG(2, 0, 7, 9, 6): /* DBGCLAIMCLR */
	case SYSREG(2, 0, 7, 14, 6): /* DBGAUTHSTATUS */ slot = 0; return access_slot(&slot, write, value);
	case SYSREG(2, 0, 1, 0, 4): /* OSLAR, write-only */
		if (write)
			d->os_lock = *value & 1;
		return write;
	case SYSREG(2, 0, 1, 1, 4): /* OSLSR, read-only */
		*value = OSLSR_OSLM | (d->os_lock ? OSLSR_OSLK : 0);
		return !write;
	}
	switch (reg & ~(uint32_t)0xf0) {
	case SYSREG(2, 0, 0, 0, 4): return n < NUM_BREAKPOINTS() && access_slot(&d->bvr[n], write, value);
	case SYSREG(2, 0, 0, 0, 5): return n < NUM_BREAKPOINTS() && access_slot(&d->bcr[n], write, value);
	case SYSREG(2, 0, 0, 0, 6): return n < NUM_WATCHPOINTS() && access_slot(&d->wvr[n], write, value);
	case SYSREG(2, 0, 0, 0, 7): return n < NUM_WATCHPOINTS() && access_slot(&d->wcr[n], write, value);
	}
	return false;
}
