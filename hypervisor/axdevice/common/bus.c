/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bus of a VM: a sorted array of regions that never overlap.
 */
#include <string.h>
#include <axalloc/heap.h>
#include <axdevice/bus.h>
#include <axstd/error.h>

#define FIRST_CAPACITY 8

void bus_init(struct bus *bus)
{
	*bus = (struct bus){ 0 };
}

void bus_destroy(struct bus *bus)
{
	kfree(bus->regions);
	bus_init(bus);
}

/* How many regions begin at or below @addr. */
static size_t regions_up_to(const struct bus *bus, uint64_t addr)
{
	size_t low = 0, high = bus->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (bus->regions[middle].base <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int make_room(struct bus *bus)
{
	size_t capacity = bus->capacity ? 2 * bus->capacity : FIRST_CAPACITY;
	struct bus_region *regions;

	if (bus->count < bus->capacity)
		return 0;
	regions = kcalloc(capacity, sizeof(*regions));
	if (!regions)
		return -AX_ENOMEM;
	if (bus->count)
		memcpy(regions, bus->regions, bus->count * sizeof(*regions));
	kfree(bus->regions);
	bus->regions = regions;
	bus->capacity = capacity;
	return 0;
}

/* Is @other in the way of @region? Both are inside the address space, so their last bytes can be named. */
static bool collides(const struct bus_region *region, const struct bus_region *other)
{
	return region->base <= other->base + (other->size - 1) && other->base <= region->base + (region->size - 1);
}

int bus_add(struct bus *bus, const struct bus_region *region, const char **other)
{
	size_t at, i;
	int err;

	if (!region->size || region->base + (region->size - 1) < region->base)
		return -AX_EINVAL;
	at = regions_up_to(bus, region->base);
	/* Only the neighbours on both sides can overlap. */
	for (i = at ? at - 1 : 0; i < bus->count && i <= at; i++) {
		if (!collides(region, &bus->regions[i]))
			continue;
		if (other)
			*other = bus->regions[i].name;
		return -AX_EEXIST;
	}
	err = make_room(bus);
	if (err)
		return err;
	memmove(&bus->regions[at + 1], &bus->regions[at], (bus->count - at) * sizeof(*region));
	bus->regions[at] = *region;
	bus->count++;
	return 0;
}

void bus_remove(struct bus *bus, const void *opaque)
{
	size_t kept = 0;

	for (size_t i = 0; i < bus->count; i++)
		if (bus->regions[i].opaque != opaque)
			bus->regions[kept++] = bus->regions[i];
	bus->count = kept;
}

const struct bus_region *bus_find(const struct bus *bus, uint64_t addr)
{
	size_t n = regions_up_to(bus, addr);
	const struct bus_region *region;

	if (!n)
		return NULL;
	region = &bus->regions[n - 1];
	return addr - region->base < region->size ? region : NULL;
}
