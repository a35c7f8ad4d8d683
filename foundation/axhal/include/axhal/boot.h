/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The way in. The architecture's start code relocates the image, discovers the platform, switches to the hypervisor's
 * own page tables, sets this CPU's per-CPU area and traps up and calls kernel_main() with interrupts off.
 */
#include <stdint.h>

/* Provided by the program on top of the foundation. */
_Noreturn void kernel_main(void);

/* Ends of the image in memory, from the linker script. */
extern char image_start[], image_end[];
