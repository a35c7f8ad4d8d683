/* SPDX-License-Identifier: Apache-2.0 */
#include <axstd/arena.h>
#include <string.h>

#define ARENA_ALIGN 16

void arena_init(struct arena *arena, void *buf, size_t size)
{
	size_t skip = -(uintptr_t)buf % ARENA_ALIGN;

	if (skip > size)
		skip = size;
	arena->base = (char *)buf + skip;
	arena->size = size - skip;
	arena->used = 0;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
	char *mem = arena->base + arena->used;
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || bytes > arena->size - arena->used)
		return NULL;
	/* The rounding up may reach past an end that is not aligned: then the arena is full. */
	arena->used += bytes;
	arena->used += -arena->used % ARENA_ALIGN;
	if (arena->used > arena->size)
		arena->used = arena->size;
	return memset(mem, 0, bytes);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
	char *copy = len < SIZE_MAX ? arena_alloc(arena, 1, len + 1) : NULL;

	if (copy)
		memcpy(copy, text, len);
	return copy;
}
