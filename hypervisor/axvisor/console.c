/* SPDX-License-Identifier: Apache-2.0 */
#include "axvisor.h"
#include <axhal/console.h>
#include <axvm/console.h>

static void drain(struct vm *vm)
{
	char buffer[256];
	size_t n;

	while ((n = vm_console_read(vm, buffer, sizeof(buffer))))
		console_write(buffer, n);
}

void console_mux_init(void)
{
	vm_console_set_hooks(drain, drain);
}
