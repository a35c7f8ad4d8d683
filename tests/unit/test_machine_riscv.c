/* unit: axvm/riscv64/machine.c axvm/riscv64/fdt_cpus.c axvm/fdt.c axvm/devices.c axvm/error.c axdevice/common/ns16550.c axdevice/common/bus.c axdevice/riscv/vplic.c axvmconfig/config.c axvmconfig/schema.c axvmconfig/check.c axconfig/keys.c axconfig/keys_value.c axconfig/keys_text.c axconfig/toml.c axconfig/toml_lex.c axconfig/toml_string.c axconfig/toml_scalar.c axconfig/toml_parse.c axconfig/error.c axstd/arena.c axstd/error.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/* The machine that a riscv64 guest sees: its devices, its device tree, and what is wrong with a configuration. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "vm.h"
#include "stream.h"
#include <axdevice/riscv/vaia.h>
#include <axdevice/riscv/vplic.h>
#include <axhal/arch/imsic.h>
#include <axhal/arch/isa.h>
#include <axstd/random.h>
#include <axstd/error.h>
#include <libfdt.h>
#include <cmocka.h>
#include <host/host.h>

#define MAX_VCPUS VMCONFIG_MAX_VCPUS

static struct vm vm;
static struct vm_error err;
static struct vm_vcpu vm_vcpus[MAX_VCPUS];
static struct vcpu vcpus[MAX_VCPUS];
static char arena_memory[VMCONFIG_ARENA_SIZE];
static uint64_t tree[8192]; /* as much as image.c has */
static size_t tree_size;

/* The host. */
static struct riscv_info host;
static enum riscv_intc host_intc;

const struct riscv_info *riscv_info(void)
{
	return &host;
}

#define NAME(index, name) name,
const char *riscv_ext_name(enum riscv_ext ext)
{
	static const char *const names[] = { RISCV_EXTENSIONS(NAME) };

	return names[ext];
}

enum riscv_intc riscv_host_intc(void)
{
	return host_intc;
}

void riscv_vcpu_set_irqchip(struct vcpu *vcpu, const struct riscv_irqchip *irqchip, void *data)
{
	vcpu->irqchip = data;
}

void riscv_vcpu_set_external(struct vcpu *vcpu, bool level)
{
}

const struct console_backend *vm_console_backend(struct vm *v, struct console_backend *backend)
{
	*backend = (struct console_backend){ .opaque = v };
	return backend;
}

/* An AIA that only notes what is asked of it. */
static struct vaia_params aia_params;
static bool aia_exists, aia_reset;
static unsigned aia_attached, aia_cpu_resets;

static int describe_aia(struct device *dev, struct fdt_context *ctx)
{
	return fdt_begin_node(ctx->fdt, "aplic@d000000") ?: fdt_property_u32(ctx->fdt, "phandle", ctx->intc_phandle)
		?: fdt_end_node(ctx->fdt);
}

int vaia_create(const struct vaia_params *params, struct vaia **out)
{
	aia_params = *params;
	aia_exists = true;
	*out = (struct vaia *)&aia_params;
	return bus_add(params->mmio,
		       &(struct bus_region){ .base = params->aplic_base, .size = 0x8000, .name = "aplic" }, NULL);
}

void vaia_destroy(struct vaia *aia)
{
	aia_exists = false;
}

void vaia_reset(struct vaia *aia)
{
	aia_reset = true;
}

void vaia_reset_cpu(struct vcpu *vcpu)
{
	aia_cpu_resets++;
}

void vaia_attach(struct vaia *aia, struct vcpu *vcpu)
{
	aia_attached++;
}

struct irq_line vaia_line(struct vaia *aia, unsigned source)
{
	return (struct irq_line){ .number = source };
}

struct device *vaia_device(struct vaia *aia)
{
	static const struct device_ops ops = { .describe = describe_aia };
	static struct device device = { .ops = &ops };

	return &device;
}

unsigned vaia_irq_cells(unsigned source, bool edge, uint32_t cells[3])
{
	cells[0] = source;
	cells[1] = 4;
	return 2;
}

int vaia_host_init(void)
{
	return 0;
}

void vaia_host_init_cpu(void)
{
}

/* The user's tree. */
static char user_tree[4096];

int stream_open(const char *path, unsigned flags, struct stream **out, struct vm_error *e)
{
	return 0;
}

uint64_t stream_size(const struct stream *stream)
{
	return fdt_totalsize(user_tree);
}

int64_t stream_read(struct stream *stream, void *buffer, size_t len, struct vm_error *e)
{
	memcpy(buffer, user_tree, fdt_totalsize(user_tree));
	return fdt_totalsize(user_tree);
}

void stream_close(struct stream *stream)
{
}

static int setup(void **state)
{
	host = (struct riscv_info){ .timebase = 10000000, .satp_levels = 4 };
	for (unsigned i = RISCV_EXT_I; i <= RISCV_EXT_C; i++)
		host.extensions |= BIT(i);
	host_intc = RISCV_INTC_PLIC;
	aia_exists = aia_reset = false;
	aia_attached = aia_cpu_resets = 0;
	return 0;
}

#define KERNEL "kernel_path = \"/k\"\nkernel_load_addr = 0x8020_0000\n"
#define RAM    "memory_regions = [[0x8000_0000, 0x1000_0000, 7, 0]]\n"

/* A VM as vm_create() has it before machine_create(): @kernel and @devices are lines of these sections. */
static void configure(unsigned cpus, const char *kernel, const char *devices)
{
	struct config_error config_err;
	struct arena arena;
	char text[2048];

	snprintf(text, sizeof(text), "[base]\nid = 1\nname = \"t\"\ncpu_num = %u\n[kernel]\n%s[devices]\n%s", cpus,
		 kernel, devices);
	memset(&vm, 0, sizeof(vm));
	memset(&err, 0, sizeof(err));
	arena_init(&arena, arena_memory, sizeof(arena_memory));
	if (vmconfig_parse(text, strlen(text), "t.toml", &arena, &vm.config, &config_err))
		fail_msg("%s", config_err.text);
	vm.file = (char *)"t.toml";
	strlcpy(vm.name, vm.config.name, sizeof(vm.name));
	TAILQ_INIT(&vm.devices);
	bus_init(&vm.mmio);
	vm.vcpus = vm_vcpus;
	vm.num_vcpus = cpus;
	for (unsigned i = 0; i < cpus; i++) {
		vcpus[i].id = i;
		vm_vcpus[i] = (struct vm_vcpu){ .vm = &vm, .vcpu = &vcpus[i], .hwid = machine_vcpu_hwid(i) };
	}
}

/* As tear_down() of create.c does it. */
static void take_apart(bool machine)
{
	struct device *dev;

	if (machine)
		machine_destroy(&vm);
	while ((dev = TAILQ_FIRST(&vm.devices))) {
		TAILQ_REMOVE(&vm.devices, dev, link);
		dev->ops->destroy(dev);
	}
	bus_destroy(&vm.mmio);
	assert_false(aia_exists);
	assert_int_equal(host_heap_live(), 0);
}

static void make(unsigned cpus, const char *kernel, const char *devices)
{
	configure(cpus, kernel, devices);
	if (machine_create(&vm, &err))
		fail_msg("%s", err.text);
	if (machine_describe(&vm, tree, sizeof(tree), &tree_size, &err))
		fail_msg("%s", err.text);
	assert_int_equal(fdt_check_full(tree, tree_size), 0);
}

static void refuse(const char *kernel, const char *devices, const char *message)
{
	configure(1, kernel, devices);
	assert_true(machine_create(&vm, &err) < 0);
	take_apart(false);
	if (!strstr(err.text, message))
		fail_msg("%s", err.text);
}

static const void *property(const char *path, const char *name, int *len)
{
	int node = fdt_path_offset(tree, path);

	return node < 0 ? NULL : fdt_getprop(tree, node, name, len);
}

static const char *text(const char *path, const char *name)
{
	return property(path, name, NULL);
}

static uint32_t cell(const char *path, const char *name, unsigned index)
{
	int len = 0;
	const fdt32_t *p = property(path, name, &len);

	assert_non_null(p);
	assert_true(4 * index < (unsigned)len);
	return fdt32_to_cpu(p[index]);
}

static bool has_node(const char *path)
{
	return fdt_path_offset(tree, path) >= 0;
}

static bool have_seed;
static uint8_t next_random = 1;

bool random_bytes(void *buf, size_t len)
{
	for (size_t i = 0; have_seed && i < len; i++)
		((uint8_t *)buf)[i] = next_random++;
	return have_seed;
}

/* Each start has seeds of its own, if there are any. */
static void seeds_are_given_if_the_host_has_one(void **state)
{
	const uint8_t *seed;
	uint8_t first;
	int len = 0;

	configure(1, KERNEL RAM, "");
	assert_int_equal(machine_create(&vm, &err), 0);
	assert_int_equal(machine_describe(&vm, tree, sizeof(tree), &tree_size, &err), 0);
	assert_null(property("/chosen", "rng-seed", NULL));
	have_seed = true;
	assert_int_equal(machine_describe(&vm, tree, sizeof(tree), &tree_size, &err), 0);
	seed = property("/chosen", "rng-seed", &len);
	assert_int_equal(len, 64);
	first = seed[0];
	assert_non_null(property("/chosen", "kaslr-seed", &len));
	assert_int_equal(len, 8);
	assert_int_equal(machine_describe(&vm, tree, sizeof(tree), &tree_size, &err), 0);
	assert_int_not_equal(((const uint8_t *)property("/chosen", "rng-seed", &len))[0], first);
	have_seed = false;
	take_apart(true);
}

static void a_small_machine_with_a_plic(void **state)
{
	configure(2, KERNEL RAM "cmdline = \"quiet\"\n", "");
	assert_int_equal(machine_create(&vm, &err), 0);
	vm.layout.ramdisk = 0x8f000000;
	vm.layout.ramdisk_size = 0x1000;
	assert_int_equal(machine_describe(&vm, tree, sizeof(tree), &tree_size, &err), 0);
	assert_string_equal(text("/chosen", "stdout-path"), "/serial@10000000");
	assert_string_equal(text("/chosen", "bootargs"), "quiet");
	assert_int_equal(cell("/chosen", "linux,initrd-start", 1), 0x8f000000);
	assert_int_equal(cell("/chosen", "linux,initrd-end", 1), 0x8f001000);
	assert_int_equal(cell("/memory@80000000", "reg", 1), 0x80000000);
	assert_int_equal(cell("/memory@80000000", "reg", 3), 0x10000000);
	assert_int_equal(cell("/cpus", "timebase-frequency", 0), 10000000);
	assert_int_equal(cell("/cpus/cpu@1", "reg", 0), 1);
	assert_false(has_node("/cpus/cpu@2"));
	assert_int_equal(cell("/serial@10000000", "interrupts", 0), 10);
	assert_int_equal(cell("/serial@10000000", "interrupt-parent", 0), cell("/plic@c000000", "phandle", 0));
	assert_int_equal(cell("/plic@c000000", "interrupts-extended", 6),
			 cell("/cpus/cpu@1/interrupt-controller", "phandle", 0));
	/* The harts' controllers have no parent: they are the root of all interrupts. */
	assert_null(text("/", "interrupt-parent"));
	assert_int_equal(bus_find(&vm.mmio, 0xc000000)->size, 0x4000000);
	take_apart(true);
}

static void every_phandle_stands_once(void **state)
{
	uint64_t seen = 0;

	make(8, KERNEL RAM, "");
	for (int node = 0, depth = 0; node >= 0 && depth >= 0; node = fdt_next_node(tree, node, &depth)) {
		uint32_t phandle = fdt_get_phandle(tree, node);

		assert_true(phandle < 64);
		assert_false(phandle && (seen >> phandle & 1));
		seen |= phandle ? BIT(phandle) : 0;
	}
	assert_int_equal(__builtin_popcountll(seen), 9);
	take_apart(true);
}

static void harts_have_what_the_host_has_and_guests_may_have(void **state)
{
	int len = 0;
	const char *list;

	make(1, KERNEL RAM, "");
	assert_string_equal(text("/cpus/cpu@0", "riscv,isa"), "rv64imafdc");
	assert_string_equal(text("/cpus/cpu@0", "riscv,isa-base"), "rv64i");
	list = property("/cpus/cpu@0", "riscv,isa-extensions", &len);
	assert_int_equal(len, 12);
	assert_memory_equal(list, "i\0m\0a\0f\0d\0c", 12);
	assert_string_equal(text("/cpus/cpu@0", "mmu-type"), "riscv,sv48");
	assert_null(text("/cpus/cpu@0", "riscv,cbom-block-size"));
	take_apart(true);

	host.extensions = BIT(RISCV_EXTS) - 1;
	host.satp_levels = 5;
	host.cbom_block = 64;
	host.cboz_block = 128;
	host.cbop_block = 32;
	make(1, KERNEL RAM, "");
	assert_string_equal(text("/cpus/cpu@0", "riscv,isa"),
			    "rv64imafdcv_zicsr_zifencei_zicntr_zihintpause_zicbom_zicboz_zicbop_zba_zbb_zbc_zbs_zicond_"
			    "sstc_svinval_svnapot_svpbmt");
	assert_string_equal(text("/cpus/cpu@0", "mmu-type"), "riscv,sv57");
	assert_int_equal(cell("/cpus/cpu@0", "riscv,cbom-block-size", 0), 64);
	assert_int_equal(cell("/cpus/cpu@0", "riscv,cboz-block-size", 0), 128);
	assert_int_equal(cell("/cpus/cpu@0", "riscv,cbop-block-size", 0), 32);
	take_apart(true);
}

static void the_interrupt_controller_is_the_hosts_or_the_files(void **state)
{
	static const struct {
		enum riscv_intc host;
		const char *file;
		bool aia, imsic;
	} rows[] = {
		{ RISCV_INTC_PLIC, "", false, false },
		{ RISCV_INTC_NONE, "", false, false },
		{ RISCV_INTC_APLIC, "", true, false },
		{ RISCV_INTC_IMSIC, "", true, true },
		{ RISCV_INTC_IMSIC, "interrupt_controller = \"plic\"\n", false, false },
		{ RISCV_INTC_IMSIC, "interrupt_controller = \"aplic\"\n", true, false },
		{ RISCV_INTC_PLIC, "interrupt_controller = \"aia\"\n", true, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		host_intc = rows[i].host;
		aia_attached = 0;
		make(3, KERNEL RAM, rows[i].file);
		assert_int_equal(aia_exists, rows[i].aia);
		assert_int_equal(has_node("/plic@c000000"), !rows[i].aia);
		assert_int_equal(has_node("/aplic@d000000"), rows[i].aia);
		assert_int_equal(cell("/serial@10000000", "interrupts", 0), 10);
		/* IMSICs are the VM's and not the host's. */
		assert_int_equal(strstr(text("/cpus/cpu@0", "riscv,isa"), "_ssaia") != NULL, rows[i].imsic);
		if (rows[i].aia) {
			assert_int_equal(aia_params.imsic, rows[i].imsic);
			assert_int_equal(aia_params.num_vcpus, 3);
			assert_int_equal(aia_attached, 3);
			assert_int_equal(cell("/serial@10000000", "interrupts", 1), 4);
		}
		take_apart(true);
	}
}

static void resets_reach_the_interrupt_controller(void **state)
{
	make(1, KERNEL RAM, "");
	machine_reset_vcpu(&vm_vcpus[0], false);
	machine_reset(&vm);
	take_apart(true);
	assert_false(aia_reset || aia_cpu_resets);
	make(1, KERNEL RAM, "interrupt_controller = \"aia\"\n");
	machine_reset_vcpu(&vm_vcpus[0], true); /* the message that has woken it is still there */
	assert_int_equal(aia_cpu_resets, 0);
	machine_reset_vcpu(&vm_vcpus[0], false);
	machine_reset(&vm);
	take_apart(true);
	assert_true(aia_reset && aia_cpu_resets == 1);
}

static void devices_lie_where_the_file_says(void **state)
{
	make(4, KERNEL RAM,
	     "emu_devices = [[\"p\", 0x1c00_0000, 0x21_0000, 0, 0x30, [8]], [\"u\", 0x1100_0000, 0x1000, 0, 2, []],\n"
	     "               [\"d\", 0x1200_0000, 0x1000, 0, 0, []]]\n");
	assert_int_equal(cell("/plic@1c000000", "reg", 3), 0x210000);
	assert_string_equal(text("/chosen", "stdout-path"), "/serial@11000000");
	assert_non_null(bus_find(&vm.mmio, 0x12000000));
	take_apart(true);
	make(1, KERNEL RAM,
	     "emu_devices = [[\"i\", 0x0e00_0000, 0x8000, 0, 1, []]]\ninterrupt_controller = \"aplic\"\n");
	assert_int_equal(aia_params.aplic_base, 0x0e000000);
	take_apart(true);
}

static void what_does_not_fit_is_refused_with_its_place(void **state)
{
	refuse(KERNEL RAM, "emu_devices = [[\"p\", 0x0c00_0000, 0x20_0000, 0, 0x30, [1]]]\n",
	       "vm t: no PLIC of 0x200000 bytes at 0xc000000: ");
	refuse(KERNEL "memory_regions = [[0x8000_0000, 0x1000_0000, 7, 0], [0x0c00_0000, 0x20_0000, 7, 0]]\n", "",
	       "t.toml:8:53: kernel.memory_regions[1]: lies over the guest's plic@c000000");
	refuse(KERNEL "memory_regions = [[0x8000_0000, 0x1000_0000, 7, 0], [0x0c00_0000, 0x200_0000, 7, 0]]\n",
	       "interrupt_controller = \"aia\"\n", "lies over the guest's aplic");
	refuse(KERNEL RAM, "emu_devices = [[\"u\", 0x0c00_0000, 0x1000, 0, 2, []]]\n",
	       "vm t: no console at 0xc000000: ");
}

static void every_lost_allocation_is_survived(void **state)
{
	for (unsigned i = 0;; i++) {
		configure(2, KERNEL RAM, "");
		host_fail_after(i);
		if (machine_create(&vm, &err)) {
			assert_true(host_fail_hit());
			host_fail_never();
			take_apart(false);
			continue;
		}
		host_fail_never();
		take_apart(true);
		assert_true(i >= 3);
		return;
	}
}

static void the_largest_tree_fits(void **state)
{
	host.extensions = BIT(RISCV_EXTS) - 1;
	host.cbom_block = host.cboz_block = host.cbop_block = 64;
	make(MAX_VCPUS, KERNEL RAM, "");
	assert_int_equal(cell("/cpus/cpu@3f", "reg", 0), 63);
	assert_true(tree_size <= KIB(64));
	take_apart(true);
}

static void a_tree_that_does_not_fit_is_refused(void **state)
{
	configure(MAX_VCPUS, KERNEL RAM, "");
	assert_int_equal(machine_create(&vm, &err), 0);
	for (size_t max = 0; max < 1024; max += 4)
		assert_int_equal(machine_describe(&vm, tree, max, &tree_size, &err), -AX_EOVERFLOW);
	assert_non_null(strstr(err.text, "its device tree could not be made"));
	take_apart(true);
}

static void a_users_tree_loses_what_the_vm_has_not(void **state)
{
	make(4, KERNEL RAM, "");
	memcpy(user_tree, tree, tree_size);
	take_apart(true);
	configure(2, "kernel_path = \"/k\"\ndtb_path = \"/d\"\nmemory_regions = [[0x9000_0000, 0x1000_0000, 7, 0]]\n",
		  "");
	assert_int_equal(machine_create(&vm, &err), 0);
	if (machine_describe(&vm, tree, sizeof(tree), &tree_size, &err))
		fail_msg("%s", err.text);
	assert_true(has_node("/cpus/cpu@1") && !has_node("/cpus/cpu@2") && !has_node("/cpus/cpu@3"));
	assert_true(has_node("/memory@90000000") && !has_node("/memory@80000000"));
	take_apart(true);
}

/* Documentation/arch/riscv/boot-image-header.rst */
static void header(uint8_t head[64], uint64_t text_offset, uint64_t image_size, uint64_t flags)
{
	memset(head, 0, 64);
	memcpy(head + 8, &text_offset, 8);
	memcpy(head + 16, &image_size, 8);
	memcpy(head + 24, &flags, 8);
	memcpy(head + 48, "RISCV\0\0\0", 8);
	memcpy(head + 56, "RSC\x05", 4);
}

static void a_kernels_header_is_honoured(void **state)
{
	struct image_header image;
	uint8_t head[64];

	header(head, 0x200000, 0x1234000, 0);
	assert_int_equal(machine_parse_image(head, sizeof(head), &image, &err), 0);
	assert_true(image.known);
	assert_int_equal(image.load_offset, 0x200000);
	assert_int_equal(image.size, 0x1234000);
	assert_int_equal(machine_parse_image(head, sizeof(head) - 1, &image, &err), 0);
	assert_false(image.known);
	head[56] = 'X';
	assert_int_equal(machine_parse_image(head, sizeof(head), &image, &err), 0);
	assert_false(image.known);
}

static void a_wrong_header_is_refused(void **state)
{
	struct image_header image;
	uint8_t head[64];

	header(head, 0x200000, 0x1000, 1);
	assert_int_equal(machine_parse_image(head, sizeof(head), &image, &err), -AX_ENOTSUP);
	assert_non_null(strstr(err.text, "big-endian"));
	header(head, 0x200000, GIB(2), 0);
	assert_int_equal(machine_parse_image(head, sizeof(head), &image, &err), -AX_EINVAL);
	header(head, UINT64_MAX, 0x1000, 0);
	assert_int_equal(machine_parse_image(head, sizeof(head), &image, &err), -AX_EINVAL);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(seeds_are_given_if_the_host_has_one),
		T(a_small_machine_with_a_plic),
		T(every_phandle_stands_once),
		T(harts_have_what_the_host_has_and_guests_may_have),
		T(the_interrupt_controller_is_the_hosts_or_the_files),
		T(resets_reach_the_interrupt_controller),
		T(devices_lie_where_the_file_says),
		T(what_does_not_fit_is_refused_with_its_place),
		T(every_lost_allocation_is_survived),
		T(the_largest_tree_fits),
		T(a_tree_that_does_not_fit_is_refused),
		T(a_users_tree_loses_what_the_vm_has_not),
		T(a_kernels_header_is_honoured),
		T(a_wrong_header_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
