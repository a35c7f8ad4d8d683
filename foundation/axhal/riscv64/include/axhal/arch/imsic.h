/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the host's interrupt controllers offer to guests: Advanced Interrupt Architecture 1.0, chapter 3 (IMSIC) and 6.
 */
#include <axstd/util.h>
#include <stdint.h>

enum riscv_intc { RISCV_INTC_NONE, RISCV_INTC_PLIC, RISCV_INTC_APLIC, RISCV_INTC_IMSIC };

struct imsic_info {
	unsigned num_ids;     /* of the supervisor file: identities 1 .. num_ids; 0: there is no IMSIC */
	unsigned guest_ids;   /* of a guest file */
	unsigned guest_files; /* per hart, the least over all harts (GEILEN), 0: none */
};

const struct imsic_info *imsic_info(void);
/** imsic_guest_page - physical address of guest interrupt file @file (1 .. guest_files) of a CPU */
paddr_t imsic_guest_page(unsigned cpu, unsigned file);
/** riscv_host_intc - what this machine has: the default for its guests */
enum riscv_intc riscv_host_intc(void);
