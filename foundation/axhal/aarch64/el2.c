/* SPDX-License-Identifier: Apache-2.0 */
/*
 * EL2 system registers of a CPU that runs no guest: everything that can be trapped is trapped, nothing of a former
 * life is left. Whoever runs guests opens what they may use.
 */
#include "arch.h"
#include "boot_regs.h"
#include <axhal/arch/sysreg.h>

/*
 * CPTR_EL2 with E2H 0: RES1 bits; TFP 10, TTA 20, TAM 30, TCPAC 31. TZ 8 and TSM 12 are among the RES1 bits: set is
 * trapped.
 */
#define CPTR_EL2_DENY (0x33ff | BIT(10) | BIT(20) | BIT(30) | BIT(31))

/*
 * MDCR_EL2: TPMCR 5, TPM 6, TDA 9, TDOSA 10, TDRA 11, TPMS 14, TTRF 19. HPMN [4:0] is kept as all counters. E2PB,
 * E2TB 0: buffers are EL2's.
 */
#define MDCR_EL2_DENY (BIT(5) | BIT(6) | BIT(9) | BIT(10) | BIT(11) | BIT(14) | BIT(19))

#define VTCR_EL2_RES1 BIT(31)

/* Registers that assemblers of ARMv8.0 do not know by name. */
#define HCRX_EL2      S3_4_C1_C2_2
#define HFGRTR_EL2    S3_4_C1_C1_4
#define HFGWTR_EL2    S3_4_C1_C1_5
#define HFGITR_EL2    S3_4_C1_C1_6
#define HDFGRTR_EL2   S3_4_C3_C1_4
#define HDFGWTR_EL2   S3_4_C3_C1_5
#define CNTHV_CTL_EL2 S3_4_C14_C3_1

static void init_debug(void)
{
	uint64_t dfr0 = sysreg_read(id_aa64dfr0_el1);
	uint64_t pmu = FIELD(dfr0, 11, 8), mdcr = MDCR_EL2_DENY;

	if (pmu && pmu != 0xf)
		mdcr |= FIELD(sysreg_read(pmcr_el0), 15, 11);
	sysreg_write(mdcr_el2, mdcr);
}

/* Extensions whose EL2 controls have no defined reset value. 0: nothing is trapped, but nothing is enabled either. */
static void init_extensions(void)
{
	if (FIELD(sysreg_read(id_aa64mmfr0_el1), 59, 56)) {
		sysreg_write(HFGRTR_EL2, 0);
		sysreg_write(HFGWTR_EL2, 0);
		sysreg_write(HFGITR_EL2, 0);
		sysreg_write(HDFGRTR_EL2, 0);
		sysreg_write(HDFGWTR_EL2, 0);
	}
	if (FIELD(sysreg_read(id_aa64mmfr1_el1), 43, 40))
		sysreg_write(HCRX_EL2, 0);
	if (FIELD(sysreg_read(id_aa64mmfr1_el1), 11, 8))
		sysreg_write(CNTHV_CTL_EL2, 0);
}

void el2_init_cpu(void)
{
	sysreg_write(hcr_el2, HCR_EL2_BOOT);
	sysreg_write(cptr_el2, CPTR_EL2_DENY);
	sysreg_write(hstr_el2, 0);
	sysreg_write(cnthctl_el2, 0); /* EL1 reaches neither the physical counter nor the physical timer */
	sysreg_write(cntvoff_el2, 0);
	sysreg_write(cnthp_ctl_el2, 0);
	sysreg_write(cntv_ctl_el0, 0);
	sysreg_write(cntp_ctl_el0, 0);
	sysreg_write(vttbr_el2, 0);
	sysreg_write(vtcr_el2, VTCR_EL2_RES1);
	sysreg_write(vpidr_el2, sysreg_read(midr_el1));
	sysreg_write(vmpidr_el2, sysreg_read(mpidr_el1));
	init_debug();
	init_extensions();
	isb();
	/* Nothing of a guest of the former life stays in the TLBs. */
	__asm__ volatile("tlbi alle1\n\tdsb nsh\n\tisb\n\tmsr daifclr, #4" ::: "memory");
}
