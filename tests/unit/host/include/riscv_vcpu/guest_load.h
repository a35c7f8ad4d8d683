/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Host tests: guest memory is what the test makes of it.
 */
#include <stdint.h>

uint64_t guest_load_begin(void);
void guest_load_end(uint64_t stvec);
uint64_t guest_load_code(uint64_t gva, uint64_t *cause);
uint64_t guest_load_byte(uint64_t gva, uint64_t *cause);
uint64_t guest_load_long(uint64_t gva, uint64_t *cause);
