/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Register values of the way in, for boot.S and C. Arm ARM (DDI 0487) D19.2.
 */

#define CURRENT_EL_EL2 (2 << 2)
#define CURRENT_EL_EL3 (3 << 2)

#define BOOT_STACK_SIZE 16384

/* MAIR: 0 normal write-back, 1 device nGnRE, 2 normal non-cacheable. */
#define MAIR_VALUE    0x4404ff
#define MAIR_NORMAL   0
#define MAIR_DEVICE   1
#define MAIR_UNCACHED 2

/* 48-bit addresses (T0SZ 16), 4 KiB granule, cacheable inner-shareable walks. PS is added at run time. */
#define TCR_WALK      0x3510
#define TCR_EL2_VALUE (0x80800000 | TCR_WALK) /* RES1 bits 31 and 23 */
#define TCR_EL1_VALUE (0x00800000 | TCR_WALK) /* EPD1: no TTBR1 */

/* SCTLR_EL2: RES1 bits; M 0, C 2, SA 3, I 12, WXN 19. The early map is writable and executable, so WXN comes later. */
#define SCTLR_EL2_OFF   0x30c50830
#define SCTLR_EL2_EARLY (SCTLR_EL2_OFF | 0x100d)
#define SCTLR_EL2_FINAL (SCTLR_EL2_EARLY | 0x80000)
#define SCTLR_EL1_EARLY 0x30d0180d

/* HCR_EL2: RW 31, AMO 5, IMO 4, FMO 3: EL1 is AArch64, physical interrupts and SErrors come to EL2. */
#define HCR_EL2_BOOT 0x80000038

/* struct secondary_boot in boot.h, by offset. */
#define SECONDARY_MAIR  0
#define SECONDARY_TTBR  16
#define SECONDARY_STACK 32
