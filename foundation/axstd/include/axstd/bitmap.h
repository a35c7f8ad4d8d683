/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Bitmaps of uint64_t words. No locking.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BITMAP_WORDS(bits) (((bits) + 63) / 64)

static inline void bitmap_set(uint64_t *map, size_t bit)
{
	map[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static inline void bitmap_clear(uint64_t *map, size_t bit)
{
	map[bit / 64] &= ~(UINT64_C(1) << (bit % 64));
}

static inline bool bitmap_test(const uint64_t *map, size_t bit)
{
	return map[bit / 64] >> (bit % 64) & 1;
}

/* First set / clear bit at or after @from, @bits when there is none. */
size_t bitmap_next_set(const uint64_t *map, size_t bits, size_t from);
size_t bitmap_next_clear(const uint64_t *map, size_t bits, size_t from);
size_t bitmap_count(const uint64_t *map, size_t bits);

#define bitmap_for_each_set(bit, map, bits) \
	for ((bit) = bitmap_next_set(map, bits, 0); (bit) < (bits); (bit) = bitmap_next_set(map, bits, (bit) + 1))
