/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SBI debug console, chapter 12. Bytes go to and come from the VM's console; memory is the guest's physical one. Both
 * may be less than was asked for: a call does not keep the CPU long.
 */
#include "sbi.h"

#define MAX_BYTES 256 /* per call; a console that somebody looks at may take 87 us for each of them */

/* The memory of a call: a0 bytes at a2:a1. Return: false: it cannot be. */
static bool get_memory(const struct riscv_vcpu *v, uint64_t *gpa, uint64_t *len)
{
	*len = v->regs.x[REG_A0];
	*gpa = v->regs.x[REG_A1];
	if (v->regs.x[REG_A2] || (*len && *gpa + (*len - 1) < *gpa))
		return false;
	*len = MIN(*len, (uint64_t)MAX_BYTES);
	return true;
}

static bool console_write(struct riscv_vcpu *v)
{
	uint8_t bytes[MAX_BYTES];
	uint64_t gpa, len;

	if (!get_memory(v, &gpa, &len) || (len && aspace_read(v->aspace, gpa, bytes, len)))
		return sbi_answer(v, SBI_INVALID_PARAM, 0);
	for (unsigned i = 0; i < len; i++)
		v->vcpu.ops->console_put(&v->vcpu, bytes[i]);
	return sbi_answer(v, SBI_SUCCESS, len);
}

static uint64_t take_bytes(struct riscv_vcpu *v, uint8_t *bytes, uint64_t max)
{
	uint64_t n = 0;

	while (n < max) {
		int byte = v->vcpu.ops->console_get(&v->vcpu);

		if (byte < 0)
			break;
		bytes[n++] = (uint8_t)byte;
	}
	return n;
}

/* Bytes that were taken are gone: the memory is looked at before. A piece is on two pages at most. */
static bool is_writable(struct riscv_vcpu *v, uint64_t gpa, uint64_t len)
{
	return !aspace_fault(v->aspace, gpa, PT_WRITE) && !aspace_fault(v->aspace, gpa + len - 1, PT_WRITE);
}

static bool console_read(struct riscv_vcpu *v)
{
	uint8_t bytes[MAX_BYTES];
	uint64_t gpa, len;

	if (!get_memory(v, &gpa, &len))
		return sbi_answer(v, SBI_INVALID_PARAM, 0);
	if (len && !is_writable(v, gpa, len))
		return sbi_answer(v, SBI_INVALID_PARAM, 0);
	len = take_bytes(v, bytes, len);
	if (len && aspace_write(v->aspace, gpa, bytes, len))
		return sbi_answer(v, SBI_INVALID_PARAM, 0);
	return sbi_answer(v, SBI_SUCCESS, len);
}

static bool console_write_byte(struct riscv_vcpu *v)
{
	v->vcpu.ops->console_put(&v->vcpu, (uint8_t)v->regs.x[REG_A0]);
	return sbi_answer(v, SBI_SUCCESS, 0);
}

sbi_function *const sbi_dbcn_functions[] = {
	[SBI_DBCN_WRITE] = console_write,
	[SBI_DBCN_READ] = console_read,
	[SBI_DBCN_WRITE_BYTE] = console_write_byte,
};
