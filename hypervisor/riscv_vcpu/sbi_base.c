/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SBI base extension, chapter 4.
 */
#include "sbi.h"

#define SPEC_VERSION (2 << 24 | 0) /* major, minor */
#define IMPL_VERSION 1             /* counts changes of what a guest may rely on */

static bool spec_version(struct riscv_vcpu *v)
{
	return sbi_answer(v, SBI_SUCCESS, SPEC_VERSION);
}

static bool impl_id(struct riscv_vcpu *v)
{
	return sbi_answer(v, SBI_SUCCESS, SBI_IMPL_AXVISOR);
}

static bool impl_version(struct riscv_vcpu *v)
{
	return sbi_answer(v, SBI_SUCCESS, IMPL_VERSION);
}

static bool probe_extension(struct riscv_vcpu *v)
{
	return sbi_answer(v, SBI_SUCCESS, sbi_probe(v->regs.x[REG_A0]));
}

/* mvendorid, marchid, mimpid: 0 is always legal, and keeps guests from working around errata of the host's harts. */
static bool machine_id(struct riscv_vcpu *v)
{
	return sbi_answer(v, SBI_SUCCESS, 0);
}

sbi_function *const sbi_base_functions[] = {
	[SBI_BASE_SPEC_VERSION] = spec_version, [SBI_BASE_IMPL_ID] = impl_id,
	[SBI_BASE_IMPL_VERSION] = impl_version, [SBI_BASE_PROBE] = probe_extension,
	[SBI_BASE_MVENDORID] = machine_id,      [SBI_BASE_MARCHID] = machine_id,
	[SBI_BASE_MIMPID] = machine_id,
};
