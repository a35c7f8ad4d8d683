/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What assembly knows of C structures; the files named cpu.c check it. */
#define FRAME_SIZE   288
#define FRAME_PC     256
#define FRAME_STATUS 264
#define FRAME_CAUSE  272
#define FRAME_VALUE  280

#define CPU_STACK      0
#define CPU_ARCH       8
#define CPU_TRAP_STACK 8
#define CPU_SCRATCH    16 /* two words */
