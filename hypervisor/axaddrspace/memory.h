/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Inside axaddrspace. Giving memory to a range of guest addresses and taking it away again. Called without the lock.
 */
#include <axaddrspace/aspace.h>

/* Take [gpa, gpa + size) of host memory, zero it and map it there. Return: 0, -AX_EBUSY, -AX_EINVAL, -AX_ENOMEM. */
int memory_map_identity(struct aspace *as, gpa_t gpa, uint64_t size, unsigned flags);

/* Map [gpa, gpa + size) to zeroed memory in the largest pieces available. Return: 0 or -AX_ENOMEM. */
int memory_map_pieces(struct aspace *as, gpa_t gpa, uint64_t size, unsigned flags);

/*
 * The memory of lazy regions is promised by the frame allocator when they are mapped: every page of them is either
 * promised or mapped.
 *
 * See to it that the page at @gpa of a lazy region has memory. Return: 0 (it has now, or the region changed meanwhile:
 * look again), -AX_EFAULT (no lazy region there), -AX_ENOMEM.
 */
int memory_populate(struct aspace *as, gpa_t gpa);

/* What becomes of the memory behind what is unmapped. */
enum memory_fate {
	MEMORY_KEEP,   /* it is somebody else's */
	MEMORY_FREE,   /* it goes back to the frame allocator */
	MEMORY_RETURN, /* the same, but as much stays promised: lazy memory that will be taken again */
};

/* Unmap [gpa, gpa + size), whose ends no leaf crosses. Return: the bytes that were mapped. */
uint64_t memory_unmap(struct aspace *as, gpa_t gpa, uint64_t size, enum memory_fate fate);

/*
 * Zero what is mapped in [gpa, gpa + size) and write it back. The range lies in one region that owns its memory and is
 * marked as busy, so that nobody changes it meanwhile.
 */
void memory_clear(struct aspace *as, gpa_t gpa, uint64_t size);
