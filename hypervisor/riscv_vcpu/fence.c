/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fences that a guest asks for on other harts of its own (SBI RFENCE).
 */
#include <axhal/arch/hfence.h>
#include <axhal/arch/sbi.h>
#include "riscv_vcpu.h"

/* Above this many pages everything (of the ASID) is dropped at once. */
#define PAGES_MAX 64

static bool is_small(const struct riscv_fence *fence)
{
	return fence->size <= PAGES_MAX * PAGE_SIZE;
}

/* On this hart, for the VMID in hgatp. */
static void fence_here(const struct riscv_fence *fence)
{
	if (fence->instruction) {
		fence_i();
	} else if (!is_small(fence)) {
		if (fence->has_asid)
			hfence_vvma_asid(fence->asid);
		else
			hfence_vvma_all();
	} else {
		uint64_t gva = ALIGN_DOWN(fence->start, PAGE_SIZE);
		uint64_t pages = (fence->start - gva + fence->size + PAGE_SIZE - 1) / PAGE_SIZE;

		for (; pages; pages--, gva += PAGE_SIZE) {
			if (fence->has_asid)
				hfence_vvma_asid_address(gva, fence->asid);
			else
				hfence_vvma_address(gva);
		}
	}
}

/* The firmware takes the VMID from hgatp of the caller: that of this VM. */
static void fence_on(cpumask_t cpus, const struct riscv_fence *fence)
{
	bool small = is_small(fence);
	unsigned fid = SBI_RFENCE_HFENCE_VVMA;

	if (fence->instruction)
		fid = SBI_RFENCE_I;
	else if (fence->has_asid)
		fid = SBI_RFENCE_HFENCE_VVMA_ASID;
	sbi_remote_fence(cpus, fid, small ? fence->start : 0, small ? fence->size : UINT64_MAX, fence->asid);
}

/*
 * A vCPU whose registers are in no CPU finds what is posted when it is loaded; it is not woken for that. It may be
 * loaded between the look at it and the post; hence the second look. If it leaves a CPU after the look, its
 * translations there have been dropped when it comes back, and other CPUs drop them anyway (riscv_tlb_switch).
 */
static int cpu_of(struct riscv_vcpu *target, uint32_t post)
{
	int cpu = atomic_load(&target->vcpu.cpu);

	if (cpu >= 0)
		return cpu;
	atomic_fetch_or(&target->posted, post);
	return atomic_load(&target->vcpu.cpu);
}

void riscv_fence_vcpus(struct riscv_vcpu *v, struct vcpu *const *targets, unsigned count,
		       const struct riscv_fence *fence)
{
	uint32_t post = fence->instruction ? RISCV_POST_FENCE_I : RISCV_POST_FENCE;
	cpumask_t cpus = 0;

	for (unsigned i = 0; i < count; i++) {
		int cpu;

		if (targets[i] == &v->vcpu) {
			fence_here(fence);
			continue;
		}
		cpu = cpu_of(to_riscv(targets[i]), post);
		if (cpu >= 0)
			cpus |= BIT(cpu);
	}
	if (cpus)
		fence_on(cpus, fence);
}
