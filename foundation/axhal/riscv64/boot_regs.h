/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Values of the way in, for boot.S and C.
 */

#define BOOT_STACK_SIZE 16384

/* sstatus: SIE 1, VS 10:9, FS 14:13, SUM 18, MXR 19. */
#define SSTATUS_OFF 0xc6602

/* struct secondary_boot in arch.h, by offset. */
#define SECONDARY_SATP   0
#define SECONDARY_STACK  8
#define SECONDARY_PERCPU 16
#define SECONDARY_HART   24
