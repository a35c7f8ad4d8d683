/* unit: axhal/mem.c axhal/mem_regions.c axhal/pgtable.c axhal/pgtable_change.c axhal/aarch64/el2_stage1.c axstd/error.c axstd/sort.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hypervisor's own memory, booted once on 64 MiB of host memory; the tests follow each other as a boot does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <axhal/boot.h>
#include <axstd/error.h>
#include "hal.h"
#include "host/host.h"

#define RAM_SIZE MIB(64)
#define RW       (PT_READ | PT_WRITE)

/* An image: 2 pages of text, 1 of rodata, 2 of data of which the second is the boot stack's guard page. */
__asm__(".data\n.balign 4096\n"
	".globl image_start, text_end, rodata_end, boot_stack_guard, image_end\n"
	"image_start: .skip 8192\n"
	"text_end: .skip 4096\n"
	"rodata_end: .skip 4096\n"
	"boot_stack_guard: .skip 4096\n"
	"image_end:\n.text\n");
extern char text_end[], rodata_end[], boot_stack_guard[];

static char fdt[2 * PAGE_SIZE] __attribute__((aligned(4096)));
static paddr_t ram;
static struct pgtable seen; /* the tables as the MMU has been given them */
static unsigned flushes;
static void *stack_top;

bool arch_early_map(paddr_t pa, uint64_t size, bool device)
{
	return true;
}

void arch_tlb_flush(uint64_t va, uint64_t size)
{
	flushes++;
}

void arch_table_sync(void)
{
}

void arch_mmu_load(paddr_t root)
{
	seen = (struct pgtable){ .format = arch_pt_format(), .root = root };
}

unsigned arch_pa_bits(void)
{
	return 48;
}

/* What the MMU would say of an address: rights, or -1. */
static int rights(const void *va)
{
	struct pt_translation t;

	if (pgtable_translate(&seen, virt_to_phys(va), &t))
		return -1;
	assert_int_equal(t.pa, virt_to_phys(va));
	return (int)t.flags;
}

static char *at(uint64_t offset)
{
	return phys_to_virt(ram + offset);
}

static void booting_builds_the_map(void **state)
{
	static struct fdt_platform found;
	char *early;

	ram = virt_to_phys(host_alloc_ram(RAM_SIZE, MIB(2)));
	found.num_ram = 1;
	found.ram[0] = (struct fdt_range){ ram, RAM_SIZE, false };
	found.num_reserved = 2;
	found.reserved[0] = (struct fdt_range){ ram + MIB(8), KIB(64), true };
	found.reserved[1] = (struct fdt_range){ ram + MIB(9), KIB(64), false };
	found.pub.fdt = fdt;
	found.pub.fdt_size = sizeof(fdt);
	host_platform = found.pub;
	mem_init(&found);
	early = mem_early_alloc(100, 64);
	assert_true(IS_ALIGNED((uintptr_t)early, 64));
	stack_top = mem_early_stack(KIB(16));
	mem_init_tables();
}

static void every_part_has_its_rights(void **state)
{
	assert_int_equal(rights(image_start), PT_READ | PT_EXEC);
	assert_int_equal(rights(text_end - 1), PT_READ | PT_EXEC);
	assert_int_equal(rights(text_end), PT_READ);
	assert_int_equal(rights(rodata_end), RW);
	assert_int_equal(rights(fdt), PT_READ);
	assert_int_equal(rights(at(0)), RW);
	assert_int_equal(rights(at(MIB(9))), RW);
	assert_int_equal(rights(at(MIB(8))), -1); /* no-map */
	assert_int_equal(rights(NULL), -1);
}

static void stacks_have_guard_pages(void **state)
{
	char *bottom = (char *)stack_top - KIB(16);

	assert_int_equal(rights(bottom), RW);
	assert_int_equal(rights(bottom - 1), -1);
	assert_int_equal(rights(bottom - PAGE_SIZE - 1), RW);
	assert_int_equal(rights(boot_stack_guard), -1);
}

static void ram_is_mapped_by_blocks(void **state)
{
	struct pt_translation t;

	assert_int_equal(pgtable_translate(&seen, ram + MIB(20), &t), 0);
	assert_int_equal(t.size, MIB(2));
}

/* Early, tables of devices come from early memory. */
static void devices_are_mapped_on_request(void **state)
{
	struct pt_translation t;

	assert_ptr_equal(mem_map_device(0x9000004, 0x1000), (void *)0x9000004);
	assert_int_equal(rights((void *)0x9000000), RW | PT_DEVICE);
	assert_int_equal(rights((void *)0x9001000), RW | PT_DEVICE);
	assert_int_equal(rights((void *)0x9002000), -1);
	/* Again, and a window that overlaps it. */
	assert_non_null(mem_map_device(0x9000000, 0x1000));
	assert_non_null(mem_map_device(0x9000000, MIB(3)));
	assert_int_equal(rights((void *)(0x9000000 + MIB(3) - 1)), RW | PT_DEVICE);
	assert_non_null(mem_map_device(0x40000000000, MIB(4)));
	assert_int_equal(pgtable_translate(&seen, 0x40000000000, &t), 0);
	assert_int_equal(t.size, MIB(2));
}

static void devices_cannot_be_memory_or_beyond_the_address_size(void **state)
{
	assert_null(mem_map_device(ram + MIB(30), 0x1000));
	assert_null(mem_map_device(virt_to_phys(image_start), 0x1000));
	assert_null(mem_map_device(BIT(48), 0x1000));
	assert_null(mem_map_device(UINT64_MAX - 4095, 0x1000));
	assert_null(mem_map_device(0x9000000, 0));
	assert_int_equal(rights(at(MIB(30))), RW);
}

static void the_regions_tell_what_is_taken(void **state)
{
	size_t count;
	const struct mem_region *r = mem_regions(&count);
	uint64_t total = 0;

	assert_int_equal(r[0].base, ram);
	assert_int_equal(r[1].kind, MEM_NO_MAP);
	assert_int_equal(r[3].kind, MEM_RESERVED);
	assert_int_equal(r[count - 1].kind, MEM_IMAGE);
	assert_true(virt_to_phys(stack_top) - KIB(16) >= r[count - 1].base);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(r[i].base, ram + total);
		total += r[i].size;
	}
	assert_int_equal(total, RAM_SIZE);
	assert_panics(mem_early_alloc(16, 16));
}

static void ram_is_known_across_regions(void **state)
{
	assert_true(mem_is_ram(ram, RAM_SIZE));
	assert_true(mem_is_ram(ram + MIB(8) - 4096, 8192));
	assert_false(mem_is_ram(ram, RAM_SIZE + 1));
	assert_false(mem_is_ram(ram - 1, 2));
	assert_false(mem_is_ram(ram, UINT64_MAX));
	assert_false(mem_is_ram(ram, 0));
}

/* From here on tables come from the frame allocator. */
static unsigned taken, given_back;

static paddr_t take(unsigned pages)
{
	static unsigned next;

	if (host_should_fail())
		return 0;
	taken += pages;
	next += pages;
	return virt_to_phys(memset(at(MIB(40) + next * PAGE_SIZE), 0, pages * PAGE_SIZE));
}

static void give_back(paddr_t pa, unsigned pages)
{
	assert_in_range(pa, ram + MIB(40), ram + MIB(41));
	given_back += pages;
}

static void a_guard_page_comes_and_goes(void **state)
{
	char *page = at(MIB(20) + 5 * PAGE_SIZE);
	struct pt_translation t;

	mem_set_table_allocator(take, give_back);
	flushes = 0;
	assert_int_equal(mem_protect(page, PAGE_SIZE, 0), 0);
	assert_true(flushes > 0);
	assert_int_equal(rights(page), -1);
	assert_int_equal(rights(page - 1), RW);
	assert_int_equal(rights(page + PAGE_SIZE), RW);
	assert_int_equal(mem_protect(page, PAGE_SIZE, RW), 0);
	assert_int_equal(rights(page), RW);
	/* The block is whole again and its table was given back. */
	assert_int_equal(pgtable_translate(&seen, virt_to_phys(page), &t), 0);
	assert_int_equal(t.size, MIB(2));
	assert_int_equal(taken, given_back);
}

static void rights_can_be_taken_away(void **state)
{
	char *page = at(MIB(22));

	assert_int_equal(mem_protect(page, 3 * PAGE_SIZE, PT_READ), 0);
	assert_int_equal(rights(page), PT_READ);
	assert_int_equal(rights(page + 3 * PAGE_SIZE), RW);
	assert_int_equal(mem_protect(page + PAGE_SIZE, PAGE_SIZE, 0), 0);
	assert_int_equal(mem_protect(page, 3 * PAGE_SIZE, RW), 0);
	assert_int_equal(rights(page + PAGE_SIZE), RW);
	assert_int_equal(taken, given_back);
}

static void wrong_wishes_are_refused(void **state)
{
	assert_int_equal(mem_protect(at(MIB(22)), PAGE_SIZE, RW | PT_EXEC), -AX_EINVAL);
	assert_int_equal(mem_protect(at(MIB(22)), PAGE_SIZE, PT_READ | PT_DEVICE), -AX_EINVAL);
	assert_int_equal(mem_protect(at(MIB(22) + 1), PAGE_SIZE, PT_READ), -AX_EINVAL);
	assert_int_equal(mem_protect(at(MIB(22)), 0, PT_READ), -AX_EINVAL);
	assert_int_equal(mem_protect(at(RAM_SIZE - PAGE_SIZE), 2 * PAGE_SIZE, PT_READ), -AX_EINVAL);
}

static void without_memory_for_a_table_nothing_changes(void **state)
{
	host_fail_after(0);
	assert_int_equal(mem_protect(at(MIB(24) + PAGE_SIZE), PAGE_SIZE, 0), -AX_ENOMEM);
	host_fail_never();
	assert_int_equal(rights(at(MIB(24) + PAGE_SIZE)), RW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(booting_builds_the_map),
		cmocka_unit_test(every_part_has_its_rights),
		cmocka_unit_test(stacks_have_guard_pages),
		cmocka_unit_test(ram_is_mapped_by_blocks),
		cmocka_unit_test(devices_are_mapped_on_request),
		cmocka_unit_test(devices_cannot_be_memory_or_beyond_the_address_size),
		cmocka_unit_test(the_regions_tell_what_is_taken),
		cmocka_unit_test(ram_is_known_across_regions),
		cmocka_unit_test(a_guard_page_comes_and_goes),
		cmocka_unit_test(rights_can_be_taken_away),
		cmocka_unit_test(wrong_wishes_are_refused),
		cmocka_unit_test(without_memory_for_a_table_nothing_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
