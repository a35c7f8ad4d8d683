/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the compiler calls for bit operations that RV64I has no instructions for. The compiler's own library is built
 * for another ABI.
 */
#include <stdatomic.h>
#include <stdint.h>

int __ctzdi2(uint64_t value);
int __clzdi2(uint64_t value);
uint32_t __bswapsi2(uint32_t value);
uint64_t __bswapdi2(uint64_t value);
/* The compiler has a prototype of its own for this name. */
uint8_t exchange_1(volatile void *at, uint8_t value, int order) __asm__("__atomic_exchange_1");

/* A de Bruijn sequence: every 6 bits of it differ, so the upper 6 bits of its product with a bit name the bit. */
#define DE_BRUIJN UINT64_C(0x03f79d71b4cb0a89)

/* clang-format off */
static const uint8_t bit_of[64] = {
	0,  1,  48, 2,  57, 49, 28, 3,  61, 58, 50, 42, 38, 29, 17, 4,
	62, 55, 59, 36, 53, 51, 43, 22, 45, 39, 33, 30, 24, 18, 12, 5,
	63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21, 44, 32, 23, 11,
	46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9,  13, 8,  7,  6,
};
/* clang-format on */

/* The argument is not 0. */
int __ctzdi2(uint64_t value)
{
	return bit_of[(value & -value) * DE_BRUIJN >> 58];
}

int __clzdi2(uint64_t value)
{
	for (unsigned shift = 1; shift < 64; shift *= 2)
		value |= value >> shift;
	return 63 - bit_of[(value ^ value >> 1) * DE_BRUIJN >> 58];
}

uint32_t __bswapsi2(uint32_t value)
{
	return value << 24 | (value & 0xff00) << 8 | (value >> 8 & 0xff00) | value >> 24;
}

uint64_t __bswapdi2(uint64_t value)
{
	return (uint64_t)__bswapsi2((uint32_t)value) << 32 | __bswapsi2((uint32_t)(value >> 32));
}

/* Atomic instructions work on words: the other bytes of the word are put back as they were. */
uint8_t exchange_1(volatile void *at, uint8_t value, int order)
{
	_Atomic uint32_t *word = (_Atomic uint32_t *)((uintptr_t)at & ~(uintptr_t)3);
	unsigned shift = ((uintptr_t)at & 3) * 8;
	uint32_t old = atomic_load_explicit(word, memory_order_relaxed);

	while (!atomic_compare_exchange_weak(word, &old, (old & ~(0xffu << shift)) | (uint32_t)value << shift))
		;
	return (uint8_t)(old >> shift);
}
