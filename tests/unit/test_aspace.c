/* unit: axaddrspace/aspace.c axaddrspace/region.c axaddrspace/memory.c axaddrspace/guest_access.c axaddrspace/info.c axhal/pgtable.c axhal/pgtable_change.c axstd/error.c arm_vcpu/s2_format.c */
/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <axaddrspace/aspace.h>
#include <axalloc/frame.h>
#include <axstd/error.h>
#include "host/host.h"
#include "s2_format.h"

#define RO  PT_READ
#define RW  (PT_READ | PT_WRITE)
#define RWX (PT_READ | PT_WRITE | PT_EXEC)

static struct aspace as;
static size_t heap_before;

/* --- what the guest's TLB holds: it may use that until it is flushed, so the memory must not be freed before --- */

static struct {
	gpa_t gpa;
	paddr_t pa; /* 0: empty */
} tlb[64];
static volatile char touched;
static unsigned flushes;

static void tlb_fill(gpa_t gpa)
{
	static unsigned next;
	paddr_t pa;
	struct aspace_region r;

	/* Of memory only: what stands behind linear and device regions here is not always there. */
	if (aspace_find_region(&as, gpa, &r) || r.kind == ASPACE_DEVICE || r.kind == ASPACE_LINEAR)
		return;
	if (aspace_translate(&as, gpa, &pa, NULL, NULL))
		return;
	tlb[next].pa = pa;
	tlb[next].gpa = gpa;
	next = (next + 1) % ARRAY_SIZE(tlb);
}

static void tlb_use(gpa_t gpa, uint64_t size, bool drop)
{
	for (unsigned i = 0; i < ARRAY_SIZE(tlb); i++) {
		if (!tlb[i].pa || tlb[i].gpa < gpa || tlb[i].gpa - gpa >= size)
			continue;
		touched = *(volatile char *)phys_to_virt(tlb[i].pa);
		if (drop)
			tlb[i].pa = 0;
	}
}

static void op_flush(struct aspace *space, gpa_t gpa, uint64_t size)
{
	assert_ptr_equal(space, &as);
	tlb_use(gpa, size, true);
	flushes++;
}

static void op_sync(struct aspace *space)
{
}

static uint64_t published;
static void (*publish_hook)(void); /* runs once, as another CPU would at this moment */

static void op_publish(struct aspace *space, void *va, uint64_t size)
{
	void (*hook)(void) = __atomic_exchange_n(&publish_hook, NULL, __ATOMIC_RELAXED);

	__atomic_fetch_add(&published, size, __ATOMIC_RELAXED);
	if (hook)
		hook();
}

static const struct aspace_ops ops = { op_flush, op_sync, op_publish };

/* All of it is RAM, but for what a test says. */
static struct mem_region ram[] = { { 0, BIT(52), MEM_RESERVED }, { BIT(52), GIB(1), MEM_IMAGE } };

static int setup(void **state)
{
	host_set_mem_regions(ram, ARRAY_SIZE(ram));
	memset(tlb, 0, sizeof(tlb));
	published = 0;
	publish_hook = NULL;
	heap_before = host_heap_live();
	return aspace_init(&as, s2_format_for(39), &ops);
}

static int teardown(void **state)
{
	aspace_destroy(&as);
	assert_int_equal(host_frames_live(), 0);
	assert_int_equal(host_frames_promised(), 0);
	assert_int_equal(host_heap_live(), heap_before);
	host_frame_limit = SIZE_MAX;
	return 0;
}

static struct aspace_stats stats(void)
{
	struct aspace_stats s;

	aspace_get_stats(&as, &s);
	return s;
}

static int count_region(const struct aspace_region *r, void *arg)
{
	++*(unsigned *)arg;
	return 0;
}

static unsigned regions(void)
{
	unsigned n = 0;

	assert_int_equal(aspace_for_each_region(&as, count_region, &n), 0);
	return n;
}

static void assert_guest_bytes(gpa_t gpa, size_t len, unsigned char value)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = ~value;

		assert_int_equal(aspace_read(&as, gpa + i, &byte, 1), 0);
		assert_int_equal(byte, value);
	}
}

/* --- mapping --- */

static void every_kind_has_a_name(void **state)
{
	for (unsigned i = 0; i < ASPACE_KINDS; i++)
		assert_string_not_equal(aspace_kind_name(i), "unknown");
	assert_string_equal(aspace_kind_name(ASPACE_KINDS), "unknown");
}

static void allocated_memory_is_zero_and_comes_in_large_pages(void **state)
{
	uint64_t size;
	unsigned flags;

	assert_int_equal(aspace_map_alloc(&as, GIB(1), GIB(1) + MIB(4), RWX, false), 0);
	assert_int_equal(aspace_translate(&as, GIB(1) + 5, NULL, &size, &flags), 0);
	assert_int_equal(size, GIB(1) - 5);
	assert_int_equal(flags, RWX);
	assert_int_equal(aspace_translate(&as, GIB(2), NULL, &size, NULL), 0);
	assert_int_equal(size, MIB(2));
	assert_int_equal(stats().memory_bytes, GIB(1) + MIB(4));
	assert_int_equal(stats().region_bytes[ASPACE_ALLOC], GIB(1) + MIB(4));
	assert_int_equal(stats().table_pages, 2);
	assert_int_equal(published, GIB(1) + MIB(4));
	assert_guest_bytes(GIB(2) - 10, 20, 0);
}

static void memory_is_zeroed_again_for_the_next_owner(void **state)
{
	static const char secret[] = "secret";

	for (unsigned i = 0; i < 4; i++) {
		bool lazy = i & 1;

		assert_int_equal(aspace_map_alloc(&as, 0, KIB(64), RW, lazy), 0);
		assert_guest_bytes(0, KIB(64), 0);
		for (gpa_t gpa = 0; gpa < KIB(64); gpa += 512)
			assert_int_equal(aspace_write(&as, gpa, secret, sizeof(secret)), 0);
		assert_int_equal(aspace_unmap(&as, 0, KIB(64)), 0);
	}
}

static void ranges_and_flags_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		uint64_t gpa, size;
	} bad[] = {
		{ 0, 0 },
		{ 1, 4096 },
		{ 0, 100 },
		{ BIT(39), 4096 },
		{ BIT(39) - 4096, 8192 },
		{ UINT64_MAX - 4095, 4096 },
		{ 4096, UINT64_MAX - 4095 },
		{ UINT64_MAX - 4095, 8192 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(aspace_map_alloc(&as, bad[i].gpa, bad[i].size, RW, i & 1), -AX_EINVAL);
		assert_int_equal(aspace_map_linear(&as, bad[i].gpa, 0, bad[i].size, RW, ASPACE_LINEAR), -AX_EINVAL);
		assert_int_equal(aspace_reserve(&as, bad[i].gpa, bad[i].size), -AX_EINVAL);
		assert_int_equal(aspace_unmap(&as, bad[i].gpa, bad[i].size), -AX_EINVAL);
		assert_int_equal(aspace_protect(&as, bad[i].gpa, bad[i].size, RW), -AX_EINVAL);
	}
	assert_int_equal(aspace_map_linear(&as, 0, 1, 4096, RW, ASPACE_LINEAR), -AX_EINVAL);
	assert_int_equal(aspace_map_linear(&as, 0, UINT64_MAX - 4095, 8192, RW, ASPACE_LINEAR), -AX_EINVAL);
	assert_int_equal(aspace_map_linear(&as, 0, 4096, 4096, RW, ASPACE_IDENTITY), -AX_EINVAL);
	assert_int_equal(aspace_map_linear(&as, 0, 4096, 4096, RW, ASPACE_ALLOC), -AX_EINVAL);
	assert_int_equal(aspace_map_alloc(&as, 0, 4096, 0, false), -AX_EINVAL);
	assert_int_equal(aspace_map_alloc(&as, 0, 4096, PT_WRITE, false), -AX_EINVAL);
	assert_int_equal(aspace_map_alloc(&as, 0, 4096, RW | 64, false), -AX_EINVAL);
	assert_int_equal(regions(), 0);
}

static void the_last_page_of_the_address_space_can_be_used(void **state)
{
	gpa_t last = BIT(39) - 4096;
	char byte = 7;

	assert_int_equal(aspace_map_alloc(&as, last, 4096, RW, true), 0);
	assert_int_equal(aspace_fault(&as, last + 4095, PT_WRITE), 0);
	assert_int_equal(aspace_write(&as, last + 4095, &byte, 1), 0);
	assert_int_equal(aspace_write(&as, last + 4095, "ab", 2), -AX_EFAULT);
	assert_int_equal(aspace_unmap(&as, last, 4096), 0);
	assert_int_equal(aspace_map_alloc(&as, 0, BIT(39), RW, true), 0);
	assert_int_equal(aspace_write(&as, last, &byte, 1), 0);
}

static void regions_may_touch_but_not_overlap(void **state)
{
	assert_int_equal(aspace_map_alloc(&as, MIB(1), MIB(1), RW, true), 0);
	assert_int_equal(aspace_reserve(&as, MIB(2), MIB(1)), 0);
	assert_int_equal(aspace_map_linear(&as, 0, GIB(1), MIB(1), RW, ASPACE_LINEAR), 0);
	assert_int_equal(aspace_reserve(&as, MIB(1), 4096), -AX_EEXIST);
	assert_int_equal(aspace_map_alloc(&as, MIB(3) - 4096, 8192, RW, false), -AX_EEXIST);
	assert_int_equal(aspace_map_alloc(&as, 0, GIB(1), RW, false), -AX_EEXIST);
	assert_int_equal(aspace_map_linear(&as, MIB(1) - 4096, 0, 8192, RW, ASPACE_DEVICE), -AX_EEXIST);
	assert_int_equal(aspace_map_linear(&as, MIB(3), 0, 8192, RW, ASPACE_DEVICE), 0);
	assert_int_equal(regions(), 4);
	assert_int_equal(stats().region_bytes[ASPACE_RESERVED], MIB(1));
	assert_int_equal(stats().region_bytes[ASPACE_DEVICE], 8192);
	assert_int_equal(stats().memory_bytes, 0);
}

static void identical_memory_is_taken_at_its_address_and_given_back(void **state)
{
	const gpa_t gpa = GIB(1);
	paddr_t pa;

	assert_int_equal(aspace_map_linear(&as, gpa, gpa, MIB(4), RW, ASPACE_IDENTITY), 0);
	assert_int_equal(aspace_translate(&as, gpa + 77, &pa, NULL, NULL), 0);
	assert_int_equal(pa, gpa + 77);
	assert_int_equal(stats().memory_bytes, MIB(4));
	assert_int_equal(published, MIB(4));
	assert_int_equal(frame_reserve(gpa + MIB(1), 1, OWNER_GUEST), -AX_EBUSY);
	assert_int_equal(aspace_unmap(&as, gpa, MIB(4)), 0);
	assert_int_equal(frame_reserve(gpa + MIB(1), 1, OWNER_FS), 0);
	assert_int_equal(aspace_map_linear(&as, gpa, gpa, MIB(4), RW, ASPACE_IDENTITY), -AX_EBUSY);
	assert_int_equal(regions(), 0);
	frame_free_pages(gpa + MIB(1), 1);
}

/* --- lazy memory --- */

static void lazy_memory_is_taken_when_it_is_touched(void **state)
{
	size_t before = host_frames_live();
	char byte = 1;

	assert_int_equal(aspace_map_alloc(&as, MIB(1), MIB(8), RWX, true), 0);
	assert_int_equal(host_frames_live(), before);
	assert_int_equal(aspace_translate(&as, MIB(4), NULL, NULL, NULL), -AX_EFAULT);
	/* A whole aligned 2 MiB fits: one piece. */
	assert_int_equal(aspace_fault(&as, MIB(4) + 5, PT_READ), 0);
	assert_int_equal(stats().memory_bytes, MIB(2));
	assert_int_equal(aspace_fault(&as, MIB(5), PT_EXEC), 0);
	assert_int_equal(stats().memory_bytes, MIB(2));
	/* The first MiB of the region is not a whole one: pages. */
	assert_int_equal(aspace_fault(&as, MIB(1), PT_WRITE), 0);
	assert_int_equal(aspace_write(&as, MIB(9) - 1, &byte, 1), 0);
	assert_int_equal(stats().memory_bytes, MIB(2) + 8192);
	assert_guest_bytes(MIB(9) - 1, 1, 1);
	assert_int_equal(published, MIB(2) + 8192);
}

static void reading_and_zeroing_lazy_memory_takes_none(void **state)
{
	assert_int_equal(aspace_map_alloc(&as, 0, MIB(8), RW, true), 0);
	assert_guest_bytes(MIB(2) - 5, 10, 0);
	assert_int_equal(aspace_zero(&as, 123, MIB(7)), 0);
	assert_int_equal(stats().memory_bytes, 0);
	assert_int_equal(aspace_write(&as, MIB(2), "x", 1), 0);
	assert_int_equal(aspace_zero(&as, MIB(2), 1), 0);
	assert_guest_bytes(MIB(2), 1, 0);
	assert_int_equal(stats().memory_bytes, MIB(2));
}

static void without_large_pieces_lazy_memory_comes_in_pages(void **state)
{
	host_frame_limit = 10;
	assert_int_equal(aspace_map_alloc(&as, 0, MIB(8), RW, true), 0);
	assert_int_equal(aspace_fault(&as, 0x5123, PT_WRITE), 0);
	assert_int_equal(stats().memory_bytes, 4096);
	host_frame_limit = SIZE_MAX;
	/* Part of the 2 MiB is there already. */
	assert_int_equal(aspace_fault(&as, 0x6123, PT_WRITE), 0);
	assert_int_equal(stats().memory_bytes, 8192);
	assert_int_equal(aspace_fault(&as, MIB(2), PT_WRITE), 0);
	assert_int_equal(stats().memory_bytes, MIB(2) + 8192);
	host_frame_limit = 0;
	assert_int_equal(aspace_fault(&as, MIB(4), PT_WRITE), -AX_ENOMEM);
	assert_int_equal(aspace_write(&as, MIB(4), "x", 1), -AX_ENOMEM);
}

/* --- faults --- */

static void faults_are_answered_by_the_region(void **state)
{
	assert_int_equal(aspace_map_alloc(&as, MIB(0), MIB(2), PT_READ, true), 0);
	assert_int_equal(aspace_map_alloc(&as, MIB(2), MIB(2), RW, false), 0);
	assert_int_equal(aspace_reserve(&as, MIB(4), MIB(2)), 0);
	assert_int_equal(aspace_map_linear(&as, MIB(6), 0, MIB(2), RWX, ASPACE_DEVICE), 0);
	assert_int_equal(aspace_fault(&as, 0, PT_WRITE), -AX_EACCES);
	assert_int_equal(aspace_fault(&as, 0, PT_EXEC), -AX_EACCES);
	assert_int_equal(stats().memory_bytes, MIB(2));
	assert_int_equal(aspace_fault(&as, 0, PT_READ), 0);
	assert_int_equal(aspace_fault(&as, MIB(2), PT_WRITE), 0);
	assert_int_equal(aspace_fault(&as, MIB(2), PT_EXEC), -AX_EACCES);
	assert_int_equal(aspace_fault(&as, MIB(4), PT_READ), -AX_EFAULT);
	assert_int_equal(aspace_fault(&as, MIB(6), PT_WRITE), 0);
	assert_int_equal(aspace_fault(&as, MIB(6), PT_EXEC), -AX_EACCES);
	assert_int_equal(aspace_fault(&as, MIB(8), PT_READ), -AX_EFAULT);
	assert_int_equal(aspace_fault(&as, UINT64_MAX, PT_READ), -AX_EFAULT);
}

static void fault_again(void)
{
	assert_int_equal(aspace_fault(&as, MIB(2), PT_WRITE), 0);
}

static void unmap_all(void)
{
	assert_int_equal(aspace_unmap(&as, 0, MIB(8)), 0);
}

static void when_two_cpus_fault_on_one_page_one_gives_its_memory_back(void **state)
{
	assert_int_equal(aspace_map_alloc(&as, 0, MIB(8), RW, true), 0);
	publish_hook = fault_again;
	assert_int_equal(aspace_fault(&as, MIB(2) + 4096, PT_WRITE), 0);
	assert_int_equal(published, MIB(4));
	assert_int_equal(stats().memory_bytes, MIB(2));
	assert_int_equal(frame_size(as.table.root), 1);
	assert_int_equal(host_frames_live(), 512 + stats().table_pages);
}

static void a_region_that_goes_away_under_a_fault_takes_no_memory(void **state)
{
	assert_int_equal(aspace_map_alloc(&as, 0, MIB(8), RW, true), 0);
	publish_hook = unmap_all;
	assert_int_equal(aspace_fault(&as, MIB(2), PT_WRITE), 0);
	assert_int_equal(stats().memory_bytes, 0);
	assert_int_equal(aspace_fault(&as, MIB(2), PT_WRITE), -AX_EFAULT);
	assert_int_equal(aspace_map_alloc(&as, 0, MIB(8), RW, true), 0);
	publish_hook = unmap_all;
	assert_int_equal(aspace_write(&as, MIB(2), "x", 1), -AX_EFAULT);
}

static void try_everything(void)
{
	char byte;

	assert_int_equal(aspace_fault(&as, 0, PT_READ), -AX_EFAULT);
	assert_int_equal(aspace_read(&as, 0, &byte, 1), -AX_EFAULT);
	assert_int_equal(aspace_translate(&as, 0, NULL, NULL, NULL), -AX_EFAULT);
	assert_int_equal(aspace_map_alloc(&as, 0, 4096, RW, true), -AX_EEXIST);
	assert_int_equal(aspace_unmap(&as, 0, 4096), -AX_EBUSY);
	assert_int_equal(aspace_protect(&as, 0, 4096, RW), -AX_EBUSY);
	assert_int_equal(aspace_clear(&as), -AX_EBUSY);
	assert_int_equal(aspace_map_alloc(&as, GIB(4), 4096, RW, true), 0);
}

static void a_region_that_is_being_built_is_not_there_yet_but_its_place_is_taken(void **state)
{
	publish_hook = try_everything;
	assert_int_equal(aspace_map_alloc(&as, 0, MIB(4), RW, false), 0);
	assert_null(publish_hook);
	assert_guest_bytes(0, 10, 0);
	assert_int_equal(regions(), 2);
}

/* --- unmapping and protecting --- */

static void unmapping_the_middle_leaves_both_ends(void **state)
{
	uint64_t tables;

	assert_int_equal(aspace_map_alloc(&as, 0, GIB(1), RW, false), 0);
	tables = stats().table_pages;
	assert_int_equal(aspace_write(&as, MIB(100) - 4, "left", 4), 0);
	assert_int_equal(aspace_write(&as, MIB(300), "right", 5), 0);
	assert_int_equal(aspace_unmap(&as, MIB(100), MIB(200)), 0);
	assert_int_equal(regions(), 2);
	assert_int_equal(stats().memory_bytes, GIB(1) - MIB(200));
	assert_int_equal(host_frames_live(), (GIB(1) - MIB(200)) / PAGE_SIZE + stats().table_pages);
	assert_int_equal(stats().table_pages, tables + 1);
	assert_guest_bytes(MIB(100) - 4, 1, 'l');
	assert_guest_bytes(MIB(300) + 4, 1, 't');
	assert_int_equal(aspace_fault(&as, MIB(100), PT_READ), -AX_EFAULT);
	assert_int_equal(aspace_unmap(&as, MIB(100), MIB(200)), -AX_ENOENT);
	assert_int_equal(aspace_unmap(&as, 0, BIT(39)), 0);
	assert_int_equal(stats().memory_bytes, 0);
	assert_int_equal(host_frames_live(), 1);
	assert_int_equal(regions(), 0);
}

static void unmapping_goes_over_holes_and_kinds(void **state)
{
	struct aspace_region r;

	assert_int_equal(aspace_map_alloc(&as, MIB(2), MIB(2), RW, false), 0);
	assert_int_equal(aspace_reserve(&as, MIB(4), MIB(2)), 0);
	assert_int_equal(aspace_map_linear(&as, MIB(10), GIB(3), MIB(2), RW, ASPACE_LINEAR), 0);
	assert_int_equal(aspace_map_alloc(&as, MIB(14), MIB(2), RW, true), 0);
	assert_int_equal(aspace_fault(&as, MIB(14), PT_READ), 0);
	assert_int_equal(aspace_unmap(&as, MIB(3), MIB(12)), 0);
	assert_int_equal(regions(), 2);
	assert_int_equal(stats().memory_bytes, MIB(2));
	assert_int_equal(aspace_find_region(&as, 0, &r), 0);
	assert_int_equal(r.gpa, MIB(2));
	assert_int_equal(r.size, MIB(1));
	assert_int_equal(aspace_find_region(&as, MIB(3), &r), 0);
	assert_int_equal(r.gpa, MIB(15));
	assert_int_equal(aspace_find_region(&as, MIB(16), &r), -AX_ENOENT);
}

static void a_linear_region_cut_in_two_keeps_its_addresses(void **state)
{
	struct aspace_region r;
	paddr_t pa;

	assert_int_equal(aspace_map_linear(&as, 0, GIB(3), MIB(4), RW, ASPACE_LINEAR), 0);
	assert_int_equal(aspace_unmap(&as, MIB(1), 4096), 0);
	assert_int_equal(aspace_find_region(&as, MIB(1), &r), 0);
	assert_int_equal(r.gpa, MIB(1) + 4096);
	assert_int_equal(r.hpa, GIB(3) + MIB(1) + 4096);
	assert_int_equal(aspace_translate(&as, MIB(3), &pa, NULL, NULL), 0);
	assert_int_equal(pa, GIB(3) + MIB(3));
}

static void protecting_a_page_and_back_leaves_one_region_and_one_leaf(void **state)
{
	uint64_t size, tables;

	assert_int_equal(aspace_map_alloc(&as, 0, GIB(1), RW, false), 0);
	tables = stats().table_pages;
	assert_int_equal(aspace_write(&as, MIB(5), "text", 4), 0);
	assert_int_equal(aspace_protect(&as, MIB(5), 4096, RO), 0);
	assert_int_equal(regions(), 3);
	assert_int_equal(aspace_write(&as, MIB(5), "x", 1), -AX_EACCES);
	assert_int_equal(aspace_zero(&as, MIB(5), 1), -AX_EACCES);
	assert_int_equal(aspace_fault(&as, MIB(5), PT_WRITE), -AX_EACCES);
	assert_int_equal(aspace_load(&as, MIB(5), "load", 4), 0);
	assert_int_equal(aspace_write(&as, MIB(5) - 1, "x", 1), 0);
	assert_int_equal(aspace_write(&as, MIB(5) + 4096, "x", 1), 0);
	assert_int_equal(aspace_translate(&as, MIB(5) - 4096, NULL, &size, NULL), 0);
	assert_int_equal(size, 4096);
	assert_int_equal(aspace_protect(&as, MIB(5), 4096, RW), 0);
	assert_int_equal(regions(), 1);
	assert_int_equal(aspace_translate(&as, 0, NULL, &size, NULL), 0);
	assert_int_equal(size, GIB(1));
	assert_int_equal(stats().table_pages, tables);
	assert_guest_bytes(MIB(5), 1, 'l');
}

static void protecting_needs_regions_everywhere(void **state)
{
	assert_int_equal(aspace_map_alloc(&as, 0, MIB(1), RW, false), 0);
	assert_int_equal(aspace_map_alloc(&as, MIB(2), MIB(1), RW, false), 0);
	assert_int_equal(aspace_protect(&as, 0, MIB(3), RO), -AX_EFAULT);
	assert_int_equal(aspace_protect(&as, MIB(1) - 4096, 8192, RO), -AX_EFAULT);
	assert_int_equal(aspace_protect(&as, MIB(4), 4096, RO), -AX_EFAULT);
	assert_int_equal(regions(), 2);
	assert_int_equal(aspace_write(&as, 0, "x", 1), 0);
	assert_int_equal(aspace_reserve(&as, MIB(1), MIB(1)), 0);
	assert_int_equal(aspace_protect(&as, 0, MIB(3), RO), 0);
	assert_int_equal(aspace_write(&as, MIB(2), "x", 1), -AX_EACCES);
}

static void lazy_memory_gets_the_rights_that_the_region_has_by_then(void **state)
{
	unsigned flags;

	assert_int_equal(aspace_map_alloc(&as, 0, MIB(8), RW, true), 0);
	assert_int_equal(aspace_protect(&as, MIB(2), MIB(2), RO), 0);
	assert_int_equal(aspace_fault(&as, MIB(3), PT_WRITE), -AX_EACCES);
	assert_int_equal(aspace_fault(&as, MIB(3), PT_READ), 0);
	assert_int_equal(aspace_translate(&as, MIB(2), NULL, NULL, &flags), 0);
	assert_int_equal(flags, RO);
	assert_int_equal(aspace_protect(&as, 0, MIB(8), RWX), 0);
	assert_int_equal(regions(), 1);
}

static void devices_stay_devices_and_are_never_touched_by_the_host(void **state)
{
	struct aspace_region r;
	char byte;

	assert_int_equal(aspace_map_linear(&as, 0x9000000, 0xfe000000, 4096, RWX, ASPACE_DEVICE), 0);
	assert_int_equal(aspace_find_region(&as, 0x9000000, &r), 0);
	assert_int_equal(r.flags, RW | PT_DEVICE);
	assert_int_equal(aspace_read(&as, 0x9000000, &byte, 1), -AX_EACCES);
	assert_int_equal(aspace_write(&as, 0x9000000, &byte, 1), -AX_EACCES);
	assert_int_equal(aspace_load(&as, 0x9000000, &byte, 1), -AX_EACCES);
	assert_int_equal(aspace_sync_code(&as, 0x9000000, 1), -AX_EACCES);
	assert_int_equal(aspace_protect(&as, 0x9000000, 4096, RW), -AX_EINVAL);
	assert_int_equal(aspace_protect(&as, 0x9000000, 4096, RO | PT_DEVICE), 0);
	assert_int_equal(aspace_fault(&as, 0x9000000, PT_WRITE), -AX_EACCES);
}

/* --- guest access --- */

static void access_crosses_pages_and_regions(void **state)
{
	static unsigned char in[KIB(100)], out[KIB(100)];
	const gpa_t start = MIB(2) - KIB(50);

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = i * 7 + i / 256;
	assert_int_equal(aspace_map_alloc(&as, 0, MIB(2), RW, false), 0);
	assert_int_equal(aspace_map_alloc(&as, MIB(2), KIB(40), RW, true), 0);
	assert_int_equal(aspace_write(&as, start, in, sizeof(in)), -AX_EFAULT);
	assert_int_equal(aspace_map_linear(&as, MIB(2) + KIB(40), GIB(1), MIB(1), RW, ASPACE_IDENTITY), -AX_EINVAL);
	assert_int_equal(aspace_map_alloc(&as, MIB(2) + KIB(40), MIB(1), RW, false), 0);
	assert_int_equal(aspace_write(&as, start, in, sizeof(in)), 0);
	assert_int_equal(aspace_read(&as, start, out, sizeof(out)), 0);
	assert_memory_equal(in, out, sizeof(in));
	assert_int_equal(aspace_zero(&as, start + 1, sizeof(in) - 2), 0);
	assert_int_equal(aspace_read(&as, start, out, sizeof(out)), 0);
	assert_int_equal(out[0], in[0]);
	assert_int_equal(out[1] | out[sizeof(out) / 2] | out[sizeof(out) - 2], 0);
	assert_int_equal(out[sizeof(out) - 1], in[sizeof(in) - 1]);
}

static void access_follows_pages_that_are_not_neighbours_in_host_memory(void **state)
{
	static const gpa_t order[] = { 3, 0, 6, 1, 7, 2, 5, 4 };
	static unsigned char in[8 * PAGE_SIZE], out[8 * PAGE_SIZE];

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = i * 13 + i / PAGE_SIZE;
	assert_int_equal(aspace_map_alloc(&as, 0, sizeof(in), RW, true), 0);
	for (unsigned i = 0; i < ARRAY_SIZE(order); i++)
		assert_int_equal(aspace_fault(&as, order[i] * PAGE_SIZE, PT_WRITE), 0);
	assert_int_equal(aspace_write(&as, 99, in, sizeof(in) - 200), 0);
	for (unsigned i = 0; i < 8; i++)
		assert_guest_bytes(i * PAGE_SIZE + 2000, 1, in[i * PAGE_SIZE + 2000 - 99]);
	assert_int_equal(aspace_read(&as, 99, out, sizeof(in) - 200), 0);
	assert_memory_equal(in, out, sizeof(in) - 200);
}

static void access_outside_of_memory_is_refused(void **state)
{
	char bytes[16];

	assert_int_equal(aspace_map_alloc(&as, MIB(2), MIB(2), RW, false), 0);
	assert_int_equal(aspace_reserve(&as, MIB(4), MIB(2)), 0);
	assert_int_equal(aspace_read(&as, MIB(2) - 1, bytes, 2), -AX_EFAULT);
	assert_int_equal(aspace_read(&as, MIB(4) - 1, bytes, 2), -AX_EFAULT);
	assert_int_equal(aspace_read(&as, MIB(4), bytes, 1), -AX_EFAULT);
	assert_int_equal(aspace_read(&as, UINT64_MAX, bytes, 1), -AX_EFAULT);
	assert_int_equal(aspace_read(&as, UINT64_MAX, bytes, 16), -AX_EFAULT);
	assert_int_equal(aspace_write(&as, MIB(4) - 8, bytes, SIZE_MAX), -AX_EFAULT);
	assert_int_equal(aspace_read(&as, UINT64_MAX, bytes, 0), 0);
}

static void memory_that_is_not_readable_by_right_is_not_read(void **state)
{
	char byte;

	assert_int_equal(aspace_map_alloc(&as, 0, MIB(2), RO, true), 0);
	assert_int_equal(aspace_read(&as, 0, &byte, 1), 0);
	assert_int_equal(aspace_write(&as, 0, &byte, 1), -AX_EACCES);
	assert_int_equal(stats().memory_bytes, 0);
	assert_int_equal(aspace_load(&as, 0, "kernel", 6), 0);
	assert_guest_bytes(5, 1, 'l');
}

static void linear_regions_are_ram_and_devices_are_not_the_hypervisors(void **state)
{
	const paddr_t image = ram[1].base;

	assert_int_equal(aspace_map_linear(&as, 0, image + GIB(2), 4096, RW, ASPACE_LINEAR), -AX_EINVAL);
	assert_int_equal(aspace_map_linear(&as, 0, image + GIB(1) - 4096, 8192, RW, ASPACE_LINEAR), -AX_EINVAL);
	assert_int_equal(aspace_map_linear(&as, 0, image, 4096, RW, ASPACE_DEVICE), -AX_EINVAL);
	assert_int_equal(aspace_map_linear(&as, 0, image + GIB(1) - 4096, 8192, RW, ASPACE_DEVICE), -AX_EINVAL);
	assert_int_equal(aspace_map_linear(&as, 0, image + GIB(1), 8192, RW, ASPACE_DEVICE), 0);
	assert_int_equal(regions(), 1);
}

static void clearing_makes_memory_as_it_was_given(void **state)
{
	uint64_t tables;

	assert_int_equal(aspace_map_alloc(&as, 0, MIB(4), RW, false), 0);
	assert_int_equal(aspace_map_linear(&as, GIB(1), GIB(1), MIB(1), RW, ASPACE_IDENTITY), 0);
	assert_int_equal(aspace_protect(&as, MIB(3), MIB(1), RO), 0);
	tables = stats().table_pages;
	assert_int_equal(aspace_map_alloc(&as, MIB(8), MIB(8), RW, true), 0);
	assert_int_equal(aspace_reserve(&as, MIB(4), MIB(4)), 0);
	assert_int_equal(aspace_load(&as, MIB(4) - 9, "guest", 5), 0);
	assert_int_equal(aspace_write(&as, MIB(9), "guest", 5), 0);
	assert_int_equal(aspace_write(&as, GIB(1), "guest", 5), 0);
	published = 0;
	assert_int_equal(aspace_clear(&as), 0);
	assert_int_equal(published, MIB(4) + MIB(1));
	assert_int_equal(stats().memory_bytes, MIB(4) + MIB(1));
	assert_int_equal(stats().table_pages, tables);
	assert_guest_bytes(MIB(4) - 9, 5, 0);
	assert_guest_bytes(MIB(9), 5, 0);
	assert_guest_bytes(GIB(1), 5, 0);
	assert_int_equal(regions(), 5);
	assert_int_equal(aspace_write(&as, MIB(9), "again", 5), 0);
}

static void a_loaded_image_is_cleaned_from_the_caches(void **state)
{
	assert_int_equal(aspace_map_alloc(&as, 0, MIB(4), RWX, true), 0);
	assert_int_equal(aspace_load(&as, MIB(1), "code", 4), 0);
	host_cache_cleans = host_code_syncs = 0;
	assert_int_equal(aspace_sync_code(&as, MIB(1), 4), 0);
	assert_int_equal(host_cache_cleans, 1);
	assert_int_equal(host_code_syncs, 1);
	/* Nothing is there yet: nothing to clean, nothing populated. */
	assert_int_equal(aspace_sync_code(&as, MIB(2), MIB(1)), 0);
	assert_int_equal(host_cache_cleans, 1);
	assert_int_equal(host_code_syncs, 2);
	assert_int_equal(aspace_sync_code(&as, MIB(4) - 1, 2), -AX_EFAULT);
}

static int stop_at_second(const struct aspace_region *r, void *arg)
{
	return r->gpa == MIB(2) ? 42 : 0;
}

static void walking_regions_stops_when_asked(void **state)
{
	for (gpa_t gpa = 0; gpa < MIB(8); gpa += MIB(2))
		assert_int_equal(aspace_reserve(&as, gpa, MIB(1)), 0);
	assert_int_equal(aspace_for_each_region(&as, stop_at_second, NULL), 42);
	assert_int_equal(regions(), 4);
}

/* --- out of memory --- */

static int hash_region(const struct aspace_region *r, void *arg)
{
	uint64_t *hash = arg;

	*hash = ((*hash * 1000003 + r->gpa) * 1000003 + r->size) * 1000003 + r->kind * 64 + r->flags + r->busy * 4096;
	return 0;
}

/* Everything that a failed call must leave as it was. */
static uint64_t fingerprint(void)
{
	struct aspace_stats s = stats();
	struct pt_translation t;
	uint64_t hash = s.memory_bytes * 31 + s.table_pages, leaf;

	for (uint64_t va = 0; !pgtable_next(&as.table, va, UINT64_MAX, &leaf, &t); va = leaf + t.size)
		hash = (hash * 1000003 + leaf + t.size) * 1000003 + t.pa * 7 + t.flags;
	aspace_for_each_region(&as, hash_region, &hash);
	hash = hash * 1000003 + host_frames_promised();
	return (hash * 1000003 + host_frames_live()) * 1000003 + host_heap_live();
}

static int change(unsigned which)
{
	switch (which) {
	case 0: return aspace_map_alloc(&as, GIB(2) + 4096, MIB(2) + 8192, RW, false);
	case 1: return aspace_map_alloc(&as, GIB(2) + 4096, MIB(2) + 8192, RW, true);
	case 2: return aspace_map_linear(&as, GIB(2) + 4096, GIB(1), MIB(4), RW, ASPACE_LINEAR);
	case 3: return aspace_map_linear(&as, GIB(1) + MIB(4), GIB(1) + MIB(4), MIB(1), RW, ASPACE_IDENTITY);
	case 4: return aspace_reserve(&as, GIB(2), MIB(4));
	case 5: return aspace_unmap(&as, 4096, MIB(4));
	case 6: return aspace_protect(&as, 4096, MIB(4), RO);
	case 7: return aspace_protect(&as, 4096, 4096, RO | PT_UNCACHED);
	case 8: return aspace_fault(&as, MIB(64), PT_WRITE);
	default: return aspace_write(&as, MIB(64), "x", 1);
	}
}

static void out_of_memory_at_any_point_changes_nothing(void **state)
{
	for (unsigned which = 0; which < 10; which++) {
		unsigned failures = 0;
		bool hit = true;

		while (hit) {
			uint64_t before;
			int err;

			/* Eight regions fill the first array, so that it must grow. */
			assert_int_equal(aspace_map_alloc(&as, 0, MIB(8), RW, false), 0);
			assert_int_equal(aspace_map_alloc(&as, MIB(64), MIB(8), RW, true), 0);
			for (gpa_t gpa = GIB(5); gpa < GIB(11); gpa += GIB(1))
				assert_int_equal(aspace_reserve(&as, gpa, 4096), 0);
			before = fingerprint();
			host_fail_after(failures++);
			err = change(which);
			host_fail_never();
			hit = host_fail_hit();
			if (err) {
				assert_true(hit);
				assert_true(err == -AX_ENOMEM || err == -AX_EBUSY);
				assert_int_equal(fingerprint(), before);
			}
			aspace_destroy(&as);
			assert_int_equal(host_frames_live(), 0);
			assert_int_equal(aspace_init(&as, s2_format_for(39), &ops), 0);
		}
		assert_true(failures > 1);
	}
}

/* --- everything at once, against a model of one entry per page --- */

#define PAGES 2048

static struct page {
	bool used;
	enum aspace_kind kind;
	unsigned flags;
	unsigned char content; /* of the byte at the page's number */
} model[PAGES];

static const unsigned some_flags[] = { RO, RW, RWX, RW | PT_UNCACHED };

static char *linear_ram;

static void model_read(unsigned page)
{
	const struct page *m = &model[page];
	unsigned char byte = 0;
	int err = aspace_read(&as, page * PAGE_SIZE + page, &byte, 1);

	assert_int_equal(err, !m->used || m->kind == ASPACE_RESERVED ? -AX_EFAULT : 0);
	assert_true(err || byte == m->content);
}

static void model_write(unsigned page)
{
	struct page *m = &model[page];
	unsigned char byte = rand();
	int err = aspace_write(&as, page * PAGE_SIZE + page, &byte, 1);

	if (!m->used || m->kind == ASPACE_RESERVED)
		assert_int_equal(err, -AX_EFAULT);
	else if (!(m->flags & PT_WRITE))
		assert_int_equal(err, -AX_EACCES);
	else
		m->content = byte;
}

static void model_map(unsigned first, unsigned count, unsigned used)
{
	static const enum aspace_kind kinds[] = { ASPACE_LINEAR, ASPACE_ALLOC, ASPACE_LAZY, ASPACE_RESERVED };
	enum aspace_kind kind = kinds[rand() % ARRAY_SIZE(kinds)];
	unsigned flags = some_flags[rand() % ARRAY_SIZE(some_flags)];
	gpa_t gpa = first * PAGE_SIZE;
	uint64_t size = count * PAGE_SIZE;
	int err;

	if (kind == ASPACE_LINEAR)
		err = aspace_map_linear(&as, gpa, virt_to_phys(linear_ram) + gpa, size, flags, kind);
	else if (kind == ASPACE_RESERVED)
		err = aspace_reserve(&as, gpa, size);
	else
		err = aspace_map_alloc(&as, gpa, size, flags, kind == ASPACE_LAZY);
	assert_int_equal(err, used ? -AX_EEXIST : 0);
	for (unsigned i = first; !err && i < first + count; i++)
		model[i] =
			(struct page){ true, kind, flags, kind == ASPACE_LINEAR ? linear_ram[i * PAGE_SIZE + i] : 0 };
}

static void model_step(void)
{
	unsigned first = rand() % PAGES, count = 1 + rand() % (rand() % 4 ? 30 : 800), used = 0;
	unsigned flags = some_flags[rand() % ARRAY_SIZE(some_flags)];
	int err;

	if (rand() % 4 == 0) {
		first = ALIGN_DOWN(first, 512);
		count = 512;
	}
	count = MIN(count, PAGES - first);
	for (unsigned i = first; i < first + count; i++)
		used += model[i].used;
	switch (rand() % 8) {
	case 0:
	case 1: model_map(first, count, used); break;
	case 2:
		err = aspace_unmap(&as, first * PAGE_SIZE, count * PAGE_SIZE);
		assert_int_equal(err, used ? 0 : -AX_ENOENT);
		memset(&model[first], 0, count * sizeof(model[0]));
		break;
	case 3:
		err = aspace_protect(&as, first * PAGE_SIZE, count * PAGE_SIZE, flags);
		assert_int_equal(err, used == count ? 0 : -AX_EFAULT);
		for (unsigned i = first; !err && i < first + count; i++)
			model[i].flags = flags;
		break;
	case 4:
		err = aspace_fault(&as, first * PAGE_SIZE, PT_EXEC);
		if (!model[first].used || model[first].kind == ASPACE_RESERVED)
			assert_int_equal(err, -AX_EFAULT);
		else
			assert_int_equal(err, model[first].flags & PT_EXEC ? 0 : -AX_EACCES);
		break;
	default:
		for (unsigned i = first; i < first + count; i += 1 + rand() % 20)
			model_write(i);
	}
}

static void random_changes_agree_with_the_model(void **state)
{
	uint64_t bytes[ASPACE_KINDS], owned;

	srand(4);
	linear_ram = host_alloc_ram(PAGES * PAGE_SIZE, MIB(2));
	memset(model, 0, sizeof(model));
	for (unsigned step = 0; step < 6000; step++) {
		for (unsigned i = 0; i < 8; i++)
			tlb_fill(rand() % PAGES * PAGE_SIZE);
		model_step();
		tlb_use(0, UINT64_MAX, false);
		for (unsigned i = 0; i < 8; i++)
			model_read(rand() % PAGES);
		if (step % 100)
			continue;
		memset(bytes, 0, sizeof(bytes));
		for (unsigned i = 0; i < PAGES; i++) {
			model_read(i);
			if (model[i].used)
				bytes[model[i].kind] += PAGE_SIZE;
		}
		assert_memory_equal(bytes, stats().region_bytes, sizeof(bytes));
		owned = stats().memory_bytes;
		assert_int_equal(host_frames_promised() * PAGE_SIZE, bytes[ASPACE_ALLOC] + bytes[ASPACE_LAZY] - owned);
		assert_in_range(owned, bytes[ASPACE_ALLOC], bytes[ASPACE_ALLOC] + bytes[ASPACE_LAZY]);
		assert_int_equal(host_frames_live(), owned / PAGE_SIZE + stats().table_pages);
	}
	aspace_unmap(&as, 0, PAGES * PAGE_SIZE);
	assert_int_equal(stats().memory_bytes, 0);
	assert_int_equal(stats().table_pages, 1);
	host_free_ram(linear_ram, PAGES * PAGE_SIZE);
}

/* --- several CPUs --- */

static void *fault_everywhere(void *arg)
{
	unsigned random = (uintptr_t)arg;

	for (unsigned i = 0; i < 3000; i++) {
		gpa_t gpa = (gpa_t)(rand_r(&random) % 4096) * PAGE_SIZE;
		char byte = 1;
		int err = i & 1 ? aspace_fault(&as, gpa, PT_WRITE) : aspace_write(&as, gpa, &byte, 1);

		if (err && err != -AX_EFAULT && err != -AX_EACCES)
			abort();
	}
	return NULL;
}

static void *change_everywhere(void *arg)
{
	unsigned random = (uintptr_t)arg;

	for (unsigned i = 0; i < 600; i++) {
		gpa_t gpa = (gpa_t)(rand_r(&random) % 4096) * PAGE_SIZE;
		uint64_t size = (1 + rand_r(&random) % 600) * PAGE_SIZE;

		switch (rand_r(&random) % 3) {
		case 0: aspace_unmap(&as, gpa, size); break;
		case 1: aspace_map_alloc(&as, gpa, size, RW, rand_r(&random) % 4); break;
		default: aspace_protect(&as, gpa, size, rand_r(&random) % 4 ? RW : RO);
		}
	}
	return NULL;
}

static void several_cpus_share_an_address_space(void **state)
{
	pthread_t threads[4];
	uint64_t owned;

	assert_int_equal(aspace_map_alloc(&as, 0, MIB(16), RW, true), 0);
	for (uintptr_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_create(&threads[i], NULL, i < 2 ? fault_everywhere : change_everywhere, (void *)(i + 1));
	for (unsigned i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	owned = stats().memory_bytes;
	assert_int_equal(host_frames_live(), owned / PAGE_SIZE + stats().table_pages);
	owned = stats().region_bytes[ASPACE_ALLOC] + stats().region_bytes[ASPACE_LAZY] - owned;
	assert_int_equal(host_frames_promised(), owned / PAGE_SIZE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_kind_has_a_name),
		TEST(allocated_memory_is_zero_and_comes_in_large_pages),
		TEST(memory_is_zeroed_again_for_the_next_owner),
		TEST(ranges_and_flags_that_make_no_sense_are_refused),
		TEST(the_last_page_of_the_address_space_can_be_used),
		TEST(regions_may_touch_but_not_overlap),
		TEST(identical_memory_is_taken_at_its_address_and_given_back),
		TEST(lazy_memory_is_taken_when_it_is_touched),
		TEST(reading_and_zeroing_lazy_memory_takes_none),
		TEST(without_large_pieces_lazy_memory_comes_in_pages),
		TEST(faults_are_answered_by_the_region),
		TEST(when_two_cpus_fault_on_one_page_one_gives_its_memory_back),
		TEST(a_region_that_goes_away_under_a_fault_takes_no_memory),
		TEST(a_region_that_is_being_built_is_not_there_yet_but_its_place_is_taken),
		TEST(unmapping_the_middle_leaves_both_ends),
		TEST(unmapping_goes_over_holes_and_kinds),
		TEST(a_linear_region_cut_in_two_keeps_its_addresses),
		TEST(protecting_a_page_and_back_leaves_one_region_and_one_leaf),
		TEST(protecting_needs_regions_everywhere),
		TEST(lazy_memory_gets_the_rights_that_the_region_has_by_then),
		TEST(devices_stay_devices_and_are_never_touched_by_the_host),
		TEST(access_crosses_pages_and_regions),
		TEST(access_follows_pages_that_are_not_neighbours_in_host_memory),
		TEST(access_outside_of_memory_is_refused),
		TEST(memory_that_is_not_readable_by_right_is_not_read),
		TEST(linear_regions_are_ram_and_devices_are_not_the_hypervisors),
		TEST(clearing_makes_memory_as_it_was_given),
		TEST(a_loaded_image_is_cleaned_from_the_caches),
		TEST(walking_regions_stops_when_asked),
		TEST(out_of_memory_at_any_point_changes_nothing),
		TEST(random_changes_agree_with_the_model),
		TEST(several_cpus_share_an_address_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
