/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A machine for the vGIC model: CPUs whose virtual CPU interfaces behave as the architecture says, vCPUs that can be
 * loaded, and the instructions with which a guest takes and ends interrupts.
 */
#include <axdevice/arm/vgic.h>
#include <axdevice/bus.h>
#include "../../hypervisor/axdevice/arm/vgic_internal.h"

#define FAKE_CPUS     4
#define FAKE_NONE     1023
#define FAKE_GICD     0x08000000
#define FAKE_GICR     0x080a0000
#define FAKE_TIMER    27 /* host and guest number */
#define FAKE_SPIS     64
#define FAKE_RD(cpu)  (FAKE_GICR + (uint64_t)(cpu)*0x20000)
#define FAKE_SGI(cpu) (FAKE_RD(cpu) + 0x10000)

struct fake_lr {
	unsigned intid, host_irq, priority, state, source;
	bool group1, eoi;
};

/* What a CPU's virtual CPU interface holds. */
struct fake_cpuif {
	struct fake_lr lr[VGIC_MAX_LRS];
	uint32_t hcr;
	struct vgic_cpuif regs;
};

struct fake_machine {
	struct vgic *vgic;
	struct bus bus;
	struct vcpu vcpu[FAKE_CPUS];
	const struct arm_irqchip *chip;
	int cpu[FAKE_CPUS]; /* where each vCPU is loaded, -1: nowhere */
	struct fake_cpuif cpuif[FAKE_CPUS];
	bool host_active[1024], host_line[1024];
	unsigned maintenance; /* interrupts taken */
	unsigned requests;    /* of vCPUs by others (vcpu_request) */
	uint64_t affinity[FAKE_CPUS];
};

extern struct fake_machine fake;

/*
 * A GIC of @version with @vcpus vCPUs (affinities 0, 1, ...) on CPUs with @lrs list registers; nothing enabled,
 * nobody loaded.
 */
void fake_create(unsigned version, unsigned vcpus, unsigned lrs);
void fake_destroy(void);
/* List registers cannot be linked to the host's interrupts any more. */
void fake_unlink(void);
/*
 * Distributor, CPU interfaces and redistributors switched on as an operating system does it; everybody loaded, vCPU n
 * on CPU n.
 */
void fake_start(void);
void fake_load(unsigned vcpu, unsigned cpu);
void fake_put(unsigned vcpu);

uint64_t fake_read(unsigned vcpu, uint64_t addr, unsigned width);
void fake_write(unsigned vcpu, uint64_t addr, unsigned width, uint64_t value);
/* The usual 32 bits. */
uint32_t fake_r(unsigned vcpu, uint64_t addr);
void fake_w(unsigned vcpu, uint64_t addr, uint32_t value);

/* What happens before the guest runs on: work and maintenance interrupts. Fails the program if these never end. */
void fake_enter(unsigned vcpu);
/* The guest acknowledges, with the vCPU entered before. Return: INTID, FAKE_NONE. */
unsigned fake_ack(unsigned vcpu);
/* The guest ends it: priority drop, and deactivation unless ICC_CTLR.EOImode = 1. */
void fake_eoi(unsigned vcpu, unsigned intid);
/* Deactivation alone (EOImode = 1). */
void fake_dir(unsigned vcpu, unsigned intid);
/* Acknowledge and end; returns the INTID. */
unsigned fake_take(unsigned vcpu);
/* The source CPU of the interrupt acknowledged last (GICv2 SGIs). */
extern unsigned fake_source;
/* In how many list registers of all CPUs is @intid (of @vcpu if private)? */
unsigned fake_count_lrs(unsigned vcpu, unsigned intid);

void fake_line(unsigned intid, bool level);
void fake_private(unsigned vcpu, unsigned intid, bool level, unsigned host_irq);
void fake_sgi(unsigned vcpu, uint64_t value);
bool fake_pending(unsigned vcpu);
