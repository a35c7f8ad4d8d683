/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The bus of a VM: which device answers at which address. One for memory-mapped registers, one for I/O ports where
 * the architecture has them. A sorted array, binary search; built while the VM is created, constant while it runs, so
 * look-ups take no lock.
 */
#include <axstd/util.h>

struct bus_region;

/*
 * Accesses are 1, 2, 4 or 8 bytes wide, aligned, and lie inside the region. Called on the accessing vCPU's task,
 * interrupts off; @vcpu is its number. There is always an answer: reserved registers read as zero and ignore writes.
 */
struct bus_ops {
	uint64_t (*read)(void *opaque, unsigned vcpu, uint64_t offset, unsigned width);
	void (*write)(void *opaque, unsigned vcpu, uint64_t offset, unsigned width, uint64_t value);
};

struct bus_region {
	uint64_t base;
	uint64_t size;
	const struct bus_ops *ops;
	void *opaque;
	const char *name; /* kept; for messages */
};

struct bus {
	struct bus_region *regions; /* sorted by base */
	size_t count, capacity;
};

void bus_init(struct bus *bus);
void bus_destroy(struct bus *bus);
/**
 * bus_add - Return: 0, -AX_EEXIST (overlaps; the other region's name is in *@other), -AX_EINVAL (size 0,
 * wrap-around), -AX_ENOMEM
 */
int bus_add(struct bus *bus, const struct bus_region *region, const char **other);

/** bus_remove - take every region of the device behind @opaque off again; before the VM runs or after it has ended */
void bus_remove(struct bus *bus, const void *opaque);
/** bus_find - the region that holds @addr, or NULL. O(log n). */
const struct bus_region *bus_find(const struct bus *bus, uint64_t addr);
