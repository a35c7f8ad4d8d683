/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Access to control and status registers: csr_read(CSR_HSTATUS) and friends; the number is part of the instruction.
 */
#include <axhal/arch/csr_defs.h>
#include <stdint.h>

#define CSR_TEXT_(number) #number
#define CSR_TEXT(number)  CSR_TEXT_(number)

#define csr_read(csr)                                                                 \
	({                                                                            \
		uint64_t value_;                                                      \
		__asm__ volatile("csrr %0, " CSR_TEXT(csr) : "=r"(value_)::"memory"); \
		value_;                                                               \
	})
#define csr_write(csr, value) __asm__ volatile("csrw " CSR_TEXT(csr) ", %0" ::"rK"((uint64_t)(value)) : "memory")
#define csr_set(csr, bits)    __asm__ volatile("csrs " CSR_TEXT(csr) ", %0" ::"rK"((uint64_t)(bits)) : "memory")
#define csr_clear(csr, bits)  __asm__ volatile("csrc " CSR_TEXT(csr) ", %0" ::"rK"((uint64_t)(bits)) : "memory")
#define csr_swap(csr, value)                                       \
	({                                                         \
		uint64_t value_;                                   \
		__asm__ volatile("csrrw %0, " CSR_TEXT(csr) ", %1" \
				 : "=r"(value_)                    \
				 : "rK"((uint64_t)(value))         \
				 : "memory");                      \
		value_;                                            \
	})
