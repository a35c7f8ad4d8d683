/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Single loads from the memory of the guest that was left by the trap being handled: at its virtual address, with its
 * rights (hstatus.SPVP). They may fault.
 */
#include <stdint.h>

/*
 * guest_load.S: HLVX.HU (a half, needs the right to execute), HLV.BU, HLV.D. Interrupts off, the vCPU loaded and not
 * entered since its trap. @value is 0 if the load faults.
 * Return: 0, or the exception's cause; sepc, stval, htval, htinst, and what a trap changes in sstatus and hstatus are
 * lost then.
 */
unsigned riscv_guest_load_code(uint64_t gva, uint64_t *value);
unsigned riscv_guest_load_byte(uint64_t gva, uint64_t *value);
unsigned riscv_guest_load_long(uint64_t gva, uint64_t *value);

/** riscv_guest_read_long - 8 bytes at any address, fetch.c; the same rules. @value is set on success only. */
unsigned riscv_guest_read_long(uint64_t gva, uint64_t *value);
