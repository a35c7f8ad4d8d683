/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the riscv64 files of axhal know of each other.
 */
#include "../hal.h"
#include "fdt_riscv.h"
#include <axhal/arch/isa.h>
#include <axhal/arch/sbi.h>
#include <axhal/arch/trap.h>

/* What a secondary hart reads with its MMU off. Offsets are known to boot.S. */
struct secondary_boot {
	uint64_t satp, stack, percpu_offset;
	uint64_t hart; /* its id */
};

extern char secondary_entry[];
/* boot.S: what the hart that is being started shall have */
extern struct secondary_boot *_Atomic secondary_pending;

/* main.c; riscv_platform() and riscv_info(), too */
_Noreturn void boot_main(uint64_t hart, paddr_t fdt);
_Noreturn void boot_secondary(void);

/** riscv_drop - the harts do not have the extension after all, and guests neither (at boot) */
void riscv_drop(enum riscv_ext ext);

/* sbi.c */
/** sbi_init - ask the firmware what it offers: before the console, which may be one of it */
void sbi_init(void);
/** sbi_check - name the firmware; panics when it is too old (the console and the clock run) */
void sbi_check(void);

/* hart.c */
/** harts_other - CPUs whose TLBs and caches matter, but for the calling one. Interrupts off. */
cpumask_t harts_other(void);

/* cache.c */
/** cache_init - find out which cache-block operations can be used (riscv_info() is known) */
void cache_init(void);

/* timer.c */
/** deadline_timer_init - choose between stimecmp and the firmware (riscv_info() is known) */
void deadline_timer_init(void);

/* mmu.c */
/**
 * mmu_init - find out which modes satp takes, and choose one that covers what was @found; RAM beyond is left out
 * Return: levels of the largest mode.
 */
unsigned mmu_init(struct fdt_platform *found);

/* hext.c */
/** hext_init_cpu - this hart's hypervisor CSRs: no guest, nothing delegated. Only where there is the H extension. */
void hext_init_cpu(void);
