/* SPDX-License-Identifier: Apache-2.0 */
#include "axvisor.h"
#include <axhal/console.h>
#include <axhal/platform.h>
#include <stdio.h>
#include <string.h>

static const char logo[] = "\n"
			   "       d8888            888     888 d8b\n"
			   "      d88888            888     888 Y8P\n"
			   "     d88P888            888     888\n"
			   "    d88P 888 888  888   Y88b   d88P 888 .d8888b   .d88b.  888d888\n"
			   "   d88P  888 `Y8bd8P'    Y88b d88P  888 88K      d88\"\"88b 888P\"\n"
			   "  d88P   888   X88K       Y88o88P   888 \"Y8888b. 888  888 888\n"
			   " d8888888888 .d8\"\"8b.      Y888P    888      X88 Y88..88P 888\n"
			   "d88P     888 888  888       Y8P     888  88888P'  \"Y88P\"  888\n"
			   "\n";

void logo_print(void)
{
	char line[96];

	console_write(logo, sizeof(logo) - 1);
	snprintf(line, sizeof(line), "AxVisor %s (%s)\n\n", AXVISOR_VERSION, platform_arch_name());
	console_write(line, strlen(line));
}
