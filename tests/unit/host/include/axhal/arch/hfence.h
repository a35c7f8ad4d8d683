/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Host tests: fences of the H extension are what the test defines.
 */
#include <stdint.h>

void hfence_vvma_all(void);
void hfence_vvma_address(uint64_t gva);
void hfence_vvma_asid(uint64_t asid);
void hfence_vvma_asid_address(uint64_t gva, uint64_t asid);
void fence_i(void);
