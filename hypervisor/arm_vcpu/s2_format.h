/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Stage 2 of VMSAv8-64 with the 4 KiB granule: table format and the registers that describe it (Arm ARM D8.2, D8.3,
 * D8.5, VTCR_EL2 in D19.2). Pure functions of ID register values.
 */
#include <axhal/pgtable.h>

#define S2_IPA_BITS_MIN 32
#define S2_IPA_BITS_MAX 48

/**
 * s2_pa_bits - physical address size by ID_AA64MMFR0_EL1.PARange, at most 48 (more needs FEAT_LPA with large
 * granules)
 */
unsigned s2_pa_bits(uint64_t mmfr0);

/** s2_vmid_bits - 8 or 16, by ID_AA64MMFR1_EL1.VMIDBits */
unsigned s2_vmid_bits(uint64_t mmfr1);

/**
 * s2_format_for - the smallest table format for guest-physical addresses of @ipa_bits bits
 *
 * Its input_bits is one of 32, 36, 39, 40, 42, 44, 48. Up to 42 bits: three levels with up to 8 concatenated root
 * tables; above: four levels. Pages of 4 KiB, 2 MiB, 1 GiB.
 *
 * Return: the format, or NULL if @ipa_bits is not in S2_IPA_BITS_MIN .. S2_IPA_BITS_MAX.
 */
const struct pt_format *s2_format_for(unsigned ipa_bits);

/**
 * s2_vtcr - the value of VTCR_EL2 that goes with the format whose input_bits is @ipa_bits
 * @mmfr0, @mmfr1: ID_AA64MMFR0_EL1 and ID_AA64MMFR1_EL1
 *
 * Return: the value, or 0 if the CPU cannot do it (@ipa_bits is out of range or more than its physical address size).
 */
uint64_t s2_vtcr(unsigned ipa_bits, uint64_t mmfr0, uint64_t mmfr1);
