/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's own memory: early allocation, one-to-one map, devices, rights.
 */
#include "hal.h"
#include <axhal/boot.h>
#include <axstd/assert.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axstd/spinlock.h>
#include <string.h>

/* Ends of the image's parts, from the linker script. */
extern char text_end[], rodata_end[];

#define MAX_CLAIMS     (FDT_MAX_RESERVED + 4)
#define MAX_STACKS     (2 * CPU_MAX)
#define EARLY_POOL_MIN MIB(4)

static struct mem_region regions[MEM_MAX_REGIONS];
static size_t num_regions;

/* Early memory is cut from the upper end of the largest free region, downwards. */
static struct mem_region *early_pool;
static paddr_t early_next;
static uint64_t early_size; /* bytes taken, once it is closed */

static uint64_t guards[MAX_STACKS];
static unsigned num_guards;

static struct pgtable tables;
static struct spinlock tables_lock = SPINLOCK_INIT;
static bool tables_live;
static paddr_t (*alloc_tables)(unsigned pages);
static void (*release_tables)(paddr_t pa, unsigned pages);

static struct mem_region *largest_free(void)
{
	struct mem_region *best = NULL;

	for (size_t i = 0; i < num_regions; i++)
		if (regions[i].kind == MEM_FREE && (!best || regions[i].size > best->size))
			best = &regions[i];
	return best;
}

void mem_init(const struct fdt_platform *found)
{
	struct mem_claim claims[MAX_CLAIMS];
	unsigned num = 0;
	int count;

	for (unsigned i = 0; i < found->num_reserved; i++)
		claims[num++] = (struct mem_claim){
			.base = found->reserved[i].base,
			.size = found->reserved[i].size,
			.kind = found->reserved[i].no_map ? MEM_NO_MAP : MEM_RESERVED,
		};
	claims[num++] = (struct mem_claim){ virt_to_phys(image_start),
					    virt_to_phys(image_end) - virt_to_phys(image_start), MEM_IMAGE };
	claims[num++] = (struct mem_claim){ virt_to_phys(found->pub.fdt), found->pub.fdt_size, MEM_IMAGE };
	if (found->pub.ramdisk_size)
		claims[num++] = (struct mem_claim){ found->pub.ramdisk, found->pub.ramdisk_size, MEM_RAMDISK };
	/* Page 0 stays unused: 0 is "no memory" everywhere, and a NULL pointer shall fault. */
	claims[num++] = (struct mem_claim){ 0, PAGE_SIZE, MEM_NO_MAP };
	count = mem_regions_build(found->ram, found->num_ram, claims, num, regions);
	if (count < 0)
		panic("the memory map has more than %d regions", MEM_MAX_REGIONS);
	num_regions = (size_t)count;
	early_pool = largest_free();
	if (!early_pool || early_pool->size < EARLY_POOL_MIN)
		panic("no free memory: the largest free region has %llu KiB",
		      early_pool ? (unsigned long long)early_pool->size / 1024 : 0);
	early_next = early_pool->base + early_pool->size;
}

void *mem_early_alloc(size_t size, size_t align)
{
	paddr_t pa;

	if (!early_pool)
		panic("mem_early_alloc after mem_regions()");
	pa = ALIGN_DOWN(early_next - size, MAX(align, (size_t)16));
	if (size > early_pool->size || pa < early_pool->base || pa > early_next)
		panic("out of early memory: %zu bytes", size);
	if (!tables_live && !arch_early_map(pa, size, false))
		panic("out of early tables");
	early_next = pa;
	if (!IS_ALIGNED(pa | size, PAGE_SIZE))
		return memset(phys_to_virt(pa), 0, size);
	mem_zero_pages(phys_to_virt(pa), size);
	return phys_to_virt(pa);
}

/* The early memory that was used becomes a region of its own. */
static void close_early_pool(void)
{
	struct mem_region *pool = early_pool;
	paddr_t end = pool->base + pool->size, start = ALIGN_DOWN(early_next, PAGE_SIZE);
	size_t index = (size_t)(pool - regions);

	early_pool = NULL;
	early_size = end - start;
	if (!early_size)
		return;
	if (num_regions == MEM_MAX_REGIONS)
		panic("the memory map has more than %d regions", MEM_MAX_REGIONS);
	memmove(pool + 1, pool, (num_regions - index) * sizeof(*pool));
	num_regions++;
	pool[0].size = start - pool->base;
	pool[1].base = start;
	pool[1].size = end - start;
	pool[1].kind = MEM_IMAGE;
}

const struct mem_region *mem_regions(size_t *count)
{
	if (early_pool)
		close_early_pool();
	*count = num_regions;
	return regions;
}

bool mem_is_ram(paddr_t pa, uint64_t size)
{
	for (size_t i = 0; i < num_regions && size; i++) {
		uint64_t skip = pa - regions[i].base;

		if (pa < regions[i].base || skip >= regions[i].size)
			continue;
		if (size <= regions[i].size - skip)
			return true;
		size -= regions[i].size - skip;
		pa = regions[i].base + regions[i].size;
	}
	return false;
}

void *mem_early_stack(size_t size)
{
	char *guard = mem_early_alloc(size + PAGE_SIZE, PAGE_SIZE);

	ax_assert(num_guards < MAX_STACKS);
	guards[num_guards++] = virt_to_phys(guard);
	return guard + PAGE_SIZE + size;
}

static paddr_t table_alloc(struct pgtable *pt, unsigned pages)
{
	if (alloc_tables)
		return alloc_tables(pages);
	return early_pool ? virt_to_phys(mem_early_alloc(pages * PAGE_SIZE, pages * PAGE_SIZE)) : 0;
}

/* Early tables are never given back: there is nobody to take them. */
static void table_free(struct pgtable *pt, paddr_t pa, unsigned pages)
{
	paddr_t start = ALIGN_DOWN(early_next, PAGE_SIZE);

	if (release_tables && (pa < start || pa - start >= early_size))
		release_tables(pa, pages);
}

static void table_flush(struct pgtable *pt, uint64_t va, uint64_t size)
{
	if (tables_live)
		arch_tlb_flush(va, size);
}

static void table_sync(struct pgtable *pt)
{
	arch_table_sync();
}

static const struct pt_ops table_ops = {
	.alloc_tables = table_alloc,
	.free_tables = table_free,
	.flush = table_flush,
	.sync = table_sync,
};

void mem_set_table_allocator(paddr_t (*alloc)(unsigned pages), void (*release)(paddr_t pa, unsigned pages))
{
	alloc_tables = alloc;
	release_tables = release;
}

static void map_or_panic(paddr_t pa, paddr_t end, unsigned flags)
{
	int err = pgtable_map(&tables, pa, pa, end - pa, flags);

	if (err)
		panic("cannot map %#llx..%#llx: %s", (unsigned long long)pa, (unsigned long long)end, error_text(err));
}

static void map_image(void)
{
	map_or_panic(virt_to_phys(image_start), virt_to_phys(text_end), PT_READ | PT_EXEC);
	map_or_panic(virt_to_phys(text_end), virt_to_phys(rodata_end), PT_READ);
	map_or_panic(virt_to_phys(rodata_end), virt_to_phys(image_end), PT_READ | PT_WRITE);
}

/* RAM except the image. */
static void map_ram(paddr_t start, paddr_t end)
{
	paddr_t image = virt_to_phys(image_start), after = virt_to_phys(image_end);

	if (start < image && image < end) {
		map_or_panic(start, image, PT_READ | PT_WRITE);
		start = image;
	}
	if (start >= image && start < after)
		start = MIN(after, end);
	if (start < end)
		map_or_panic(start, end, PT_READ | PT_WRITE);
}

void mem_init_tables(void)
{
	extern char boot_stack_guard[];
	const struct platform *p = platform();
	paddr_t fdt = ALIGN_DOWN(virt_to_phys(p->fdt), PAGE_SIZE);
	struct pt_translation seen;
	int err = pgtable_init(&tables, arch_pt_format(), &table_ops);

	if (err)
		panic("cannot make page tables: %s", error_text(err));
	map_image();
	for (size_t i = 0; i < num_regions; i++)
		if (regions[i].kind != MEM_NO_MAP)
			map_ram(regions[i].base, regions[i].base + regions[i].size);
	/* A device tree outside RAM (ROM, or memory the tree does not name) is read in place. */
	if (pgtable_translate(&tables, fdt, &seen))
		map_or_panic(fdt, ALIGN_UP(virt_to_phys(p->fdt) + p->fdt_size, PAGE_SIZE), PT_READ);
	guards[num_guards++] = virt_to_phys(boot_stack_guard);
	for (unsigned i = 0; i < num_guards; i++)
		if (pgtable_unmap(&tables, guards[i], PAGE_SIZE))
			panic("cannot make a guard page");
	arch_mmu_load(tables.root);
	tables_live = true;
}

void *mem_map_device(paddr_t pa, uint64_t size)
{
	paddr_t start = ALIGN_DOWN(pa, PAGE_SIZE), end = ALIGN_UP(pa + size, PAGE_SIZE);
	void *result = phys_to_virt(pa);
	uint64_t flags;

	if (!size || end <= start || end > BIT(arch_pa_bits()))
		return NULL;
	if (!tables_live)
		return arch_early_map(pa, size, true) ? result : NULL;
	flags = spin_lock_irqsave(&tables_lock);
	/* Page by page where something is mapped already: windows of devices may share pages and overlap. */
	if (pgtable_map(&tables, start, start, end - start, PT_READ | PT_WRITE | PT_DEVICE)) {
		for (paddr_t page = start; page < end && result; page += PAGE_SIZE) {
			struct pt_translation seen;

			if (pgtable_translate(&tables, page, &seen)) {
				if (pgtable_map(&tables, page, page, PAGE_SIZE, PT_READ | PT_WRITE | PT_DEVICE))
					result = NULL;
			} else if (!(seen.flags & PT_DEVICE)) {
				result = NULL;
			}
		}
	}
	spin_unlock_irqrestore(&tables_lock, flags);
	return result;
}

/* Guard pages in [start, end) come back. */
static int map_holes(paddr_t start, paddr_t end, unsigned rights)
{
	for (paddr_t page = start; page < end;) {
		struct pt_translation seen;
		int err;

		if (!pgtable_translate(&tables, page, &seen)) {
			page = ALIGN_DOWN(page, seen.size) + seen.size;
			continue;
		}
		err = pgtable_map(&tables, page, page, PAGE_SIZE, rights);
		if (err)
			return err;
		page += PAGE_SIZE;
	}
	return 0;
}

int mem_protect(void *va, uint64_t size, unsigned rights)
{
	paddr_t start = virt_to_phys(va);
	uint64_t flags;
	int err;

	if (!size || !IS_ALIGNED(start, PAGE_SIZE) || !IS_ALIGNED(size, PAGE_SIZE) || !mem_is_ram(start, size) ||
	    (rights & ~(unsigned)(PT_READ | PT_WRITE | PT_EXEC)) || (rights & PT_WRITE && rights & PT_EXEC))
		return -AX_EINVAL;
	flags = spin_lock_irqsave(&tables_lock);
	if (!rights) {
		err = pgtable_unmap(&tables, start, size);
	} else {
		err = map_holes(start, start + size, rights);
		if (!err)
			err = pgtable_protect(&tables, start, size, rights);
	}
	spin_unlock_irqrestore(&tables_lock, flags);
	return err;
}
