/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Arenas: memory that is handed out piece by piece and given back all at once.
 *
 * The caller owns the buffer; when everything that points into it is gone, it reuses or frees the buffer. Nothing here
 * locks: an arena belongs to whoever uses it at the time.
 */

#include <stddef.h>
#include <stdint.h>

struct arena {
	char *base;
	size_t size;
	size_t used;
};

/**
 * arena_init - make an empty arena of a buffer
 * @arena: the arena
 * @buf:   its memory, of any alignment
 * @size:  bytes at @buf
 */
void arena_init(struct arena *arena, void *buf, size_t size);

/**
 * arena_alloc - take zeroed memory
 * @arena: the arena
 * @count: how many objects; 0 takes nothing and returns a pointer that is not NULL
 * @size:  bytes of one object
 *
 * The result is aligned for every type (16 bytes).
 *
 * Return: the memory, or NULL if the arena is too small.
 */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/**
 * arena_strndup - copy a string
 * @arena: the arena
 * @text:  the bytes to copy
 * @len:   how many
 *
 * Return: the copy, followed by a NUL, or NULL if the arena is too small.
 */
char *arena_strndup(struct arena *arena, const char *text, size_t len);
