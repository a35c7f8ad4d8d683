/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Virtio devices seen from their drivers (private to this module): virtio 1.2, and the legacy interface of
 * virtio-mmio. Names of constants are those of the specification.
 *
 * A transport (virtio-mmio, later virtio-pci) fills in a struct virtio_device and hands it to the driver of its
 * device type. The driver locks; only ->interrupt comes on its own, in interrupt context.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <axstd/util.h>

/* Device types, section 5 */
#define VIRTIO_ID_BLOCK 2

/* Device status, section 2.1 */
#define VIRTIO_STATUS_ACKNOWLEDGE        1
#define VIRTIO_STATUS_DRIVER             2
#define VIRTIO_STATUS_DRIVER_OK          4
#define VIRTIO_STATUS_FEATURES_OK        8
#define VIRTIO_STATUS_DEVICE_NEEDS_RESET 64
#define VIRTIO_STATUS_FAILED             128

/* Feature bits that belong to no device type, section 6 */
#define VIRTIO_F_VERSION_1 BIT(32)

struct virtio_device;
struct virtqueue;

struct virtio_transport {
	uint8_t (*get_status)(struct virtio_device *dev);
	/* Writing 0 resets; the reset is complete when get_status() reads 0. */
	void (*set_status)(struct virtio_device *dev, uint8_t status);
	uint64_t (*get_features)(struct virtio_device *dev);
	void (*set_features)(struct virtio_device *dev, uint64_t features);
	/*
	 * One aligned little-endian field of the device's configuration; its parts may be torn:
	 * virtio_config_read64().
	 */
	uint32_t (*config_read32)(struct virtio_device *dev, unsigned offset);
	uint32_t (*config_generation)(struct virtio_device *dev);
	unsigned (*queue_max)(struct virtio_device *dev,
			      unsigned index); /* largest size; 0: no such queue, or in use */
	int (*queue_enable)(struct virtio_device *dev, unsigned index, const struct virtqueue *queue);
	void (*queue_notify)(struct virtio_device *dev, unsigned index);
	/* Take the interrupt back. Return: false when the device has not raised it. */
	bool (*ack_interrupt)(struct virtio_device *dev);
	int (*enable_interrupt)(struct virtio_device *dev);
	void (*disable_interrupt)(struct virtio_device *dev);
};

struct virtio_device {
	const struct virtio_transport *transport;
	const char *name; /* "virtio_mmio@a003e00" */
	uint32_t id;      /* VIRTIO_ID_* */
	bool legacy;
	uint64_t features; /* negotiated */
	void *driver;
	void (*interrupt)(struct virtio_device *dev); /* the device has used buffers; interrupt context */
};

/**
 * virtio_device_init - reset the device and agree on features, sections 3.1.1 and 3.1.2
 * @wanted: features that the driver can use; VIRTIO_F_VERSION_1 is added for devices that are not legacy
 *
 * Afterwards the driver sets up its queues and calls virtio_device_ready(). Return: 0, -AX_EIO (no answer to a
 * reset), -AX_ENOTSUP (the device insists on something else).
 */
int virtio_device_init(struct virtio_device *dev, uint64_t wanted);

/**
 * virtio_device_reset - stop the device: it forgets its queues and touches no memory any more. Return: 0 or -AX_EIO.
 */
int virtio_device_reset(struct virtio_device *dev);

/** virtio_device_ready - set DRIVER_OK: the device may use its queues */
void virtio_device_ready(struct virtio_device *dev);

/** virtio_device_fail - tell the device that its driver has given up */
void virtio_device_fail(struct virtio_device *dev);

/** virtio_config_read64 - a 64-bit field of the configuration, read in one piece (section 2.5.1) */
uint64_t virtio_config_read64(struct virtio_device *dev, unsigned offset);

/** virtio_interrupt - for transports: the device's interrupt has come */
void virtio_interrupt(struct virtio_device *dev);
