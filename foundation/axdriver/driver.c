/* SPDX-License-Identifier: Apache-2.0 */
#include "driver.h"
#include <axdriver/block.h>
#include <axstd/error.h>
#include <axstd/log.h>

static int (*const probes[PLATFORM_DEVICE_KINDS])(const struct platform_device *device) = {
	[PLATFORM_VIRTIO_MMIO] = virtio_mmio_probe,
};

void driver_init(void)
{
	const struct platform *p = platform();

	for (unsigned i = 0; i < p->num_devices; i++) {
		const struct platform_device *device = &p->devices[i];
		int err = probes[device->kind](device);

		if (err && err != -AX_ENODEV)
			log_warn("%s: not used: %s", device->name, error_text(err));
	}
	if (p->ramdisk)
		ramdisk_probe(p->ramdisk, p->ramdisk_size);
	if (!block_get(0))
		log_warn("no block device: neither a virtio disk nor a ramdisk was found");
}
