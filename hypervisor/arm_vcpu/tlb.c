/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage-2 translation regime: VMIDs, VTTBR_EL2 and VTCR_EL2, invalidation (Arm ARM D8.13).
 *
 * The VMID of an address space is its tag. VTTBR_EL2 stays loaded while the hypervisor runs.
 */
#include <axhal/cpu.h>
#include <axhal/irq.h>
#include <axhal/mem.h>
#include <axstd/log.h>
#include <axvcpu/impl.h>
#include "arm_vcpu.h"
#include "s2_format.h"

void arm_tlb_init(void)
{
	vcpu_tags_init(VCPU_MAX_TAGS); /* all that Armv8.0 has */
	log_info("guests: %u-bit physical addresses, %u VMIDs", vcpu_max_gpa_bits(), VCPU_MAX_TAGS - 1);
}

uint64_t arm_tlb_vttbr(const struct aspace *as)
{
	return as->table.root | atomic_load_explicit(&as->tag, memory_order_relaxed) << 48;
}

/*
 * Two vCPUs of one VM share the VMID. What one of them left in this CPU's TLB for an ASID, or with its MMU off, is
 * not what the other may use: its address spaces are its own until the guest says otherwise.
 */
void arm_tlb_switch(struct arm_vcpu *v)
{
	uint64_t vmid = atomic_load_explicit(&v->aspace->tag, memory_order_relaxed);

	sysreg_write(VTCR_EL2, v->vtcr);
	sysreg_write(VTTBR_EL2, arm_tlb_vttbr(v->aspace));
	isb();
	if (!vcpu_tag_take(vmid, v->vcpu.id))
		__asm__ volatile("tlbi vmalle1\n\tdsb nsh\n\tisb" ::: "memory");
}

/* An empty table for 32-bit addresses, walked for no VM: VMID 0. */
#define IDLE_GPA_BITS 32
static uint64_t idle_root[PAGE_SIZE / sizeof(uint64_t)] __attribute__((aligned(PAGE_SIZE)));

static void leave_aspace(void *arg)
{
	const struct aspace *as = arg;

	if (sysreg_read(VTTBR_EL2) != arm_tlb_vttbr(as))
		return;
	sysreg_write(VTTBR_EL2, virt_to_phys(idle_root));
	sysreg_write(VTCR_EL2, s2_vtcr(IDLE_GPA_BITS, sysreg_read(ID_AA64MMFR0_EL1), sysreg_read(ID_AA64MMFR1_EL1)));
	isb();
}

void vcpu_aspace_retire(struct aspace *as)
{
	ipi_call(cpu_online_mask(), leave_aspace, as);
}

#define FLUSH_ALL_FROM MIB(2)

static void tlb_flush(struct aspace *as, gpa_t gpa, uint64_t size)
{
	uint64_t flags = irq_save();
	uint64_t vttbr = sysreg_read(VTTBR_EL2);

	dsb(ishst);
	sysreg_write(VTTBR_EL2, arm_tlb_vttbr(as));
	isb();
	if (size >= FLUSH_ALL_FROM) {
		__asm__ volatile("tlbi vmalls12e1is" ::: "memory");
	} else {
		for (gpa_t end = gpa + size; gpa < end; gpa += PAGE_SIZE)
			__asm__ volatile("tlbi ipas2e1is, %0" ::"r"(gpa >> 12) : "memory");
		dsb(ish);
		/* Combined entries of both stages are known by virtual address only. */
		__asm__ volatile("tlbi vmalle1is" ::: "memory");
	}
	dsb(ish);
	isb();
	sysreg_write(VTTBR_EL2, vttbr);
	isb();
	irq_restore(flags);
}

static void tlb_sync(struct aspace *as)
{
	dsb(ishst);
	isb();
}

static void publish(struct aspace *as, void *va, uint64_t size)
{
	cache_clean_invalidate(va, size);
}

const struct aspace_ops *vcpu_aspace_ops(void)
{
	static const struct aspace_ops ops = { .flush = tlb_flush, .sync = tlb_sync, .publish = publish };

	return &ops;
}
