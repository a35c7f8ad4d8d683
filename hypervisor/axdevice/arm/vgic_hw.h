/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The virtual CPU interface of the host's GIC, as the model sees it: list registers and a few control registers.
 * Implemented by vgic_v3_hw.c (ICH_*_EL2, IHI 0069 12.4) and vgic_v2_hw.c (GICH_*, IHI 0048 5.3); unit tests bring
 * their own.
 *
 * ICH_HCR_EL2, ICH_MISR_EL2 and ICH_VMCR_EL2 have the layout of GICH_HCR, GICH_MISR and GICH_VMCR as far as they are
 * used here, so these go through unchanged.
 */
#include <axstd/util.h>

#define VGIC_MAX_LRS  16u
#define VGIC_MAX_APRS 4

/*
 * A list register, in the layout of ICH_LR<n>_EL2. Where HW is 0, GICv2 has the CPU that sent the SGI in the place of
 * the physical interrupt's number; GICH_LR<n> has the same fields in 32 bits.
 */
enum vgic_lr_state { LR_PENDING = 1, LR_ACTIVE = 2 }; /* bits; neither: the list register is empty */

#define LR_INTID(lr)        ((unsigned)FIELD(lr, 31, 0))
#define LR_PHYSICAL(lr)     ((unsigned)FIELD(lr, 44, 32))
#define LR_PRIORITY(lr)     ((unsigned)FIELD(lr, 55, 48))
#define LR_STATE(lr)        ((unsigned)FIELD(lr, 63, 62))
#define LR_MAKE_LINK(n)     ((uint64_t)(n) << 32) /* LR_PHYSICAL: with LR_HW the host's interrupt, else the source */
#define LR_MAKE_PRIORITY(n) ((uint64_t)(n) << 48)
#define LR_MAKE_STATE(n)    ((uint64_t)(n) << 62)
#define LR_EOI              BIT(41) /* maintenance interrupt when the guest deactivates it; not with LR_HW */
#define LR_GROUP1_SHIFT     60
#define LR_GROUP1           BIT(LR_GROUP1_SHIFT)
#define LR_HW               BIT(61)

/* ICH_HCR_EL2, GICH_HCR */
#define HCR_EN            BIT(0)
#define HCR_UIE           BIT(1)  /* at most one list register is valid */
#define HCR_LRENPIE       BIT(2)  /* an interrupt without a list register was deactivated */
#define HCR_NPIE          BIT(3)  /* no list register is pending */
#define HCR_TDIR          BIT(14) /* GICv3: trap writes of ICC_DIR_EL1 */
#define HCR_EOICOUNT(hcr) FIELD(hcr, 31, 27)

/* ICH_VMCR_EL2, GICH_VMCR */
#define VMCR_ENG(vmcr, group1)   ((vmcr) >> (group1)&1)
#define VMCR_CBPR                BIT(4)
#define VMCR_EOIM                BIT(9)
#define VMCR_BPR1(vmcr)          FIELD(vmcr, 20, 18)
#define VMCR_BPR0(vmcr)          FIELD(vmcr, 23, 21)
#define VMCR_PRIORITY_MASK(vmcr) FIELD(vmcr, 31, 24)

/* What of the virtual CPU interface belongs to the vCPU and travels with it. */
struct vgic_cpuif {
	uint32_t vmcr;
	uint32_t apr[2][VGIC_MAX_APRS]; /* active priorities of groups 0 and 1; GICv2: only [0][0] */
};

/* All act on the calling CPU, interrupts off. */
struct vgic_hw {
	unsigned nr_lrs;   /* 2 ... VGIC_MAX_LRS */
	unsigned pre_bits; /* preemption levels: bits of priority */
	bool links;        /* HW = 1 works: the end in the guest deactivates the host's interrupt */
	bool can_trap_dir; /* HCR_TDIR works */

	void (*write_lr)(unsigned i, uint64_t lr);
	/* Write @lr if the list register is empty. Return: was it? */
	bool (*rearm_lr)(unsigned i, uint64_t lr);
	unsigned (*read_lr_state)(unsigned i); /* enum vgic_lr_state */
	/*
	 * List registers whose interrupt was deactivated (or that were never filled); those with an EOI maintenance
	 * interrupt.
	 */
	uint32_t (*empty_lrs)(void);
	uint32_t (*eoi_lrs)(void);
	uint32_t (*read_hcr)(void);
	void (*write_hcr)(uint32_t hcr);
	void (*save)(struct vgic_cpuif *cpuif);
	void (*load)(const struct vgic_cpuif *cpuif);
};

/* This machine's; NULL until vgic_host_init() has found one. */
extern const struct vgic_hw *vgic_hw;

/* Is the host's interrupt, linked to a private one of the vCPU that is loaded here, still asserted? */
bool vgic_host_line(unsigned host_irq);

const struct vgic_hw *vgic_v2_hw_init(void);
const struct vgic_hw *vgic_v3_hw_init(void);
void vgic_v3_hw_init_cpu(void);
