/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * System register access by architectural name: sysreg_read(HCR_EL2), or by encoding name S3_4_C12_C11_0, which may be
 * given a name by a macro.
 */
#include <stdint.h>

#define SYSREG_NAME(reg) #reg

#define sysreg_read(reg)                                                      \
	({                                                                    \
		uint64_t value_;                                              \
		__asm__ volatile("mrs %0, " SYSREG_NAME(reg) : "=r"(value_)); \
		value_;                                                       \
	})
#define sysreg_write(reg, value) __asm__ volatile("msr " SYSREG_NAME(reg) ", %x0" ::"rZ"((uint64_t)(value)) : "memory")

static inline void isb(void)
{
	__asm__ volatile("isb" ::: "memory");
}

#define dsb(scope) __asm__ volatile("dsb " #scope ::: "memory")
