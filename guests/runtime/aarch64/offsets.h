/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What assembly knows of C structures; cpu.c checks it. */
#define FRAME_SIZE 288
#define CPU_STACK  0
