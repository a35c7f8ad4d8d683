/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Fences on this hart that RV64IMAC assemblers do not know: those of the H extension, Privileged Architecture 18.3.2,
 * and Svinval, chapter 12.
 */
#include <stdint.h>

/* Translations of the VMID in hgatp by the guest's own tables: all; one address; of one ASID. */
static inline void hfence_vvma_all(void)
{
	__asm__ volatile(".insn r 0x73, 0, 0x11, x0, x0, x0" ::: "memory");
}

static inline void hfence_vvma_address(uint64_t gva)
{
	__asm__ volatile(".insn r 0x73, 0, 0x11, x0, %0, x0" ::"r"(gva) : "memory");
}

static inline void hfence_vvma_asid(uint64_t asid)
{
	__asm__ volatile(".insn r 0x73, 0, 0x11, x0, x0, %0" ::"r"(asid) : "memory");
}

static inline void hfence_vvma_asid_address(uint64_t gva, uint64_t asid)
{
	__asm__ volatile(".insn r 0x73, 0, 0x11, x0, %0, %1" ::"r"(gva), "r"(asid) : "memory");
}

/* G-stage translations: all; of one VMID; of one of its addresses (hinval: between sfence.w.inval and .inval.ir). */
static inline void hfence_gvma_all(void)
{
	__asm__ volatile(".insn r 0x73, 0, 0x31, x0, x0, x0" ::: "memory");
}

static inline void hfence_gvma_vmid(uint64_t vmid)
{
	__asm__ volatile(".insn r 0x73, 0, 0x31, x0, x0, %0" ::"r"(vmid) : "memory");
}

static inline void hfence_gvma_vmid_address(uint64_t gpa, uint64_t vmid)
{
	__asm__ volatile(".insn r 0x73, 0, 0x31, x0, %0, %1" ::"r"(gpa >> 2), "r"(vmid) : "memory");
}

static inline void hinval_gvma_vmid_address(uint64_t gpa, uint64_t vmid)
{
	__asm__ volatile(".insn r 0x73, 0, 0x33, x0, %0, %1" ::"r"(gpa >> 2), "r"(vmid) : "memory");
}

/* The hypervisor's own, of one address; between the same two. */
static inline void sinval_vma_address(uint64_t va)
{
	__asm__ volatile(".insn r 0x73, 0, 0x0b, x0, %0, x0" ::"r"(va) : "memory");
}

static inline void sfence_w_inval(void)
{
	__asm__ volatile(".insn i 0x73, 0, x0, x0, 0x180" ::: "memory");
}

static inline void sfence_inval_ir(void)
{
	__asm__ volatile(".insn i 0x73, 0, x0, x0, 0x181" ::: "memory");
}

static inline void fence_i(void)
{
	__asm__ volatile("fence.i" ::: "memory");
}
