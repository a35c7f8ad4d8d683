/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Control and status registers: numbers and fields. Privileged Architecture, Supervisor ISA and Hypervisor Extension;
 * Sstc; Advanced Interrupt Architecture.
 */
#include <axstd/util.h>

/* Supervisor */
#define CSR_SSTATUS    0x100
#define CSR_SIE        0x104
#define CSR_STVEC      0x105
#define CSR_SCOUNTEREN 0x106
#define CSR_SENVCFG    0x10a
#define CSR_SSTATEEN0  0x10c
#define CSR_SSCRATCH   0x140
#define CSR_SEPC       0x141
#define CSR_SCAUSE     0x142
#define CSR_STVAL      0x143
#define CSR_SIP        0x144
#define CSR_STIMECMP   0x14d
#define CSR_SISELECT   0x150
#define CSR_SIREG      0x151
#define CSR_STOPEI     0x15c
#define CSR_STOPI      0xdb0
#define CSR_SATP       0x180

/* Hypervisor */
#define CSR_HSTATUS    0x600
#define CSR_HEDELEG    0x602
#define CSR_HIDELEG    0x603
#define CSR_HIE        0x604
#define CSR_HTIMEDELTA 0x605
#define CSR_HCOUNTEREN 0x606
#define CSR_HGEIE      0x607
#define CSR_HVIEN      0x608
#define CSR_HVICTL     0x609
#define CSR_HENVCFG    0x60a
#define CSR_HSTATEEN0  0x60c
#define CSR_HTVAL      0x643
#define CSR_HIP        0x644
#define CSR_HVIP       0x645
#define CSR_HTINST     0x64a
#define CSR_HGATP      0x680
#define CSR_HGEIP      0xe12

/* Virtual supervisor */
#define CSR_VSSTATUS  0x200
#define CSR_VSIE      0x204
#define CSR_VSTVEC    0x205
#define CSR_VSSCRATCH 0x240
#define CSR_VSEPC     0x241
#define CSR_VSCAUSE   0x242
#define CSR_VSTVAL    0x243
#define CSR_VSIP      0x244
#define CSR_VSTIMECMP 0x24d
#define CSR_VSISELECT 0x250
#define CSR_VSIREG    0x251
#define CSR_VSTOPEI   0x25c
#define CSR_VSTOPI    0xeb0
#define CSR_VSATP     0x280

/* Unprivileged */
#define CSR_FCSR    0x003
#define CSR_VSTART  0x008
#define CSR_VCSR    0x00f
#define CSR_CYCLE   0xc00
#define CSR_TIME    0xc01
#define CSR_INSTRET 0xc02
#define CSR_VL      0xc20
#define CSR_VTYPE   0xc21
#define CSR_VLENB   0xc22

/* sstatus, vsstatus */
#define SSTATUS_SIE      BIT(1)
#define SSTATUS_SPIE     BIT(5)
#define SSTATUS_UBE      BIT(6)
#define SSTATUS_SPP      BIT(8)
#define SSTATUS_VS       GENMASK(10, 9)
#define SSTATUS_VS_INIT  (UINT64_C(1) << 9)
#define SSTATUS_VS_CLEAN (UINT64_C(2) << 9)
#define SSTATUS_VS_DIRTY (UINT64_C(3) << 9)
#define SSTATUS_FS       GENMASK(14, 13)
#define SSTATUS_FS_INIT  (UINT64_C(1) << 13)
#define SSTATUS_FS_CLEAN (UINT64_C(2) << 13)
#define SSTATUS_FS_DIRTY (UINT64_C(3) << 13)
#define SSTATUS_SUM      BIT(18)
#define SSTATUS_MXR      BIT(19)
#define SSTATUS_UXL_64   (UINT64_C(2) << 32)

/* hstatus */
#define HSTATUS_GVA     BIT(6)
#define HSTATUS_SPV     BIT(7)
#define HSTATUS_SPVP    BIT(8)
#define HSTATUS_HU      BIT(9)
#define HSTATUS_VGEIN   GENMASK(17, 12)
#define HSTATUS_VTVM    BIT(20)
#define HSTATUS_VTW     BIT(21)
#define HSTATUS_VTSR    BIT(22)
#define HSTATUS_VSXL_64 (UINT64_C(2) << 32)

/* henvcfg */
#define HENVCFG_FIOM       BIT(0)
#define HENVCFG_CBIE_FLUSH (UINT64_C(1) << 4)
#define HENVCFG_CBIE_INVAL (UINT64_C(3) << 4)
#define HENVCFG_CBCFE      BIT(6)
#define HENVCFG_CBZE       BIT(7)
#define HENVCFG_PBMTE      BIT(62)
#define HENVCFG_STCE       BIT(63)

/* hvictl */
#define HVICTL_IID(cause) ((uint64_t)(cause) << 16)

/* Interrupt causes: bits of sie, sip, hie, hip, hvip, hideleg. */
#define INT_SSI  1
#define INT_VSSI 2
#define INT_STI  5
#define INT_VSTI 6
#define INT_SEI  9
#define INT_VSEI 10
#define INT_SGEI 12

#define SCAUSE_INTERRUPT BIT(63)

/* Exception causes. */
enum riscv_exception {
	EXC_INSN_MISALIGNED = 0,
	EXC_INSN_ACCESS = 1,
	EXC_ILLEGAL_INSN = 2,
	EXC_BREAKPOINT = 3,
	EXC_LOAD_MISALIGNED = 4,
	EXC_LOAD_ACCESS = 5,
	EXC_STORE_MISALIGNED = 6,
	EXC_STORE_ACCESS = 7,
	EXC_ECALL_U = 8,
	EXC_ECALL_S = 9,
	EXC_ECALL_VS = 10,
	EXC_INSN_PAGE_FAULT = 12,
	EXC_LOAD_PAGE_FAULT = 13,
	EXC_STORE_PAGE_FAULT = 15,
	EXC_SOFTWARE_CHECK = 18,
	EXC_HARDWARE_ERROR = 19,
	EXC_GUEST_INSN_PAGE_FAULT = 20,
	EXC_GUEST_LOAD_PAGE_FAULT = 21,
	EXC_VIRTUAL_INSN = 22,
	EXC_GUEST_STORE_PAGE_FAULT = 23,
};

/* satp, hgatp */
#define SATP_MODE(x)    ((uint64_t)(x) << 60)
#define SATP_MODE_BARE  0
#define SATP_MODE_SV39  8
#define SATP_MODE_SV48  9
#define SATP_MODE_SV57  10
#define HGATP_VMID(x)   ((uint64_t)(x) << 44)
#define HGATP_VMID_BITS 14
