/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ESR_ELx, Arm ARM D17.2.37, and SPSR_ELx.
 */
#include <axstd/util.h>

#define ESR_EC(esr) FIELD(esr, 31, 26)
#define ESR_IL      BIT(25)

#define ESR_EC_UNKNOWN    0x00
#define ESR_EC_WFX        0x01
#define ESR_EC_HVC64      0x16
#define ESR_EC_SMC64      0x17
#define ESR_EC_SYS64      0x18
#define ESR_EC_IABT_LOWER 0x20
#define ESR_EC_IABT_SAME  0x21
#define ESR_EC_DABT_LOWER 0x24
#define ESR_EC_DABT_SAME  0x25

#define ESR_WFX_TI(esr) FIELD(esr, 1, 0)
#define ESR_WFX_WFI     0

/* Data aborts. */
#define ESR_DABT_ISV      BIT(24) /* bits 23 .. 14 describe the instruction */
#define ESR_DABT_SAS(esr) FIELD(esr, 23, 22)
#define ESR_DABT_SAS_MASK GENMASK(23, 22)
#define ESR_DABT_SAS_WORD BIT(23)
#define ESR_DABT_SSE      BIT(21)
#define ESR_DABT_SRT(esr) FIELD(esr, 20, 16)
#define ESR_DABT_SF       BIT(15)
#define ESR_DABT_CM       BIT(8)
#define ESR_DABT_WNR      BIT(6)
/* Data and instruction aborts. */
#define ESR_ABT_FNV       BIT(10)
#define ESR_ABT_S1PTW     BIT(7)
#define ESR_ABT_FSC(esr)  FIELD(esr, 5, 0)

#define FSC_TYPE_MASK   0x3c
#define FSC_TYPE(fsc)   ((fsc)&FSC_TYPE_MASK)
#define FSC_TRANSLATION 0x04
#define FSC_ACCESS_FLAG 0x08
#define FSC_PERMISSION  0x0c
#define FSC_EXTERNAL    0x10 /* synchronous external abort, not on a table walk */

/* System register traps: the register's encoding as one number, op0 op1 CRn CRm op2. */
#define SYSREG(op0, op1, crn, crm, op2) ((op0) << 16 | (op1) << 12 | (crn) << 8 | (crm) << 4 | (op2))
#define ESR_SYS_REG(esr)                                                                                 \
	SYSREG((uint32_t)FIELD(esr, 21, 20), (uint32_t)FIELD(esr, 16, 14), (uint32_t)FIELD(esr, 13, 10), \
	       (uint32_t)FIELD(esr, 4, 1), (uint32_t)FIELD(esr, 19, 17))
#define ESR_SYS_RT(esr) FIELD(esr, 9, 5)
#define ESR_SYS_READ    BIT(0)

#define SPSR_MODE(spsr) ((spsr)&0x1f)
#define SPSR_AARCH32    BIT(4)
#define SPSR_EL0T       0x0
#define SPSR_EL1T       0x4
#define SPSR_EL1H       0x5
#define SPSR_DAIF       0x3c0
#define SPSR_IL         BIT(20)
#define SPSR_SS         BIT(21)
#define SPSR_PAN        BIT(22)
#define SPSR_SSBS       BIT(12)
