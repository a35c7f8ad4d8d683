/* unit: axdriver/virtio_blk.c axdriver/virtqueue.c axdriver/virtio.c axdriver/virtio_mmio.c axdriver/block.c axdriver/ramdisk.c axdriver/driver.c axstd/error.c fake_task.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The virtio block driver against a device that is played by the test: it may answer, lie, or stay silent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <axdriver/block.h>
#include <axhal/mmio.h>
#include <axstd/error.h>
#include "driver.h"
#include "fake_task.h"
#include "host/host.h"
#include "virtio.h"
#include "virtqueue.h"

#define SECTORS 8192

/* What the device does with the next requests. */
enum behaviour { GOOD, IO_ERROR, SILENT, WRONG_ID, INDEX_JUMPS };

static struct {
	struct virtio_device vdev;
	uint8_t status;
	uint64_t features, accepted;
	uint32_t config[4]; /* capacity, size_max, seg_max */
	unsigned queue_max, requests, flushes, resets;
	size_t largest, most_segments;
	const struct virtqueue *queue;
	uint16_t seen;
	enum behaviour behaviour;
	bool notified, stuck_in_reset, refuses_features, interrupt_on;
	uint8_t *disk;
} device;

static uint8_t get_status(struct virtio_device *dev)
{
	return device.stuck_in_reset ? 0x40 : device.status;
}

static void set_status(struct virtio_device *dev, uint8_t status)
{
	device.status = status;
	if (device.refuses_features)
		device.status &= ~VIRTIO_STATUS_FEATURES_OK;
	if (!status) {
		device.resets++;
		device.queue = NULL;
		device.seen = 0;
	}
}

static uint64_t get_features(struct virtio_device *dev)
{
	return device.features;
}

static void set_features(struct virtio_device *dev, uint64_t features)
{
	device.accepted = features;
}

static uint32_t config_read32(struct virtio_device *dev, unsigned offset)
{
	assert_true(offset / 4 < ARRAY_SIZE(device.config));
	return device.config[offset / 4];
}

static uint32_t config_generation(struct virtio_device *dev)
{
	return 0;
}

static unsigned queue_max(struct virtio_device *dev, unsigned index)
{
	return device.queue_max;
}

static int queue_enable(struct virtio_device *dev, unsigned index, const struct virtqueue *queue)
{
	device.queue = queue;
	return 0;
}

static void queue_notify(struct virtio_device *dev, unsigned index)
{
	assert_true(device.status & VIRTIO_STATUS_DRIVER_OK);
	device.notified = true;
}

static bool ack_interrupt(struct virtio_device *dev)
{
	return true;
}

static int enable_interrupt(struct virtio_device *dev)
{
	device.interrupt_on = true;
	return 0;
}

static void disable_interrupt(struct virtio_device *dev)
{
	device.interrupt_on = false;
}

static const struct virtio_transport transport = {
	.get_status = get_status,
	.set_status = set_status,
	.get_features = get_features,
	.set_features = set_features,
	.config_read32 = config_read32,
	.config_generation = config_generation,
	.queue_max = queue_max,
	.queue_enable = queue_enable,
	.queue_notify = queue_notify,
	.ack_interrupt = ack_interrupt,
	.enable_interrupt = enable_interrupt,
	.disable_interrupt = disable_interrupt,
};

/* Carry out the request at descriptor @head as a device would, section 5.2.6. */
static void serve(const struct virtq_desc *desc, unsigned head)
{
	struct {
		uint32_t type, reserved;
		uint64_t sector;
	} *req = (void *)(uintptr_t)desc[head].addr;
	size_t done = 0, segments = 0;
	unsigned i = head;

	assert_int_equal(desc[i].len, 16);
	assert_true(desc[i].flags & VIRTQ_DESC_F_NEXT);
	for (i = desc[i].next; desc[i].flags & VIRTQ_DESC_F_NEXT; i = desc[i].next) {
		void *data = (void *)(uintptr_t)desc[i].addr;
		uint8_t *sectors = device.disk + req->sector * 512 + done;

		assert_true(req->sector * 512 + done + desc[i].len <= SECTORS * 512);
		assert_int_equal(!!(desc[i].flags & VIRTQ_DESC_F_WRITE), req->type == 0);
		if (req->type)
			memcpy(sectors, data, desc[i].len);
		else
			memcpy(data, sectors, desc[i].len);
		done += desc[i].len;
		segments++;
	}
	assert_int_equal(desc[i].len, 1);
	assert_true(desc[i].flags & VIRTQ_DESC_F_WRITE);
	*(uint8_t *)(uintptr_t)desc[i].addr = device.behaviour == IO_ERROR;
	device.requests++;
	device.flushes += req->type == 4;
	device.largest = MAX(device.largest, done);
	device.most_segments = MAX(device.most_segments, segments);
}

static void answer(void)
{
	struct virtqueue *queue = (void *)device.queue;
	struct virtq_used_elem *used;

	if (!device.notified || !queue || device.behaviour == SILENT)
		return;
	device.notified = false;
	while (device.seen != queue->avail->idx) {
		unsigned head = queue->avail->ring[device.seen % queue->size];

		serve(queue->desc, head);
		used = &queue->used->ring[device.seen++ % queue->size];
		used->id = device.behaviour == WRONG_ID ? 77 : head;
		queue->used->idx += device.behaviour == INDEX_JUMPS ? 5 : 1;
	}
	virtio_interrupt(&device.vdev);
}

static struct block_device *start(void)
{
	static unsigned count;
	char name[16];

	if (virtio_blk_probe(&device.vdev))
		return NULL;
	snprintf(name, sizeof(name), "vd%c", 'a' + count++);
	return block_find(name);
}

static int reset_device(void **state)
{
	free(device.disk);
	memset(&device, 0, sizeof(device));
	device.disk = malloc(SECTORS * 512);
	for (unsigned i = 0; i < SECTORS * 512; i++)
		device.disk[i] = (uint8_t)(i ^ i >> 9);
	device.vdev.transport = &transport;
	device.vdev.name = "fake";
	device.features = VIRTIO_F_VERSION_1 | BIT(9) | BIT(2);
	device.config[0] = SECTORS;
	device.config[3] = 126;
	device.queue_max = 256;
	fake_task_on_block = answer;
	return 0;
}

static void what_is_written_is_read_back(void **state)
{
	struct block_device *dev = start();
	uint8_t out[1024], in[1024];

	assert_non_null(dev);
	assert_int_equal(dev->sectors, SECTORS);
	assert_false(dev->read_only);
	memset(out, 0x5a, sizeof(out));
	assert_int_equal(block_write(dev, 100, 2, out), 0);
	assert_int_equal(block_read(dev, 100, 2, in), 0);
	assert_memory_equal(in, out, sizeof(in));
	assert_memory_equal(device.disk + 100 * 512, out, sizeof(out));
	assert_int_equal(dev->flush(dev), 0);
	assert_int_equal(device.flushes, 1);
}

static void large_reads_take_few_requests(void **state)
{
	struct block_device *dev = start();
	uint8_t *buffer = malloc(SECTORS * 512);

	assert_int_equal(block_read(dev, 0, SECTORS, buffer), 0);
	assert_memory_equal(buffer, device.disk, SECTORS * 512);
	assert_int_equal(device.requests, SECTORS * 512 / MIB(1));
	assert_int_equal(device.largest, MIB(1));
	free(buffer);
}

static void limits_of_the_device_are_kept(void **state)
{
	struct block_device *dev;
	uint8_t *buffer = malloc(MIB(1));

	device.features |= BIT(1);
	device.config[2] = 4096 + 100; /* size_max: rounded down to sectors */
	device.config[3] = 4;
	dev = start();
	assert_int_equal(block_read(dev, 8, 2048, buffer), 0);
	assert_memory_equal(buffer, device.disk + 8 * 512, MIB(1));
	assert_int_equal(device.most_segments, 4);
	assert_int_equal(device.largest, 4 * 4096);
	free(buffer);
}

static void small_queues_work(void **state)
{
	struct block_device *dev;
	uint8_t buffer[2048];

	device.queue_max = 5; /* not a power of two: 4 are used */
	device.features |= BIT(1);
	device.config[2] = 512;
	dev = start();
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(block_read(dev, i, 4, buffer), 0);
	assert_int_equal(device.most_segments, 2);
	assert_memory_equal(buffer, device.disk + 99 * 512, sizeof(buffer));
}

static void a_queue_index_wraps_around(void **state)
{
	struct block_device *dev = start();
	uint8_t buffer[512];

	for (unsigned i = 0; i < 70000; i++)
		assert_int_equal(block_read(dev, i % SECTORS, 1, buffer), 0);
	assert_memory_equal(buffer, device.disk + 69999 % SECTORS * 512, 512);
}

static void access_beyond_the_end_is_refused(void **state)
{
	struct block_device *dev = start();
	uint8_t buffer[1024];

	assert_int_equal(block_read(dev, SECTORS, 1, buffer), -AX_ERANGE);
	assert_int_equal(block_read(dev, SECTORS - 1, 2, buffer), -AX_ERANGE);
	assert_int_equal(block_read(dev, UINT64_MAX, 2, buffer), -AX_ERANGE);
	assert_int_equal(block_write(dev, 1, SIZE_MAX, buffer), -AX_ERANGE);
	assert_int_equal(block_read(dev, SECTORS, 0, buffer), 0);
	assert_int_equal(device.requests, 0);
}

static void a_read_only_device_is_never_written(void **state)
{
	struct block_device *dev;
	uint8_t buffer[512];

	device.features |= BIT(5);
	dev = start();
	assert_true(dev->read_only);
	assert_int_equal(block_write(dev, 0, 1, buffer), -AX_EROFS);
	assert_int_equal(device.requests, 0);
}

static void an_error_of_the_device_is_reported_and_survived(void **state)
{
	struct block_device *dev = start();
	uint8_t buffer[512];

	device.behaviour = IO_ERROR;
	assert_int_equal(block_read(dev, 3, 1, buffer), -AX_EIO);
	device.behaviour = GOOD;
	assert_int_equal(block_read(dev, 3, 1, buffer), 0);
}

static void a_silent_device_is_reset_and_left_alone(void **state)
{
	struct block_device *dev = start();
	uint64_t before = host_time_ns;
	uint8_t buffer[512];

	device.behaviour = SILENT;
	assert_int_equal(block_read(dev, 3, 1, buffer), -AX_EIO);
	assert_true(host_time_ns - before >= 30 * UINT64_C(1000000000));
	assert_null(device.queue); /* it has been reset: nothing can be written into the buffer any more */
	device.behaviour = GOOD;
	before = host_time_ns;
	assert_int_equal(block_read(dev, 3, 1, buffer), -AX_EIO);
	assert_int_equal(dev->flush(dev), -AX_EIO);
	assert_int_equal(host_time_ns, before);
}

static void a_device_that_lies_is_not_used_any_more(void **state)
{
	static const enum behaviour lies[] = { WRONG_ID, INDEX_JUMPS };
	uint8_t buffer[512];

	for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
		struct block_device *dev;

		reset_device(NULL);
		dev = start();
		device.behaviour = lies[i];
		assert_int_equal(block_read(dev, 3, 1, buffer), -AX_EIO);
		assert_null(device.queue);
		device.behaviour = GOOD;
		assert_int_equal(block_read(dev, 3, 1, buffer), -AX_EIO);
	}
}

static void impossible_devices_are_refused_without_a_leak(void **state)
{
	size_t heap = host_heap_live(), frames = host_frames_live();

	device.queue_max = 0;
	assert_null(start());
	device.queue_max = 2;
	assert_null(start());
	reset_device(NULL);
	device.config[0] = device.config[1] = UINT32_MAX;
	assert_null(start());
	reset_device(NULL);
	device.features |= BIT(1);
	device.config[2] = 511;
	assert_null(start());
	reset_device(NULL);
	device.features = 0;
	assert_null(start());
	reset_device(NULL);
	device.refuses_features = true;
	assert_null(start());
	reset_device(NULL);
	device.stuck_in_reset = true;
	assert_null(start());
	for (unsigned n = 0;; n++) {
		reset_device(NULL);
		host_fail_after(n);
		if (virtio_blk_probe(&device.vdev) == 0)
			break;
		assert_true(host_fail_hit());
		assert_int_equal(host_heap_live(), heap);
		assert_int_equal(host_frames_live(), frames);
	}
	host_fail_never();
}

/* Registers of virtio-mmio as plain memory: enough to see what is probed and what is not. */
static void only_windows_with_a_block_device_are_used(void **state)
{
	static uint32_t regs[128];
	struct platform_device window = { .kind = PLATFORM_VIRTIO_MMIO, .base = 0xa000000, .size = 0x200, .irq = 48 };
	size_t heap = host_heap_live();

	host_add_device(window.base, window.size, regs);
	assert_int_equal(virtio_mmio_probe(&window), -AX_ENODEV); /* no magic */
	regs[0] = 0x74726976;
	regs[1] = 2;
	assert_int_equal(virtio_mmio_probe(&window), -AX_ENODEV); /* nothing plugged in */
	regs[2] = 1;
	assert_int_equal(virtio_mmio_probe(&window), -AX_ENODEV); /* a network card */
	regs[2] = 2;
	regs[1] = 3;
	assert_int_equal(virtio_mmio_probe(&window), -AX_ENOTSUP); /* a version from the future */
	regs[1] = 2;
	assert_int_not_equal(virtio_mmio_probe(&window), 0); /* memory is not a device: no VERSION_1 */
	window.size = 0x100;
	assert_int_equal(virtio_mmio_probe(&window), -AX_EINVAL);
	assert_int_equal(host_heap_live(), heap);
}

static void a_ramdisk_is_a_block_device(void **state)
{
	static uint8_t memory[8 * 512 + 100], buffer[512];
	struct block_device *dev;

	assert_int_equal(ramdisk_probe((uintptr_t)memory, 100), -AX_EINVAL);
	assert_int_equal(ramdisk_probe((uintptr_t)memory, sizeof(memory)), 0);
	dev = block_find("ram0");
	assert_non_null(dev);
	assert_int_equal(dev->sectors, 8);
	memory[7 * 512] = 0x42;
	assert_int_equal(block_read(dev, 7, 1, buffer), 0);
	assert_int_equal(buffer[0], 0x42);
	buffer[1] = 0x43;
	assert_int_equal(block_write(dev, 0, 1, buffer), 0);
	assert_int_equal(memory[1], 0x43);
	assert_int_equal(block_read(dev, 8, 1, buffer), -AX_ERANGE);
	assert_int_equal(block_register(dev), -AX_EEXIST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_is_written_is_read_back, reset_device),
		cmocka_unit_test_setup(large_reads_take_few_requests, reset_device),
		cmocka_unit_test_setup(limits_of_the_device_are_kept, reset_device),
		cmocka_unit_test_setup(small_queues_work, reset_device),
		cmocka_unit_test_setup(a_queue_index_wraps_around, reset_device),
		cmocka_unit_test_setup(access_beyond_the_end_is_refused, reset_device),
		cmocka_unit_test_setup(a_read_only_device_is_never_written, reset_device),
		cmocka_unit_test_setup(an_error_of_the_device_is_reported_and_survived, reset_device),
		cmocka_unit_test_setup(a_silent_device_is_reset_and_left_alone, reset_device),
		cmocka_unit_test_setup(a_device_that_lies_is_not_used_any_more, reset_device),
		cmocka_unit_test_setup(impossible_devices_are_refused_without_a_leak, reset_device),
		cmocka_unit_test_setup(only_windows_with_a_block_device_are_used, reset_device),
		cmocka_unit_test_setup(a_ramdisk_is_a_block_device, reset_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
