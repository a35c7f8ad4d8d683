/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heapsort: the largest element comes to the top of a heap, goes to its end, and the heap shrinks by one.
 */
#include <axstd/sort.h>

struct heap {
	char *base;
	size_t count, size;
	int (*compare)(const void *a, const void *b);
};

static char *element(const struct heap *heap, size_t index)
{
	return heap->base + index * heap->size;
}

static void swap(const struct heap *heap, size_t i, size_t j)
{
	char *a = element(heap, i), *b = element(heap, j);

	for (size_t n = 0; n < heap->size; n++) {
		char byte = a[n];

		a[n] = b[n];
		b[n] = byte;
	}
}

/* Down with element @index until none below it is larger. */
static void sink(const struct heap *heap, size_t index)
{
	size_t child;

	while ((child = 2 * index + 1) < heap->count) {
		if (child + 1 < heap->count && heap->compare(element(heap, child), element(heap, child + 1)) < 0)
			child++;
		if (heap->compare(element(heap, index), element(heap, child)) >= 0)
			return;
		swap(heap, index, child);
		index = child;
	}
}

void sort(void *base, size_t count, size_t size, int (*compare)(const void *a, const void *b))
{
	struct heap heap = { base, count, size, compare };

	for (size_t i = count / 2; i > 0; i--)
		sink(&heap, i - 1);
	while (heap.count > 1) {
		swap(&heap, 0, --heap.count);
		sink(&heap, 0);
	}
}
