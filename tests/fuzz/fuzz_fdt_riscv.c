/* fuzz: axhal/platform_fdt.c axhal/fdt_walk.c axhal/riscv64/fdt_riscv.c axhal/riscv64/isa.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the device tree of a RISC-V machine: an error with a text, or a description within its bounds.
 */
#include <stdlib.h>
#include <string.h>
#include "fdt_riscv.h"

#define check(condition)          \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_harts(const struct fdt_riscv *riscv, const struct fdt_platform *found)
{
	check(riscv->num_harts == found->num_cpus && riscv->num_harts <= CPU_MAX);
	for (unsigned i = 0; i < riscv->num_harts; i++) {
		const struct fdt_hart *hart = &riscv->harts[i];

		check(hart->hwid == found->cpus[i].hwid);
		check(!riscv->aplic.msi || hart->imsic != HART_NONE);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fdt_platform found;
	static struct fdt_riscv riscv;
	/* A copy of exact size and alignment, so that the sanitizer sees a read behind its end. */
	void *tree = malloc(size + 1);
	int err;

	memcpy(tree, data, size);
	err = platform_fdt_parse_riscv(tree, size, &found, &riscv);
	check(!err == !found.error[0]);
	check_harts(&riscv, &found);
	check(riscv.info.extensions < BIT(RISCV_EXTS));
	check(riscv.plic.num_sources < 1024 && riscv.aplic.num_sources < 1024);
	check(riscv.imsic.num_regions <= IMSIC_MAX_REGIONS && riscv.imsic.num_ids < 2048);
	check(!riscv.aplic.msi || riscv.imsic.num_regions);
	check(found.num_notes <= FDT_MAX_NOTES && found.pub.num_devices <= PLATFORM_MAX_DEVICES);
	for (unsigned i = 0; i < found.pub.num_devices; i++)
		check(found.pub.devices[i].irq > 32 && found.pub.devices[i].irq < 32 + 1024);
	free(tree);
	return 0;
}
