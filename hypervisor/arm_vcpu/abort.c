/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage-2 aborts: device accesses, and everything else that is not memory.
 *
 * Device accesses by single loads and stores are described by the syndrome (ISV = 1). Other instructions that may
 * touch memory (pairs, SIMD, write-back, exclusives, atomics) are not meant for devices; they get an external abort,
 * which hardware may answer as well.
 */
#include "arm_vcpu.h"
#include "esr.h"

/*
 * The guest-physical address of the access. HPFAR_EL2 has it except after a permission fault of a page that stage 1
 * had translated already (Arm ARM D17.2.62): then the page is looked up again, which fails if the guest has changed
 * its tables meanwhile.
 */
static bool fault_gpa(uint64_t esr, uint64_t far, uint64_t *gpa)
{
	uint64_t saved, par;

	if (FSC_TYPE(ESR_ABT_FSC(esr)) != FSC_PERMISSION || (esr & ESR_ABT_S1PTW)) {
		*gpa = FIELD(sysreg_read(HPFAR_EL2), 39, 4) << 12 | (far & 0xfff);
		return true;
	}
	saved = sysreg_read(PAR_EL1);
	__asm__ volatile("at s1e1r, %0" ::"r"(far) : "memory");
	isb();
	par = sysreg_read(PAR_EL1);
	sysreg_write(PAR_EL1, saved);
	if (par & 1)
		return false;
	*gpa = (par & GENMASK(51, 12)) | (far & 0xfff);
	return true;
}

/* Does the abort concern an address of stage 2 at all? */
static bool is_stage2_fault(uint64_t esr)
{
	unsigned type = FSC_TYPE(ESR_ABT_FSC(esr));

	return type == FSC_TRANSLATION || type == FSC_ACCESS_FLAG || type == FSC_PERMISSION;
}

static inline unsigned data_access(uint64_t esr)
{
	return esr & ESR_DABT_WNR ? VCPU_ACCESS_WRITE : VCPU_ACCESS_READ;
}

static void exit_fault(struct arm_vcpu *v, uint64_t gpa, unsigned access)
{
	v->exit->reason = VCPU_EXIT_NESTED_PAGE_FAULT;
	v->exit->fault.gpa = gpa;
	v->exit->fault.pc = v->regs.elr;
	v->exit->fault.access = access;
}

static inline uint64_t load_result(uint64_t value, unsigned width, bool sign_extend, bool reg64)
{
	unsigned unused = 64 - 8 * width;

	if (sign_extend)
		value = (uint64_t)((int64_t)(value << unused) >> unused);
	else
		value = value << unused >> unused;
	return reg64 ? value : (uint32_t)value;
}

static bool exit_mmio(struct arm_vcpu *v, uint64_t esr, const struct vcpu_mmio *access)
{
	v->exit->reason = access->write ? VCPU_EXIT_MMIO_WRITE : VCPU_EXIT_MMIO_READ;
	v->exit->mmio.addr = access->gpa;
	v->exit->mmio.value = access->value;
	v->exit->mmio.width = access->width;
	v->exit->mmio.reg = (uint8_t)ESR_DABT_SRT(esr);
	v->exit->mmio.reg_width = esr & ESR_DABT_SF ? 8 : 4;
	v->exit->mmio.sign_extend = esr & ESR_DABT_SSE;
	return true;
}

/* What is not a plain access of a device: everything but a translation fault with a full syndrome. */
static bool data_abort_slow(struct arm_vcpu *v, uint64_t esr, uint64_t far)
{
	uint64_t gpa;

	if (!is_stage2_fault(esr)) {
		arm_inject_abort(v, data_access(esr), far, !(esr & ESR_ABT_FNV));
		return false;
	}
	if (!fault_gpa(esr, far, &gpa))
		return false; /* again: stage 1 will say what is wrong */
	if ((esr & ESR_DABT_CM) && !(esr & ESR_ABT_S1PTW)) {
		arm_skip(v, esr); /* cache maintenance of what is no memory: nothing is cached */
		return false;
	}
	exit_fault(v, gpa, data_access(esr));
	return true;
}

/* A result as the destination register gets it; nearly all device registers are read by plain 32-bit loads. */
static inline uint64_t register_value(uint64_t value, uint64_t esr)
{
	if (likely((esr & (ESR_DABT_SSE | ESR_DABT_SAS_MASK)) == ESR_DABT_SAS_WORD))
		return (uint32_t)value;
	return load_result(value, 1u << ESR_DABT_SAS(esr), esr & ESR_DABT_SSE, esr & ESR_DABT_SF);
}

bool arm_handle_data_abort(struct arm_vcpu *v, uint64_t esr)
{
	static const uint64_t plain = ESR_DABT_ISV | ESR_DABT_CM | ESR_ABT_S1PTW | FSC_TYPE_MASK;
	uint64_t far = sysreg_read(FAR_EL2);
	struct vcpu_mmio access;

	v->fault_far = far;
	if (unlikely((esr & plain) != (ESR_DABT_ISV | FSC_TRANSLATION)))
		return data_abort_slow(v, esr, far);
	access.gpa = FIELD(sysreg_read(HPFAR_EL2), 39, 4) << 12 | (far & 0xfff);
	access.width = (uint8_t)(1 << ESR_DABT_SAS(esr));
	access.write = esr & ESR_DABT_WNR;
	access.value = 0;
	if (unlikely(access.gpa & (access.width - 1u))) {
		exit_fault(v, access.gpa, data_access(esr));
		return true;
	}
	if (access.write)
		access.value = load_result(arm_get_x(v, ESR_DABT_SRT(esr)), access.width, false, true);
	if (unlikely(!v->vcpu.ops->mmio(&v->vcpu, &access)))
		return exit_mmio(v, esr, &access);
	if (!access.write)
		arm_set_x(v, ESR_DABT_SRT(esr), register_value(access.value, esr));
	arm_skip(v, esr);
	return false;
}

bool arm_handle_instruction_abort(struct arm_vcpu *v, uint64_t esr)
{
	uint64_t far = sysreg_read(FAR_EL2);
	uint64_t gpa;

	v->fault_far = far;
	if (!is_stage2_fault(esr)) {
		arm_inject_abort(v, VCPU_ACCESS_EXECUTE, far, !(esr & ESR_ABT_FNV));
		return false;
	}
	if (!fault_gpa(esr, far, &gpa))
		return false;
	exit_fault(v, gpa, VCPU_ACCESS_EXECUTE);
	return true;
}
