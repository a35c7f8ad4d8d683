/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The console of a VM: what its UART sends and receives.
 *
 * Output goes to a ring. While nobody is attached the oldest output is dropped when it is full (and counted). While
 * somebody is attached nothing is lost: when the ring is full the VM itself writes it out through the drain function,
 * and is slowed by it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vm;

#define VM_CONSOLE_OUTPUT_SIZE 65536
#define VM_CONSOLE_INPUT_SIZE  4096

/** vm_console_read - take up to @len bytes of output. Any context. Return: how many. */
size_t vm_console_read(struct vm *vm, char *buffer, size_t len);
/** vm_console_pending - is there output to be taken? */
bool vm_console_pending(struct vm *vm);
/** vm_console_write - input for the guest. Any context. Return: how many bytes fitted. */
size_t vm_console_write(struct vm *vm, const char *buffer, size_t len);
/** vm_console_attach - from now on output is kept rather than dropped (see above) */
void vm_console_attach(struct vm *vm, bool attached);

/**
 * vm_console_set_hooks - for the console multiplexer, once
 * @notify: a VM has new output, or wants nothing. Any context, interrupts off: wake somebody.
 * @drain:  an attached VM's ring is full: write some of it out now. The VM's vCPU task, interrupts off.
 */
void vm_console_set_hooks(void (*notify)(struct vm *vm), void (*drain)(struct vm *vm));
