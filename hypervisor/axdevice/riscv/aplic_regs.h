/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Registers of an APLIC interrupt domain and of an IMSIC interrupt file: RISC-V AIA 1.0, 4.5, 4.8.1, 3.5, 3.8.
 */
#define APLIC_DOMAINCFG   0x0000
#define APLIC_SOURCECFG   0x0000 /* + 4 * source */
#define APLIC_SETIP       0x1c00
#define APLIC_SETIPNUM    0x1cdc
#define APLIC_IN_CLRIP    0x1d00
#define APLIC_CLRIPNUM    0x1ddc
#define APLIC_SETIE       0x1e00
#define APLIC_SETIENUM    0x1edc
#define APLIC_CLRIE       0x1f00
#define APLIC_CLRIENUM    0x1fdc
#define APLIC_SETIPNUM_LE 0x2000
#define APLIC_SETIPNUM_BE 0x2004
#define APLIC_GENMSI      0x3000
#define APLIC_TARGET      0x3000 /* + 4 * source */
#define APLIC_IDC         0x4000 /* + 32 * hart */

#define DOMAINCFG_FIXED UINT32_C(0x80000000)
#define DOMAINCFG_IE    UINT32_C(0x100)
#define DOMAINCFG_DM    UINT32_C(4)

#define SOURCECFG_D  UINT32_C(0x400)
#define SOURCECFG_SM 7u
enum aplic_mode { SM_INACTIVE, SM_DETACHED, SM_EDGE1 = 4, SM_EDGE0, SM_LEVEL1, SM_LEVEL0 };

#define TARGET_HART(x)    ((x) >> 18)
#define TARGET_HART_SHIFT 18
#define TARGET_PRIORITY   UINT32_C(0xff)
#define TARGET_HART_MASK  UINT32_C(0xfffc0000)

#define IDC_IDELIVERY  0x00
#define IDC_IFORCE     0x04
#define IDC_ITHRESHOLD 0x08
#define IDC_TOPI       0x18
#define IDC_CLAIMI     0x1c
#define IDC_SIZE       0x20

#define TOPI_ID_SHIFT 16

/* Pages of IMSICs */
#define IMSIC_SETEIPNUM_LE 0
#define IMSIC_SETEIPNUM_BE 4

/* Numbers in siselect */
#define ISELECT_IPRIO       0x30
#define ISELECT_IPRIO_LAST  0x3f
#define ISELECT_EIDELIVERY  0x70
#define ISELECT_EITHRESHOLD 0x72
#define ISELECT_EIP         0x80
#define ISELECT_EIE         0xc0
#define ISELECT_LAST        0xff
