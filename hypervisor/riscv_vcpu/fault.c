/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest page faults: device accesses, and everything else that is not mapped.
 *
 * Loads and stores of integer registers are offered to the VM's devices; what no device takes, and every other
 * instruction, is left to common code: memory that is populated lazily, or an access fault. htinst describes the
 * access where hardware fills it in; else the instruction is fetched.
 */
#include "fetch.h"
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
	if (htinst_is_walk(htinst)) { /* the address of a table entry; gva is what it is to translate */
		v->exit->fault.gpa &= ~UINT64_C(3);
		v->exit->fault.access = htinst == HTINST_WALK_WRITE ? VCPU_ACCESS_WRITE : VCPU_ACCESS_READ;
	}
	return true;
}

static inline uint64_t low_bytes(uint64_t value, uint64_t width)
{
	uint64_t unused = 64 - 8 * width;

	return value << unused >> unused;
}

/* @value as @insn puts it into its register; most loads are LW. */
static inline uint64_t load_result(uint64_t value, uint64_t insn, uint64_t width)
{
	uint64_t unused = 64 - 8 * width;

	if (likely((insn & 0x7000) == 0x2000))
		return (uint64_t)(int32_t)value;
	if (insn_is_unsigned(insn))
		return low_bytes(value, width);
	return (uint64_t)((int64_t)(value << unused) >> unused);
}

/* Both: offer the access to the devices. Out of line, so that what comes before needs no registers saved. */
static __attribute__((noinline)) bool serve_load(struct riscv_vcpu *v, uint64_t insn, uint64_t gpa)
{
	uint64_t width = insn_width(insn);
	struct vcpu_mmio mmio;

	mmio.gpa = gpa;
	mmio.width = (uint8_t)width;
	mmio.write = false;
	if (unlikely(gpa & (width - 1)) || unlikely(!v->vcpu.ops->mmio(&v->vcpu, &mmio)))
		return riscv_exit_guest_page_fault(v, EXC_GUEST_LOAD_PAGE_FAULT);
	riscv_set_x(v, insn_rd(insn), load_result(mmio.value, insn, mmio.width));
	v->regs.pc += insn_length(insn);
	return false;
}

static __attribute__((noinline)) bool serve_store(struct riscv_vcpu *v, uint64_t insn, uint64_t gpa)
{
	uint64_t width = insn_width(insn);
	struct vcpu_mmio mmio;

	mmio.gpa = gpa;
	mmio.width = (uint8_t)width;
	mmio.write = true;
	mmio.value = low_bytes(v->regs.x[insn_rs2(insn)], width);
	if (unlikely(gpa & (width - 1)) || unlikely(!v->vcpu.ops->mmio(&v->vcpu, &mmio)))
		return riscv_exit_guest_page_fault(v, EXC_GUEST_STORE_PAGE_FAULT);
	v->regs.pc += insn_length(insn);
	return false;
}

/*
 * If the instruction is not (any more) the one that has faulted, or a part of its access behind the first byte has, it
 * is not for a device.
 */
static inline bool serve_fetched_load(struct riscv_vcpu *v, uint64_t insn)
{
	uint64_t gva = csr_read(CSR_STVAL);

	if (likely(v->regs.x[insn_rs1(insn)] + (uint64_t)insn_load_offset(insn) == gva))
		return serve_load(v, insn, fault_gpa(gva));
	return riscv_exit_guest_page_fault(v, EXC_GUEST_LOAD_PAGE_FAULT);
}

static inline bool serve_fetched_store(struct riscv_vcpu *v, uint64_t insn)
{
	uint64_t gva = csr_read(CSR_STVAL);

	if (likely(v->regs.x[insn_rs1(insn)] + (uint64_t)insn_store_offset(insn) == gva))
		return serve_store(v, insn, fault_gpa(gva));
	return riscv_exit_guest_page_fault(v, EXC_GUEST_STORE_PAGE_FAULT);
}

/* All but a plain instruction of 4 bytes. */
static __attribute__((noinline)) bool serve_other_load(struct riscv_vcpu *v, uint64_t insn)
{
	if (insn_is_compressed(insn)) {
		insn = riscv_expand_access(insn);
		if (insn_is_load(insn))
			return serve_fetched_load(v, insn);
	}
	return riscv_exit_guest_page_fault(v, EXC_GUEST_LOAD_PAGE_FAULT);
}

/* All but a plain instruction of 4 bytes. */
static __attribute__((noinline)) bool serve_other_store(struct riscv_vcpu *v, uint64_t insn)
{
	if (insn_is_compressed(insn)) {
		insn = riscv_expand_access(insn);
		if (insn_is_store(insn))
			return serve_fetched_store(v, insn);
	}
	return riscv_exit_guest_page_fault(v, EXC_GUEST_STORE_PAGE_FAULT);
}

/* When the fetch faults the guest is entered again, to meet that fault itself. */
bool riscv_handle_guest_load_fault(struct riscv_vcpu *v, unsigned cause)
{
	uint64_t htinst = csr_read(CSR_HTINST), insn;

	if (htinst) {
		if (likely(htinst_is(htinst, INSN_LOAD)))
			return serve_load(v, htinst, fault_gpa(csr_read(CSR_STVAL)));
		return riscv_exit_guest_page_fault(v, EXC_GUEST_LOAD_PAGE_FAULT);
	}
	if (unlikely(riscv_fetch(v->regs.pc, &insn)))
		return false;
	return likely((insn & 0x7f) == INSN_LOAD) ? serve_fetched_load(v, insn) : serve_other_load(v, insn);
}

bool riscv_handle_guest_store_fault(struct riscv_vcpu *v, unsigned cause)
{
	uint64_t htinst = csr_read(CSR_HTINST), insn;

	if (htinst) {
		if (likely(htinst_is(htinst, INSN_STORE)))
			return serve_store(v, htinst, fault_gpa(csr_read(CSR_STVAL)));
		return riscv_exit_guest_page_fault(v, EXC_GUEST_STORE_PAGE_FAULT);
	}
	if (unlikely(riscv_fetch(v->regs.pc, &insn)))
		return false;
	return likely((insn & 0x7f) == INSN_STORE) ? serve_fetched_store(v, insn) : serve_other_store(v, insn);
}
