/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tags of the TLB for address spaces, and who used them last on each CPU.
 */
#include <axaddrspace/aspace.h>
#include <axstd/bitmap.h>
#include <axstd/error.h>
#include <axstd/spinlock.h>
#include <axvcpu/impl.h>

static struct spinlock lock; /* guards tags */
static uint64_t tags[BITMAP_WORDS(VCPU_MAX_TAGS)] = { 1 };
static unsigned num_tags;
/* Which vCPU of each VM (by tag) ran last on this CPU, plus one. */
static DEFINE_PER_CPU(uint8_t[VCPU_MAX_TAGS], last_vcpu);

void vcpu_tags_init(unsigned count)
{
	num_tags = MIN(count, VCPU_MAX_TAGS);
}

int vcpu_aspace_bind(struct aspace *as)
{
	uint64_t flags = spin_lock_irqsave(&lock);
	size_t tag = bitmap_next_clear(tags, num_tags, 0);

	if (tag < num_tags)
		bitmap_set(tags, tag);
	spin_unlock_irqrestore(&lock, flags);
	if (tag >= num_tags)
		return -AX_EBUSY;
	/* The TLB may hold the guest's own translations of who had the tag before. */
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		(*per_cpu(last_vcpu, cpu))[tag] = 0;
	atomic_store(&as->tag, tag);
	return 0;
}

void vcpu_aspace_unbind(struct aspace *as)
{
	uint64_t flags = spin_lock_irqsave(&lock);

	bitmap_clear(tags, atomic_load(&as->tag));
	spin_unlock_irqrestore(&lock, flags);
	atomic_store(&as->tag, 0);
}

bool vcpu_tag_take(uint64_t tag, unsigned id)
{
	uint8_t *last = &(*this_cpu(last_vcpu))[tag];

	if (*last == id + 1)
		return true;
	*last = (uint8_t)(id + 1);
	return false;
}
