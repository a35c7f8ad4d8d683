/* fuzz: axhal/platform_fdt.c axhal/fdt_walk.c axhal/aarch64/fdt_arm.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a device tree: an error with a text, or a description within its bounds.
 */
#include <stdlib.h>
#include <string.h>
#include "fdt_arm.h"

#define check(condition)          \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fdt_platform found;
	static struct fdt_arm arm;
	/* A copy of exact size and alignment, so that the sanitizer sees a read behind its end. */
	void *tree = malloc(size + 1);
	int err;

	memcpy(tree, data, size);
	err = platform_fdt_parse_arm(tree, size, &found, &arm);
	check(!err == !found.error[0]);
	if (!err) {
		check(found.num_ram && found.num_cpus);
		check(arm.num_redist <= GIC_MAX_REDIST && (arm.gic_version != 3 || arm.num_redist));
		check(!found.console.kind || found.console.size);
	}
	check(found.num_notes <= FDT_MAX_NOTES && found.pub.num_devices <= PLATFORM_MAX_DEVICES);
	free(tree);
	return 0;
}
