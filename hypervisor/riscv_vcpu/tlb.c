/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G-stage translation: hgatp, VMIDs, invalidation (Privileged Architecture 18.2.10, 18.3.2).
 *
 * The VMID of an address space is its tag. hgatp stays loaded while the hypervisor runs. Harts without VMIDs forget
 * everything when they change to another VM.
 */
#include <axhal/arch/hfence.h>
#include <axhal/arch/isa.h>
#include <axhal/arch/sbi.h>
#include <axhal/irq.h>
#include <axstd/assert.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axvcpu/impl.h>
#include "g_format.h"
#include "riscv_vcpu.h"

static unsigned levels;    /* of the largest mode */
static uint64_t vmid_mask; /* VMIDs that the harts can tell apart; 0: they have none */
/* By tag: CPUs whose TLBs may hold something of the address space. */
static _Atomic cpumask_t users[VCPU_MAX_TAGS];

static unsigned find_levels(void)
{
	for (unsigned depth = 5; depth >= 3; depth--) {
		uint64_t mode = SATP_MODE(SATP_MODE_SV39 + depth - 3);

		csr_write(CSR_HGATP, mode);
		if (csr_read(CSR_HGATP) >> 60 == mode >> 60)
			return depth;
	}
	return 0;
}

int riscv_tlb_init(void)
{
	levels = find_levels();
	if (!levels) {
		log_error("no virtual machines: the harts have no mode of G-stage translation");
		return -AX_ENOTSUP;
	}
	csr_write(CSR_HGATP, SATP_MODE(SATP_MODE_SV39) | GENMASK(57, 44));
	vmid_mask = FIELD(csr_read(CSR_HGATP), 57, 44);
	csr_write(CSR_HGATP, 0);
	hfence_gvma_all();
	vcpu_tags_init(vmid_mask ? (unsigned)MIN(vmid_mask + 1, (uint64_t)VCPU_MAX_TAGS) : VCPU_MAX_TAGS);
	log_info("guests: %s, VMIDs 0 .. %u%s", g_format_for(g_format_bits(levels), levels)->name, (unsigned)vmid_mask,
		 riscv_has(RISCV_EXT_SSTC) ? ", Sstc" : "");
	return 0;
}

unsigned vcpu_max_gpa_bits(void)
{
	return g_format_bits(levels);
}

const struct pt_format *vcpu_stage2_format(unsigned gpa_bits)
{
	return g_format_for(gpa_bits, levels);
}

static uint64_t tag_of(const struct aspace *as)
{
	return atomic_load_explicit(&as->tag, memory_order_relaxed);
}

static uint64_t vmid_of(const struct aspace *as)
{
	return tag_of(as) & vmid_mask;
}

static uint64_t hgatp_of(const struct aspace *as)
{
	return g_format_hgatp(as->table.format, as->table.root, vmid_of(as));
}

/*
 * Two vCPUs of one VM share the VMID. What one of them left in this hart's TLB for an ASID, or with translation off, is
 * not what the other may use. And the guest's fences reach the hart that they are executed on: what a vCPU left on
 * another hart may be outdated when it comes back there, instructions included.
 */
void riscv_tlb_switch(struct riscv_vcpu *v)
{
	uint64_t tag = tag_of(v->aspace), hgatp = hgatp_of(v->aspace);
	cpumask_t here = BIT(cpu_id());
	bool same;

	if (!(atomic_load_explicit(&users[tag], memory_order_relaxed) & here))
		atomic_fetch_or(&users[tag], here); /* whoever changes the table from here on fences this CPU */
	if (csr_read(CSR_HGATP) != hgatp) {
		csr_write(CSR_HGATP, hgatp);
		if (!vmid_mask) {
			hfence_gvma_all();
			hfence_vvma_all();
		}
	}
	same = vcpu_tag_take(tag, v->vcpu.id);
	if (!same || v->last_cpu != (int)cpu_id())
		hfence_vvma_all();
	if (v->last_cpu != (int)cpu_id()) {
		fence_i();
		v->last_cpu = (int)cpu_id();
	}
}

static void leave_aspace(void *arg)
{
	const struct aspace *as = arg;
	uint64_t hgatp = csr_swap(CSR_HGATP, hgatp_of(as));

	hfence_vvma_all();
	hfence_gvma_vmid(vmid_of(as));
	csr_write(CSR_HGATP, hgatp == hgatp_of(as) ? 0 : hgatp);
}

void vcpu_aspace_retire(struct aspace *as)
{
	ipi_call(cpu_online_mask(), leave_aspace, as);
	atomic_store(&users[tag_of(as)], 0);
}

/* Of an address only leaves are forgotten. Tables go with all that they stand for, which is more than this. */
#define FLUSH_ALL_FROM MIB(1)

static void flush_here(uint64_t vmid, gpa_t gpa, uint64_t size)
{
	bool batch = riscv_has(RISCV_EXT_SVINVAL);

	if (size >= FLUSH_ALL_FROM) {
		hfence_gvma_vmid(vmid);
		return;
	}
	if (batch)
		sfence_w_inval();
	for (gpa_t end = gpa + size; gpa < end; gpa += PAGE_SIZE) {
		if (batch)
			hinval_gvma_vmid_address(gpa, vmid);
		else
			hfence_gvma_vmid_address(gpa, vmid);
	}
	if (batch)
		sfence_inval_ir();
}

static void tlb_flush(struct aspace *as, gpa_t gpa, uint64_t size)
{
	uint64_t flags = irq_save();
	cpumask_t here = BIT(cpu_id()), cpus;

	/* The stores to the table come before the look at who may have walked it: riscv_tlb_switch(). */
	atomic_thread_fence(memory_order_seq_cst);
	cpus = atomic_load(&users[tag_of(as)]);
	if (cpus & here)
		flush_here(vmid_of(as), gpa, size);
	cpus &= ~here;
	/* Without it the guest could go on using memory that is somebody else's by then. */
	if (cpus && sbi_remote_fence(cpus, SBI_RFENCE_HFENCE_GVMA_VMID, size >= FLUSH_ALL_FROM ? 0 : gpa,
				     size >= FLUSH_ALL_FROM ? UINT64_MAX : size, vmid_of(as)))
		panic("the firmware does not flush the TLBs of the other CPUs");
	irq_restore(flags);
}

static void tlb_sync(struct aspace *as)
{
	__asm__ volatile("fence w, rw" ::: "memory");
}

const struct aspace_ops *vcpu_aspace_ops(void)
{
	static const struct aspace_ops ops = { .flush = tlb_flush, .sync = tlb_sync };

	return &ops;
}
