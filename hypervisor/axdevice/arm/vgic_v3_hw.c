/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual CPU interface of GICv3: ICH_*_EL2, IHI 0069 12.4. Registers that this CPU does not implement are not
 * touched: list registers above ICH_VTR_EL2.ListRegs, active priority registers beyond its preemption bits.
 */
#include "vgic_hw.h"
#include <axhal/arch/sysreg.h>

/* ICH_VTR_EL2 */
#define VTR_LIST_REGS(v) ((unsigned)FIELD(v, 4, 0) + 1)
#define VTR_TDS          BIT(19)
#define VTR_PRE_BITS(v)  ((unsigned)FIELD(v, 28, 26) + 1)

#define SRE_ALL GENMASK(3, 0) /* SRE, DFB, DIB, Enable: system registers, also for EL1 */

#define EACH_LR(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)

/* List registers have numbers in their names. Inline: rearm_lr() is on the way of every timer interrupt. */
static inline __attribute__((always_inline)) void put_lr(unsigned i, uint64_t value)
{
#define LR_CASE(n) \
	case n: sysreg_write(ICH_LR##n##_EL2, value); break;
	switch (i) {
		EACH_LR(LR_CASE)
	}
#undef LR_CASE
}

static void write_lr(unsigned i, uint64_t lr)
{
	put_lr(i, lr);
}

static uint64_t read_raw_lr(unsigned i)
{
#define LR_CASE(n) \
	case n: return sysreg_read(ICH_LR##n##_EL2);
	switch (i) {
		EACH_LR(LR_CASE)
	default: return 0;
	}
#undef LR_CASE
}

static unsigned read_lr_state(unsigned i)
{
	return LR_STATE(read_raw_lr(i));
}

static uint32_t empty_lrs(void)
{
	return (uint32_t)sysreg_read(ICH_ELRSR_EL2);
}

static bool rearm_lr(unsigned i, uint64_t lr)
{
	if (!(sysreg_read(ICH_ELRSR_EL2) >> i & 1))
		return false;
	put_lr(i, lr);
	return true;
}

static uint32_t eoi_lrs(void)
{
	return (uint32_t)sysreg_read(ICH_EISR_EL2);
}

static uint32_t read_hcr(void)
{
	return (uint32_t)sysreg_read(ICH_HCR_EL2);
}

/*
 * With the interrupt output changed before the next instruction: the maintenance interrupt must not come a second
 * time.
 */
static void write_hcr(uint32_t hcr)
{
	sysreg_write(ICH_HCR_EL2, hcr);
	isb();
}

static struct vgic_hw hw;

static void save(struct vgic_cpuif *cpuif)
{
	cpuif->vmcr = (uint32_t)sysreg_read(ICH_VMCR_EL2);
	cpuif->apr[0][0] = (uint32_t)sysreg_read(ICH_AP0R0_EL2);
	cpuif->apr[1][0] = (uint32_t)sysreg_read(ICH_AP1R0_EL2);
	if (hw.pre_bits >= 6) {
		cpuif->apr[0][1] = (uint32_t)sysreg_read(ICH_AP0R1_EL2);
		cpuif->apr[1][1] = (uint32_t)sysreg_read(ICH_AP1R1_EL2);
	}
	if (hw.pre_bits >= 7) {
		cpuif->apr[0][2] = (uint32_t)sysreg_read(ICH_AP0R2_EL2);
		cpuif->apr[0][3] = (uint32_t)sysreg_read(ICH_AP0R3_EL2);
		cpuif->apr[1][2] = (uint32_t)sysreg_read(ICH_AP1R2_EL2);
		cpuif->apr[1][3] = (uint32_t)sysreg_read(ICH_AP1R3_EL2);
	}
}

static void load(const struct vgic_cpuif *cpuif)
{
	sysreg_write(ICH_VMCR_EL2, cpuif->vmcr);
	sysreg_write(ICH_AP0R0_EL2, cpuif->apr[0][0]);
	sysreg_write(ICH_AP1R0_EL2, cpuif->apr[1][0]);
	if (hw.pre_bits >= 6) {
		sysreg_write(ICH_AP0R1_EL2, cpuif->apr[0][1]);
		sysreg_write(ICH_AP1R1_EL2, cpuif->apr[1][1]);
	}
	if (hw.pre_bits >= 7) {
		sysreg_write(ICH_AP0R2_EL2, cpuif->apr[0][2]);
		sysreg_write(ICH_AP0R3_EL2, cpuif->apr[0][3]);
		sysreg_write(ICH_AP1R2_EL2, cpuif->apr[1][2]);
		sysreg_write(ICH_AP1R3_EL2, cpuif->apr[1][3]);
	}
}

const struct vgic_hw *vgic_v3_hw_init(void)
{
	uint64_t vtr = sysreg_read(ICH_VTR_EL2);

	hw = (struct vgic_hw){
		.nr_lrs = MIN(VTR_LIST_REGS(vtr), VGIC_MAX_LRS),
		.pre_bits = VTR_PRE_BITS(vtr),
		.links = true,
		.can_trap_dir = vtr & VTR_TDS,
		.write_lr = write_lr,
		.rearm_lr = rearm_lr,
		.read_lr_state = read_lr_state,
		.empty_lrs = empty_lrs,
		.eoi_lrs = eoi_lrs,
		.read_hcr = read_hcr,
		.write_hcr = write_hcr,
		.save = save,
		.load = load,
	};
	return &hw;
}

void vgic_v3_hw_init_cpu(void)
{
	sysreg_write(ICC_SRE_EL2, sysreg_read(ICC_SRE_EL2) | SRE_ALL);
	isb();
}
