/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Values of the way in, for boot.S and C.
 */

#define BOOT_STACK_SIZE 16384

/* struct secondary_boot in arch.h, by offset. */
#define SECONDARY_SATP   0
#define SECONDARY_STACK  8
#define SECONDARY_PERCPU 16
