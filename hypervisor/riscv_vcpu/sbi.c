/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's firmware: dispatch, and what is called often: timer, interrupts and fences between harts. Nothing is
 * forwarded to the host's firmware; what is not known is answered NOT_SUPPORTED.
 */
#include "sbi.h"

static bool set_timer(struct riscv_vcpu *v)
{
	riscv_timer_set(v, v->regs.x[REG_A0]);
	return sbi_answer(v, SBI_SUCCESS, 0);
}

static bool add_hart(struct riscv_vcpu *v, uint64_t hart, struct sbi_harts *harts)
{
	struct vcpu *vcpu = v->vcpu.ops->peer(&v->vcpu, hart);

	if (vcpu)
		harts->vcpus[harts->count++] = vcpu;
	return vcpu;
}

bool sbi_find_harts(struct riscv_vcpu *v, uint64_t mask, uint64_t base, struct sbi_harts *harts)
{
	harts->count = 0;
	if (base == UINT64_MAX) {
		for (uint64_t hart = 0; hart < SBI_MAX_HARTS && add_hart(v, hart, harts); hart++)
			;
		return true;
	}
	if (base >= SBI_MAX_HARTS)
		return false;
	for (; mask; mask >>= 1, base++)
		if ((mask & 1) && !add_hart(v, base, harts))
			return false;
	return true;
}

/* Harts of the call that has its mask in a0 and a1. */
static inline bool find_harts(struct riscv_vcpu *v, struct sbi_harts *harts)
{
	return sbi_find_harts(v, v->regs.x[REG_A0], v->regs.x[REG_A1], harts);
}

void sbi_send_ipis(struct riscv_vcpu *v, const struct sbi_harts *harts)
{
	for (unsigned i = 0; i < harts->count; i++) {
		struct vcpu *vcpu = harts->vcpus[i];

		if (vcpu == &v->vcpu)
			csr_set(CSR_HVIP, BIT(INT_VSSI));
		else
			riscv_vcpu_post(to_riscv(vcpu), RISCV_POST_SOFT);
	}
}

static bool send_ipi(struct riscv_vcpu *v)
{
	struct sbi_harts harts;

	if (!find_harts(v, &harts))
		return sbi_answer(v, SBI_INVALID_PARAM, 0);
	sbi_send_ipis(v, &harts);
	return sbi_answer(v, SBI_SUCCESS, 0);
}

void sbi_fence_code(struct riscv_vcpu *v, const struct sbi_harts *harts)
{
	riscv_fence_vcpus(v, harts->vcpus, harts->count, &(struct riscv_fence){ .instruction = true });
}

int sbi_fence_vma(struct riscv_vcpu *v, const struct sbi_harts *harts, uint64_t start, uint64_t size,
		  const uint64_t *asid)
{
	struct riscv_fence what = { .start = start, .size = size, .has_asid = asid };

	if (asid)
		what.asid = *asid & 0xffff; /* the bits above are reserved and ignored, as SFENCE.VMA does */
	if (size == UINT64_MAX || (!start && !size))
		what = (struct riscv_fence){ .size = UINT64_MAX, .has_asid = what.has_asid, .asid = what.asid };
	else if (!size)
		return 0;
	else if (start + (size - 1) < start)
		return SBI_INVALID_ADDRESS;
	riscv_fence_vcpus(v, harts->vcpus, harts->count, &what);
	return 0;
}

static bool remote_fence_i(struct riscv_vcpu *v)
{
	struct sbi_harts harts;

	if (!find_harts(v, &harts))
		return sbi_answer(v, SBI_INVALID_PARAM, 0);
	sbi_fence_code(v, &harts);
	return sbi_answer(v, SBI_SUCCESS, 0);
}

static bool remote_fence(struct riscv_vcpu *v, const uint64_t *asid)
{
	struct sbi_harts harts;

	if (!find_harts(v, &harts))
		return sbi_answer(v, SBI_INVALID_PARAM, 0);
	return sbi_answer(v, sbi_fence_vma(v, &harts, v->regs.x[REG_A2], v->regs.x[REG_A3], asid), 0);
}

static bool remote_sfence_vma(struct riscv_vcpu *v)
{
	return remote_fence(v, NULL);
}

static bool remote_sfence_vma_asid(struct riscv_vcpu *v)
{
	return remote_fence(v, &v->regs.x[REG_A4]);
}

/* By function id. Fences of the hypervisor extension follow: the guest has none. */
static sbi_function *const time_functions[] = { set_timer };
static sbi_function *const ipi_functions[] = { send_ipi };
static sbi_function *const rfence_functions[] = { remote_fence_i, remote_sfence_vma, remote_sfence_vma_asid };

/* The often-used first. */
static const struct sbi_extension {
	uint64_t id;
	uint64_t count;
	sbi_function *const *functions;
} extensions[] = {
	{ SBI_EXT_TIME, ARRAY_SIZE(time_functions), time_functions },
	{ SBI_EXT_IPI, ARRAY_SIZE(ipi_functions), ipi_functions },
	{ SBI_EXT_RFENCE, ARRAY_SIZE(rfence_functions), rfence_functions },
	{ SBI_EXT_BASE, ARRAY_SIZE(sbi_base_functions), sbi_base_functions },
	{ SBI_EXT_DBCN, ARRAY_SIZE(sbi_dbcn_functions), sbi_dbcn_functions },
	{ SBI_EXT_HSM, ARRAY_SIZE(sbi_hsm_functions), sbi_hsm_functions },
	{ SBI_EXT_SRST, ARRAY_SIZE(sbi_srst_functions), sbi_srst_functions },
	{ SBI_EXT_SUSP, ARRAY_SIZE(sbi_susp_functions), sbi_susp_functions },
};

static inline const struct sbi_extension *find_extension(uint64_t id)
{
	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++)
		if (extensions[i].id == id)
			return &extensions[i];
	return NULL;
}

bool sbi_probe(uint64_t ext)
{
	return ext <= SBI_LEGACY_LAST || ext == SBI_EXT_AXVISOR || find_extension(ext);
}

static bool hypercall(struct riscv_vcpu *v)
{
	v->exit->hypercall.nr = v->regs.x[REG_A6];
	for (unsigned i = 0; i < 6; i++)
		v->exit->hypercall.args[i] = v->regs.x[REG_A0 + i];
	return sbi_leave(v, VCPU_EXIT_HYPERCALL);
}

bool riscv_handle_sbi(struct riscv_vcpu *v)
{
	uint64_t ext = v->regs.x[REG_A7], function = v->regs.x[REG_A6];
	const struct sbi_extension *extension = find_extension(ext);

	v->regs.pc += 4; /* an ECALL has no compressed form */
	if (likely(extension && function < extension->count))
		return extension->functions[function](v);
	if (ext <= SBI_LEGACY_LAST)
		return sbi_handle_legacy(v, ext);
	if (ext == SBI_EXT_AXVISOR)
		return hypercall(v);
	return sbi_answer(v, SBI_NOT_SUPPORTED, 0);
}

void vcpu_refuse_hypercall(struct vcpu *vcpu)
{
	struct riscv_vcpu *v = to_riscv(vcpu);

	v->regs.x[REG_A0] = (uint64_t)SBI_NOT_SUPPORTED;
	v->regs.x[REG_A1] = 0;
}
