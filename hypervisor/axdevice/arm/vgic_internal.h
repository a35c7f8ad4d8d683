/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The parts of the vGIC model.
 *
 * Locking. Every vCPU has one lock. An interrupt has an owner, the vCPU in whose queue or list registers it may be,
 * and is guarded by the owner's lock: private interrupts belong to their vCPU for ever, SPIs move (vgic_irq_move,
 * with the locks of both vCPUs, lower number first). To lock an interrupt, lock its owner and look whether it still
 * is (vgic_irq_lock). Distributor registers have no lock: GICD_CTLR is one atomic word. All run with interrupts off.
 *
 * An interrupt that is active, or pending and allowed to be signalled, is either in a list register of its owner
 * (irq->lr) or in its owner's queue (irq->queued), never in both. Only the owner's physical CPU touches list
 * registers: others mark the list register dirty and ask the vCPU to look (VCPU_WORK_IRQ).
 */
#include "vgic_hw.h"
#include <stdatomic.h>
#include <axdevice/arm/vgic.h>
#include <axhal/cpu.h>
#include <axstd/spinlock.h>
#include <sys/queue.h>

#define SGIS           16
#define PRIVATE_IRQS   32
#define NO_LR          (-1)
/* Interrupts that can end between two looks: one per list register, and HCR.EOIcount without one. */
#define VGIC_MAX_MOVES (VGIC_MAX_LRS + 31)

/* Queue: one list per priority (five bits are implemented), the active ones first. */
#define PRIORITY_SHIFT 3
#define PRIORITY_MASK  0xf8
#define PRIORITIES     32
#define BUCKETS        (2 * PRIORITIES)
#define ACTIVE_BUCKETS (BIT(PRIORITIES) - 1)

/* What others ask the owner's CPU to do with an interrupt that is in a list register. */
enum vgic_command { CMD_CLEAR_PENDING = 1, CMD_CLEAR_ACTIVE = 2, CMD_SET_ACTIVE = 4 };

struct vgic_cpu;

struct vgic_irq {
	TAILQ_ENTRY(vgic_irq) link; /* of the owner's queue */
	_Atomic(struct vgic_cpu *) owner;
	struct vgic_cpu *target; /* where it is to be signalled; NULL: nowhere */
	uint64_t rearm;          /* linked, in a list register: what makes it pending there again; 0: not so simple */
	uint64_t route;          /* GICD_IROUTER<n>, or GICD_ITARGETSR's byte */
	uint16_t intid;
	uint16_t host_irq;  /* linked list register; 0: not linked */
	uint16_t forwarded; /* SPIs: host_irq as vgic_forward() set it */
	uint8_t priority;
	int8_t lr;
	uint8_t bucket;   /* while queued */
	uint8_t commands; /* enum vgic_command, while in a list register */
	uint8_t sources;  /* GICv2 SGIs: CPUs whose request is pending (latch says whether there is any) */
	uint8_t source;   /* GICv2 SGIs: whose request is in the list register or active */
	bool queued;
	bool first; /* when it is queued next, before others of its priority: it was in a list register */
	bool enabled, group1, edge;
	bool line;          /* input level */
	bool renewed;       /* linked interrupt: the host's came again while the previous one is in a list register */
	bool latch;         /* pending whatever the line is: an edge, a write to ISPENDR, an SGI */
	bool active;        /* in a list register: as last seen there */
	bool in_lr_pending; /* in a list register: as last seen there */
	bool in_lr_latched; /* the list register's pending state came from the latch */
};

TAILQ_HEAD(vgic_queue, vgic_irq);

struct vgic_cpu {
	struct spinlock lock;
	bool loaded;                    /* its state is in the virtual CPU interface of a CPU */
	bool awaited;                   /* counted in vgic->awaited */
	uint32_t hcr;                   /* as last written */
	uint32_t used, dirty, with_eoi; /* list registers */
	uint64_t buckets;               /* which lists of the queue are not empty */
	struct vgic_irq *lr_irq[VGIC_MAX_LRS];
	struct vcpu *vcpu;
	struct vgic *vgic;
	uint32_t index;
	uint32_t affinity; /* Aff3.Aff2.Aff1.Aff0 */
	uint32_t waker;    /* GICR_WAKER */
	struct vgic_cpuif cpuif;
	struct vgic_irq irqs[PRIVATE_IRQS];
	struct vgic_queue queue[BUCKETS];
};

/* vCPUs that share all affinity but the lower four bits of Aff0: what one ICC_SGI1R_EL1 write can name. */
struct vgic_cluster {
	uint32_t key; /* affinity >> 4 */
	uint16_t present;
	uint16_t cpu[16];
};

struct vgic {
	struct device dev;
	unsigned version, num_cpus, num_irqs; /* private ones included */
	uint64_t redist_base;
	uint32_t typer;
	_Atomic uint32_t ctlr;    /* bit 0: group 0 enabled, bit 1: group 1 enabled */
	_Atomic uint32_t awaited; /* vCPUs that still have to withdraw an interrupt: GICD_CTLR.RWP */
	struct vgic_irq *spis;
	struct vgic_cpu *cpus;
	struct vgic_cluster *clusters; /* sorted by key */
	unsigned num_clusters;
	struct bus *mmio;
	/* every deactivation apart from an end of interrupt (EOImode = 1) without list register is seen */
	bool dir_trapped;
};

/* SPIs that have to go to another vCPU once the lock is released. */
struct vgic_after {
	unsigned num_moves;
	struct vgic_irq *moves[VGIC_MAX_MOVES];
};

/* --- vgic_irq.c: one interrupt --- */

/* INTID @intid as vCPU @cpu sees it, NULL if there is none. */
static inline struct vgic_irq *vgic_irq(struct vgic *vgic, struct vgic_cpu *cpu, unsigned intid)
{
	if (intid < PRIVATE_IRQS)
		return &cpu->irqs[intid];
	return intid < vgic->num_irqs ? &vgic->spis[intid - PRIVATE_IRQS] : NULL;
}

static inline bool vgic_irq_is_sgi(const struct vgic_irq *irq)
{
	return irq->intid < SGIS;
}

static inline bool vgic_irq_pending(const struct vgic_irq *irq)
{
	return irq->latch || (!irq->edge && irq->line);
}

/* May it be signalled to @cpu, its owner? */
static inline bool vgic_irq_allowed(const struct vgic_cpu *cpu, const struct vgic_irq *irq)
{
	return irq->enabled && irq->target == cpu &&
	       (atomic_load_explicit(&cpu->vgic->ctlr, memory_order_relaxed) >> irq->group1 & 1);
}

void vgic_irq_init(struct vgic *vgic, struct vgic_cpu *owner, struct vgic_irq *irq, unsigned intid);
/* Power-on state; neither in a list register nor queued. */
void vgic_irq_reset(struct vgic *vgic, struct vgic_irq *irq);
struct vgic_cpu *vgic_irq_lock(struct vgic_irq *irq);
/*
 * Queue it or take it off the queue, as its state asks for. Not for one in a list register. Return: is it new in the
 * queue?
 */
bool vgic_irq_requeue(struct vgic_cpu *cpu, struct vgic_irq *irq);
/* Take a queued one off the queue. */
void vgic_irq_dequeue(struct vgic_cpu *cpu, struct vgic_irq *irq);
/*
 * Its state has changed: the same, or mark its list register, and tell the vCPU. @self: the vCPU on whose exit path
 * this runs, or NULL.
 */
void vgic_irq_update(struct vgic_cpu *self, struct vgic_cpu *cpu, struct vgic_irq *irq);
/* Give it to the vCPU that its route names. No lock held. */
void vgic_irq_move(struct vgic_cpu *self, struct vgic_irq *irq);
void vgic_irq_set_line(struct vgic_cpu *self, struct vgic_cpu *cpu, struct vgic_irq *irq, bool level);
/*
 * A linked private interrupt of @self that waits for the guest: its line may have fallen meanwhile, which nobody is
 * told. Lock held, on the vCPU's CPU.
 */
void vgic_irq_resample(struct vgic_cpu *self, struct vgic_irq *irq);
/* GICD_ISACTIVER, GICD_ICACTIVER, ICC_DIR_EL1, GICC_DIR */
void vgic_irq_set_active(struct vgic_cpu *self, struct vgic_cpu *cpu, struct vgic_irq *irq, bool active);
/* An active interrupt has been ended by the guest. The caller queues it again if need be. */
void vgic_irq_end(struct vgic_irq *irq);
/* Make the vCPU look at its interrupts before it enters the guest again. */
void vgic_kick(struct vgic_cpu *self, struct vgic_cpu *cpu);
/* The guest may wait (RWP) until @cpu has withdrawn what it must not see any more. */
void vgic_await(struct vgic_cpu *self, struct vgic_cpu *cpu);

/* --- vgic_lr.c: list registers; on their CPU, lock held --- */

/* Collect what the guest has ended, apply what has changed, fill from the queue, choose maintenance interrupts. */
void vgic_lrs_flush(struct vgic_cpu *cpu, struct vgic_after *after);
/* Bring what the model knows of the list registers up to date. */
void vgic_lrs_sync(struct vgic_cpu *cpu, struct vgic_after *after);
/* Take everything back and switch the virtual CPU interface off. */
void vgic_lrs_put(struct vgic_cpu *cpu, struct vgic_after *after);
/*
 * Take the interrupt out of its list register if the guest has ended it. It is not queued: the caller changes it and
 * goes on.
 */
void vgic_lr_collect(struct vgic_cpu *cpu, struct vgic_irq *irq);
/*
 * Put one that is neither queued nor in a list register into a free one. Return: false if it has to go through the
 * queue.
 */
bool vgic_lr_place(struct vgic_cpu *cpu, struct vgic_irq *irq);

/* --- vgic_cpu.c: the vCPU's side --- */

extern const struct arm_irqchip vgic_v2_irqchip, vgic_v3_irqchip;
/* The maintenance interrupt of this CPU: make its reason go away. */
void vgic_maintenance(void);
/* GICC_DIR, ICC_DIR_EL1 */
void vgic_deactivate(struct vgic_cpu *self, unsigned intid);
/* vgic_lrs_sync on @self's own CPU; no lock held. */
void vgic_sync(struct vgic_cpu *self);

/* --- vgic_route.c: vCPUs by affinity --- */

int vgic_route_init(struct vgic *vgic);
/* The vCPU with exactly this affinity, NULL if there is none. */
struct vgic_cpu *vgic_find_cpu(const struct vgic *vgic, uint32_t affinity);
const struct vgic_cluster *vgic_find_cluster(const struct vgic *vgic, uint32_t key);
/* GICD_IROUTER's value and the affinity in it, IHI 0069 12.9.22. */
uint32_t vgic_route_affinity(uint64_t route);
/* Recompute irq->target from irq->route. Owner's lock held. */
void vgic_irq_retarget(struct vgic *vgic, struct vgic_irq *irq);

/* --- vgic_sgi.c --- */

void vgic_write_sgi(struct vcpu *vcpu, uint64_t value, bool group1);
/* GICD_SGIR, IHI 0048 4.3.15 */
void vgic_write_sgir(struct vgic *vgic, struct vgic_cpu *self, uint32_t value);

/* --- vgic_dist.c, vgic_redist.c --- */

extern const struct bus_ops vgic_v2_dir_ops, vgic_v2_dist_ops, vgic_v3_dist_ops, vgic_redist_ops;
/* A byte of the identification registers, @offset from GICD_PIDR4; @redist: of a redistributor. */
uint32_t vgic_id_register(const struct vgic *vgic, uint64_t offset, bool redist);

/* --- vgic_fdt.c --- */

int vgic_describe(struct device *dev, struct fdt_context *ctx);
