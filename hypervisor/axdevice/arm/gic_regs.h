/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Registers of the GIC that a guest sees: distributor and redistributor, IHI 0069 12.8 - 12.11, IHI 0048 4.3.
 */
#include <axstd/util.h>

#define GICD_SIZE_V3 0x10000
#define GICD_SIZE_V2 0x1000
#define GICR_SHIFT   17 /* 128 KiB per vCPU: RD frame, SGI frame */
#define GICR_SGI     0x10000
#define GICC_SIZE    0x2000
#define GICD_IDS_V3  0xffd0
#define GICD_IDS_V2  0x0fd0

#define GICC_DIR       0x1000
#define GICC_DIR_INTID 0x3ffu

#define GICD_CTLR       0x0000
#define GICD_TYPER      0x0004
#define GICD_IIDR       0x0008
#define GICD_IGROUPR    0x0080
#define GICD_ISENABLER  0x0100
#define GICD_ICENABLER  0x0180
#define GICD_ISPENDR    0x0200
#define GICD_ICPENDR    0x0280
#define GICD_ISACTIVER  0x0300
#define GICD_ICACTIVER  0x0380
#define GICD_IPRIORITYR 0x0400
#define GICD_ITARGETSR  0x0800
#define GICD_ICFGR      0x0c00
#define GICD_SGIR       0x0f00
#define GICD_CPENDSGIR  0x0f10
#define GICD_SPENDSGIR  0x0f20
#define GICD_IROUTER    0x6000

#define GICD_CTLR_GROUPS 3u /* EnableGrp0, EnableGrp1 */
#define GICD_CTLR_ARE    BIT(4)
#define GICD_CTLR_DS     BIT(6)
#define GICD_CTLR_RWP    BIT(31)

#define GICD_TYPER_CPUS(n)    (((n)-1u) << 5)
#define GICD_TYPER_ID_BITS(n) (((n)-1u) << 19)
#define GICD_TYPER_A3V        BIT(24)
#define GICD_TYPER_NO1N       BIT(25)
#define GICD_TYPER_RSS        BIT(26)

#define GIC_IIDR 0x4100043bu /* product 0x41, implementer Arm */

#define GICR_CTLR       0x0000
#define GICR_IIDR       0x0004
#define GICR_TYPER      0x0008
#define GICR_WAKER      0x0014
#define GICR_CTLR_RWP   BIT(3)
#define GICR_TYPER_LAST BIT(4)
#define WAKER_SLEEP     BIT(1) /* ProcessorSleep */
#define WAKER_ASLEEP    BIT(2) /* ChildrenAsleep */
