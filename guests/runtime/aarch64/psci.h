/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* PSCI 1.1 (DEN 0022) and SMCCC (DEN 0028). */
#include <stdbool.h>
#include <stdint.h>

#define PSCI_VERSION             0x84000000u
#define PSCI_CPU_SUSPEND         0xc4000001u
#define PSCI_CPU_SUSPEND32       0x84000001u
#define PSCI_CPU_OFF             0x84000002u
#define PSCI_CPU_ON              0xc4000003u
#define PSCI_CPU_ON32            0x84000003u
#define PSCI_AFFINITY_INFO       0xc4000004u
#define PSCI_AFFINITY_INFO32     0x84000004u
#define PSCI_MIGRATE             0xc4000005u
#define PSCI_MIGRATE32           0x84000005u
#define PSCI_MIGRATE_INFO_TYPE   0x84000006u
#define PSCI_MIGRATE_UP_CPU      0xc4000007u
#define PSCI_SYSTEM_OFF          0x84000008u
#define PSCI_SYSTEM_RESET        0x84000009u
#define PSCI_FEATURES            0x8400000au
#define PSCI_CPU_FREEZE          0x8400000bu
#define PSCI_CPU_DEFAULT_SUSPEND 0xc400000cu
#define PSCI_NODE_HW_STATE       0xc400000du
#define PSCI_SYSTEM_SUSPEND      0xc400000eu
#define PSCI_SET_SUSPEND_MODE    0x8400000fu
#define PSCI_STAT_RESIDENCY      0xc4000010u
#define PSCI_STAT_COUNT          0xc4000011u
#define PSCI_SYSTEM_RESET2       0xc4000012u
#define SMCCC_VERSION            0x80000000u
#define SMCCC_ARCH_FEATURES      0x80000001u
#define SMCCC_ARCH_SOC_ID        0x80000002u
#define SMCCC_ARCH_WORKAROUND_1  0x80008000u

#define PSCI_SUCCESS            0
#define PSCI_NOT_SUPPORTED      (-1)
#define PSCI_INVALID_PARAMETERS (-2)
#define PSCI_DENIED             (-3)
#define PSCI_ALREADY_ON         (-4)
#define PSCI_ON_PENDING         (-5)
#define PSCI_INTERNAL_FAILURE   (-6)
#define PSCI_NOT_PRESENT        (-7)
#define PSCI_INVALID_ADDRESS    (-9)

#define PSCI_AFFINITY_ON  0
#define PSCI_AFFINITY_OFF 1

/** psci_uses_smc - is that the conduit that the device tree names? */
bool psci_uses_smc(void);
/** psci_call - through that conduit */
int64_t psci_call(uint32_t function, uint64_t a, uint64_t b, uint64_t c);
/** smccc_raw - x0-x17 go out and come back */
void smccc_raw(uint64_t x[18], bool smc);
