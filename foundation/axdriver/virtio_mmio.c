/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtio over MMIO, virtio 1.2 section 4.2: version 2, and version 1 ("legacy", section 4.2.4).
 */
#include <axalloc/heap.h>
#include <axhal/irq.h>
#include <axhal/mem.h>
#include <axhal/mmio.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include "driver.h"
#include "virtio.h"
#include "virtqueue.h"

/* Registers, table 4.1 */
#define VIRTIO_MMIO_MAGIC_VALUE         0x000
#define VIRTIO_MMIO_VERSION             0x004
#define VIRTIO_MMIO_DEVICE_ID           0x008
#define VIRTIO_MMIO_DEVICE_FEATURES     0x010
#define VIRTIO_MMIO_DEVICE_FEATURES_SEL 0x014
#define VIRTIO_MMIO_DRIVER_FEATURES     0x020
#define VIRTIO_MMIO_DRIVER_FEATURES_SEL 0x024
#define VIRTIO_MMIO_GUEST_PAGE_SIZE     0x028 /* legacy */
#define VIRTIO_MMIO_QUEUE_SEL           0x030
#define VIRTIO_MMIO_QUEUE_NUM_MAX       0x034
#define VIRTIO_MMIO_QUEUE_NUM           0x038
#define VIRTIO_MMIO_QUEUE_ALIGN         0x03c /* legacy */
#define VIRTIO_MMIO_QUEUE_PFN           0x040 /* legacy */
#define VIRTIO_MMIO_QUEUE_READY         0x044
#define VIRTIO_MMIO_QUEUE_NOTIFY        0x050
#define VIRTIO_MMIO_INTERRUPT_STATUS    0x060
#define VIRTIO_MMIO_INTERRUPT_ACK       0x064
#define VIRTIO_MMIO_STATUS              0x070
#define VIRTIO_MMIO_QUEUE_DESC_LOW      0x080
#define VIRTIO_MMIO_QUEUE_DRIVER_LOW    0x090
#define VIRTIO_MMIO_QUEUE_DEVICE_LOW    0x0a0
#define VIRTIO_MMIO_CONFIG_GENERATION   0x0fc
#define VIRTIO_MMIO_CONFIG              0x100

#define VIRTIO_MMIO_MAGIC   0x74726976 /* "virt" */
#define VIRTIO_MMIO_MINIMUM 0x108      /* registers and the first field of the configuration */

struct virtio_mmio {
	struct virtio_device dev;
	char *regs;
	unsigned irq;
	bool irq_edge;
};

static char *reg(struct virtio_device *dev, unsigned offset)
{
	return container_of(dev, struct virtio_mmio, dev)->regs + offset;
}

static uint32_t read_reg(struct virtio_device *dev, unsigned offset)
{
	return mmio_read32(reg(dev, offset));
}

static void write_reg(struct virtio_device *dev, unsigned offset, uint32_t value)
{
	mmio_write32(reg(dev, offset), value);
}

/* A 64-bit register is a pair of 32-bit ones, the low half first. */
static void write_address(struct virtio_device *dev, unsigned offset, paddr_t pa)
{
	write_reg(dev, offset, (uint32_t)pa);
	write_reg(dev, offset + 4, (uint32_t)(pa >> 32));
}

static uint8_t get_status(struct virtio_device *dev)
{
	return (uint8_t)read_reg(dev, VIRTIO_MMIO_STATUS);
}

static void set_status(struct virtio_device *dev, uint8_t status)
{
	write_reg(dev, VIRTIO_MMIO_STATUS, status);
	if (!status && dev->legacy)
		write_reg(dev, VIRTIO_MMIO_GUEST_PAGE_SIZE, PAGE_SIZE);
}

static uint64_t get_features(struct virtio_device *dev)
{
	uint64_t features;

	write_reg(dev, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	features = (uint64_t)read_reg(dev, VIRTIO_MMIO_DEVICE_FEATURES) << 32;
	write_reg(dev, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	return features | read_reg(dev, VIRTIO_MMIO_DEVICE_FEATURES);
}

static void set_features(struct virtio_device *dev, uint64_t features)
{
	write_reg(dev, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	write_reg(dev, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)(features >> 32));
	write_reg(dev, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	write_reg(dev, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)features);
}

static uint32_t config_read32(struct virtio_device *dev, unsigned offset)
{
	return read_reg(dev, VIRTIO_MMIO_CONFIG + offset);
}

static uint32_t config_generation(struct virtio_device *dev)
{
	return dev->legacy ? 0 : read_reg(dev, VIRTIO_MMIO_CONFIG_GENERATION);
}

static unsigned queue_max(struct virtio_device *dev, unsigned index)
{
	write_reg(dev, VIRTIO_MMIO_QUEUE_SEL, index);
	if (read_reg(dev, dev->legacy ? VIRTIO_MMIO_QUEUE_PFN : VIRTIO_MMIO_QUEUE_READY))
		return 0;
	return read_reg(dev, VIRTIO_MMIO_QUEUE_NUM_MAX);
}

static int queue_enable(struct virtio_device *dev, unsigned index, const struct virtqueue *queue)
{
	paddr_t desc = virt_to_phys(queue->desc);

	write_reg(dev, VIRTIO_MMIO_QUEUE_SEL, index);
	write_reg(dev, VIRTIO_MMIO_QUEUE_NUM, queue->size);
	if (dev->legacy) {
		if (desc >> PAGE_SHIFT > UINT32_MAX)
			return -AX_ERANGE;
		write_reg(dev, VIRTIO_MMIO_QUEUE_ALIGN, VIRTQUEUE_ALIGN);
		write_reg(dev, VIRTIO_MMIO_QUEUE_PFN, (uint32_t)(desc >> PAGE_SHIFT));
		return 0;
	}
	write_address(dev, VIRTIO_MMIO_QUEUE_DESC_LOW, desc);
	write_address(dev, VIRTIO_MMIO_QUEUE_DRIVER_LOW, virt_to_phys(queue->avail));
	write_address(dev, VIRTIO_MMIO_QUEUE_DEVICE_LOW, virt_to_phys(queue->used));
	write_reg(dev, VIRTIO_MMIO_QUEUE_READY, 1);
	return 0;
}

static void queue_notify(struct virtio_device *dev, unsigned index)
{
	mmio_wmb();
	write_reg(dev, VIRTIO_MMIO_QUEUE_NOTIFY, index);
}

static bool ack_interrupt(struct virtio_device *dev)
{
	uint32_t status = read_reg(dev, VIRTIO_MMIO_INTERRUPT_STATUS);

	if (status)
		write_reg(dev, VIRTIO_MMIO_INTERRUPT_ACK, status);
	return status != 0;
}

static enum irq_result handle_irq(unsigned irq, void *arg)
{
	virtio_interrupt(arg);
	return IRQ_DONE;
}

static int enable_interrupt(struct virtio_device *dev)
{
	struct virtio_mmio *mmio = container_of(dev, struct virtio_mmio, dev);
	int err =
		irq_register(mmio->irq, mmio->irq_edge ? IRQ_EDGE_RISING : IRQ_LEVEL_HIGH, handle_irq, dev, dev->name);

	if (!err)
		irq_unmask(mmio->irq);
	return err;
}

static void disable_interrupt(struct virtio_device *dev)
{
	struct virtio_mmio *mmio = container_of(dev, struct virtio_mmio, dev);

	irq_mask(mmio->irq);
	irq_unregister(mmio->irq);
}

static const struct virtio_transport mmio_transport = {
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

int virtio_mmio_probe(const struct platform_device *pdev)
{
	struct virtio_mmio *mmio;
	uint32_t version, id;
	char *regs;
	int err;

	if (pdev->size < VIRTIO_MMIO_MINIMUM)
		return -AX_EINVAL;
	regs = mem_map_device(pdev->base, pdev->size);
	if (!regs)
		return -AX_ENOMEM;
	if (mmio_read32(regs + VIRTIO_MMIO_MAGIC_VALUE) != VIRTIO_MMIO_MAGIC)
		return -AX_ENODEV;
	version = mmio_read32(regs + VIRTIO_MMIO_VERSION);
	id = mmio_read32(regs + VIRTIO_MMIO_DEVICE_ID);
	if (id != VIRTIO_ID_BLOCK) /* 0: no device behind this window */
		return -AX_ENODEV;
	if (version != 1 && version != 2)
		return -AX_ENOTSUP;

	mmio = kzalloc(sizeof(*mmio));
	if (!mmio)
		return -AX_ENOMEM;
	mmio->regs = regs;
	mmio->irq = pdev->irq;
	mmio->irq_edge = pdev->irq_edge;
	mmio->dev.transport = &mmio_transport;
	mmio->dev.id = id;
	mmio->dev.legacy = version == 1;
	mmio->dev.name = pdev->name;
	err = virtio_blk_probe(&mmio->dev);
	if (err)
		kfree(mmio);
	return err;
}
