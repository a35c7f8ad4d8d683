/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* RISC-V Supervisor Binary Interface Specification 2.0. */
#include <stdbool.h>
#include <stdint.h>

#define SBI_BASE   0x10
#define SBI_TIME   0x54494d45
#define SBI_IPI    0x735049
#define SBI_RFENCE 0x52464e43
#define SBI_HSM    0x48534d
#define SBI_SRST   0x53525354
#define SBI_PMU    0x504d55
#define SBI_DBCN   0x4442434e
#define SBI_SUSP   0x53555350

/* Legacy extensions: the function is the extension, a0 the result. */
enum {
	SBI_LEGACY_SET_TIMER,
	SBI_LEGACY_PUTCHAR,
	SBI_LEGACY_GETCHAR,
	SBI_LEGACY_CLEAR_IPI,
	SBI_LEGACY_SEND_IPI,
	SBI_LEGACY_FENCE_I,
	SBI_LEGACY_SFENCE,
	SBI_LEGACY_SFENCE_ASID,
	SBI_LEGACY_SHUTDOWN
};

enum { BASE_SPEC_VERSION, BASE_IMPL_ID, BASE_IMPL_VERSION, BASE_PROBE, BASE_MVENDORID, BASE_MARCHID, BASE_MIMPID };
enum { HSM_START, HSM_STOP, HSM_STATUS, HSM_SUSPEND };
enum {
	HSM_STARTED,
	HSM_STOPPED,
	HSM_START_PENDING,
	HSM_STOP_PENDING,
	HSM_SUSPENDED,
	HSM_SUSPEND_PENDING,
	HSM_RESUMING
};
enum { RFENCE_I, RFENCE_SFENCE, RFENCE_SFENCE_ASID, RFENCE_GVMA_VMID, RFENCE_GVMA, RFENCE_VVMA_ASID, RFENCE_VVMA };
enum { DBCN_WRITE, DBCN_READ, DBCN_WRITE_BYTE };
#define SUSPEND_RETENTIVE     0u
#define SUSPEND_NON_RETENTIVE 0x80000000u

#define SBI_SUCCESS           0
#define SBI_FAILED            (-1)
#define SBI_NOT_SUPPORTED     (-2)
#define SBI_INVALID_PARAM     (-3)
#define SBI_DENIED            (-4)
#define SBI_INVALID_ADDRESS   (-5)
#define SBI_ALREADY_AVAILABLE (-6)
#define SBI_ALREADY_STARTED   (-7)
#define SBI_ALREADY_STOPPED   (-8)

struct sbi_ret {
	int64_t error;
	uint64_t value;
};

struct sbi_ret sbi_call(uint64_t ext, uint64_t fid, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4);
#define sbi_call0(ext, fid)             sbi_call(ext, fid, 0, 0, 0, 0, 0)
#define sbi_call1(ext, fid, a)          sbi_call(ext, fid, a, 0, 0, 0, 0)
#define sbi_call2(ext, fid, a, b)       sbi_call(ext, fid, a, b, 0, 0, 0)
#define sbi_call3(ext, fid, a, b, c)    sbi_call(ext, fid, a, b, c, 0, 0)
#define sbi_call4(ext, fid, a, b, c, d) sbi_call(ext, fid, a, b, c, d, 0)
/** sbi_legacy - EIDs 0 to 8. Return: a0 */
int64_t sbi_legacy(unsigned ext, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3);
/** sbi_raw - a0-a7 go out and come back */
void sbi_raw(uint64_t a[8]);
bool sbi_probe(uint64_t ext);
