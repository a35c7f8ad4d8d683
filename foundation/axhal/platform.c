/* SPDX-License-Identifier: Apache-2.0 */
#include "hal.h"
#include <axstd/random.h>

static struct platform found_platform;
static char cpu_name[32];

void platform_set(const struct fdt_platform *found)
{
	found_platform = found->pub;
	random_seed(found->rng_seed.data, (size_t)found->rng_seed.len);
	for (size_t i = 0; i < sizeof(cpu_name); i++)
		cpu_name[i] = found->cpu_name[i];
}

const struct platform *platform(void)
{
	return &found_platform;
}

const char *platform_cpu_name(void)
{
	return cpu_name;
}

const char *platform_virtualization_error(void)
{
	return arch_virtualization_error();
}
