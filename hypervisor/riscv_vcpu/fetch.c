/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading guest memory as the guest does, through both stages of translation.
 */
#include "guest_load.h"
#include "riscv_vcpu.h"

/* What the guest's own fetch would have met. */
static int fetch_cause(unsigned cause)
{
	switch (cause) {
	case EXC_LOAD_ACCESS: return EXC_INSN_ACCESS;
	case EXC_LOAD_PAGE_FAULT: return EXC_INSN_PAGE_FAULT;
	case EXC_GUEST_LOAD_PAGE_FAULT: return EXC_GUEST_INSN_PAGE_FAULT;
	default: return (int)cause;
	}
}

int riscv_fetch_insn(struct riscv_vcpu *v, uint32_t *insn, unsigned *length)
{
	uint64_t low, high = 0;
	unsigned cause = riscv_guest_load_code(v->regs.pc, &low);

	/* The second half may be on a page that has nothing to do with a compressed instruction. */
	*length = (low & 3) == 3 ? 4 : 2;
	if (!cause && *length == 4)
		cause = riscv_guest_load_code(v->regs.pc + 2, &high);
	if (cause)
		return fetch_cause(cause);
	*insn = (uint32_t)(high << 16 | low);
	return 0;
}

unsigned riscv_guest_read_long(uint64_t gva, uint64_t *value)
{
	uint64_t result = 0, byte;

	if (!(gva & 7))
		return riscv_guest_load_long(gva, value);
	for (unsigned i = 0; i < 8; i++) {
		unsigned cause = riscv_guest_load_byte(gva + i, &byte);

		if (cause)
			return cause;
		result |= byte << (8 * i);
	}
	*value = result;
	return 0;
}
