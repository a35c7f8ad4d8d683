/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Split virtqueues with one chain of buffers in flight, virtio 1.2 section 2.7. The owner locks.
 */
#include <stdbool.h>
#include <stdint.h>
#include <axstd/util.h>

#define VIRTQUEUE_MAX 256 /* descriptors that we use at most */
#define VIRTQUEUE_ALIGN \
	PAGE_SIZE /* of the used ring, in the one-piece layout of the legacy interface (section 2.7.2) */

#define VIRTQ_DESC_F_NEXT  1
#define VIRTQ_DESC_F_WRITE 2

struct virtq_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

struct virtq_avail {
	uint16_t flags;
	uint16_t idx;
	uint16_t ring[];
};

struct virtq_used_elem {
	uint32_t id;
	uint32_t len;
};

struct virtq_used {
	uint16_t flags;
	uint16_t idx;
	struct virtq_used_elem ring[];
};

struct virtqueue {
	unsigned size;
	struct virtq_desc *desc;
	struct virtq_avail *avail;
	struct virtq_used *used;
	uint16_t avail_idx; /* next slot to fill */
	uint16_t used_idx;  /* next slot to look at */
	unsigned order;     /* of the frames behind it */
};

/* A piece of memory for the device: contiguous, identity mapped. */
struct virtq_buffer {
	const void *data;
	uint32_t len;
	bool device_writes;
};

/**
 * virtqueue_init - allocate an empty queue
 * @max: the device's limit; at most VIRTQUEUE_MAX of it are used, rounded down to a power of two
 *
 * Return: 0, -AX_EINVAL (@max is 0), -AX_ENOMEM.
 */
int virtqueue_init(struct virtqueue *queue, unsigned max);
void virtqueue_free(struct virtqueue *queue);
/** virtqueue_clear - empty the queue after the device has been reset */
void virtqueue_clear(struct virtqueue *queue);

/**
 * virtqueue_add - offer one chain of @count buffers (1 .. size), what the device reads before what it writes. None
 * may be in flight.
 */
void virtqueue_add(struct virtqueue *queue, const struct virtq_buffer *buffers, unsigned count);
/** virtqueue_has_used - has the device given something back? Any context. */
bool virtqueue_has_used(const struct virtqueue *queue);
/**
 * virtqueue_take - take the chain back
 * Return: 0, -AX_EBUSY (not used yet), -AX_EIO (the device has used what it was not given: it cannot be trusted any
 * more).
 */
int virtqueue_take(struct virtqueue *queue);
