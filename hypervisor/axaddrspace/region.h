/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Inside axaddrspace. The set of regions: an array sorted by address. All of it is called with the address space
 * locked. No leaf of the table crosses the border of a region.
 */
#include <axaddrspace/aspace.h>

/* Place for more regions, taken before a change so that the change itself cannot fail. */
struct region_room {
	struct aspace_region *array; /* NULL: the present array is large enough */
	unsigned capacity;
};

int region_room_get(const struct aspace *as, unsigned extra, struct region_room *room);
void region_room_use(struct aspace *as, struct region_room *room);
void region_room_drop(struct region_room *room);

static inline gpa_t region_end(const struct aspace_region *r)
{
	return r->gpa + r->size;
}

/* Host memory that goes back to the frame allocator with the region. */
static inline bool region_owns_memory(const struct aspace_region *r)
{
	return r->kind == ASPACE_IDENTITY || r->kind == ASPACE_ALLOC || r->kind == ASPACE_LAZY;
}

/* Index of the first region that ends above @gpa; num_regions if there is none. */
unsigned region_index(const struct aspace *as, gpa_t gpa);

/* The region that contains @gpa and is not being built or torn down, or NULL. */
struct aspace_region *region_at(const struct aspace *as, gpa_t gpa);

/* Regions that meet [gpa, gpa + size): the first one's index, and how many. */
unsigned region_range(const struct aspace *as, gpa_t gpa, uint64_t size, unsigned *count);

/* Room for one is there. */
void region_insert(struct aspace *as, const struct aspace_region *r);

/* If @at lies inside a region, make two of it. Room for one is there. */
void region_cut(struct aspace *as, gpa_t at);

/* Join pieces of one original region that are alike again, around [gpa, gpa + size). */
void region_join(struct aspace *as, gpa_t gpa, uint64_t size);

/* Remove all regions with this id. */
void region_remove(struct aspace *as, unsigned id);
