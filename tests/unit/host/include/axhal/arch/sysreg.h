/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Host tests: system registers are a table of values by name, 0 until written (host.h: host_sysreg).
 */
#include <stdint.h>

uint64_t *host_sysreg(const char *name);

#define sysreg_read(reg)         (*host_sysreg(#reg))
#define sysreg_write(reg, value) ((void)(*host_sysreg(#reg) = (uint64_t)(value)))

static inline void isb(void)
{
}

#define dsb(scope) ((void)0)
