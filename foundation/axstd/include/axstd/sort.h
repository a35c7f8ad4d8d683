/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stddef.h>

/**
 * sort - put @count elements of @size bytes at @base in the order of @compare, as qsort does
 *
 * O(n log n) in the worst case, no memory, no recursion; a seventh of the C library's size. Equal elements may change
 * places.
 */
void sort(void *base, size_t count, size_t size, int (*compare)(const void *a, const void *b));
