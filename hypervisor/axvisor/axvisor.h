/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The parts of the program.
 */

/* logo.c */
void logo_print(void);

/*
 * boot_vms.c: create and start the VMs of /guest/vm_default and those linked into the binary. Problems are logged;
 * the rest goes on.
 */
void boot_vms_start(void);

/* console.c: the multiplexer of the physical console. */
void console_mux_init(void);
