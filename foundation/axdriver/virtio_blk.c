/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtio block devices, virtio 1.2 section 5.2.
 *
 * One request is in flight at a time: the caller holds the device's mutex and sleeps until the interrupt. Data goes
 * straight between the device and the caller's memory, up to 1 MiB per request.
 */
#include <stdio.h>
#include <axalloc/heap.h>
#include <axdriver/block.h>
#include <axhal/mmio.h>
#include <axhal/time.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axtask/mutex.h>
#include <axtask/wait.h>
#include "driver.h"
#include "virtio.h"
#include "virtqueue.h"

/* Feature bits, section 5.2.3 */
#define VIRTIO_BLK_F_SIZE_MAX BIT(1)
#define VIRTIO_BLK_F_SEG_MAX  BIT(2)
#define VIRTIO_BLK_F_RO       BIT(5)
#define VIRTIO_BLK_F_FLUSH    BIT(9)

/* Offsets in struct virtio_blk_config, section 5.2.4 */
#define VIRTIO_BLK_CFG_CAPACITY 0
#define VIRTIO_BLK_CFG_SIZE_MAX 8
#define VIRTIO_BLK_CFG_SEG_MAX  12

/* Requests, section 5.2.6 */
#define VIRTIO_BLK_T_IN    0
#define VIRTIO_BLK_T_OUT   1
#define VIRTIO_BLK_T_FLUSH 4

#define VIRTIO_BLK_S_OK     0
#define VIRTIO_BLK_S_UNSUPP 2

#define REQUEST_QUEUE 0
#define REQUEST_MAX   MIB(1)
#define SEGMENTS_MAX  32U
#define TIMEOUT_NS    (30 * NS_PER_SEC)
#define SLICE_NS      NS_PER_MS
#define POLL_US       100
#define POLL_STEP_US  5

struct virtio_blk_req {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};

struct virtio_blk {
	struct block_device block;
	struct virtio_device *vdev;
	struct mutex lock; /* everything below */
	struct wait_queue done;
	struct virtqueue queue;
	uint32_t segment_bytes; /* limits of the device */
	uint32_t segments;
	bool broken; /* it did not keep to the rules, and has been reset for good */
	/* Memory shared with the device. */
	struct virtio_blk_req req;
	uint8_t status;
};

static int give_up(struct virtio_blk *blk, const char *why)
{
	log_error("%s: %s; the device is not used any more", blk->block.name, why);
	blk->broken = true;
	/* A device that still holds buffers must not write to them after we have returned. */
	virtio_device_reset(blk->vdev);
	return -AX_EIO;
}

/* Data of a request, cut into what one descriptor may carry. Return: number of pieces. */
static unsigned add_segments(const struct virtio_blk *blk, struct virtq_buffer *buffers, const char *data, size_t len,
			     bool device_writes)
{
	unsigned n = 0;

	while (len) {
		uint32_t part = MIN(len, blk->segment_bytes);

		buffers[n++] = (struct virtq_buffer){ data, part, device_writes };
		data += part;
		len -= part;
	}
	return n;
}

/*
 * Sleep until the device has answered. The clock alone must not decide that it never will: under an emulator that
 * lets time jump to the next deadline while all CPUs sleep (QEMU, -icount sleep=off), 30 s pass at once. So the wait
 * is cut into short slices, and after each we look for the answer for a moment that takes time in the device's world
 * too.
 */
static bool wait_for_answer(struct virtio_blk *blk)
{
	uint64_t end = time_now_ns() + TIMEOUT_NS;

	while (time_now_ns() < end) {
		if (!wait_event_until(&blk->done, virtqueue_has_used(&blk->queue), time_now_ns() + SLICE_NS))
			return true;
		for (unsigned us = 0; us < POLL_US; us += POLL_STEP_US) {
			if (virtqueue_has_used(&blk->queue))
				return true;
			time_delay_us(POLL_STEP_US);
		}
	}
	return false;
}

static int request(struct virtio_blk *blk, uint32_t type, uint64_t sector, const void *data, size_t len)
{
	struct virtq_buffer buffers[SEGMENTS_MAX + 2];
	unsigned n = 0;
	int err;

	blk->req = (struct virtio_blk_req){ .type = type, .sector = sector };
	blk->status = 0xff;
	buffers[n++] = (struct virtq_buffer){ &blk->req, sizeof(blk->req), false };
	n += add_segments(blk, &buffers[n], data, len, type == VIRTIO_BLK_T_IN);
	buffers[n++] = (struct virtq_buffer){ &blk->status, sizeof(blk->status), true };

	virtqueue_add(&blk->queue, buffers, n);
	blk->vdev->transport->queue_notify(blk->vdev, REQUEST_QUEUE);
	if (!wait_for_answer(blk))
		return give_up(blk, "no answer to a request within 30 s");
	err = virtqueue_take(&blk->queue);
	if (err)
		return give_up(blk, "the device used a buffer that it was not given");
	switch (__atomic_load_n(&blk->status, __ATOMIC_RELAXED)) {
	case VIRTIO_BLK_S_OK: return 0;
	case VIRTIO_BLK_S_UNSUPP: return -AX_ENOTSUP;
	default: return -AX_EIO;
	}
}

/* @data is read by the device when @type is VIRTIO_BLK_T_OUT, and written when it is VIRTIO_BLK_T_IN. */
static int transfer(struct block_device *dev, uint32_t type, uint64_t sector, size_t count, const char *data)
{
	struct virtio_blk *blk = container_of(dev, struct virtio_blk, block);
	size_t most = MIN((uint64_t)blk->segment_bytes * blk->segments, REQUEST_MAX) / BLOCK_SECTOR_SIZE;
	int err = 0;

	mutex_lock(&blk->lock);
	while (count && !err) {
		size_t part = MIN(count, most);

		err = blk->broken ? -AX_EIO : request(blk, type, sector, data, part * BLOCK_SECTOR_SIZE);
		if (err)
			log_error("%s: %s sectors %llu..%llu: %s", dev->name,
				  type == VIRTIO_BLK_T_IN ? "reading" : "writing", (unsigned long long)sector,
				  (unsigned long long)(sector + part - 1), error_text(err));
		sector += part;
		data += part * BLOCK_SECTOR_SIZE;
		count -= part;
	}
	mutex_unlock(&blk->lock);
	return err ? -AX_EIO : 0;
}

static int virtio_blk_read(struct block_device *dev, uint64_t sector, size_t count, void *buffer)
{
	return transfer(dev, VIRTIO_BLK_T_IN, sector, count, buffer);
}

static int virtio_blk_write(struct block_device *dev, uint64_t sector, size_t count, const void *buffer)
{
	return transfer(dev, VIRTIO_BLK_T_OUT, sector, count, buffer);
}

static int virtio_blk_flush(struct block_device *dev)
{
	struct virtio_blk *blk = container_of(dev, struct virtio_blk, block);
	int err = 0;

	if (!(blk->vdev->features & VIRTIO_BLK_F_FLUSH))
		return 0; /* no volatile write cache, section 5.2.6.2 */
	mutex_lock(&blk->lock);
	err = blk->broken ? -AX_EIO : request(blk, VIRTIO_BLK_T_FLUSH, 0, NULL, 0);
	mutex_unlock(&blk->lock);
	return err ? -AX_EIO : 0;
}

static void virtio_blk_interrupt(struct virtio_device *vdev)
{
	struct virtio_blk *blk = vdev->driver;

	wait_wake_all(&blk->done);
}

/* What the device says about itself is believed only within bounds. */
static int read_config(struct virtio_blk *blk)
{
	struct virtio_device *vdev = blk->vdev;
	uint32_t size_max = REQUEST_MAX, seg_max = 1;

	blk->block.sectors = virtio_config_read64(vdev, VIRTIO_BLK_CFG_CAPACITY);
	blk->block.read_only = vdev->features & VIRTIO_BLK_F_RO;
	if (blk->block.sectors > UINT64_MAX / BLOCK_SECTOR_SIZE) {
		log_error("%s: impossible capacity of 0x%llx sectors", vdev->name,
			  (unsigned long long)blk->block.sectors);
		return -AX_EINVAL;
	}
	if (vdev->features & VIRTIO_BLK_F_SIZE_MAX) {
		size_max = vdev->transport->config_read32(vdev, VIRTIO_BLK_CFG_SIZE_MAX);
		if (vdev->features & VIRTIO_BLK_F_SEG_MAX)
			seg_max = vdev->transport->config_read32(vdev, VIRTIO_BLK_CFG_SEG_MAX);
	}
	blk->segment_bytes = MIN(ALIGN_DOWN(size_max, BLOCK_SECTOR_SIZE), REQUEST_MAX);
	seg_max = MIN(seg_max, blk->queue.size - 2);
	blk->segments = seg_max ? MIN(seg_max, SEGMENTS_MAX) : 1;
	if (!blk->segment_bytes) {
		log_error("%s: segments of at most %u bytes are smaller than a sector", vdev->name, size_max);
		return -AX_EINVAL;
	}
	return 0;
}

static void choose_name(struct block_device *dev)
{
	char letter = 'a';

	do
		snprintf(dev->name, sizeof(dev->name), "vd%c", letter);
	while (block_find(dev->name) && letter++ < 'z');
}

static int start(struct virtio_blk *blk)
{
	struct virtio_device *vdev = blk->vdev;
	unsigned max;
	int err;

	err = virtio_device_init(vdev,
				 VIRTIO_BLK_F_SIZE_MAX | VIRTIO_BLK_F_SEG_MAX | VIRTIO_BLK_F_RO | VIRTIO_BLK_F_FLUSH);
	if (err)
		return err;
	max = vdev->transport->queue_max(vdev, REQUEST_QUEUE);
	if (max < 4) {
		log_error("%s: a request queue of %u entries is too small", vdev->name, max);
		err = -AX_EINVAL;
		goto fail;
	}
	err = virtqueue_init(&blk->queue, max);
	if (err)
		goto fail;
	err = read_config(blk);
	if (err)
		goto free_queue;
	err = vdev->transport->queue_enable(vdev, REQUEST_QUEUE, &blk->queue);
	if (err)
		goto reset;
	vdev->interrupt = virtio_blk_interrupt;
	err = vdev->transport->enable_interrupt(vdev);
	if (err)
		goto reset;
	virtio_device_ready(vdev);
	return 0;

reset:
	virtio_device_reset(vdev);
free_queue:
	virtqueue_free(&blk->queue);
fail:
	virtio_device_fail(vdev);
	return err;
}

int virtio_blk_probe(struct virtio_device *vdev)
{
	struct virtio_blk *blk = kzalloc(sizeof(*blk));
	int err;

	if (!blk)
		return -AX_ENOMEM;
	blk->vdev = vdev;
	vdev->driver = blk;
	mutex_init(&blk->lock);
	wait_queue_init(&blk->done);
	blk->block.read = virtio_blk_read;
	blk->block.write = virtio_blk_write;
	blk->block.flush = virtio_blk_flush;
	choose_name(&blk->block);
	err = start(blk);
	if (err)
		goto free_blk;
	err = block_register(&blk->block);
	if (err)
		goto stop;
	log_info("%s: %s, virtio %s, %llu MiB%s", blk->block.name, vdev->name, vdev->legacy ? "legacy" : "1.x",
		 (unsigned long long)blk->block.sectors >> 11, blk->block.read_only ? ", read-only" : "");
	return 0;

stop:
	vdev->transport->disable_interrupt(vdev);
	virtio_device_reset(vdev);
	virtqueue_free(&blk->queue);
free_blk:
	kfree(blk);
	return err;
}
