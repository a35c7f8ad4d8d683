/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The heap: slab caches for small sizes (16 bytes .. 2 KiB), frames above. Memory is 16-byte aligned. A double free is
 * told in every build. In debug builds (AX_DEBUG) blocks of slabs carry red zones and a poison pattern as well:
 * overflows and writes after free panic with the block's address and size.
 */
#include <stddef.h>
#include <stdint.h>

/** kmalloc / kzalloc - @size bytes (0 is treated as 1), zeroed by kzalloc. Any context. Return: memory or NULL. */
void *kmalloc(size_t size) __attribute__((malloc, alloc_size(1)));
void *kzalloc(size_t size) __attribute__((malloc, alloc_size(1)));
/** kcalloc - zeroed array, checked against overflow */
void *kcalloc(size_t n, size_t size) __attribute__((malloc, alloc_size(1, 2)));
/** kfree - give memory back; NULL is fine */
void kfree(void *p);
char *kstrdup(const char *s);

struct heap_stats {
	uint64_t used_bytes; /* as asked for, rounded to the cache's size */
	uint64_t used_blocks;
	uint64_t slab_pages;
	uint64_t large_pages;
};

void heap_get_stats(struct heap_stats *stats);
