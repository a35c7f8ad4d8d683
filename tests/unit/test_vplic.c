/* unit: axdevice/riscv/vplic.c axdevice/common/bus.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated PLIC, seen from its guest and its devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <axdevice/riscv/vplic.h>
#include <axstd/error.h>
#include <libfdt.h>
#include <cmocka.h>
#include <host/host.h>

#define BASE    0x0c000000
#define SIZE    0x04000000
#define SOURCES 70
#define VCPUS   3

#define PRIORITY(source)   (4 * (source))
#define PENDING(word)      (0x1000 + 4 * (word))
#define ENABLE(vcpu, word) (0x2000 + 0x80 * context_of(vcpu) + 4 * (word))
#define THRESHOLD(vcpu)    (0x200000 + 0x1000 * context_of(vcpu))
#define CLAIM(vcpu)        (THRESHOLD(vcpu) + 4)

static struct bus bus;
static struct vplic *plic;
static bool machine_contexts;
static struct vcpu vcpus[VCPUS];
static bool external[VCPUS];
static unsigned changes;

static unsigned context_of(unsigned vcpu)
{
	return machine_contexts ? 2 * vcpu + 1 : vcpu;
}

void riscv_vcpu_set_irqchip(struct vcpu *vcpu, const struct riscv_irqchip *irqchip, void *data)
{
	assert_non_null(irqchip);
	assert_false(irqchip->emulates_imsic);
	vcpu->irqchip = data;
}

void riscv_vcpu_set_external(struct vcpu *vcpu, bool level)
{
	assert_int_not_equal(external[vcpu->id], level);
	external[vcpu->id] = level;
	changes++;
}

static struct vplic_params params(void)
{
	return (struct vplic_params){ .base = BASE,
				      .size = SIZE,
				      .num_vcpus = VCPUS,
				      .num_sources = SOURCES,
				      .machine_contexts = machine_contexts,
				      .mmio = &bus };
}

static int create(bool machine)
{
	struct vplic_params p;

	machine_contexts = machine;
	p = params();
	bus_init(&bus);
	changes = 0;
	memset(external, 0, sizeof(external));
	assert_int_equal(vplic_create(&p, &plic), 0);
	for (unsigned i = 0; i < VCPUS; i++) {
		vcpus[i].id = i;
		vplic_attach(plic, &vcpus[i]);
	}
	return 0;
}

static int setup(void **state)
{
	return create(true);
}

static int setup_without_machine(void **state)
{
	return create(false);
}

static int teardown(void **state)
{
	vplic_destroy(plic);
	assert_int_equal(bus.count, 0);
	bus_destroy(&bus);
	assert_int_equal(host_heap_live(), 0);
	return 0;
}

static uint64_t read_width(uint64_t reg, unsigned width)
{
	const struct bus_region *region = bus_find(&bus, BASE + reg);

	return region->ops->read(region->opaque, 0, reg, width);
}

static void write_width(uint64_t reg, unsigned width, uint64_t value)
{
	const struct bus_region *region = bus_find(&bus, BASE + reg);

	region->ops->write(region->opaque, 0, reg, width, value);
}

static uint32_t r(uint64_t reg)
{
	return (uint32_t)read_width(reg, 4);
}

static void w(uint64_t reg, uint32_t value)
{
	write_width(reg, 4, value);
}

static void line(unsigned source, bool level)
{
	struct irq_line l = vplic_line(plic, source);

	irq_line_set(&l, level);
}

static void enable(unsigned vcpu, unsigned source, unsigned priority)
{
	w(PRIORITY(source), priority);
	w(ENABLE(vcpu, source / 32), r(ENABLE(vcpu, source / 32)) | 1u << source % 32);
}

static bool is_pending(unsigned source)
{
	return r(PENDING(source / 32)) >> source % 32 & 1;
}

static void a_level_is_claimed_completed_and_gone(void **state)
{
	enable(0, 10, 1);
	line(10, true);
	assert_true(external[0] && !external[1]);
	assert_true(is_pending(10));
	assert_int_equal(r(CLAIM(0)), 10);
	assert_false(is_pending(10) || external[0]);
	assert_int_equal(r(CLAIM(0)), 0);
	line(10, false);
	w(CLAIM(0), 10);
	assert_false(is_pending(10) || external[0]);
}

static void a_level_that_stays_comes_again_after_completion(void **state)
{
	enable(0, 10, 1);
	line(10, true);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(r(CLAIM(0)), 10);
		assert_false(external[0]);
		w(CLAIM(0), 10);
		assert_true(external[0]);
	}
}

static void a_level_that_toggles_while_claimed_is_not_counted(void **state)
{
	enable(0, 10, 1);
	line(10, true);
	assert_int_equal(r(CLAIM(0)), 10);
	line(10, false);
	line(10, true);
	assert_false(is_pending(10));
	line(10, false);
	w(CLAIM(0), 10);
	assert_false(is_pending(10));
}

static void a_request_stays_when_its_level_goes(void **state)
{
	enable(0, 10, 1);
	line(10, true);
	line(10, false);
	assert_true(is_pending(10) && external[0]);
	assert_int_equal(r(CLAIM(0)), 10);
	w(CLAIM(0), 10);
	assert_false(is_pending(10));
}

static void edges_are_latched_once(void **state)
{
	struct irq_line edge = vplic_edge_line(plic, 20);

	enable(0, 20, 1);
	irq_line_set(&edge, true);
	assert_int_equal(r(CLAIM(0)), 20);
	w(CLAIM(0), 20);
	assert_false(is_pending(20)); /* high is not enough */
	irq_line_set(&edge, true);
	assert_false(is_pending(20)); /* nor is staying high */
	irq_line_set(&edge, false);
	irq_line_set(&edge, true);
	assert_int_equal(r(CLAIM(0)), 20);
	for (unsigned i = 0; i < 3; i++) {
		irq_line_set(&edge, false);
		irq_line_set(&edge, true);
	}
	assert_false(is_pending(20));
	w(CLAIM(0), 20);
	assert_true(is_pending(20));
	assert_int_equal(r(CLAIM(0)), 20);
	w(CLAIM(0), 20);
	assert_false(is_pending(20));
}

static void the_highest_priority_then_the_lowest_number_comes_first(void **state)
{
	static const unsigned order[] = { 40, 5, 33, 64, 7 };

	enable(0, 7, 1);
	enable(0, 64, 2);
	enable(0, 33, 2);
	enable(0, 5, 2);
	enable(0, 40, 7);
	line(7, true);
	line(33, true);
	line(64, true);
	line(40, true);
	line(5, true);
	for (unsigned i = 0; i < 5; i++) {
		assert_true(external[0]);
		assert_int_equal(r(CLAIM(0)), order[i]);
	}
	assert_false(external[0]);
	assert_int_equal(r(CLAIM(0)), 0);
}

static void the_threshold_masks_but_does_not_stop_claims(void **state)
{
	enable(0, 10, 3);
	w(THRESHOLD(0), 3);
	line(10, true);
	assert_false(external[0]);
	w(THRESHOLD(0), 2);
	assert_true(external[0]);
	w(THRESHOLD(0), 7);
	assert_false(external[0]);
	assert_int_equal(r(CLAIM(0)), 10);
}

static void priority_0_never_interrupts(void **state)
{
	enable(0, 10, 0);
	line(10, true);
	assert_true(is_pending(10));
	assert_false(external[0]);
	assert_int_equal(r(CLAIM(0)), 0);
	w(PRIORITY(10), 1);
	assert_true(external[0]);
	w(PRIORITY(10), 0);
	assert_false(external[0]);
}

static void priorities_and_enables_may_change_while_pending(void **state)
{
	enable(0, 10, 1);
	enable(0, 11, 2);
	line(10, true);
	line(11, true);
	w(PRIORITY(10), 3);
	w(THRESHOLD(0), 2);
	assert_int_equal(r(CLAIM(0)), 10);
	assert_false(external[0]);
	w(THRESHOLD(0), 0);
	assert_true(external[0]);
	w(ENABLE(0, 0), 0);
	assert_false(external[0]);
	assert_int_equal(r(CLAIM(0)), 0);
	w(ENABLE(0, 0), 1u << 11);
	assert_true(external[0]);
}

static void one_of_the_enabled_contexts_claims(void **state)
{
	enable(0, 10, 1);
	enable(2, 10, 1);
	enable(2, 12, 1);
	line(10, true);
	assert_true(external[0] && !external[1] && external[2]);
	assert_int_equal(r(CLAIM(2)), 10);
	assert_false(external[0] || external[2]);
	assert_int_equal(r(CLAIM(0)), 0);
	line(12, true);
	assert_true(!external[0] && external[2]);
	w(CLAIM(0), 10); /* any context that has it enabled may complete it */
	assert_true(external[0] && external[2]);
}

static void completions_of_others_are_ignored(void **state)
{
	enable(0, 10, 1);
	line(10, true);
	assert_int_equal(r(CLAIM(0)), 10);
	w(CLAIM(1), 10); /* not enabled there */
	w(CLAIM(0), 11);
	w(CLAIM(0), 0);
	w(CLAIM(0), SOURCES + 1);
	w(CLAIM(0), 0xffffffff);
	assert_false(is_pending(10));
	w(ENABLE(0, 0), 0);
	w(CLAIM(0), 10); /* not enabled any more */
	assert_false(is_pending(10));
	w(ENABLE(0, 0), 1u << 10);
	w(CLAIM(0), 10);
	assert_true(is_pending(10));
	w(CLAIM(0), 10); /* was not claimed */
	assert_true(is_pending(10));
}

static void registers_keep_the_bits_they_have(void **state)
{
	for (unsigned s = 0; s < 1024; s++) {
		w(PRIORITY(s), 0xffffffff);
		assert_int_equal(r(PRIORITY(s)), s && s <= SOURCES ? 7 : 0);
	}
	for (unsigned i = 0; i < 32; i++) {
		w(ENABLE(1, i), 0xffffffff);
		assert_int_equal(r(ENABLE(1, i)), i == 0 ? 0xfffffffe : i == 1 ? 0xffffffff : i == 2 ? 0x7f : 0);
		w(PENDING(i), 0xffffffff);
		assert_int_equal(r(PENDING(i)), 0);
	}
	w(THRESHOLD(1), 0xffffffff);
	assert_int_equal(r(THRESHOLD(1)), 7);
	w(THRESHOLD(1) + 8, 0xffffffff);
	assert_int_equal(r(THRESHOLD(1) + 8), 0);
	assert_int_equal(changes, 0);
}

static void other_widths_than_words_do_nothing(void **state)
{
	static const unsigned widths[] = { 1, 2, 8 };

	enable(0, 10, 5);
	line(10, true);
	for (unsigned i = 0; i < 3; i++) {
		write_width(PRIORITY(10), widths[i], 1);
		assert_int_equal(read_width(PRIORITY(10), widths[i]), 0);
		assert_int_equal(read_width(widths[i] == 8 ? THRESHOLD(0) : CLAIM(0), widths[i]), 0);
	}
	assert_int_equal(r(PRIORITY(10)), 5);
	assert_int_equal(r(CLAIM(0)), 10);
}

static void contexts_that_are_not_there_read_as_zero(void **state)
{
	static const unsigned contexts[] = { 0, 2, 4, 6, 7, 15871 };

	line(10, true);
	w(PRIORITY(10), 1);
	for (unsigned i = 0; i < ARRAY_SIZE(contexts); i++) {
		w(0x2000 + 0x80 * contexts[i], 0xffffffff);
		w(0x200000 + 0x1000 * contexts[i], 5);
		w(0x200004 + 0x1000 * contexts[i], 10);
		assert_int_equal(r(0x2000 + 0x80 * contexts[i]), 0);
		assert_int_equal(r(0x200000 + 0x1000 * contexts[i]), 0);
		assert_int_equal(r(0x200004 + 0x1000 * contexts[i]), 0);
	}
	assert_int_equal(r(SIZE - 4), 0);
	assert_int_equal(changes, 0);
}

static void without_machine_contexts_they_are_numbered_by_vcpu(void **state)
{
	enable(2, 10, 1);
	line(10, true);
	assert_true(external[2] && !external[1]);
	assert_int_equal(r(0x2000 + 2 * 0x80), 1u << 10);
	assert_int_equal(r(0x202004), 10);
}

static void lines_that_are_not_there_are_not_connected(void **state)
{
	assert_null(vplic_line(plic, 0).set);
	assert_null(vplic_line(plic, SOURCES + 1).set);
	assert_null(vplic_edge_line(plic, 5000).set);
	assert_non_null(vplic_line(plic, SOURCES).set);
}

static void after_reset_it_is_like_a_new_one(void **state)
{
	struct irq_line edge = vplic_edge_line(plic, 20);

	enable(0, 10, 1);
	enable(1, 11, 2);
	enable(0, 20, 2);
	w(THRESHOLD(2), 4);
	line(10, true);
	line(11, true);
	irq_line_set(&edge, true);
	assert_int_equal(r(CLAIM(1)), 11);
	vplic_reset(plic);
	assert_false(external[0] || external[1] || external[2]);
	for (uint64_t reg = 0; reg < 0x210000; reg += 4)
		assert_int_equal(r(reg), 0);
	enable(0, 11, 1);
	enable(0, 20, 1);
	line(11, true); /* its gateway is open again */
	assert_int_equal(r(CLAIM(0)), 11);
	irq_line_set(&edge, true);
	irq_line_set(&edge, false);
	assert_int_equal(r(CLAIM(0)), 20);
	irq_line_set(&edge, true);
	w(CLAIM(0), 20); /* still an edge */
	assert_true(is_pending(20));
}

static int describe(void *fdt, int size)
{
	struct fdt_context ctx = { .fdt = fdt, .intc_phandle = 1, .hart_phandle = 7 };

	assert_int_equal(fdt_create(fdt, size), 0);
	assert_int_equal(fdt_finish_reservemap(fdt), 0);
	assert_int_equal(fdt_begin_node(fdt, ""), 0);
	assert_int_equal(vplic_device(plic)->ops->describe(vplic_device(plic), &ctx), 0);
	assert_int_equal(fdt_end_node(fdt), 0);
	assert_int_equal(fdt_finish(fdt), 0);
	return fdt_path_offset(fdt, "/plic@c000000");
}

static void assert_cells(const void *fdt, int node, const char *name, const uint32_t *cells, unsigned count)
{
	int len;
	const fdt32_t *p = fdt_getprop(fdt, node, name, &len);

	assert_non_null(p);
	assert_int_equal(len, 4 * count);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(fdt32_to_cpu(p[i]), cells[i]);
}

static void it_describes_itself(void **state)
{
	static const uint32_t contexts[] = { 7, ~0u, 7, 9, 8, ~0u, 8, 9, 9, ~0u, 9, 9 };
	static const uint32_t reg[] = { 0, BASE, 0, SIZE }, ndev[] = { SOURCES }, one[] = { 1 }, zero[] = { 0 };
	char fdt[2048];
	int node = describe(fdt, sizeof(fdt));

	assert_true(node >= 0);
	assert_int_equal(fdt_node_check_compatible(fdt, node, "sifive,plic-1.0.0"), 0);
	assert_int_equal(fdt_node_check_compatible(fdt, node, "riscv,plic0"), 0);
	assert_cells(fdt, node, "interrupts-extended", contexts, ARRAY_SIZE(contexts));
	assert_cells(fdt, node, "reg", reg, 4);
	assert_cells(fdt, node, "riscv,ndev", ndev, 1);
	assert_cells(fdt, node, "#interrupt-cells", one, 1);
	assert_cells(fdt, node, "#address-cells", zero, 1);
	assert_cells(fdt, node, "interrupt-controller", NULL, 0);
	assert_int_equal(fdt_get_phandle(fdt, node), 1);
}

static void without_machine_contexts_it_describes_one_per_vcpu(void **state)
{
	static const uint32_t contexts[] = { 7, 9, 8, 9, 9, 9 };
	char fdt[2048];
	int node = describe(fdt, sizeof(fdt));
	uint32_t cells[3];

	assert_cells(fdt, node, "interrupts-extended", contexts, ARRAY_SIZE(contexts));
	assert_int_equal(vplic_irq_cells(10, false, cells), 1);
	assert_int_equal(cells[0], 10);
}

static void it_is_not_created_wrongly(void **state)
{
	struct vplic_params p = params(), bad[5];
	size_t live = host_heap_live();
	struct vplic *second;

	assert_int_equal(vplic_create(&p, &second), -AX_EEXIST);
	p.base += SIZE;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		bad[i] = p;
	bad[0].num_vcpus = 0;
	bad[1].num_vcpus = 65;
	bad[2].num_sources = 0;
	bad[3].num_sources = 1024;
	bad[4].size = 0x200000 + 0x1000 * 2 * VCPUS - 0x1000;
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(vplic_create(&bad[i], &second), -AX_EINVAL);
	host_fail_after(0);
	assert_int_equal(vplic_create(&p, &second), -AX_ENOMEM);
	host_fail_never();
	assert_int_equal(host_heap_live(), live);
	p.num_vcpus = 64;
	p.num_sources = 1023;
	assert_int_equal(vplic_create(&p, &second), 0);
	vplic_destroy(second);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_level_is_claimed_completed_and_gone),
		T(a_level_that_stays_comes_again_after_completion),
		T(a_level_that_toggles_while_claimed_is_not_counted),
		T(a_request_stays_when_its_level_goes),
		T(edges_are_latched_once),
		T(the_highest_priority_then_the_lowest_number_comes_first),
		T(the_threshold_masks_but_does_not_stop_claims),
		T(priority_0_never_interrupts),
		T(priorities_and_enables_may_change_while_pending),
		T(one_of_the_enabled_contexts_claims),
		T(completions_of_others_are_ignored),
		T(registers_keep_the_bits_they_have),
		T(other_widths_than_words_do_nothing),
		T(contexts_that_are_not_there_read_as_zero),
		cmocka_unit_test_setup_teardown(without_machine_contexts_they_are_numbered_by_vcpu,
						setup_without_machine, teardown),
		T(lines_that_are_not_there_are_not_connected),
		T(after_reset_it_is_like_a_new_one),
		T(it_describes_itself),
		cmocka_unit_test_setup_teardown(without_machine_contexts_it_describes_one_per_vcpu,
						setup_without_machine, teardown),
		T(it_is_not_created_wrongly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
