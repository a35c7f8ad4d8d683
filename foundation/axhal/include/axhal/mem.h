/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Physical memory and the hypervisor's own mappings.
 *
 * All RAM is mapped one to one at VA = PA (RW, not executable); the image with its own rights (text RX, rodata R,
 * data RW). Device registers are mapped on request. Nothing is mapped writable and executable.
 */
#include <axhal/pgtable.h>

/* Where claims overlap, the later kind wins. */
enum mem_kind {
	MEM_FREE,     /* for the frame allocator */
	MEM_RESERVED, /* firmware, device tree reservations: never touched */
	MEM_NO_MAP,   /* reserved, and not even mapped ("no-map") */
	MEM_RAMDISK,  /* handed over by the boot loader */
	MEM_IMAGE,    /* the hypervisor itself, its early memory, the device tree */
};

struct mem_region {
	paddr_t base;
	uint64_t size;
	enum mem_kind kind;
};

/**
 * mem_regions - all RAM, sorted, without overlaps, page-aligned; @count gets the number
 * Valid in kernel_main(). The first call ends the time of mem_early_alloc(): what it has not used is MEM_FREE.
 */
const struct mem_region *mem_regions(size_t *count);
/** mem_is_ram - is all of [pa, pa + size) RAM of any kind? */
bool mem_is_ram(paddr_t pa, uint64_t size);

static inline void *phys_to_virt(paddr_t pa)
{
	return (void *)(uintptr_t)pa;
}

static inline paddr_t virt_to_phys(const void *va)
{
	return (uintptr_t)va;
}

/**
 * mem_early_alloc - memory from the boot CPU's boot path, before axalloc runs; never freed, zeroed
 * Return: the memory, panics when there is none (a board without RAM cannot go on).
 */
void *mem_early_alloc(size_t size, size_t align);

/** mem_set_table_allocator - from now on page tables of the hypervisor come from here (axalloc calls it once). */
void mem_set_table_allocator(paddr_t (*alloc)(unsigned pages), void (*release)(paddr_t pa, unsigned pages));

/**
 * mem_map_device - map device registers, uncached, RW
 *
 * Mapping the same window twice is fine. Takes the table lock. Return: the virtual address or NULL (overlaps RAM, no
 * memory).
 */
void *mem_map_device(paddr_t pa, uint64_t size);

/**
 * mem_protect - change the rights of mapped pages of RAM on all CPUs; flags 0 makes a guard page
 *
 * Takes the table lock; not in interrupt context. Return: 0, -AX_EINVAL, -AX_ENOMEM.
 */
int mem_protect(void *va, uint64_t size, unsigned flags);

/**
 * mem_zero_pages - zero whole pages of normal memory, in the fastest way that the CPU has
 * @va:   page-aligned, mapped cacheable
 * @size: bytes, a multiple of the page size
 */
void mem_zero_pages(void *va, size_t size);

/** Clean and invalidate [va, va + size) to the point of coherency: before a guest reads it with its caches off. */
void cache_clean_invalidate(const void *va, size_t size);
/**
 * cache_forget_code - drop all that the instruction caches of all CPUs hold
 *
 * After code was written and cleaned to the point of coherency. Image by image it costs less than line by line.
 */
void cache_forget_code(void);
