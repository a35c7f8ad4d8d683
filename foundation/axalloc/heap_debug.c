/* SPDX-License-Identifier: Apache-2.0 */
#include "heap_debug.h"

#ifdef AX_DEBUG

#include <string.h>
#include <axstd/assert.h>

#define FRONT      16
#define FRONT_FREE UINT32_C(0xdeadf4ee)
#define FRONT_USED UINT32_C(0x0a110c8d)
#define FILL_FREE  0x6b
#define FILL_NEW   0xa5
#define FILL_GUARD 0xbb

struct front {
	uint64_t size;
	uint32_t slot_size;
	uint32_t magic;
};

_Static_assert(sizeof(struct front) == FRONT, "the front zone has 16 bytes");

static const unsigned char *first_other(const unsigned char *p, const unsigned char *end, unsigned char fill)
{
	while (p < end && *p == fill)
		p++;
	return p;
}

void heap_poison_free(void *slot, size_t slot_size, unsigned count)
{
	char *p = slot;

	memset(p, FILL_FREE, slot_size * count);
	for (; count; count--, p += slot_size)
		((struct front *)p)->magic = FRONT_FREE;
}

void *heap_open(void *slot, size_t slot_size, size_t size)
{
	struct front *front = slot;
	unsigned char *p = (unsigned char *)slot + FRONT, *end = (unsigned char *)slot + slot_size;
	const unsigned char *other = first_other(p, end, FILL_FREE);

	if (front->magic != FRONT_FREE || other != end)
		panic("heap: free block %p of %zu bytes was written at offset %td", slot, slot_size,
		      other - (unsigned char *)slot);
	*front = (struct front){ .size = size, .slot_size = slot_size, .magic = FRONT_USED };
	memset(p, FILL_NEW, size);
	memset(p + size, FILL_GUARD, end - (p + size));
	return p;
}

void *heap_close(void *p, const char **error)
{
	struct front *front = (void *)((char *)p - FRONT);
	const unsigned char *end = (unsigned char *)front + front->slot_size, *guard;

	*error = NULL;
	if (front->magic == FRONT_FREE) {
		*error = "already free";
	} else if (front->magic != FRONT_USED || front->size > front->slot_size) {
		*error = "not a block of the heap, or written before its start";
	} else {
		guard = (unsigned char *)p + front->size;
		guard = first_other(guard, end, FILL_GUARD);
		if (guard != end)
			panic("heap: block %p of %llu bytes was written beyond its end, at offset %td", p,
			      (unsigned long long)front->size, guard - (unsigned char *)p);
	}
	return front;
}

#endif
