/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest guest. */
#include <guest.h>

const char guest_name[] = "hello";

extern char _start[];

void guest_main(void)
{
	print("Hello, world!\n");
	print("image %#llx, device tree %#llx\n", (unsigned long long)_start, (unsigned long long)machine.dtb);
	check(machine.cpu_count > 0, "cpus", "expected at least one in the device tree, got none");
	check(machine.ram_count > 0, "memory", "expected at least one bank in the device tree, got none");
}
