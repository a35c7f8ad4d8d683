/* unit: axhal/pgtable.c axhal/pgtable_change.c arm_vcpu/s2_format.c */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <axalloc/frame.h>
#include <axhal/pgtable.h>
#include <axstd/error.h>
#include "host/host.h"
#include "s2_format.h"

#define RW  (PT_READ | PT_WRITE)
#define RWX (PT_READ | PT_WRITE | PT_EXEC)
#define RX  (PT_READ | PT_EXEC)

/*
 * --- a second format, after the RISC-V G stage: 16 KiB root, walkers that remember invalid entries, in-place
 * replacement ---
 */

static bool g_leaf_allowed(unsigned level)
{
	return level <= 3;
}

static uint64_t g_make_leaf(paddr_t pa, unsigned flags, unsigned level)
{
	uint64_t entry = pa >> 2 | 1;

	entry |= (flags & RWX) << 1;
	if (flags & PT_UNCACHED)
		entry |= BIT(61);
	return flags & PT_DEVICE ? entry | BIT(62) : entry;
}

static uint64_t g_make_table(paddr_t table)
{
	return table >> 2 | 1;
}

static bool g_is_valid(uint64_t entry)
{
	return entry & 1;
}

static bool g_is_leaf(uint64_t entry, unsigned level)
{
	return entry & 0xe;
}

static paddr_t g_entry_pa(uint64_t entry, unsigned level)
{
	return FIELD(entry, 53, 10) << 12;
}

static unsigned g_leaf_flags(uint64_t entry)
{
	return (entry >> 1 & RWX) | (entry & BIT(61) ? PT_UNCACHED : 0) | (entry & BIT(62) ? PT_DEVICE : 0);
}

#define G_FORMAT(n)                                                                                               \
	{                                                                                                         \
		.name = "G stage", .levels = (n), .root_pages = 4, .input_bits = 12 + 9 * (n) + 2,                \
		.flush_after_map = true, .leaf_allowed = g_leaf_allowed, .make_leaf = g_make_leaf,                \
		.make_table = g_make_table, .is_valid = g_is_valid, .is_leaf = g_is_leaf, .entry_pa = g_entry_pa, \
		.leaf_flags = g_leaf_flags,                                                                       \
	}

static const struct pt_format g_formats[] = { G_FORMAT(3), G_FORMAT(4), G_FORMAT(5) };

/* --- a model of the TLB and the walk caches: what they hold must never contradict the table after a change --- */

struct cached {
	bool valid;
	uint64_t va, leaf_va;
	struct pt_translation leaf;
	paddr_t path[5]; /* table by level; 0: not cached */
};

static struct pgtable pt;
static struct cached tlb[64];
static unsigned flushes;
static uint64_t flushed, flushed_end;

/* Samples around a change, for break-before-make. */
static struct {
	uint64_t va;
	bool mapped, seen_unmapped;
	struct pt_translation before;
} samples[32];

static uint64_t level_size(unsigned level)
{
	return PAGE_SIZE << 9 * level;
}

static void cache_path(struct cached *c)
{
	paddr_t table = pt.root;

	for (unsigned level = pt.format->levels - 1;; level--) {
		uint64_t index = c->va / level_size(level), entry;

		c->path[level] = table;
		if (level != pt.format->levels - 1)
			index %= 512;
		entry = ((uint64_t *)phys_to_virt(table))[index];
		if (pt.format->is_leaf(entry, level))
			return;
		table = pt.format->entry_pa(entry, level);
	}
}

static void tlb_fill(uint64_t va)
{
	struct cached *c = &tlb[rand() % ARRAY_SIZE(tlb)];
	uint64_t leaf_va;
	struct pt_translation leaf;

	if (pgtable_next(&pt, va, va + 1, &leaf_va, &leaf))
		return;
	*c = (struct cached){ .valid = true, .va = va, .leaf_va = leaf_va, .leaf = leaf };
	cache_path(c);
}

static void tlb_flush(struct pgtable *table, uint64_t va, uint64_t size)
{
	struct pt_translation t;

	assert_ptr_equal(table, &pt);
	flushes++;
	flushed = MIN(flushed, va);
	flushed_end = MAX(flushed_end, va + size);
	for (unsigned i = 0; i < ARRAY_SIZE(tlb); i++) {
		struct cached *c = &tlb[i];

		if (c->valid && ranges_overlap(c->leaf_va, c->leaf.size, va, size))
			c->valid = false;
		for (unsigned level = 0; level < 4; level++)
			if (ranges_overlap(ALIGN_DOWN(c->va, level_size(level + 1)), level_size(level + 1), va, size))
				c->path[level] = 0;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(samples); i++)
		if (samples[i].va >= va && samples[i].va < va + size && pgtable_translate(table, samples[i].va, &t))
			samples[i].seen_unmapped = true;
}

static void tlb_check(void)
{
	struct pt_translation t;

	for (unsigned i = 0; i < ARRAY_SIZE(tlb); i++) {
		struct cached *c = &tlb[i];

		if (!c->valid)
			continue;
		assert_int_equal(pgtable_translate(&pt, c->va, &t), 0);
		assert_int_equal(t.pa - c->va, c->leaf.pa - c->leaf_va);
		assert_int_equal(t.flags, c->leaf.flags);
	}
}

static paddr_t alloc_tables(struct pgtable *table, unsigned pages)
{
	return frame_alloc_pages(pages, pages * PAGE_SIZE, FRAME_ZERO, OWNER_GUEST_TABLES);
}

static void free_tables(struct pgtable *table, paddr_t pa, unsigned pages)
{
	for (unsigned i = 0; i < ARRAY_SIZE(tlb); i++)
		for (unsigned level = 0; level < 4; level++)
			assert_int_not_equal(tlb[i].path[level], pa);
	frame_free_pages(pa, pages);
}

static void sync(struct pgtable *table)
{
}

static const struct pt_ops ops = { alloc_tables, free_tables, tlb_flush, sync };

static void start(const struct pt_format *format)
{
	memset(tlb, 0, sizeof(tlb));
	memset(samples, 0, sizeof(samples));
	assert_int_equal(pgtable_init(&pt, format, &ops), 0);
}

static void flush_reset(void)
{
	flushes = 0;
	flushed = UINT64_MAX;
	flushed_end = 0;
}

static void end(void)
{
	memset(tlb, 0, sizeof(tlb));
	pgtable_destroy(&pt);
	assert_int_equal(host_frames_live(), 0);
}

static void assert_maps(uint64_t va, paddr_t pa, uint64_t leaf, unsigned flags)
{
	struct pt_translation t;

	assert_int_equal(pgtable_translate(&pt, va, &t), 0);
	assert_int_equal(t.pa, pa);
	assert_int_equal(t.size, leaf);
	assert_int_equal(t.flags, flags);
}

static void assert_unmapped(uint64_t va)
{
	struct pt_translation t;

	assert_int_equal(pgtable_translate(&pt, va, &t), -AX_EFAULT);
}

/* --- sentences --- */

static void an_empty_table_maps_nothing(void **state)
{
	struct pt_translation t;
	uint64_t leaf;

	start(s2_format_for(39));
	assert_unmapped(0);
	assert_unmapped(BIT(39) - 1);
	assert_unmapped(BIT(39));
	assert_unmapped(UINT64_MAX);
	assert_int_equal(pgtable_next(&pt, 0, UINT64_MAX, &leaf, &t), -AX_ENOENT);
	assert_int_equal(pt.table_pages, 1);
	end();
}

static void an_aligned_gibibyte_is_one_leaf(void **state)
{
	start(s2_format_for(39));
	assert_int_equal(pgtable_map(&pt, GIB(1), GIB(5), GIB(2), RWX), 0);
	assert_maps(GIB(1) + 0x12345, GIB(5) + 0x12345, GIB(1), RWX);
	assert_maps(GIB(3) - 1, GIB(7) - 1, GIB(1), RWX);
	assert_unmapped(GIB(3));
	assert_unmapped(GIB(1) - 1);
	assert_int_equal(pt.table_pages, 1);
	end();
}

static void the_largest_leaves_that_fit_are_used(void **state)
{
	start(s2_format_for(39));
	/* From the last page before 2 MiB to one page past 2 GiB. */
	assert_int_equal(pgtable_map(&pt, MIB(2) - 4096, MIB(2) - 4096, GIB(2) - MIB(2) + 8192, RW), 0);
	assert_maps(MIB(2) - 4096, MIB(2) - 4096, KIB(4), RW);
	assert_maps(MIB(2), MIB(2), MIB(2), RW);
	assert_maps(GIB(1), GIB(1), GIB(1), RW);
	assert_maps(GIB(2), GIB(2), KIB(4), RW);
	/* root, first GiB: one of 2 MiB and one of pages, third GiB: two */
	assert_int_equal(pt.table_pages, 5);
	end();
}

static void host_memory_that_is_not_as_aligned_takes_smaller_leaves(void **state)
{
	start(s2_format_for(40));
	assert_int_equal(pgtable_map(&pt, 0, MIB(2), GIB(1), RW), 0);
	assert_maps(0, MIB(2), MIB(2), RW);
	assert_int_equal(pt.table_pages, 2 + 1);
	assert_int_equal(pgtable_map(&pt, GIB(1), 4096, GIB(1), RW), 0);
	assert_maps(GIB(1), 4096, KIB(4), RW);
	assert_int_equal(pt.table_pages, 2 + 1 + 1 + 512);
	end();
}

static void mapping_what_is_mapped_is_refused_and_changes_nothing(void **state)
{
	start(s2_format_for(39));
	assert_int_equal(pgtable_map(&pt, MIB(4), 0, MIB(4), RW), 0);
	assert_int_equal(pgtable_map(&pt, GIB(4), 0, GIB(1), RW), 0);
	assert_int_equal(pgtable_map(&pt, 0, 0, MIB(4) + 4096, RW), -AX_EEXIST);
	assert_int_equal(pgtable_map(&pt, 0, 0, GIB(1), RW), -AX_EEXIST);
	assert_int_equal(pgtable_map(&pt, MIB(8) - 4096, 0, GIB(2), RW), -AX_EEXIST);
	assert_int_equal(pgtable_map(&pt, GIB(4) + 4096, 0, 4096, RW), -AX_EEXIST);
	assert_int_equal(pgtable_map(&pt, GIB(3), 0, GIB(2), RW), -AX_EEXIST);
	assert_unmapped(0);
	assert_unmapped(MIB(8));
	assert_unmapped(GIB(3));
	assert_int_equal(pt.table_pages, 2);
	assert_int_equal(host_frames_live(), 2);
	end();
}

static void ranges_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		uint64_t va, pa, size;
	} bad[] = {
		{ 0, 0, 0 },
		{ 1, 0, 4096 },
		{ 0, 1, 4096 },
		{ 0, 0, 4095 },
		{ BIT(39), 0, 4096 },
		{ BIT(39) - 4096, 0, 8192 },
		{ 0, 0, BIT(39) + 4096 },
		{ 4096, 0, UINT64_MAX - 4095 },
		{ UINT64_MAX - 4095, 0, 4096 },
		{ UINT64_MAX - 4095, 0, 8192 },
		{ 0, UINT64_MAX - 4095, 8192 },
	};

	start(s2_format_for(39));
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(pgtable_map(&pt, bad[i].va, bad[i].pa, bad[i].size, RW), -AX_EINVAL);
		if (bad[i].pa)
			continue;
		assert_int_equal(pgtable_unmap(&pt, bad[i].va, bad[i].size), -AX_EINVAL);
		assert_int_equal(pgtable_split(&pt, bad[i].va, bad[i].size), -AX_EINVAL);
		assert_int_equal(pgtable_protect(&pt, bad[i].va, bad[i].size, RW), -AX_EINVAL);
	}
	assert_int_equal(pt.table_pages, 1);
	end();
}

static void the_last_page_of_the_address_space_can_be_used(void **state)
{
	static const unsigned bits[] = { 32, 36, 39, 40, 42, 44, 48 };

	for (unsigned i = 0; i < ARRAY_SIZE(bits); i++) {
		uint64_t last = BIT(bits[i]) - 4096;

		start(s2_format_for(bits[i]));
		assert_int_equal(pgtable_map(&pt, last, 0x7000, 4096, RW), 0);
		assert_maps(last + 5, 0x7005, KIB(4), RW);
		assert_int_equal(pgtable_protect(&pt, last, 4096, PT_READ), 0);
		assert_maps(last, 0x7000, KIB(4), PT_READ);
		assert_int_equal(pgtable_unmap(&pt, last, 4096), 0);
		assert_int_equal(pt.table_pages, pt.format->root_pages);
		assert_int_equal(pgtable_map(&pt, 0, 0, BIT(bits[i]), RW), 0);
		assert_int_equal(pgtable_unmap(&pt, 0, BIT(bits[i])), 0);
		end();
	}
}

static void every_root_page_is_reached(void **state)
{
	static const unsigned sizes[] = { 39, 40, 42 };

	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		unsigned bits = sizes[i];

		start(s2_format_for(bits));
		assert_int_equal(pt.table_pages, 1U << (bits - 39));
		assert_int_equal(pt.root % (pt.table_pages * PAGE_SIZE), 0);
		for (uint64_t root = 0; root < pt.table_pages; root++)
			assert_int_equal(pgtable_map(&pt, root << 39, GIB(root), GIB(1), RW), 0);
		for (uint64_t root = 0; root < pt.format->root_pages; root++)
			assert_maps(root << 39, GIB(root), GIB(1), RW);
		end();
	}
	for (unsigned f = 0; f < ARRAY_SIZE(g_formats); f++) {
		unsigned top = 12 + 9 * g_formats[f].levels;

		start(&g_formats[f]);
		for (uint64_t i = 0; i < 4; i++)
			assert_int_equal(pgtable_map(&pt, i << top, i << 12, 4096, RW), 0);
		for (uint64_t i = 0; i < 4; i++)
			assert_maps(i << top, i << 12, KIB(4), RW);
		assert_int_equal(pt.table_pages, 4 + 4 * (g_formats[f].levels - 1));
		end();
	}
}

static void unmapping_one_page_of_a_gibibyte_splits_it_down(void **state)
{
	start(s2_format_for(39));
	assert_int_equal(pgtable_map(&pt, 0, GIB(1), GIB(1), RWX), 0);
	assert_int_equal(pgtable_unmap(&pt, MIB(500), 4096), 0);
	assert_unmapped(MIB(500));
	assert_maps(MIB(500) - 1, GIB(1) + MIB(500) - 1, MIB(2), RWX);
	assert_maps(MIB(500) + 4096, GIB(1) + MIB(500) + 4096, KIB(4), RWX);
	assert_maps(0, GIB(1), MIB(2), RWX);
	assert_int_equal(pt.table_pages, 3);
	assert_int_equal(pgtable_unmap(&pt, 0, GIB(1)), 0);
	assert_int_equal(pt.table_pages, 1);
	end();
}

static void protecting_a_page_splits_and_protecting_it_back_merges(void **state)
{
	start(s2_format_for(39));
	assert_int_equal(pgtable_map(&pt, 0, GIB(1), GIB(1), RW), 0);
	assert_int_equal(pgtable_protect(&pt, 4096, 4096, PT_READ), 0);
	assert_maps(0, GIB(1), KIB(4), RW);
	assert_maps(4096, GIB(1) + 4096, KIB(4), PT_READ);
	assert_maps(MIB(2), GIB(1) + MIB(2), MIB(2), RW);
	assert_int_equal(pt.table_pages, 3);
	assert_int_equal(pgtable_protect(&pt, 4096, 4096, RW), 0);
	assert_maps(4096, GIB(1) + 4096, GIB(1), RW);
	assert_int_equal(pt.table_pages, 1);
	end();
}

static void merging_stays_within_the_limit_that_is_asked_for(void **state)
{
	start(s2_format_for(39));
	assert_int_equal(pgtable_map(&pt, 0, 0, MIB(1), RW), 0);
	assert_int_equal(pgtable_map(&pt, MIB(1), MIB(1), MIB(1), PT_READ), 0);
	assert_int_equal(pgtable_protect_within(&pt, MIB(1), MIB(1), RW, MIB(1), MIB(1)), 0);
	assert_maps(MIB(1), MIB(1), KIB(4), RW);
	assert_int_equal(pgtable_protect_within(&pt, MIB(1), MIB(1), RW, 0, MIB(2)), 0);
	assert_maps(MIB(1), MIB(1), MIB(2), RW);
	end();
}

static void leaves_that_do_not_lie_in_a_row_are_not_merged(void **state)
{
	start(s2_format_for(39));
	/* Contiguous but not aligned in host memory; then aligned with one page from elsewhere. */
	assert_int_equal(pgtable_map(&pt, 0, 4096, MIB(2), RW), 0);
	assert_int_equal(pgtable_protect(&pt, 0, MIB(2), PT_READ), 0);
	assert_maps(0, 4096, KIB(4), PT_READ);
	assert_int_equal(pgtable_map(&pt, MIB(2), MIB(2), MIB(1), RW), 0);
	assert_int_equal(pgtable_map(&pt, MIB(3), MIB(7), MIB(1), RW), 0);
	assert_int_equal(pgtable_protect(&pt, MIB(2), MIB(2), PT_READ), 0);
	assert_maps(MIB(2), MIB(2), KIB(4), PT_READ);
	end();
}

static void protecting_to_what_is_there_takes_nothing_and_flushes_nothing(void **state)
{
	start(s2_format_for(39));
	assert_int_equal(pgtable_map(&pt, 0, 0, GIB(1), RW), 0);
	flush_reset();
	host_fail_after(0);
	assert_int_equal(pgtable_protect(&pt, 4096, 8192, RW), 0);
	host_fail_never();
	assert_int_equal(flushes, 0);
	assert_maps(4096, 4096, GIB(1), RW);
	/* A right that the format does not know changes nothing either. */
	assert_int_equal(pgtable_protect(&pt, 4096, 8192, RW | PT_USER), 0);
	assert_int_equal(flushes, 0);
	end();
}

static void only_what_changed_is_flushed(void **state)
{
	start(s2_format_for(39));
	flush_reset();
	assert_int_equal(pgtable_map(&pt, MIB(4), 0, MIB(4), RW), 0);
	assert_int_equal(pgtable_unmap(&pt, GIB(1), GIB(1)), 0);
	assert_int_equal(pgtable_protect(&pt, GIB(1), GIB(1), RW), 0);
	assert_int_equal(flushes, 0);
	assert_int_equal(pgtable_protect(&pt, 0, GIB(1), PT_READ), 0);
	assert_int_equal(flushes, 1);
	assert_int_equal(flushed, MIB(4));
	assert_int_equal(flushed_end, MIB(8));
	flush_reset();
	assert_int_equal(pgtable_unmap(&pt, MIB(6), GIB(1)), 0);
	assert_int_equal(flushes, 1);
	assert_int_equal(flushed, MIB(6));
	assert_int_equal(flushed_end, MIB(8));
	end();
	/* Where walkers remember invalid entries, mapping flushes as well. */
	start(&g_formats[0]);
	flush_reset();
	assert_int_equal(pgtable_map(&pt, MIB(4), 0, MIB(4), RW), 0);
	assert_int_equal(flushed, MIB(4));
	assert_int_equal(flushed_end, MIB(8));
	end();
}

/* A flush of one page may leave what a CPU remembers of the tables above it (RISC-V: SFENCE.VMA with an address). */
static void a_table_that_goes_is_flushed_with_all_that_it_stood_for(void **state)
{
	start(&g_formats[0]);
	assert_int_equal(pgtable_map(&pt, MIB(6) + 8192, 0, 8192, RW), 0);
	flush_reset();
	assert_int_equal(pgtable_unmap(&pt, MIB(6) + 8192, 4096), 0);
	assert_int_equal(flushed, MIB(6) + 8192);
	assert_int_equal(flushed_end, MIB(6) + 12288);
	assert_int_equal(pgtable_map(&pt, MIB(8), 0, 4096, RW), 0);
	flush_reset();
	assert_int_equal(pgtable_unmap(&pt, MIB(6) + 12288, 4096), 0);
	assert_int_equal(flushed, MIB(6));
	assert_int_equal(flushed_end, MIB(8));
	end();
}

static void after_a_split_unmapping_that_range_needs_no_memory(void **state)
{
	start(s2_format_for(48));
	assert_int_equal(pgtable_map(&pt, 0, 0, GIB(4), RW), 0);
	assert_int_equal(pt.table_pages, 2);
	assert_int_equal(pgtable_split(&pt, GIB(1) + 4096, GIB(2) + 4096), 0);
	assert_int_equal(pt.table_pages, 2 + 2 + 2);
	assert_maps(GIB(1), GIB(1), KIB(4), RW);
	assert_maps(GIB(2), GIB(2), GIB(1), RW);
	host_fail_after(0);
	assert_int_equal(pgtable_unmap(&pt, GIB(1) + 4096, GIB(2) + 4096), 0);
	host_fail_never();
	assert_unmapped(GIB(1) + 4096);
	assert_maps(GIB(1), GIB(1), KIB(4), RW);
	assert_maps(GIB(3) + 8192, GIB(3) + 8192, KIB(4), RW);
	end();
}

static void a_split_of_both_ends_of_one_leaf_takes_no_table_twice(void **state)
{
	start(s2_format_for(39));
	assert_int_equal(pgtable_map(&pt, 0, 0, GIB(1), RW), 0);
	host_fail_after(2);
	assert_int_equal(pgtable_unmap(&pt, 4096, 4096), 0);
	assert_false(host_fail_hit());
	host_fail_after(1);
	assert_int_equal(pgtable_unmap(&pt, MIB(4) + 4096, MIB(2) - 4096), 0);
	assert_false(host_fail_hit());
	host_fail_never();
	end();
}

static void next_skips_holes_and_finds_the_start_of_a_leaf(void **state)
{
	struct pt_translation t;
	uint64_t leaf;

	start(s2_format_for(48));
	assert_int_equal(pgtable_map(&pt, GIB(700), GIB(1), GIB(1), RW), 0);
	assert_int_equal(pgtable_map(&pt, GIB(900) + 4096, 0x5000, 4096, RX), 0);
	assert_int_equal(pgtable_next(&pt, 0, BIT(48), &leaf, &t), 0);
	assert_int_equal(leaf, GIB(700));
	assert_int_equal(pgtable_next(&pt, GIB(700) + 12345, BIT(48), &leaf, &t), 0);
	assert_int_equal(leaf, GIB(700));
	assert_int_equal(t.pa, GIB(1));
	assert_int_equal(t.size, GIB(1));
	assert_int_equal(pgtable_next(&pt, GIB(701), UINT64_MAX, &leaf, &t), 0);
	assert_int_equal(leaf, GIB(900) + 4096);
	assert_int_equal(t.pa, 0x5000);
	assert_int_equal(t.flags, RX);
	assert_int_equal(pgtable_next(&pt, GIB(701), GIB(900) + 4096, &leaf, &t), -AX_ENOENT);
	assert_int_equal(pgtable_next(&pt, GIB(900) + 8192, UINT64_MAX, &leaf, &t), -AX_ENOENT);
	end();
}

/* --- everything at once, against a model of one entry per unit --- */

#define UNITS 2048

static struct {
	uint64_t base, unit;
	paddr_t pa[UNITS];
	unsigned flags[UNITS]; /* 0: not mapped */
} model;

static const unsigned some_flags[] = { RW, RWX, RX, PT_READ, RW | PT_DEVICE, RW | PT_UNCACHED };

static void model_check(void)
{
	struct pt_translation t;

	for (unsigned i = 0; i < UNITS; i++) {
		uint64_t va = model.base + i * model.unit;
		int err = pgtable_translate(&pt, va, &t);

		assert_int_equal(err, model.flags[i] ? 0 : -AX_EFAULT);
		if (err)
			continue;
		assert_int_equal(t.pa, model.pa[i]);
		assert_int_equal(t.flags, model.flags[i]);
	}
}

static void samples_take(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(samples); i++) {
		samples[i].va = model.base + rand() % UNITS * model.unit;
		samples[i].mapped = !pgtable_translate(&pt, samples[i].va, &samples[i].before);
		samples[i].seen_unmapped = false;
	}
}

static void samples_check(void)
{
	const unsigned type = PT_DEVICE | PT_UNCACHED;
	struct pt_translation t;

	for (unsigned i = 0; pt.format->break_before_make && i < ARRAY_SIZE(samples); i++) {
		if (!samples[i].mapped || pgtable_translate(&pt, samples[i].va, &t))
			continue;
		if (t.size != samples[i].before.size || (t.flags ^ samples[i].before.flags) & type)
			assert_true(samples[i].seen_unmapped);
	}
}

static void random_step(void)
{
	unsigned first = rand() % UNITS, count = 1 + rand() % (rand() % 4 ? 40 : UNITS);
	unsigned flags = some_flags[rand() % ARRAY_SIZE(some_flags)], used = 0;
	uint64_t va = model.base + first * model.unit, size;
	paddr_t pa = rand() % 2 ? GIB(8) + va - model.base : GIB(64) + rand() % 4096 * model.unit;

	count = MIN(count, UNITS - first);
	/* Often whole blocks, so that large leaves come and go. */
	if (rand() % 3 == 0) {
		first = ALIGN_DOWN(first, 512);
		va = model.base + first * model.unit;
		pa = GIB(8) + va - model.base;
		count = 512;
	}
	size = count * model.unit;
	for (unsigned i = first; i < first + count; i++)
		used += !!model.flags[i];
	switch (rand() % 4) {
	case 0:
	case 1:
		assert_int_equal(pgtable_map(&pt, va, pa, size, flags), used ? -AX_EEXIST : 0);
		for (unsigned i = first; !used && i < first + count; i++) {
			model.pa[i] = pa + (i - first) * model.unit;
			model.flags[i] = flags;
		}
		break;
	case 2:
		assert_int_equal(pgtable_protect(&pt, va, size, flags), 0);
		for (unsigned i = first; i < first + count; i++)
			model.flags[i] = model.flags[i] ? flags : 0;
		break;
	default:
		assert_int_equal(pgtable_unmap(&pt, va, size), 0);
		memset(&model.flags[first], 0, count * sizeof(model.flags[0]));
	}
}

static void random_changes(const struct pt_format *format, uint64_t base, uint64_t unit, unsigned steps)
{
	memset(&model, 0, sizeof(model));
	model.base = base;
	model.unit = unit;
	start(format);
	for (unsigned step = 0; step < steps; step++) {
		for (unsigned i = 0; i < 8; i++)
			tlb_fill(base + rand() % UNITS * unit);
		samples_take();
		random_step();
		tlb_check();
		samples_check();
		assert_int_equal(pt.table_pages, host_frames_live());
		if (step % 50 == 0)
			model_check();
	}
	model_check();
	assert_int_equal(pgtable_unmap(&pt, base, UNITS * unit), 0);
	assert_int_equal(pt.table_pages, format->root_pages);
	end();
}

static void random_changes_agree_with_the_model(void **state)
{
	static const unsigned bits[] = { 39, 42, 48 };

	srand(3);
	for (unsigned i = 0; i < ARRAY_SIZE(bits); i++) {
		random_changes(s2_format_for(bits[i]), 0, KIB(4), 3000);
		random_changes(s2_format_for(bits[i]), BIT(bits[i]) - UNITS * KIB(4), KIB(4), 2000);
		random_changes(s2_format_for(bits[i]), GIB(256), MIB(2), 300);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(g_formats); i++) {
		random_changes(&g_formats[i], GIB(512) - MIB(4), KIB(4), 2000);
		random_changes(&g_formats[i], GIB(510), MIB(2), 300);
	}
}

/* --- out of memory --- */

static uint64_t fingerprint(void)
{
	uint64_t hash = pt.table_pages, leaf = 0;
	struct pt_translation t;

	for (uint64_t va = 0; !pgtable_next(&pt, va, UINT64_MAX, &leaf, &t); va = leaf + t.size)
		hash = (hash * 1000003 + leaf + t.size) * 1000003 + t.pa * 7 + t.flags;
	return hash;
}

static int change(unsigned which)
{
	switch (which) {
	case 0: return pgtable_map(&pt, GIB(600) - MIB(2) - 4096, 0, MIB(2) + 8192, RW);
	case 1: return pgtable_unmap(&pt, GIB(1) + MIB(3) + 4096, GIB(3));
	case 2: return pgtable_protect(&pt, GIB(1) + 4096, GIB(1) - 8192, PT_READ);
	case 3: return pgtable_protect(&pt, GIB(2) - 4096, GIB(2) + 8192, RW | PT_DEVICE);
	default: return pgtable_split(&pt, GIB(1) + 4096, 4096);
	}
}

static void out_of_memory_at_any_point_changes_nothing(void **state)
{
	for (unsigned which = 0; which < 5; which++) {
		unsigned failures = 0;
		int err = 1;

		while (err) {
			uint64_t before;
			size_t live;

			start(s2_format_for(48));
			assert_int_equal(pgtable_map(&pt, GIB(1), GIB(9), GIB(8), RW), 0);
			before = fingerprint();
			live = host_frames_live();
			flush_reset();
			host_fail_after(failures++);
			err = change(which);
			host_fail_never();
			if (err) {
				assert_int_equal(err, -AX_ENOMEM);
				assert_int_equal(fingerprint(), before);
				assert_int_equal(host_frames_live(), live);
				assert_int_equal(flushes, 0);
			}
			end();
		}
		assert_true(failures > 2);
	}
	host_fail_after(0);
	assert_int_equal(pgtable_init(&pt, s2_format_for(40), &ops), -AX_ENOMEM);
	host_fail_never();
	pgtable_destroy(&pt);
}

/* --- stage 2 of Arm --- */

static void stage_2_descriptors_have_the_architected_bits(void **state)
{
	const struct pt_format *f = s2_format_for(40);

	assert_int_equal(f->make_leaf(0x40201000, RWX, 0), 0x402017ff);
	assert_int_equal(f->make_leaf(0x40200000, RWX, 1), 0x402007fd);
	assert_int_equal(f->make_leaf(0x9000000, RW | PT_DEVICE, 0), 0x00400000090004c7);
	assert_int_equal(f->make_leaf(0x9000000, RWX | PT_DEVICE, 0), 0x00400000090004c7);
	assert_int_equal(f->make_leaf(0x9000000, PT_READ | PT_UNCACHED, 0), 0x0040000009000657);
	assert_int_equal(f->make_leaf(0x9000000, 0, 0), 0x004000000900073f);
	assert_int_equal(f->make_table(0x40201000), 0x40201003);
	for (unsigned i = 0; i < ARRAY_SIZE(some_flags); i++) {
		uint64_t leaf = f->make_leaf(0xfffffffff000, some_flags[i], 0);

		assert_int_equal(f->leaf_flags(leaf), some_flags[i]);
		assert_int_equal(f->entry_pa(leaf, 0), 0xfffffffff000);
		assert_true(f->is_valid(leaf) && f->is_leaf(leaf, 0));
	}
	assert_false(f->is_leaf(f->make_table(0x1000), 1));
	assert_true(f->leaf_allowed(2));
	assert_false(f->leaf_allowed(3));
}

static void vtcr_follows_the_id_registers(void **state)
{
	/* Cortex-A53: 40 bits, 8-bit VMIDs. T0SZ 24, SL0 1 (two concatenated tables), PS 2. */
	assert_int_equal(s2_pa_bits(0x1122), 40);
	assert_int_equal(s2_vtcr(40, 0x1122, 0), 0x80023558);
	/* Cortex-A72: 44 bits. A full-size guest starts at level 0; one of 40 bits at level 1. */
	assert_int_equal(s2_vtcr(44, 0x1124, 0), 0x80043594);
	assert_int_equal(s2_vtcr(40, 0x1124, 0), 0x80043558);
	/* 48 bits and 16-bit VMIDs. */
	assert_int_equal(s2_vtcr(48, 0x1125, 0x20), 0x800d3590);
	/* 52 bits and values not yet defined are used as 48. */
	assert_int_equal(s2_pa_bits(6), 48);
	assert_int_equal(s2_pa_bits(15), 48);
	assert_int_equal(s2_vtcr(32, 0, 0), 0x80003560);
	assert_int_equal(s2_vmid_bits(0x20), 16);
	assert_int_equal(s2_vmid_bits(0x00), 8);
	/* What the CPU cannot do. */
	assert_int_equal(s2_vtcr(44, 0x1122, 0), 0);
	assert_int_equal(s2_vtcr(31, 0x1125, 0), 0);
	assert_int_equal(s2_vtcr(49, 0x1125, 0), 0);
	assert_null(s2_format_for(31));
	assert_null(s2_format_for(49));
	assert_null(s2_format_for(0));
}

static void every_stage_2_format_reaches_all_its_addresses(void **state)
{
	for (unsigned bits = S2_IPA_BITS_MIN; bits <= S2_IPA_BITS_MAX; bits++) {
		const struct pt_format *f = s2_format_for(bits);

		assert_true(f->input_bits >= bits && f->input_bits <= bits + 4);
		assert_true(f->root_pages <= 16);
		assert_true(BIT(bits) <= f->root_pages * 512 * level_size(f->levels - 1));
		start(f);
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_table_maps_nothing),
		cmocka_unit_test(an_aligned_gibibyte_is_one_leaf),
		cmocka_unit_test(the_largest_leaves_that_fit_are_used),
		cmocka_unit_test(host_memory_that_is_not_as_aligned_takes_smaller_leaves),
		cmocka_unit_test(mapping_what_is_mapped_is_refused_and_changes_nothing),
		cmocka_unit_test(ranges_that_make_no_sense_are_refused),
		cmocka_unit_test(the_last_page_of_the_address_space_can_be_used),
		cmocka_unit_test(every_root_page_is_reached),
		cmocka_unit_test(unmapping_one_page_of_a_gibibyte_splits_it_down),
		cmocka_unit_test(protecting_a_page_splits_and_protecting_it_back_merges),
		cmocka_unit_test(merging_stays_within_the_limit_that_is_asked_for),
		cmocka_unit_test(leaves_that_do_not_lie_in_a_row_are_not_merged),
		cmocka_unit_test(protecting_to_what_is_there_takes_nothing_and_flushes_nothing),
		cmocka_unit_test(only_what_changed_is_flushed),
		cmocka_unit_test(a_table_that_goes_is_flushed_with_all_that_it_stood_for),
		cmocka_unit_test(after_a_split_unmapping_that_range_needs_no_memory),
		cmocka_unit_test(a_split_of_both_ends_of_one_leaf_takes_no_table_twice),
		cmocka_unit_test(next_skips_holes_and_finds_the_start_of_a_leaf),
		cmocka_unit_test(random_changes_agree_with_the_model),
		cmocka_unit_test(out_of_memory_at_any_point_changes_nothing),
		cmocka_unit_test(stage_2_descriptors_have_the_architected_bits),
		cmocka_unit_test(vtcr_follows_the_id_registers),
		cmocka_unit_test(every_stage_2_format_reaches_all_its_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
