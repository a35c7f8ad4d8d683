/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What drivers are found by (private to this module). Each probe function looks at one thing of the platform and
 * registers what it drives.
 */
#include <axhal/platform.h>

struct virtio_device;

/**
 * virtio_mmio_probe - look at one virtio-mmio window. Return: 0, -AX_ENODEV (empty), or why its device cannot be
 * used.
 */
int virtio_mmio_probe(const struct platform_device *platform_device);

/** virtio_blk_probe - drive a block device. On success it owns @vdev. Return: 0 or -AX_E* (reported). */
int virtio_blk_probe(struct virtio_device *vdev);

/** ramdisk_probe - make "ram0" of memory handed over by the boot loader. Return: 0 or -AX_E* (reported). */
int ramdisk_probe(paddr_t base, uint64_t size);
