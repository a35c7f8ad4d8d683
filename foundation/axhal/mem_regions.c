/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory map: which parts of RAM are whose. Pure, tested on the host.
 */
#include "hal.h"
#include <axstd/error.h>
#include <axstd/sort.h>

#define MAX_EDGES (2 * (FDT_MAX_RAM + FDT_MAX_RESERVED + 8))

static int compare_addresses(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static bool in_ram(const struct fdt_range *ram, unsigned count, uint64_t start, uint64_t end)
{
	for (unsigned i = 0; i < count; i++)
		if (ALIGN_UP(ram[i].base, PAGE_SIZE) <= start &&
		    end <= ALIGN_DOWN(ram[i].base + ram[i].size, PAGE_SIZE))
			return true;
	return false;
}

static enum mem_kind kind_of(const struct mem_claim *claims, unsigned count, uint64_t start)
{
	enum mem_kind kind = MEM_FREE;

	for (unsigned i = 0; i < count; i++)
		if (ALIGN_DOWN(claims[i].base, PAGE_SIZE) <= start &&
		    start < ALIGN_UP(claims[i].base + claims[i].size, PAGE_SIZE) && claims[i].kind > kind)
			kind = claims[i].kind;
	return kind;
}

int mem_regions_build(const struct fdt_range *ram, unsigned num_ram, const struct mem_claim *claims,
		      unsigned num_claims, struct mem_region *out)
{
	uint64_t edges[MAX_EDGES];
	unsigned num_edges = 0, num = 0;

	if (2 * (num_ram + num_claims) > MAX_EDGES)
		return -AX_ENOSPC;
	for (unsigned i = 0; i < num_ram; i++) {
		edges[num_edges++] = ALIGN_UP(ram[i].base, PAGE_SIZE);
		edges[num_edges++] = ALIGN_DOWN(ram[i].base + ram[i].size, PAGE_SIZE);
	}
	for (unsigned i = 0; i < num_claims; i++) {
		edges[num_edges++] = ALIGN_DOWN(claims[i].base, PAGE_SIZE);
		edges[num_edges++] = ALIGN_UP(claims[i].base + claims[i].size, PAGE_SIZE);
	}
	sort(edges, num_edges, sizeof(edges[0]), compare_addresses);
	/* Between two edges nothing changes. */
	for (unsigned i = 0; i + 1 < num_edges; i++) {
		uint64_t start = edges[i], end = edges[i + 1];
		enum mem_kind kind;

		if (start == end || !in_ram(ram, num_ram, start, end))
			continue;
		kind = kind_of(claims, num_claims, start);
		if (num && out[num - 1].kind == kind && out[num - 1].base + out[num - 1].size == start) {
			out[num - 1].size += end - start;
			continue;
		}
		if (num == MEM_MAX_REGIONS)
			return -AX_ENOSPC;
		out[num++] = (struct mem_region){ .base = start, .size = end - start, .kind = kind };
	}
	return (int)num;
}
