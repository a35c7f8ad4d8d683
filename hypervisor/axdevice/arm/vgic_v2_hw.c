/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual CPU interface of GICv2: GICH_*, IHI 0048 5.3. The guest has the host's GICV in the place of GICC.
 */
#include "vgic_hw.h"
#include <axhal/arch/gic.h>
#include <axhal/mmio.h>

#define GICH_HCR   0x000
#define GICH_VTR   0x004
#define GICH_VMCR  0x008
#define GICH_EISR0 0x020
#define GICH_ELSR0 0x030
#define GICH_APR   0x0f0
#define GICH_LR(n) (0x100 + 4 * (n))

/* GICH_LR<n> */
#define LR_PHYSICAL(n) ((uint32_t)(n) << 10)
#define LR_SOURCE(n)   ((uint32_t)(n) << 10) /* while HW is 0 */
#define LR_EOI         BIT(19)               /* while HW is 0 */
#define LR_PRIORITY(p) ((uint32_t)(p) >> 3 << 23)
#define LR_STATE_SHIFT 28
#define LR_GROUP1      BIT(30)
#define LR_HW          BIT(31)

/* GICH_VTR */
#define VTR_LIST_REGS(v) ((unsigned)FIELD(v, 5, 0) + 1)
#define VTR_PRE_BITS(v)  ((unsigned)FIELD(v, 28, 26) + 1)

static uint32_t gich_read(unsigned offset)
{
	return mmio_read32((const char *)gic_info()->gich + offset);
}

static void gich_write(unsigned offset, uint32_t value)
{
	mmio_write32((char *)gic_info()->gich + offset, value);
}

static void write_lr(unsigned i, struct vgic_lr lr)
{
	uint32_t value = lr.intid | LR_PRIORITY(lr.priority) | (uint32_t)lr.state << LR_STATE_SHIFT;

	if (lr.group1)
		value |= LR_GROUP1;
	if (lr.host_irq)
		value |= LR_HW | LR_PHYSICAL(lr.host_irq);
	else
		value |= LR_SOURCE(lr.source) | (lr.eoi ? LR_EOI : 0);
	gich_write(GICH_LR(i), value);
}

static unsigned read_lr_state(unsigned i)
{
	return gich_read(GICH_LR(i)) >> LR_STATE_SHIFT & (LR_PENDING | LR_ACTIVE);
}

static uint32_t empty_lrs(void)
{
	return gich_read(GICH_ELSR0);
}

static uint32_t eoi_lrs(void)
{
	return gich_read(GICH_EISR0);
}

static uint32_t read_hcr(void)
{
	return gich_read(GICH_HCR);
}

static void write_hcr(uint32_t hcr)
{
	gich_write(GICH_HCR, hcr);
}

static void save(struct vgic_cpuif *cpuif)
{
	cpuif->vmcr = gich_read(GICH_VMCR);
	cpuif->apr[0][0] = gich_read(GICH_APR);
}

static void load(const struct vgic_cpuif *cpuif)
{
	gich_write(GICH_VMCR, cpuif->vmcr);
	gich_write(GICH_APR, cpuif->apr[0][0]);
}

const struct vgic_hw *vgic_v2_hw_init(void)
{
	static struct vgic_hw hw;
	uint32_t vtr = gich_read(GICH_VTR);

	hw = (struct vgic_hw){
		.nr_lrs = MIN(VTR_LIST_REGS(vtr), VGIC_MAX_LRS),
		.pre_bits = VTR_PRE_BITS(vtr),
		.write_lr = write_lr,
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
