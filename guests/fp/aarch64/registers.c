/* SPDX-License-Identifier: Apache-2.0 */
/* FP/SIMD: V0-V31, FPCR, FPSR. */
#include "registers.h"
#include <psci.h>
#include <sysreg.h>

void fp_load(const uint64_t *values);
void fp_store(uint64_t *values);

const struct bank_of_registers fp_banks[] = { { "V0-V31", 64, fp_load, fp_store } };

unsigned fp_bank_count(void)
{
	return ARRAY_LEN(fp_banks);
}

static uint64_t fpcr_of(unsigned round)
{
	return (uint64_t)(round & 3) << 22 | (uint64_t)(round & 1) << 24;
}

static uint64_t fpsr_of(unsigned round)
{
	return 1ULL << 27 | (round & 0x1f);
}

void fp_set_control(unsigned round)
{
	sysreg_write(fpcr, fpcr_of(round));
	sysreg_write(fpsr, fpsr_of(round));
}

bool fp_control_is(unsigned round)
{
	return sysreg_read(fpcr) == fpcr_of(round) && sysreg_read(fpsr) == fpsr_of(round);
}

void fp_call(void)
{
	psci_call(PSCI_VERSION, 0, 0, 0);
}

/* Three instructions that would trap if the hypervisor kept FP to itself. */
void check_arithmetic(void)
{
	uint64_t value;

	__asm__ volatile(".arch_extension fp\n\tmov x1, #3\n\tscvtf d0, x1\n\tfadd d0, d0, d0\n\tfmov %0, d0"
			 : "=r"(value)
			 :
			 : "x1");
	check_eq("fadd", value, 0x4018000000000000ULL);
}
