/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What assembly knows of C structures; the files named cpu.c check it. */
#define FRAME_SIZE 288
#define CPU_STACK  0
#define CPU_ARCH   8
