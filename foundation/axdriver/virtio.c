/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all virtio devices have in common: reset, features, configuration.
 */
#include "virtio.h"
#include <axhal/time.h>
#include <axstd/error.h>
#include <axstd/log.h>

#define RESET_TIMEOUT_US 1000000
#define RESET_STEP_US    10
#define CONFIG_RETRIES   16

static void add_status(struct virtio_device *dev, uint8_t bits)
{
	dev->transport->set_status(dev, dev->transport->get_status(dev) | bits);
}

int virtio_device_reset(struct virtio_device *dev)
{
	dev->transport->set_status(dev, 0);
	for (unsigned us = 0; us < RESET_TIMEOUT_US; us += RESET_STEP_US) {
		if (!dev->transport->get_status(dev))
			return 0;
		time_delay_us(RESET_STEP_US);
	}
	log_error("%s: does not answer to a reset", dev->name);
	return -AX_EIO;
}

int virtio_device_init(struct virtio_device *dev, uint64_t wanted)
{
	uint64_t offered;
	int err;

	err = virtio_device_reset(dev);
	if (err)
		return err;
	add_status(dev, VIRTIO_STATUS_ACKNOWLEDGE);
	add_status(dev, VIRTIO_STATUS_DRIVER);

	offered = dev->transport->get_features(dev);
	if (!dev->legacy) {
		if (!(offered & VIRTIO_F_VERSION_1)) {
			log_error("%s: a version 2 transport without VIRTIO_F_VERSION_1", dev->name);
			goto refuse;
		}
		wanted |= VIRTIO_F_VERSION_1;
	}
	dev->features = offered & wanted;
	dev->transport->set_features(dev, dev->features);
	if (dev->legacy)
		return 0;

	add_status(dev, VIRTIO_STATUS_FEATURES_OK);
	if (dev->transport->get_status(dev) & VIRTIO_STATUS_FEATURES_OK)
		return 0;
	log_error("%s: the device refuses features 0x%llx", dev->name, (unsigned long long)dev->features);
refuse:
	virtio_device_fail(dev);
	return -AX_ENOTSUP;
}

void virtio_device_ready(struct virtio_device *dev)
{
	add_status(dev, VIRTIO_STATUS_DRIVER_OK);
}

void virtio_device_fail(struct virtio_device *dev)
{
	add_status(dev, VIRTIO_STATUS_FAILED);
}

uint64_t virtio_config_read64(struct virtio_device *dev, unsigned offset)
{
	uint32_t generation, low, high;

	for (unsigned i = 0; i < CONFIG_RETRIES; i++) {
		generation = dev->transport->config_generation(dev);
		low = dev->transport->config_read32(dev, offset);
		high = dev->transport->config_read32(dev, offset + 4);
		if (dev->transport->config_generation(dev) == generation)
			break;
	}
	return (uint64_t)high << 32 | low;
}

void virtio_interrupt(struct virtio_device *dev)
{
	if (dev->transport->ack_interrupt(dev) && dev->interrupt)
		dev->interrupt(dev);
}
