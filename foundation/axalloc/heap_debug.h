/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What debug builds put around and into blocks of slabs:
 *
 *   | size asked for, magic (16 bytes) | the caller's bytes | guard bytes up to the end of the slot, 16 at least |
 *
 * Free slots are filled with a pattern, checked when the slot is handed out again (a write after free). In other builds
 * nothing of this exists.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef AX_DEBUG

#define HEAP_ZONES 32

/*
 * Make a slot of @slot_size bytes a block of @size bytes. Return: what the caller gets. Panics on a write after free.
 */
void *heap_open(void *slot, size_t slot_size, size_t size);
/* Check the zones of a block that is freed. Return: its slot, and in @error what is wrong. */
void *heap_close(void *p, const char **error);
/* Fill free slots, @count in a row. */
void heap_poison_free(void *slot, size_t slot_size, unsigned count);

#else

#define HEAP_ZONES 0

static inline void *heap_open(void *slot, size_t slot_size, size_t size)
{
	return slot;
}

static inline void *heap_close(void *p, const char **error)
{
	*error = NULL;
	return p;
}

static inline void heap_poison_free(void *slot, size_t slot_size, unsigned count)
{
}

#endif
