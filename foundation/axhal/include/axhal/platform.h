/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the hardware description (device tree or ACPI) says about the machine, in neutral terms.
 * Everything is filled in by the boot CPU before the frame allocator starts and is constant afterwards.
 */
#include <stddef.h>
#include <stdint.h>
#include <axstd/util.h>

#define PLATFORM_MAX_DEVICES 64

enum platform_device_kind { PLATFORM_VIRTIO_MMIO, PLATFORM_DEVICE_KINDS };

struct platform_device {
	enum platform_device_kind kind;
	paddr_t base;
	uint64_t size;
	unsigned irq; /* host interrupt number, as irq_register() takes it */
	bool irq_edge;
	char name[32]; /* "virtio_mmio@a003e00" */
};

struct platform {
	char model[64];
	char bootargs[512];
	paddr_t ramdisk; /* 0: none */
	uint64_t ramdisk_size;
	const void *fdt; /* own copy of the device tree, NULL where there is none */
	size_t fdt_size;
	unsigned num_devices;
	struct platform_device devices[PLATFORM_MAX_DEVICES];
};

const struct platform *platform(void);
/** platform_arch_name, platform_cpu_name - e.g. "aarch64", "cortex-a72" */
const char *platform_arch_name(void);
const char *platform_cpu_name(void);
/** platform_virtualization_error - NULL, or why guests cannot run on this machine (the shell still works) */
const char *platform_virtualization_error(void);
