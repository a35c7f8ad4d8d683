/* SPDX-License-Identifier: Apache-2.0 */
/* A neighbour for tests of two VMs: a line each second, until it is stopped. "busy": it never sleeps. */
#include <guest.h>

const char guest_name[] = "spin";

void guest_main(void)
{
	unsigned beat;

	for (beat = 0;; beat++) {
		print("spin %u\n", beat);
		if (bootarg("busy"))
			clock_wait_us(1000000);
		else
			clock_sleep_us(1000000);
	}
}
