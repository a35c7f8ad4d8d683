/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual CPU interface of GICv2: GICH_*, IHI 0048 5.3. The guest has the host's GICV in the place of GICC.
 */
#include "vgic_hw.h"
#include <axhal/arch/gic.h>
#include <axhal/mem.h>
#include <axhal/mmio.h>

#define GICH_HCR   0x000
#define GICH_VTR   0x004
#define GICH_VMCR  0x008
#define GICH_EISR0 0x020
#define GICH_ELSR0 0x030
#define GICH_APR   0x0f0
#define GICH_LR(n) (0x100 + 4 * (n))

/* GICH_LR<n>: where the fields of the neutral form go */
#define GICH_LR_PHYSICAL(n) ((uint32_t)(n) << 10) /* EOI is its highest bit in both forms */
#define GICH_LR_PRIORITY(n) ((uint32_t)(n) >> 3 << 23)
#define GICH_LR_STATE_SHIFT 28
#define GICH_LR_FLAGS(lr)   ((uint32_t)((lr) >> LR_GROUP1_SHIFT & 3) << 30) /* Grp1, HW */

#define GICV_IIDR       0x0fc
#define IIDR_PRODUCT(v) FIELD(v, 31, 20)

/* GICH_VTR */
#define VTR_LIST_REGS(v) ((unsigned)FIELD(v, 5, 0) + 1)
#define VTR_PRE_BITS(v)  ((unsigned)FIELD(v, 28, 26) + 1)

static char *gich;

static uint32_t gich_read(unsigned offset)
{
	return mmio_read32(gich + offset);
}

static void gich_write(unsigned offset, uint32_t value)
{
	mmio_write32(gich + offset, value);
}

static void write_lr(unsigned i, uint64_t lr)
{
	gich_write(GICH_LR(i), LR_INTID(lr) | GICH_LR_PHYSICAL(LR_PHYSICAL(lr)) | GICH_LR_PRIORITY(LR_PRIORITY(lr)) |
				       LR_STATE(lr) << GICH_LR_STATE_SHIFT | GICH_LR_FLAGS(lr));
}

static unsigned read_lr_state(unsigned i)
{
	return gich_read(GICH_LR(i)) >> GICH_LR_STATE_SHIFT & (LR_PENDING | LR_ACTIVE);
}

static uint32_t empty_lrs(void)
{
	return gich_read(GICH_ELSR0);
}

static bool rearm_lr(unsigned i, uint64_t lr)
{
	if (!(empty_lrs() & BIT(i)))
		return false;
	write_lr(i, lr);
	return true;
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

/*
 * QEMU's GICv2 does not look at the host's interrupt again when a guest ends the list register linked to it: if the
 * timer has fired again by then, nobody hears of it until something else happens (arm_gic.c, gic_complete_irq). It
 * has no product number.
 */
static bool is_qemu(void)
{
	const char *gicv = mem_map_device(gic_info()->gicv, PAGE_SIZE);

	return gicv && !IIDR_PRODUCT(mmio_read32(gicv + GICV_IIDR));
}

const struct vgic_hw *vgic_v2_hw_init(void)
{
	static struct vgic_hw hw;
	uint32_t vtr;

	gich = gic_info()->gich;
	vtr = gich_read(GICH_VTR);
	hw = (struct vgic_hw){
		.nr_lrs = MIN(VTR_LIST_REGS(vtr), VGIC_MAX_LRS),
		.pre_bits = VTR_PRE_BITS(vtr),
		.links = !is_qemu(),
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
