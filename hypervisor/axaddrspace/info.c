/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands in an address space, for messages and commands.
 */
#include <axaddrspace/aspace.h>
#include <axstd/error.h>
#include "region.h"

const char *aspace_kind_name(enum aspace_kind kind)
{
	static const char *const names[ASPACE_KINDS] = {
		[ASPACE_LINEAR] = "linear",   [ASPACE_IDENTITY] = "identity", [ASPACE_DEVICE] = "device",
		[ASPACE_ALLOC] = "allocated", [ASPACE_LAZY] = "lazy",         [ASPACE_RESERVED] = "reserved",
	};

	return (unsigned)kind < ASPACE_KINDS ? names[kind] : "unknown";
}

int aspace_find_region(struct aspace *as, gpa_t gpa, struct aspace_region *out)
{
	uint64_t irq = spin_lock_irqsave(&as->lock);
	unsigned index = region_index(as, gpa);
	int err = index < as->num_regions ? 0 : -AX_ENOENT;

	if (!err)
		*out = as->regions[index];
	spin_unlock_irqrestore(&as->lock, irq);
	return err;
}

int aspace_for_each_region(struct aspace *as, int (*fn)(const struct aspace_region *region, void *arg), void *arg)
{
	struct aspace_region r;
	int result = 0;

	for (gpa_t gpa = 0; !result && !aspace_find_region(as, gpa, &r); gpa = region_end(&r))
		result = fn(&r, arg);
	return result;
}

void aspace_get_stats(struct aspace *as, struct aspace_stats *stats)
{
	uint64_t irq = spin_lock_irqsave(&as->lock);

	*stats = (struct aspace_stats){ .memory_bytes = as->memory_bytes, .table_pages = as->table.table_pages };
	for (unsigned i = 0; i < as->num_regions; i++)
		stats->region_bytes[as->regions[i].kind] += as->regions[i].size;
	spin_unlock_irqrestore(&as->lock, irq);
}
