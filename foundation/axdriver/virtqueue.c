/* SPDX-License-Identifier: Apache-2.0 */
#include "virtqueue.h"
#include <string.h>
#include <axalloc/frame.h>
#include <axhal/mem.h>
#include <axhal/mmio.h>
#include <axstd/error.h>

static size_t used_offset(unsigned size)
{
	size_t avail_end = size * sizeof(struct virtq_desc) + sizeof(struct virtq_avail) + size * sizeof(uint16_t);

	return ALIGN_UP(avail_end + sizeof(uint16_t) /* used_event */, VIRTQUEUE_ALIGN);
}

static size_t total_size(unsigned size)
{
	return used_offset(size) + sizeof(struct virtq_used) + size * sizeof(struct virtq_used_elem) + sizeof(uint16_t);
}

int virtqueue_init(struct virtqueue *queue, unsigned max)
{
	unsigned size = VIRTQUEUE_MAX;
	char *memory;
	paddr_t pa;

	if (!max)
		return -AX_EINVAL;
	while (size > max)
		size /= 2;
	*queue = (struct virtqueue){ .size = size };
	while (PAGE_SIZE << queue->order < total_size(size))
		queue->order++;
	pa = frame_alloc(queue->order, FRAME_ZERO, OWNER_DEVICE);
	if (!pa)
		return -AX_ENOMEM;
	memory = phys_to_virt(pa);
	queue->desc = (void *)memory;
	queue->avail = (void *)(memory + size * sizeof(struct virtq_desc));
	queue->used = (void *)(memory + used_offset(size));
	return 0;
}

void virtqueue_free(struct virtqueue *queue)
{
	frame_free(virt_to_phys(queue->desc), queue->order);
	*queue = (struct virtqueue){ 0 };
}

void virtqueue_clear(struct virtqueue *queue)
{
	memset(queue->desc, 0, total_size(queue->size));
	queue->avail_idx = queue->used_idx = 0;
}

void virtqueue_add(struct virtqueue *queue, const struct virtq_buffer *buffers, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		queue->desc[i] = (struct virtq_desc){
			.addr = virt_to_phys(buffers[i].data),
			.len = buffers[i].len,
			.flags = (buffers[i].device_writes ? VIRTQ_DESC_F_WRITE : 0) |
				 (i + 1 < count ? VIRTQ_DESC_F_NEXT : 0),
			.next = i + 1 < count ? i + 1 : 0,
		};
	}
	/* The only chain always begins at descriptor 0. */
	queue->avail->ring[queue->avail_idx % queue->size] = 0;
	mmio_wmb(); /* descriptors and ring before the index, section 2.7.13 */
	__atomic_store_n(&queue->avail->idx, ++queue->avail_idx, __ATOMIC_RELEASE);
}

bool virtqueue_has_used(const struct virtqueue *queue)
{
	return __atomic_load_n(&queue->used->idx, __ATOMIC_ACQUIRE) != queue->used_idx;
}

int virtqueue_take(struct virtqueue *queue)
{
	uint16_t idx = __atomic_load_n(&queue->used->idx, __ATOMIC_ACQUIRE);
	uint32_t id;

	if (idx == queue->used_idx)
		return -AX_EBUSY;
	mmio_rmb(); /* the index before the ring and the data */
	id = queue->used->ring[queue->used_idx % queue->size].id;
	if (idx != queue->avail_idx || id != 0)
		return -AX_EIO;
	queue->used_idx++;
	return 0;
}
