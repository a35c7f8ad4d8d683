/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <guest.h>
#include <sbi.h>

#define NOWHERE 0x0b000000ULL
#define NOBODY  0x777ULL

/** check_error - check that a call had this outcome */
void check_error(const char *name, struct sbi_ret ret, int64_t expected);
/** check_either - one of two */
void check_either(const char *name, struct sbi_ret ret, int64_t expected, int64_t other);

void check_hsm(void);
void check_susp(void);
void check_rfence(void);
void check_dbcn(void);
void check_legacy(void);
