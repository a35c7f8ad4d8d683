/* unit: riscv_vcpu/g_format.c axhal/pgtable.c axhal/pgtable_change.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * G-stage formats: entries bit by bit, and a table of each depth.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <axalloc/frame.h>
#include <axhal/arch/isa.h>
#include <axstd/error.h>
#include <cmocka.h>
#include "g_format.h"
#include "host/host.h"

static struct riscv_info info;
static unsigned flushes;

const struct riscv_info *riscv_info(void)
{
	return &info;
}

static paddr_t alloc_tables(struct pgtable *pt, unsigned pages)
{
	void *tables = host_alloc_ram(pages * PAGE_SIZE, pages * PAGE_SIZE);

	assert_int_equal(pages, pt->root ? 1 : 4);
	return virt_to_phys(tables);
}

static void free_tables(struct pgtable *pt, paddr_t tables, unsigned pages)
{
	host_free_ram(phys_to_virt(tables), pages * PAGE_SIZE);
}

static void flush(struct pgtable *pt, uint64_t va, uint64_t size)
{
	flushes++;
}

static void sync_tables(struct pgtable *pt)
{
}

static const struct pt_ops ops = { alloc_tables, free_tables, flush, sync_tables };

static int setup(void **state)
{
	info = (struct riscv_info){ 0 };
	flushes = 0;
	return 0;
}

static void the_smallest_format_is_taken(void **state)
{
	assert_string_equal(g_format_for(41, 5)->name, "Sv39x4");
	assert_int_equal(g_format_for(42, 5)->input_bits, 50);
	assert_string_equal(g_format_for(50, 4)->name, "Sv48x4");
	assert_string_equal(g_format_for(51, 5)->name, "Sv57x4");
	assert_null(g_format_for(60, 5));
	assert_null(g_format_for(42, 3));
	assert_null(g_format_for(32, 0));
	assert_int_equal(g_format_bits(3), 41);
	assert_int_equal(g_format_bits(5), 59);
	assert_int_equal(g_format_bits(0), 0);
}

static void hgatp_names_mode_vmid_and_root(void **state)
{
	uint64_t hgatp = g_format_hgatp(g_format_for(32, 5), 0x80004000, 0x2a);

	assert_int_equal(hgatp >> 60, 8);
	assert_int_equal(FIELD(hgatp, 57, 44), 0x2a);
	assert_int_equal(FIELD(hgatp, 43, 0), 0x80004);
	assert_int_equal(g_format_hgatp(g_format_for(59, 5), 0x4000, 0) >> 60, 10);
}

static void leaves_are_for_user_mode_accessed_and_dirty(void **state)
{
	const struct pt_format *f = g_format_for(41, 3);

	/* V R W X U A D, the page number from bit 10. */
	assert_int_equal(f->make_leaf(0x12345000, PT_READ | PT_WRITE | PT_EXEC, 0), 0x12345 << 10 | 0xdf);
	assert_int_equal(f->make_leaf(0x12345000, PT_READ, 0), 0x12345 << 10 | 0xd3);
	assert_int_equal(f->make_table(0x12345000), 0x12345 << 10 | 1);
	assert_false(f->is_leaf(f->make_table(0x12345000), 1));
	assert_false(f->leaf_allowed(3));
}

static void the_memory_type_is_kept_with_and_without_svpbmt(void **state)
{
	static const unsigned types[] = { 0, PT_DEVICE, PT_UNCACHED };
	static const uint64_t pbmt[] = { 0, 2, 1 };
	const struct pt_format *f = g_format_for(41, 3);

	for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
		for (unsigned svpbmt = 0; svpbmt < 2; svpbmt++) {
			uint64_t entry;

			info.extensions = svpbmt ? BIT(RISCV_EXT_SVPBMT) : 0;
			entry = f->make_leaf(0x40000000, PT_READ | PT_WRITE | types[i], 1);
			assert_int_equal(f->leaf_flags(entry), PT_READ | PT_WRITE | types[i]);
			assert_int_equal(FIELD(entry, 62, 61), svpbmt ? pbmt[i] : 0);
			assert_int_equal(f->entry_pa(entry, 1), 0x40000000);
		}
	}
	/* Never executable. */
	assert_int_equal(f->leaf_flags(f->make_leaf(0, PT_READ | PT_EXEC | PT_DEVICE, 0)), PT_READ | PT_DEVICE);
}

static void a_table_of_each_depth_reaches_its_last_page(void **state)
{
	for (unsigned levels = 3; levels <= 5; levels++) {
		const struct pt_format *f = g_format_for(g_format_bits(levels), levels);
		uint64_t last = BIT(f->input_bits) - PAGE_SIZE;
		struct pgtable pt = { 0 };
		struct pt_translation t;

		assert_int_equal(pgtable_init(&pt, f, &ops), 0);
		flushes = 0;
		assert_int_equal(pgtable_map(&pt, last, 0x1000, PAGE_SIZE, PT_READ), 0);
		assert_int_not_equal(flushes, 0); /* walkers may remember that there was nothing */
		assert_int_equal(pgtable_translate(&pt, last + 5, &t), 0);
		assert_int_equal(t.pa, 0x1005);
		assert_int_equal(pgtable_map(&pt, last + PAGE_SIZE, 0x1000, PAGE_SIZE, PT_READ), -AX_EINVAL);
		pgtable_destroy(&pt);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_smallest_format_is_taken, setup),
		cmocka_unit_test_setup(hgatp_names_mode_vmid_and_root, setup),
		cmocka_unit_test_setup(leaves_are_for_user_mode_accessed_and_dirty, setup),
		cmocka_unit_test_setup(the_memory_type_is_kept_with_and_without_svpbmt, setup),
		cmocka_unit_test_setup(a_table_of_each_depth_reaches_its_last_page, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
