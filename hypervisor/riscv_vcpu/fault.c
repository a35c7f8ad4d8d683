/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest page faults: device accesses, and everything else that is not mapped.
 *
 * Loads and stores of integer registers are offered to the VM's devices; what no device takes, and every other
 * instruction, is left to common code: memory that is populated lazily, or an access fault. htinst describes the
 * access without a look at the guest's instruction, where hardware fills it in.
 */
#include "decode.h"
#include "riscv_vcpu.h"

static inline uint64_t fault_gpa(uint64_t gva)
{
	return csr_read(CSR_HTVAL) << 2 | (gva & 3);
}

bool riscv_exit_guest_page_fault(struct riscv_vcpu *v, unsigned cause)
{
	/* By exception; what common code finds nothing for is answered by what the guest wanted to do. */
	static const struct {
		uint8_t answer, access;
	} kinds[] = {
		{ EXC_INSN_ACCESS, VCPU_ACCESS_EXECUTE },
		{ EXC_LOAD_ACCESS, VCPU_ACCESS_READ },
		{ 0 },
		{ EXC_STORE_ACCESS, VCPU_ACCESS_WRITE },
	};
	unsigned kind = (cause - EXC_GUEST_INSN_PAGE_FAULT) & 3;
	uint64_t htinst = csr_read(CSR_HTINST), gva = csr_read(CSR_STVAL);

	v->fault_gva = gva;
	v->fault_cause = kinds[kind].answer;
	v->exit->reason = VCPU_EXIT_NESTED_PAGE_FAULT;
	v->exit->fault.gpa = fault_gpa(gva);
	v->exit->fault.pc = v->regs.pc;
	v->exit->fault.access = kinds[kind].access;
	if (riscv_htinst_is_walk(htinst)) { /* the address of a table entry; gva is what it is to translate */
		v->exit->fault.gpa &= ~UINT64_C(3);
		v->exit->fault.access = htinst & HTINST_STORE ? VCPU_ACCESS_WRITE : VCPU_ACCESS_READ;
	}
	return true;
}

static inline uint64_t load_result(uint64_t value, unsigned width, bool sign_extend)
{
	unsigned unused = 64 - 8 * width;

	if (sign_extend)
		return (uint64_t)((int64_t)(value << unused) >> unused);
	return value << unused >> unused;
}

/* Offer the access to the devices. Return: true: it is done, false: none took it. */
static inline bool serve(struct riscv_vcpu *v, const struct riscv_access *access, uint64_t gpa)
{
	struct vcpu_mmio mmio = { .gpa = gpa, .width = access->width, .write = access->store };

	if (unlikely(gpa & (access->width - 1u)))
		return false;
	if (access->store)
		mmio.value = load_result(v->regs.x[access->reg], access->width, false);
	if (unlikely(!v->vcpu.ops->mmio(&v->vcpu, &mmio)))
		return false;
	if (!access->store)
		riscv_set_x(v, access->reg, load_result(mmio.value, access->width, access->sign_extend));
	v->regs.pc += access->length;
	return true;
}

/*
 * No word about the instruction from hardware: it is fetched. If it is not (any more) the one that has faulted, or a
 * part of it behind the first byte has, it is not for a device.
 */
static bool serve_fetched(struct riscv_vcpu *v, unsigned cause, uint64_t gva, uint64_t gpa)
{
	struct riscv_access access;
	uint32_t insn;
	unsigned length;

	if (riscv_fetch_insn(v, &insn, &length))
		return true; /* again: the guest meets the fault of its fetch itself */
	if (!riscv_decode_access(insn, &access) || access.store != (cause == EXC_GUEST_STORE_PAGE_FAULT) ||
	    v->regs.x[access.base] + (uint64_t)(int64_t)access.offset != gva)
		return false;
	return serve(v, &access, gpa);
}

bool riscv_handle_guest_page_fault(struct riscv_vcpu *v, unsigned cause)
{
	uint64_t htinst = csr_read(CSR_HTINST), gva = csr_read(CSR_STVAL), gpa = fault_gpa(gva);
	struct riscv_access access;

	if (likely(riscv_decode_htinst(htinst, &access))) {
		if (likely(serve(v, &access, gpa)))
			return false;
	} else if (!htinst && cause != EXC_GUEST_INSN_PAGE_FAULT) {
		if (serve_fetched(v, cause, gva, gpa))
			return false;
	}
	return riscv_exit_guest_page_fault(v, cause);
}
