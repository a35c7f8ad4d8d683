/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Calls of the firmware beneath us.
 */
#include <axhal/arch/sbi_defs.h>
#include <axhal/cpu.h>
#include <stdbool.h>
#include <stdint.h>

struct sbi_ret {
	int64_t error;
	uint64_t value;
};

/** sbi_call - one call. Any context. */
static inline struct sbi_ret sbi_call(uint64_t ext, uint64_t fid, uint64_t arg0, uint64_t arg1, uint64_t arg2,
				      uint64_t arg3, uint64_t arg4)
{
	register uint64_t a0 __asm__("a0") = arg0;
	register uint64_t a1 __asm__("a1") = arg1;
	register uint64_t a2 __asm__("a2") = arg2;
	register uint64_t a3 __asm__("a3") = arg3;
	register uint64_t a4 __asm__("a4") = arg4;
	register uint64_t a6 __asm__("a6") = fid;
	register uint64_t a7 __asm__("a7") = ext;

	__asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7) : "memory");
	return (struct sbi_ret){ (int64_t)a0, a1 };
}

/** sbi_has - does the firmware have this extension? Asked once at boot for those listed above. */
bool sbi_has(uint64_t ext);

/**
 * sbi_remote_fence - a remote fence on CPUs (not hart ids) of @cpus, one call per 64 hart ids; waits until it is done
 * @fid: SBI_RFENCE_*; @start and @size: bytes, 0 and UINT64_MAX: everything; @tag: ASID or VMID where @fid has one
 * Any context. Return: 0 or an SBI error (some CPU may not have done it).
 */
int sbi_remote_fence(cpumask_t cpus, unsigned fid, uint64_t start, uint64_t size, uint64_t tag);
/** sbi_send_ipi - supervisor software interrupts for CPUs of @cpus. Any context. */
void sbi_send_ipi(cpumask_t cpus);
