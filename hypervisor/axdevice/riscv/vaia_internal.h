/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The parts of the AIA model.
 *
 * Locking. The APLIC has one lock. Every IMSIC has one, taken inside the APLIC's, which guards its registers and where
 * they are: in memory, or in a guest interrupt file of a CPU. Whoever sends an MSI holds it, so that no MSI goes to a
 * file that its vCPU has left. All run with interrupts off.
 *
 * A file is taken, filled, read and given back on its own CPU only. Who changes which IMSIC has a file, or what is
 * mapped for its guest, holds the mutex vaia_moves: a vCPU's task before it enters the guest (vaia_prepare), for itself
 * and for a vCPU that sleeps, and whoever resets or destroys the VM.
 */
#include <axdevice/riscv/vaia.h>
#include <axstd/bitmap.h>
#include <axstd/spinlock.h>
#include <axtask/mutex.h>

#define APLIC_SIZE        0x8000
#define APLIC_MAX_SOURCES 1023
#define APLIC_WORDS       32 /* of 32 sources, as registers have them */
#define APLIC_MAX_HARTS   64

#define IMSIC_PAGE    0x1000
#define IMSIC_MAX_IDS 2047
#define IMSIC_WORDS   32 /* of 64 identities */

/* The registers of an interrupt file (AIA 1.0, chapter 3). */
struct imsic_regs {
	uint64_t pending[IMSIC_WORDS], enabled[IMSIC_WORDS];
	uint32_t delivery, threshold;
};

struct vimsic {
	struct spinlock lock;
	struct vaia *aia;
	struct vcpu *vcpu;
	unsigned index;
	uint64_t select; /* siselect where the hart has none */
	bool level;      /* external interrupt as last told to the vCPU */
	/*
	 * Where the registers are: file @file of CPU @cpu, 0: in @regs. Changes with the lock held; @cpu only while
	 * @file is 0.
	 */
	unsigned file, cpu;
	uint64_t since; /* when it got the file */
	bool mapped;    /* the guest writes to the file's page by itself */
	bool stale;     /* the vCPU was reset while its file was another CPU's: the contents are not to be kept */
	struct imsic_regs regs;
};

/* Interrupt delivery control of one hart (direct mode). */
struct vaplic_idc {
	uint32_t delivery, force, threshold;
	bool level; /* as last told to the vCPU */
};

struct vaplic {
	struct spinlock lock;
	bool enabled; /* domaincfg.IE */
	/* Bit n of word w: source 32 * w + n. */
	uint32_t input[APLIC_WORDS];    /* wires */
	uint32_t active[APLIC_WORDS];   /* source mode other than inactive */
	uint32_t wired[APLIC_WORDS];    /* ... and other than detached */
	uint32_t level[APLIC_WORDS];    /* level sensitive */
	uint32_t inverted[APLIC_WORDS]; /* falling edge, low level */
	uint32_t pending[APLIC_WORDS], enable[APLIC_WORDS];
	uint8_t mode[APLIC_WORDS * 32];
	uint32_t target[APLIC_WORDS * 32];
	struct vaplic_idc idc[APLIC_MAX_HARTS];
};

struct vaia {
	struct device dev;
	bool msi; /* there are IMSICs */
	unsigned num_harts;
	unsigned num_sources;
	unsigned num_ids;
	unsigned num_words; /* of the APLIC that have sources */
	uint32_t id_mask;   /* what the field for an identity holds */
	uint64_t imsic_base;
	struct aspace *aspace;
	struct bus *mmio;
	struct vaplic aplic;
	struct vimsic *imsics;
};

/* vaplic.c */
extern const struct bus_ops vaplic_ops;
void vaplic_reset(struct vaia *aia);
void vaplic_set_line(void *controller, unsigned source, bool level);

/* vimsic.c */
extern const struct bus_ops vimsic_ops;
extern const struct riscv_irqchip vaia_irqchip, vaia_irqchip_emulated, vaia_irqchip_direct;
/* An MSI: identity @id becomes pending. Any CPU, interrupts off. */
void vimsic_send(struct vimsic *imsic, uint32_t id);
/* Tell the vCPU whether its external interrupt is pending. Lock held, registers in memory. */
void vimsic_update(struct vimsic *imsic);

/* vaia_file.c: where the registers are */
void vaia_load(struct vcpu *vcpu);
void vaia_put(struct vcpu *vcpu);
void vaia_prepare(struct vcpu *vcpu);
bool vaia_pending(struct vcpu *vcpu);
/* The contents of the file are discarded, if there is one. Lock held, the vCPU is not loaded. */
void vaia_file_empty(struct vimsic *imsic);
/* The same; and: the file is given back, before the VM goes. No vCPU runs; task context, interrupts on. */
void vaia_file_reset(struct vimsic *imsic);
void vaia_file_leave(struct vimsic *imsic);

/* vaia_fdt.c */
int vaia_describe(struct device *dev, struct fdt_context *ctx);

/* vaia_host.c: the guest interrupt files of the host. Numbers are 1 .. files per CPU. */
extern struct mutex vaia_moves;
bool vaia_host_has_csrs(void); /* Ssaia */
unsigned vaia_host_files(void);
unsigned vaia_host_ids(void);
/* The page of a file, for the guest. */
paddr_t vaia_host_page(unsigned cpu, unsigned file);
/* Make @id pending in a file of any CPU. */
void vaia_host_send(unsigned cpu, unsigned file, uint32_t id);
/*
 * The rest is for files of the calling CPU, interrupts off.
 */
/* A free one, or 0. */
unsigned vaia_host_take(struct vimsic *imsic);
bool vaia_host_any_free(void);
struct vimsic *vaia_host_owner(unsigned file); /* NULL: free */
/* Its registers are empty already. */
void vaia_host_give(unsigned file);
/* Fill a file that was taken; what came late for the one that had it before is dropped. */
void vaia_host_write(unsigned file, const struct imsic_regs *regs, unsigned num_ids);
/* Read (@regs may be NULL), and empty it. */
void vaia_host_read(unsigned file, struct imsic_regs *regs, unsigned num_ids);
bool vaia_host_is_pending(unsigned file);
/* Have the vCPU woken when something is pending; it is not loaded. */
void vaia_host_watch(unsigned file, bool watch);
