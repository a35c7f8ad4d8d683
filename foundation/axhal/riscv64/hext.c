/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor CSRs of a hart that runs no guest: nothing is delegated, nothing is enabled, nothing of a former life
 * is left. Whoever runs guests opens what they may use.
 */
#include "arch.h"
#include <axhal/arch/csr.h>
#include <axhal/arch/hfence.h>

void hext_init_cpu(void)
{
	csr_write(CSR_HSTATUS, HSTATUS_VSXL_64);
	csr_write(CSR_HEDELEG, 0);
	csr_write(CSR_HIDELEG, 0);
	csr_write(CSR_HIE, 0);
	csr_write(CSR_HVIP, 0);
	csr_write(CSR_HGEIE, 0);
	csr_write(CSR_HCOUNTEREN, 0);
	csr_write(CSR_HTIMEDELTA, 0);
	csr_write(CSR_HENVCFG, 0);
	csr_write(CSR_VSATP, 0);
	csr_write(CSR_HGATP, 0);
	hfence_gvma_all();
	hfence_vvma_all();
}
