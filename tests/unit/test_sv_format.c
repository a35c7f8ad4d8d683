/* unit: axhal/pgtable.c axhal/pgtable_change.c axhal/riscv64/sv_format.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of Sv39, Sv48 and Sv57, read back by a walker that is written after the specification (Privileged
 * Architecture, Supervisor ISA, "Virtual Address Translation Process") and knows nothing of the code under test.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <axalloc/frame.h>
#include <axstd/error.h>
#include <string.h>
#include "host/host.h"
#include "sv_format.h"

#define RW (PT_READ | PT_WRITE)
#define RX (PT_READ | PT_EXEC)

/* --- the walker of the specification --- */

enum access { LOAD, STORE, FETCH };
enum { PBMT_PMA, PBMT_NC, PBMT_IO };

struct seen {
	bool fault;
	paddr_t pa;
	unsigned type; /* PBMT */
};

static struct seen walk(paddr_t root, int levels, bool svpbmt, uint64_t va, enum access access)
{
	static const struct seen fault = { .fault = true };
	unsigned va_bits = 12 + 9 * (unsigned)levels;
	uint64_t a = root, pte;
	int i = levels - 1;

	/* Bits above must be copies of the highest one. */
	if ((uint64_t)((int64_t)(va << (64 - va_bits)) >> (64 - va_bits)) != va)
		return fault;
	for (;; i--) {
		memcpy(&pte, (const char *)(uintptr_t)a + 8 * (va >> (12 + 9 * i) & 511), 8);
		if (!(pte & 1) || (!(pte & 2) && pte & 4) || pte >> 54 & 0x7f || pte >> 63)
			return fault;
		if (!svpbmt && pte >> 61 & 3)
			return fault;
		if (pte & 0xa)
			break;
		/* A table: D, A and U are reserved, as is PBMT. */
		if (pte & 0xd0 || pte >> 61 || i == 0)
			return fault;
		a = (pte >> 10 & 0xfffffffffffull) << 12;
	}
	if (pte >> 61 == 3 || pte & 0x10)
		return fault;
	if ((access == LOAD && !(pte & 2)) || (access == STORE && !(pte & 4)) || (access == FETCH && !(pte & 8)))
		return fault;
	if ((pte >> 10 & 0xfffffffffffull) & ((1ull << 9 * i) - 1))
		return fault;
	/* The hardware may fault instead of setting them. */
	if (!(pte & 0x40) || (access == STORE && !(pte & 0x80)))
		return fault;
	return (struct seen){
		.pa = ((pte >> 10 & 0xfffffffffffull) << 12 & ~((4096ull << 9 * i) - 1)) |
		      (va & ((4096ull << 9 * i) - 1)),
		.type = (unsigned)(pte >> 61 & 3),
	};
}

/* --- a table --- */

static struct pgtable pt;
static unsigned flushes;

static paddr_t alloc_tables(struct pgtable *table, unsigned pages)
{
	assert_int_equal(pages, 1);
	return frame_alloc(0, FRAME_ZERO, OWNER_TABLES);
}

static void free_tables(struct pgtable *table, paddr_t pa, unsigned pages)
{
	frame_free(pa, 0);
}

static void flush(struct pgtable *table, uint64_t va, uint64_t size)
{
	flushes++;
}

static void sync_tables(struct pgtable *table)
{
}

static const struct pt_ops ops = {
	.alloc_tables = alloc_tables, .free_tables = free_tables, .flush = flush, .sync = sync_tables
};

static void assert_seen(int levels, bool svpbmt, uint64_t va, unsigned flags, unsigned type)
{
	static const unsigned right[] = { PT_READ, PT_WRITE, PT_EXEC };

	for (enum access access = LOAD; access <= FETCH; access++) {
		struct seen seen = walk(pt.root, levels, svpbmt, va, access);

		assert_int_equal(seen.fault, !(flags & right[access]));
		if (!seen.fault) {
			assert_int_equal(seen.pa, va);
			assert_int_equal(seen.type, type);
		}
	}
}

/* --- tests --- */

static void every_mode_maps_with_the_rights_asked_for(void **state)
{
	for (unsigned levels = 3; levels <= 5; levels++) {
		const struct pt_format *format = sv_format(levels, false);
		/* Beside the end of what the mode reaches: RAM, image, a device. */
		uint64_t top = BIT(format->input_bits) - GIB(1);

		assert_int_equal(pgtable_init(&pt, format, &ops), 0);
		flushes = 0;
		assert_int_equal(pgtable_map(&pt, GIB(2), GIB(2), GIB(3), RW), 0);
		assert_int_equal(flushes, 1);
		assert_int_equal(pgtable_map(&pt, 0x200000, 0x200000, 0x5000, RX), 0);
		assert_int_equal(pgtable_map(&pt, top, top, 0x1000, RW | PT_DEVICE), 0);
		assert_int_equal(pgtable_map(&pt, 0x400000, 0x400000, 0x200000, PT_READ), 0);
		assert_seen((int)levels, false, GIB(2) + 0x12345678, RW, PBMT_PMA);
		assert_seen((int)levels, false, GIB(5) - 8, RW, PBMT_PMA);
		assert_seen((int)levels, false, GIB(5), 0, PBMT_PMA);
		assert_seen((int)levels, false, 0x204ff8, RX, PBMT_PMA);
		assert_seen((int)levels, false, 0x5ffff8, PT_READ, PBMT_PMA);
		assert_seen((int)levels, false, top + 0x10, RW, PBMT_PMA);
		assert_seen((int)levels, false, 0x205000, 0, PBMT_PMA);
		pgtable_destroy(&pt);
	}
}

static void only_the_lower_half_of_the_addresses_can_be_mapped(void **state)
{
	for (unsigned levels = 3; levels <= 5; levels++) {
		const struct pt_format *format = sv_format(levels, false);
		uint64_t limit = BIT(11 + 9 * levels);

		assert_int_equal(BIT(format->input_bits), limit);
		assert_int_equal(pgtable_init(&pt, format, &ops), 0);
		assert_int_equal(pgtable_map(&pt, limit, limit, PAGE_SIZE, RW), -AX_EINVAL);
		assert_int_equal(pgtable_map(&pt, limit - PAGE_SIZE, limit - PAGE_SIZE, 2 * PAGE_SIZE, RW), -AX_EINVAL);
		assert_int_equal(pgtable_map(&pt, limit - PAGE_SIZE, limit - PAGE_SIZE, PAGE_SIZE, RW), 0);
		assert_seen((int)levels, false, limit - 8, RW, PBMT_PMA);
		assert_seen((int)levels, false, limit, 0, PBMT_PMA);
		pgtable_destroy(&pt);
	}
}

static void svpbmt_says_what_kind_of_memory_it_is(void **state)
{
	struct pt_translation out;

	for (unsigned levels = 3; levels <= 5; levels++) {
		assert_int_equal(pgtable_init(&pt, sv_format(levels, true), &ops), 0);
		assert_int_equal(pgtable_map(&pt, 0, 0, 0x200000, RW), 0);
		assert_int_equal(pgtable_map(&pt, 0x200000, 0x200000, 0x200000, RW | PT_UNCACHED), 0);
		assert_int_equal(pgtable_map(&pt, 0x10000000, 0x10000000, 0x1000, RW | PT_EXEC | PT_DEVICE), 0);
		assert_seen((int)levels, true, 0x1000, RW, PBMT_PMA);
		assert_seen((int)levels, true, 0x3ff000, RW, PBMT_NC);
		/* Device memory is never executable. */
		assert_seen((int)levels, true, 0x10000004, RW, PBMT_IO);
		assert_int_equal(pgtable_translate(&pt, 0x3ff000, &out), 0);
		assert_int_equal(out.flags, RW | PT_UNCACHED);
		assert_int_equal(out.size, 0x200000);
		assert_int_equal(pgtable_translate(&pt, 0x10000004, &out), 0);
		assert_int_equal(out.flags, RW | PT_DEVICE);
		pgtable_destroy(&pt);
	}
}

static void without_svpbmt_the_kind_is_kept_but_not_told(void **state)
{
	struct pt_translation out;

	assert_int_equal(pgtable_init(&pt, sv_format(3, false), &ops), 0);
	assert_int_equal(pgtable_map(&pt, 0x10000000, 0x10000000, 0x1000, RW | PT_DEVICE), 0);
	assert_int_equal(pgtable_map(&pt, 0x10001000, 0x10001000, 0x1000, RW | PT_UNCACHED), 0);
	assert_seen(3, false, 0x10000000, RW, PBMT_PMA);
	assert_seen(3, false, 0x10001000, RW, PBMT_PMA);
	assert_int_equal(pgtable_translate(&pt, 0x10000000, &out), 0);
	assert_int_equal(out.flags, RW | PT_DEVICE);
	assert_int_equal(pgtable_translate(&pt, 0x10001000, &out), 0);
	assert_int_equal(out.flags, RW | PT_UNCACHED);
	pgtable_destroy(&pt);
}

static void a_guard_page_splits_the_largest_leaf(void **state)
{
	struct pt_translation out;

	for (unsigned levels = 3; levels <= 5; levels++) {
		uint64_t size = PAGE_SIZE << 9 * (levels - 1), guard = size / 2 + 0x123000;

		assert_int_equal(pgtable_init(&pt, sv_format(levels, true), &ops), 0);
		assert_int_equal(pgtable_map(&pt, 0, 0, size, RW), 0);
		assert_int_equal(pgtable_translate(&pt, guard, &out), 0);
		assert_int_equal(out.size, size);
		assert_int_equal(pgtable_unmap(&pt, guard, PAGE_SIZE), 0);
		assert_seen((int)levels, true, guard - 8, RW, PBMT_PMA);
		assert_seen((int)levels, true, guard, 0, PBMT_PMA);
		assert_seen((int)levels, true, guard + PAGE_SIZE, RW, PBMT_PMA);
		assert_seen((int)levels, true, size - 8, RW, PBMT_PMA);
		pgtable_destroy(&pt);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mode_maps_with_the_rights_asked_for),
		cmocka_unit_test(only_the_lower_half_of_the_addresses_can_be_mapped),
		cmocka_unit_test(svpbmt_says_what_kind_of_memory_it_is),
		cmocka_unit_test(without_svpbmt_the_kind_is_kept_but_not_told),
		cmocka_unit_test(a_guard_page_splits_the_largest_leaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
