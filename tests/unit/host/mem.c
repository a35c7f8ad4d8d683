/* SPDX-License-Identifier: Apache-2.0 */
/* Physical memory: what the test says there is. */
#include "host.h"
#include <string.h>
#include <stdlib.h>
#include <sys/mman.h>

static const struct mem_region *ram_regions;
static size_t ram_region_count;
static struct {
	paddr_t pa;
	uint64_t size;
	char *memory;
} windows[16];
static size_t window_count;

unsigned host_cache_cleans, host_code_syncs;

void host_set_mem_regions(const struct mem_region *regions, size_t count)
{
	ram_regions = regions;
	ram_region_count = count;
}

void *host_alloc_ram(uint64_t size, uint64_t align)
{
	char *raw, *start;

	raw = mmap(NULL, size + align, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (raw == MAP_FAILED)
		return NULL;
	start = (char *)ALIGN_UP((uintptr_t)raw, align);
	if (start > raw)
		munmap(raw, start - raw);
	munmap(start + size, raw + align - start);
	return start;
}

void host_free_ram(void *ram, uint64_t size)
{
	munmap(ram, size);
}

void host_add_device(paddr_t pa, uint64_t size, void *memory)
{
	if (window_count == ARRAY_SIZE(windows))
		host_test_failed(__FILE__, __LINE__, "too many device windows");
	windows[window_count].pa = pa;
	windows[window_count].size = size;
	windows[window_count++].memory = memory;
}

__attribute__((weak)) const struct mem_region *mem_regions(size_t *count)
{
	*count = ram_region_count;
	return ram_regions;
}

__attribute__((weak)) bool mem_is_ram(paddr_t pa, uint64_t size)
{
	for (size_t i = 0; i < ram_region_count; i++)
		if (pa >= ram_regions[i].base && pa - ram_regions[i].base < ram_regions[i].size &&
		    size <= ram_regions[i].size - (pa - ram_regions[i].base))
			return true;
	return false;
}

__attribute__((weak)) void *mem_early_alloc(size_t size, size_t align)
{
	align = MAX(align, sizeof(void *));
	return memset(aligned_alloc(align, ALIGN_UP(size, align)), 0, size);
}

__attribute__((weak)) void mem_set_table_allocator(paddr_t (*alloc)(unsigned pages),
						   void (*release)(paddr_t pa, unsigned pages))
{
	(void)alloc;
	(void)release;
}

__attribute__((weak)) void *mem_map_device(paddr_t pa, uint64_t size)
{
	for (size_t i = 0; i < window_count; i++)
		if (pa >= windows[i].pa && pa + size <= windows[i].pa + windows[i].size)
			return windows[i].memory + (pa - windows[i].pa);
	return NULL;
}

__attribute__((weak)) int mem_protect(void *va, uint64_t size, unsigned flags)
{
	(void)va;
	(void)size;
	(void)flags;
	return 0;
}

__attribute__((weak)) void mem_zero_pages(void *va, size_t size)
{
	memset(va, 0, size);
}

__attribute__((weak)) void cache_clean_invalidate(const void *va, size_t size)
{
	(void)va;
	(void)size;
	host_cache_cleans++;
}

__attribute__((weak)) void cache_forget_code(void)
{
	host_code_syncs++;
}
