/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A machine for the AIA model: vCPUs that can be loaded, and CPUs that may have guest interrupt files.
 */
#include "../../hypervisor/axdevice/riscv/aplic_regs.h"
#include "../../hypervisor/axdevice/riscv/vaia_internal.h"

#define FAKE_CPUS    4
#define FAKE_FILES   2 /* per CPU, at most */
#define FAKE_SOURCES 96
#define FAKE_IDS     255
#define FAKE_APLIC   0x0d000000
#define FAKE_IMSIC   0x28000000

struct fake_machine {
	struct vaia *aia;
	struct bus bus;
	struct vcpu vcpu[FAKE_CPUS];
	const struct riscv_irqchip *chip;
	int cpu[FAKE_CPUS];        /* where each vCPU is loaded, -1: nowhere */
	unsigned vgein[FAKE_CPUS]; /* of each vCPU */
	bool level[FAKE_CPUS];     /* as the model told it */
	unsigned told[FAKE_CPUS];  /* how often */
	bool prepare[FAKE_CPUS];
	unsigned requests[FAKE_CPUS];
	bool ssaia;
	unsigned files; /* per CPU */
	struct imsic_regs file[FAKE_CPUS][FAKE_FILES + 1];
	struct vimsic *owner[FAKE_CPUS][FAKE_FILES + 1];
	uint64_t watched[FAKE_CPUS];
	int fail_unmap; /* that many calls of aspace_unmap() fail */
	bool fail_map, may_stay_mapped;
	/* What is mapped at the page of each IMSIC: 0: nothing, else file + 1 and CPU. */
	unsigned mapped_file[FAKE_CPUS], mapped_cpu[FAKE_CPUS];
};

extern struct fake_machine fake;

/* @msi: with IMSICs, in @files guest interrupt files per CPU (0: software). Nobody loaded. */
void fake_create(unsigned vcpus, bool msi, unsigned files);
void fake_destroy(void);
/* vCPU n is loaded on CPU n from now on, and so on. The vCPU is about to enter the guest afterwards. */
void fake_load(unsigned vcpu, unsigned cpu);
void fake_put(unsigned vcpu);

uint64_t fake_read(unsigned vcpu, uint64_t addr, unsigned width);
void fake_write(unsigned vcpu, uint64_t addr, unsigned width, uint64_t value);
/* 32 bits of the APLIC. */
uint32_t fake_r(unsigned reg);
void fake_w(unsigned reg, uint32_t value);
void fake_line(unsigned source, bool level);

/* CSRs as the guest sees them: siselect and sireg, stopei. Return false: an exception. */
bool fake_csr(unsigned vcpu, unsigned csr, bool write, uint64_t mask, uint64_t *value);
uint64_t fake_ireg(unsigned vcpu, unsigned select);
void fake_set_ireg(unsigned vcpu, unsigned select, uint64_t value);
unsigned fake_claim(unsigned vcpu);
/* A vCPU (or a device of the guest) writes @id to the page of an IMSIC. */
void fake_msi(unsigned vcpu, uint32_t id);
/* Is the external interrupt of a loaded vCPU pending in the end? */
bool fake_pending(unsigned vcpu);
