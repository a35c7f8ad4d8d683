/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What switch.S knows of a vCPU.
 */
#define RISCV_REGS_PC      256
#define RISCV_REGS_SSTATUS 264
#define RISCV_REGS_HSTATUS 272
#define RISCV_REGS_HOST_SP 280
#define RISCV_REGS_HOST_TP 288

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct riscv_regs {
	uint64_t x[32]; /* x[0] stays 0 */
	uint64_t pc;
	uint64_t sstatus; /* the hypervisor's: SPP is the guest's privilege, FS and VS what it may use */
	uint64_t hstatus;
	uint64_t host_sp, host_tp; /* while the guest runs */
};

_Static_assert(offsetof(struct riscv_regs, pc) == RISCV_REGS_PC, "switch.S");
_Static_assert(offsetof(struct riscv_regs, sstatus) == RISCV_REGS_SSTATUS, "switch.S");
_Static_assert(offsetof(struct riscv_regs, hstatus) == RISCV_REGS_HSTATUS, "switch.S");
_Static_assert(offsetof(struct riscv_regs, host_sp) == RISCV_REGS_HOST_SP, "switch.S");
_Static_assert(offsetof(struct riscv_regs, host_tp) == RISCV_REGS_HOST_TP, "switch.S");
#endif
