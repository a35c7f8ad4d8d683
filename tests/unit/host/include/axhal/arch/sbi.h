/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Host tests: the firmware's calls are what the test defines.
 */
#include "../../../../../../foundation/axhal/riscv64/include/axhal/arch/sbi_defs.h"
#include <axhal/cpu.h>
#include <stdbool.h>
#include <stdint.h>

struct sbi_ret {
	int64_t error;
	uint64_t value;
};

struct sbi_ret sbi_call(uint64_t ext, uint64_t fid, uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3,
			uint64_t arg4);
bool sbi_has(uint64_t ext);
int sbi_remote_fence(cpumask_t cpus, unsigned fid, uint64_t start, uint64_t size, uint64_t tag);
void sbi_send_ipi(cpumask_t cpus);
