/* SPDX-License-Identifier: Apache-2.0 */
#include <axstd/bitmap.h>

/* First bit at or after @from that is set in the words of @map, each of them xored with @flip. */
static size_t next_bit(const uint64_t *map, size_t bits, size_t from, uint64_t flip)
{
	size_t word = from / 64;
	uint64_t value;

	if (from >= bits)
		return bits;
	value = (map[word] ^ flip) & ~UINT64_C(0) << (from % 64);
	while (!value) {
		if (++word >= BITMAP_WORDS(bits))
			return bits;
		value = map[word] ^ flip;
	}
	from = word * 64 + (size_t)__builtin_ctzll(value);
	return from < bits ? from : bits;
}

size_t bitmap_next_set(const uint64_t *map, size_t bits, size_t from)
{
	return next_bit(map, bits, from, 0);
}

size_t bitmap_next_clear(const uint64_t *map, size_t bits, size_t from)
{
	return next_bit(map, bits, from, ~UINT64_C(0));
}

/* Population count without a library call: freestanding targets without the instruction would need libgcc. */
static unsigned popcount64(uint64_t x)
{
	x -= x >> 1 & UINT64_C(0x5555555555555555);
	x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
	x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
	return (unsigned)(x * UINT64_C(0x0101010101010101) >> 56);
}

size_t bitmap_count(const uint64_t *map, size_t bits)
{
	size_t count = 0;
	size_t word;

	for (word = 0; word < bits / 64; word++)
		count += popcount64(map[word]);
	if (bits % 64)
		count += popcount64(map[word] & ~(~UINT64_C(0) << (bits % 64)));
	return count;
}
