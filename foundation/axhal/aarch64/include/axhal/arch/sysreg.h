/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * System register access by architectural name: sysreg_read(HCR_EL2), or by encoding name S3_4_C12_C11_0.
 */
#include <stdint.h>

#define sysreg_read(reg)                                                \
	({                                                              \
		uint64_t value_;                                        \
		__asm__ volatile("mrs %0, " #reg : "=r"(value_));       \
		value_;                                                 \
	})
#define sysreg_write(reg, value) __asm__ volatile("msr " #reg ", %x0" ::"rZ"((uint64_t)(value)) : "memory")

static inline void isb(void)
{
	__asm__ volatile("isb" ::: "memory");
}

#define dsb(scope) __asm__ volatile("dsb " #scope ::: "memory")
