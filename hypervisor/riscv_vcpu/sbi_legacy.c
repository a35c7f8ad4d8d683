/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SBI legacy extensions, chapter 5: all that guests of the time before SBI 0.2 know. a0 is the only register that
 * changes; hart masks are in the guest's virtual memory.
 */
#include "fetch.h"
#include "sbi.h"

enum {
	LEGACY_SET_TIMER,
	LEGACY_PUTCHAR,
	LEGACY_GETCHAR,
	LEGACY_CLEAR_IPI,
	LEGACY_SEND_IPI,
	LEGACY_FENCE_I,
	LEGACY_SFENCE_VMA,
	LEGACY_SFENCE_VMA_ASID,
	LEGACY_SHUTDOWN
};

static bool answer(struct riscv_vcpu *v, int64_t value)
{
	v->regs.x[REG_A0] = (uint64_t)value;
	return false;
}

/* Was one pending? Those that others have posted and that have not arrived yet count. */
static bool clear_ipi(struct riscv_vcpu *v)
{
	uint32_t posted = atomic_fetch_and(&v->posted, ~(uint32_t)RISCV_POST_SOFT);
	bool pending = (posted & RISCV_POST_SOFT) || (csr_read(CSR_HVIP) & BIT(INT_VSSI));

	csr_clear(CSR_HVIP, BIT(INT_VSSI));
	return pending;
}

/* The mask could not be read: the guest gets the fault at its ECALL. */
static bool redirect_fault(struct riscv_vcpu *v, uint64_t cause)
{
	v->regs.pc -= 4;
	if (cause == EXC_GUEST_LOAD_PAGE_FAULT) /* lazy memory, and again; or nothing */
		return riscv_exit_guest_page_fault(v, EXC_GUEST_LOAD_PAGE_FAULT);
	riscv_inject(v, (enum riscv_exception)cause, csr_read(CSR_STVAL));
	return false;
}

/* Calls with a hart mask; one word of it: there are not more harts than that. */
static bool call_with_harts(struct riscv_vcpu *v, uint64_t ext)
{
	uint64_t pointer = v->regs.x[REG_A0], mask = 0, base = 0;
	struct sbi_harts harts;
	int64_t error = SBI_SUCCESS;

	if (!pointer) {
		base = UINT64_MAX; /* as the first firmwares did: everybody */
	} else {
		uint64_t cause = riscv_read_guest_long(pointer, &mask);

		if (cause)
			return redirect_fault(v, cause);
	}
	if (!sbi_find_harts(v, mask, base, &harts))
		return answer(v, SBI_INVALID_PARAM);
	switch (ext) {
	case LEGACY_SEND_IPI: sbi_send_ipis(v, &harts); break;
	case LEGACY_FENCE_I: sbi_fence_code(v, &harts); break;
	default:
		error = sbi_fence_vma(v, &harts, v->regs.x[REG_A1], v->regs.x[REG_A2],
				      ext == LEGACY_SFENCE_VMA_ASID ? &v->regs.x[REG_A3] : NULL);
	}
	return answer(v, error);
}

bool sbi_handle_legacy(struct riscv_vcpu *v, uint64_t ext)
{
	switch (ext) {
	case LEGACY_SET_TIMER: riscv_timer_set(v, v->regs.x[REG_A0]); return answer(v, SBI_SUCCESS);
	case LEGACY_PUTCHAR:
		v->vcpu.ops->console_put(&v->vcpu, (uint8_t)v->regs.x[REG_A0]);
		return answer(v, SBI_SUCCESS);
	case LEGACY_GETCHAR: return answer(v, v->vcpu.ops->console_get(&v->vcpu));
	case LEGACY_CLEAR_IPI: return answer(v, clear_ipi(v));
	case LEGACY_SHUTDOWN: return sbi_leave(v, VCPU_EXIT_SYSTEM_DOWN);
	default: return call_with_harts(v, ext);
	}
}
