/* SPDX-License-Identifier: Apache-2.0 */
#include "region.h"
#include <string.h>
#include <axalloc/heap.h>
#include <axstd/error.h>

#define FIRST_CAPACITY 8

int region_room_get(const struct aspace *as, unsigned extra, struct region_room *room)
{
	room->array = NULL;
	room->capacity = as->capacity ? as->capacity : FIRST_CAPACITY;
	while (room->capacity < as->num_regions + extra)
		room->capacity *= 2;
	if (room->capacity == as->capacity)
		return 0;
	room->array = kmalloc(room->capacity * sizeof(*room->array));
	return room->array ? 0 : -AX_ENOMEM;
}

void region_room_use(struct aspace *as, struct region_room *room)
{
	if (!room->array)
		return;
	if (as->num_regions)
		memcpy(room->array, as->regions, as->num_regions * sizeof(*as->regions));
	kfree(as->regions);
	as->regions = room->array;
	as->capacity = room->capacity;
}

void region_room_drop(struct region_room *room)
{
	kfree(room->array);
}

unsigned region_index(const struct aspace *as, gpa_t gpa)
{
	unsigned low = 0, high = as->num_regions;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (region_end(&as->regions[middle]) > gpa)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

struct aspace_region *region_at(const struct aspace *as, gpa_t gpa)
{
	unsigned index = region_index(as, gpa);
	struct aspace_region *r = &as->regions[index];

	return index < as->num_regions && r->gpa <= gpa && !r->busy ? r : NULL;
}

unsigned region_range(const struct aspace *as, gpa_t gpa, uint64_t size, unsigned *count)
{
	unsigned first = region_index(as, gpa), end = first;

	while (end < as->num_regions && as->regions[end].gpa < gpa + size)
		end++;
	*count = end - first;
	return first;
}

static void insert_at(struct aspace *as, unsigned index, const struct aspace_region *r)
{
	struct aspace_region *place = &as->regions[index];

	memmove(place + 1, place, (as->num_regions - index) * sizeof(*place));
	*place = *r;
	as->num_regions++;
}

void region_insert(struct aspace *as, const struct aspace_region *r)
{
	insert_at(as, region_index(as, r->gpa), r);
}

void region_cut(struct aspace *as, gpa_t at)
{
	unsigned index = region_index(as, at);
	struct aspace_region *r = &as->regions[index], upper;

	if (index == as->num_regions || r->gpa >= at)
		return;
	upper = *r;
	upper.gpa = at;
	upper.size = region_end(r) - at;
	if (r->kind == ASPACE_LINEAR || r->kind == ASPACE_IDENTITY || r->kind == ASPACE_DEVICE)
		upper.hpa += at - r->gpa;
	r->size = at - r->gpa;
	insert_at(as, index + 1, &upper);
}

/* Pieces of one original lie at the same distance from the host's memory, so the addresses need no look. */
static bool alike(const struct aspace_region *a, const struct aspace_region *b)
{
	return a->id == b->id && a->flags == b->flags && !a->busy && !b->busy && region_end(a) == b->gpa;
}

void region_join(struct aspace *as, gpa_t gpa, uint64_t size)
{
	unsigned index = region_index(as, gpa ? gpa - 1 : 0);

	while (index + 1 < as->num_regions && as->regions[index].gpa < gpa + size) {
		struct aspace_region *r = &as->regions[index];

		if (!alike(r, r + 1)) {
			index++;
			continue;
		}
		r->size += r[1].size;
		as->num_regions--;
		memmove(r + 1, r + 2, (as->num_regions - index - 1) * sizeof(*r));
	}
}

void region_remove(struct aspace *as, unsigned id)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < as->num_regions; i++)
		if (as->regions[i].id != id)
			as->regions[kept++] = as->regions[i];
	as->num_regions = kept;
}
