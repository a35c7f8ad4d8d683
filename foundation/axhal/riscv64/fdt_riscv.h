/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The RISC-V part of the device tree: harts and what they can do, interrupt controllers. Pure, like platform_fdt.h.
 * Bindings from Linux' Documentation/devicetree: riscv/{cpus,extensions}, interrupt-controller/{sifive,plic-1.0.0,
 * riscv,aplic, riscv,imsics}.
 */
#include "../platform_fdt.h"
#include <axhal/arch/isa.h>

#define IMSIC_MAX_REGIONS 8
#define HART_NONE         UINT32_MAX /* the controller does not reach the hart's S mode */

/* A hart that may be used, and by which number each controller knows it. */
struct fdt_hart {
	uint64_t hwid;
	uint32_t intc;    /* phandle of its riscv,cpu-intc; 0: none */
	uint32_t context; /* PLIC */
	uint32_t idc;     /* APLIC, direct mode: interrupt delivery control structure */
	uint32_t imsic;   /* interrupt file, counted over all regions */
};

struct fdt_plic {
	struct fdt_range reg; /* size 0: there is none */
	unsigned num_sources; /* 1 .. num_sources */
};

/* The supervisor-level domain. */
struct fdt_aplic {
	struct fdt_range reg; /* size 0: there is none */
	unsigned num_sources;
	bool msi; /* it sends to the supervisor-level IMSIC */
};

/* The supervisor-level files. */
struct fdt_imsic {
	unsigned num_regions; /* 0: there is none */
	struct fdt_range region[IMSIC_MAX_REGIONS];
	unsigned num_ids, num_guest_ids;
	/* Fields of a file's address, AIA 1.0, 3.6. */
	unsigned guest_index_bits, hart_index_bits, group_index_bits, group_index_shift;
};

struct fdt_riscv {
	struct riscv_info info; /* satp_levels: not from the tree */
	unsigned num_harts;
	struct fdt_hart harts[CPU_MAX];
	struct fdt_plic plic;
	struct fdt_aplic aplic;
	struct fdt_imsic imsic;
	char no_intc[FDT_NOTE_SIZE]; /* why neither PLIC nor APLIC is there; empty: one is */
};

/** platform_fdt_parse_riscv - platform_fdt_parse() with what only RISC-V has */
int platform_fdt_parse_riscv(const void *fdt, size_t max_size, struct fdt_platform *out, struct fdt_riscv *riscv);

/** riscv_platform - what the device tree said; constant once kernel_main() runs */
const struct fdt_riscv *riscv_platform(void);
