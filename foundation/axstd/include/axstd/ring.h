/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Byte ring. The owner locks. Capacity is a power of two; all of it is usable.
 */
#include <stddef.h>
#include <stdint.h>

struct ring {
	uint8_t *data;
	uint32_t size; /* power of two */
	uint32_t head; /* next byte to read; free running */
	uint32_t tail; /* next byte to write; free running */
};

static inline void ring_init(struct ring *r, void *buffer, uint32_t size)
{
	*r = (struct ring){ .data = buffer, .size = size };
}

static inline uint32_t ring_used(const struct ring *r)
{
	return r->tail - r->head;
}

static inline uint32_t ring_free(const struct ring *r)
{
	return r->size - ring_used(r);
}

/* Write up to @len bytes; returns how many fitted. */
size_t ring_write(struct ring *r, const void *src, size_t len);
/* Write all of @len bytes, dropping the oldest ones; returns how many were dropped. */
size_t ring_overwrite(struct ring *r, const void *src, size_t len);
/* Read up to @len bytes; returns how many there were. */
size_t ring_read(struct ring *r, void *dst, size_t len);
/* Copy @len bytes that are @offset bytes after the head without removing them; returns how many there were. */
size_t ring_peek(const struct ring *r, size_t offset, void *dst, size_t len);
