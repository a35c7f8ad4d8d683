/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Host tests: CSRs are a table by number, 0 until written (host.h: host_csr). No WARL behaviour.
 */
#include "../../../../../../foundation/axhal/riscv64/include/axhal/arch/csr_defs.h"
#include <stdint.h>

uint64_t *host_csr(unsigned number);

#define csr_read(csr)         (*host_csr(csr))
#define csr_write(csr, value) ((void)(*host_csr(csr) = (uint64_t)(value)))
#define csr_set(csr, bits)    ((void)(*host_csr(csr) |= (uint64_t)(bits)))
#define csr_clear(csr, bits)  ((void)(*host_csr(csr) &= ~(uint64_t)(bits)))
#define csr_swap(csr, value)                        \
	({                                          \
		uint64_t old_ = *host_csr(csr);     \
		*host_csr(csr) = (uint64_t)(value); \
		old_;                               \
	})
