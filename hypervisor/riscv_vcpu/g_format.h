/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * G-stage tables: Sv39x4, Sv48x4, Sv57x4 (Privileged Architecture 18.5.1).
 */
#include <axhal/pgtable.h>

/**
 * g_format_for - the smallest format for guest-physical addresses of @gpa_bits bits
 * @levels: of the largest mode that the hart has: 3, 4, 5; 0: none
 * Return: the format, NULL: none is large enough.
 */
const struct pt_format *g_format_for(unsigned gpa_bits, unsigned levels);
/** g_format_bits - how wide a guest-physical address may be with tables of @levels; 0: there is no such mode */
unsigned g_format_bits(unsigned levels);
/** g_format_hgatp - hgatp for a table of @format with the root at @root and @vmid */
uint64_t g_format_hgatp(const struct pt_format *format, paddr_t root, uint64_t vmid);
