/* unit: axvmconfig/config.c axvmconfig/schema.c axvmconfig/check.c axconfig/keys.c axconfig/keys_value.c axconfig/keys_text.c axconfig/toml.c axconfig/toml_lex.c axconfig/toml_string.c axconfig/toml_scalar.c axconfig/toml_parse.c axconfig/error.c axstd/arena.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration of a virtual machine: what is accepted, what it becomes, and what is said about the rest.
 */
#include "internal.h"
#include <axstd/error.h>
#include <axstd/util.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define FILE_NAME "/guest/vm_default/linux.toml"

static char memory[VMCONFIG_ARENA_SIZE];
static struct arena arena;
static struct vm_config config;
static struct config_error error;

static int parse(const char *text)
{
	/* An exact copy: reading beyond the text is an error of the sanitizer. */
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	int err;

	memcpy(copy, text, len);
	memset(&error, 0, sizeof(error));
	arena_init(&arena, memory, sizeof(memory));
	err = vmconfig_parse(copy, len, FILE_NAME, &arena, &config, &error);
	free(copy);
	return err;
}

static void parse_good(const char *text)
{
	if (parse(text))
		fail_msg("%s\nin:\n%s", error.text, text);
}

static bool gives_error(const char *text, const char *message)
{
	if (parse(text) == -AX_EINVAL && strcmp(error.text, message) == 0)
		return true;
	print_error("got      %s\nexpected %s\n", error.text, message);
	return false;
}

static const char smallest[] = "[base]\nid = 1\nname = \"linux\"\ncpu_num = 2\n"
			       "[kernel]\nkernel_path = \"/guest/linux/Image\"\n"
			       "memory_regions = [[0x4000_0000, 0x1000_0000, 7, 0]]\n";

/* ---- what is accepted ---- */

static void the_smallest_file_gets_defaults(void **state)
{
	parse_good(smallest);
	assert_int_equal(config.id, 1);
	assert_string_equal(config.name, "linux");
	assert_string_equal(config.file, FILE_NAME);
	assert_int_equal(config.cpu_num, 2);
	assert_int_equal(config.type, VM_TYPE_LINUX);
	assert_int_equal(config.guest_type, VM_GUEST_VIRTUALIZED);
	assert_int_equal(config.phys_cpu_ids_count, 0);
	assert_int_equal(config.phys_cpu_sets_count, 0);
	assert_string_equal(config.kernel.path, "/guest/linux/Image");
	assert_false(config.kernel.has_load_addr);
	assert_false(config.has_entry_point);
	assert_null(config.dtb.path);
	assert_null(config.ramdisk.path);
	assert_null(config.cmdline);
	assert_int_equal(config.image_location, VM_IMAGE_FS);
	assert_int_equal(config.boot_protocol, VM_BOOT_DIRECT);
	assert_int_equal(config.interrupt_mode, VM_IRQ_EMULATED);
	assert_int_equal(config.address_space_policy, VM_GUEST_VIRTUALIZED);
	assert_int_equal(config.memory_count, 1);
	assert_int_equal(config.memory[0].gpa, 0x40000000);
	assert_int_equal(config.memory[0].size, 0x10000000);
	assert_int_equal(config.memory[0].flags, VM_MEM_READ | VM_MEM_WRITE | VM_MEM_EXECUTE);
	assert_int_equal(config.memory[0].map_type, VM_MAP_ALLOC);
	assert_int_equal(config.memory[0].pos.line, 7);
	assert_int_equal(config.memory[0].pos.column, 19);
	assert_int_equal(config.emu_device_count, 0);
}

/* As the first generation of the original's users writes it. */
static void an_aarch64_file_of_the_original_loads(void **state)
{
	parse_good(
		"[base]\nid = 1\nname = \"linux-qemu\"\nvm_type = 1\ncpu_num = 1\nphys_cpu_ids = "
		"[0x100]\nphys_cpu_sets = [1]\n"
		"[kernel]\nentry_point = 0x8020_0000\nimage_location = \"memory\"\nkernel_path = \"linux-6.6.62.bin\"\n"
		"kernel_load_addr = 0x8020_0000\ndtb_path = \"linux-qemu.dtb\"\ndtb_load_addr = 0x8000_0000\ndisk_path "
		"= \"\"\n"
		"memory_regions = [\n  [0x8000_0000, 0x1000_0000, 0x7, 1], # System RAM 1G MAP_IDENTICAL\n]\n"
		"[devices]\nemu_devices = [\n  [\"gppt-gicd\", 0x0800_0000, 0x1_0000, 0, 0x21, []],\n"
		"  [\"gppt-gicr\", 0x080a_0000, 0x2_0000, 0, 0x20, [1, 0x2_0000, 0]],\n]\n"
		"passthrough_devices = [[\"/\"], [\"PL011\", 0x900_0000, 0x900_0000, 0x1000, 0x1]]\n"
		"excluded_devices = [[\"/timer\", \"/intc@8000000\"], [\"/pcie@10000000\"]]\n"
		"passthrough_addresses = [[0x2800_0000, 0x10_0000]]\ninterrupt_mode = \"passthrough\"\n"
		"interrupt_controller = \"aia\"\n");
	assert_int_equal(config.type, VM_TYPE_RTOS);
	assert_int_equal(config.phys_cpu_ids[0], 0x100);
	assert_int_equal(config.phys_cpu_sets[0], 1);
	assert_true(config.has_entry_point);
	assert_int_equal(config.entry_point, 0x80200000);
	assert_int_equal(config.image_location, VM_IMAGE_MEMORY);
	assert_true(config.dtb.has_load_addr);
	assert_null(config.disk_path);
	assert_int_equal(config.memory[0].map_type, VM_MAP_IDENTICAL);
	assert_int_equal(config.emu_device_count, 2);
	assert_string_equal(config.emu_devices[1].name, "gppt-gicr");
	assert_int_equal(config.emu_devices[1].type, VM_EMU_GICR);
	assert_int_equal(config.emu_devices[1].config_count, 3);
	assert_int_equal(config.emu_devices[1].config[1], 0x20000);
	assert_int_equal(config.emu_devices[0].config_count, 0);
	assert_int_equal(config.passthrough_device_count, 2);
	assert_string_equal(config.passthrough_devices[0].path, "/");
	assert_null(config.passthrough_devices[1].path);
	assert_string_equal(config.passthrough_devices[1].name, "PL011");
	assert_int_equal(config.passthrough_devices[1].base_hpa, 0x9000000);
	assert_int_equal(config.passthrough_devices[1].irq_id, 1);
	assert_int_equal(config.excluded_device_count, 3);
	assert_string_equal(config.excluded_devices[1].path, "/intc@8000000");
	assert_string_equal(config.excluded_devices[2].path, "/pcie@10000000");
	assert_int_equal(config.passthrough_address_count, 1);
	assert_int_equal(config.passthrough_addresses[0].length, 0x100000);
	assert_int_equal(config.interrupt_mode, VM_IRQ_PASSTHROUGH);
	assert_int_equal(config.interrupt_controller, VM_INTC_AIA);
}

static void an_x86_file_of_the_original_loads(void **state)
{
	parse_good("[base]\nid = 1\nname = \"nimbos\"\nvm_type = 1\ncpu_num = 1\nphys_cpu_sets = [1]\n"
		   "[kernel]\nentry_point = 0x8000\nimage_location = \"fs\"\nbios_path = "
		   "\"axvm-bios.bin\"\nbios_load_addr = 0x8000\n"
		   "kernel_path = \"nimbos-x86_64.bin\"\nkernel_load_addr = 0x20_0000\nenable_bios = true\n"
		   "boot_protocol = \"multiboot\"\nuefi_firmware_path = \"OVMF.fd\"\nmemory_regions = [[0x0, "
		   "0x100_0000, 0x7, 0]]\n"
		   "[devices]\nemu_devices = []\npassthrough_devices = [\n  [\"IO APIC\", 0xfec0_0000, 0xfec0_0000, "
		   "0x1000, 0x1],\n"
		   "  [\"Local APIC\", 0xfee0_0000, 0xfee0_0000, 0x1000, 0x1],\n  [\"HPET\", 0xfed0_0000, 0xfed0_0000, "
		   "0x1000, 0x1]]\n"
		   "passthrough_ports = [[0x3f8, 8], [0, 0x1_0000]]\ninterrupt_mode = \"no_irq\"\n");
	assert_int_equal(config.entry_point, 0x8000);
	assert_true(config.enable_bios);
	assert_int_equal(config.boot_protocol, VM_BOOT_MULTIBOOT);
	assert_int_equal(config.passthrough_device_count, 3);
	assert_int_equal(config.passthrough_port_count, 2);
	assert_int_equal(config.passthrough_ports[0].base, 0x3f8);
	assert_int_equal(config.interrupt_mode, VM_IRQ_NONE);
	assert_int_equal(config.interrupt_controller, VM_INTC_HOST);
}

static void a_riscv64_file_of_the_original_loads(void **state)
{
	parse_good(
		"[base]\nid = 1\nname = \"nimbos\"\nvm_type = 1\ncpu_num = 1\nphys_cpu_sets = [1]\n"
		"[kernel]\nentry_point = 0x9020_0000\nimage_location = \"fs\"\nkernel_path = \"nimbos-riscv64.bin\"\n"
		"kernel_load_addr = 0x9020_0000\nmemory_regions = [[0x9000_0000, 0x100_0000, 0xf, 0]]\n"
		"[devices]\nemu_devices = []\npassthrough_devices = [\n"
		"  [\"PLIC@c000000\", 0x0c00_0000, 0x0c00_0000, 0x21_0000, 0x1],\n"
		"  [\"UART@10000000\", 0x1000_0000, 0x1000_0000, 0x1000, 0x1]]\n");
	assert_int_equal(config.memory[0].flags, VM_MEM_READ | VM_MEM_WRITE | VM_MEM_EXECUTE | VM_MEM_USER);
	assert_int_equal(config.passthrough_devices[0].length, 0x210000);
	assert_int_equal(config.interrupt_mode, VM_IRQ_EMULATED);
}

static void tables_of_the_third_generation_join_the_arrays(void **state)
{
	char text[2048];

	snprintf(text, sizeof(text),
		 "%s[devices]\npassthrough_devices = [[\"/a\"]]\npassthrough = [{ path = \"/b\" }]\nexcluded_devices = "
		 "[[\"/c\"]]\n"
		 "disabled = [{ path = \"/d\" }, { path = \"/e\" }]\naddress_space_policy = \"passthrough\"\n"
		 "[[devices.virtual]]\nid = \"disk0\"\nmodel = \"virtio-blk\"\npath = \"/disk.img\"\ntransport = "
		 "\"pci\"\n"
		 "[[devices.virtual]]\nid = \"net0\"\nmodel = \"virtio-net\"\nguest_mac = \"52:54:00:12:34:56\"\n",
		 smallest);
	parse_good(text);
	assert_int_equal(config.passthrough_device_count, 2);
	assert_string_equal(config.passthrough_devices[0].path, "/a");
	assert_string_equal(config.passthrough_devices[1].path, "/b");
	assert_int_equal(config.excluded_device_count, 3);
	assert_string_equal(config.excluded_devices[0].path, "/c");
	assert_string_equal(config.excluded_devices[2].path, "/e");
	assert_int_equal(config.address_space_policy, VM_GUEST_PASSTHROUGH);
	assert_int_equal(config.virtual_device_count, 2);
	assert_int_equal(config.virtual_devices[0].transport, VM_TRANSPORT_PCI);
	assert_int_equal(config.virtual_devices[1].transport, VM_TRANSPORT_MMIO);
	assert_int_equal(config.virtual_devices[1].model, VM_MODEL_VIRTIO_NET);
	assert_string_equal(config.virtual_devices[1].guest_mac, "52:54:00:12:34:56");
}

static void each_word_for_an_interrupt_mode_is_known(void **state)
{
	static const struct {
		const char *word;
		unsigned mode;
	} words[] = {
		{ "no_irq", VM_IRQ_NONE },    { "no", VM_IRQ_NONE },           { "none", VM_IRQ_NONE },
		{ "emu", VM_IRQ_EMULATED },   { "emulated", VM_IRQ_EMULATED }, { "passthrough", VM_IRQ_PASSTHROUGH },
		{ "pt", VM_IRQ_PASSTHROUGH },
	};
	char text[512];

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		snprintf(text, sizeof(text), "%s[devices]\ninterrupt_mode = \"%s\"\n", smallest, words[i].word);
		parse_good(text);
		assert_int_equal(config.interrupt_mode, words[i].mode);
	}
}

/* ---- what is not ---- */

/* The smallest file with one thing changed or added: lines 1-4 [base], 5-6 [kernel], 7 memory, then @more. */
#define FILE_WITH(base, kernel, regions, more) \
	"[base]\nid = 1\nname = \"l\"\n" base "\n[kernel]\n" kernel "\nmemory_regions = " regions "\n" more
#define PATH          "kernel_path = \"Image\""
#define REGIONS       "[[0x4000_0000, 0x1000_0000, 7, 0]]"
#define BASE(line)    FILE_WITH(line, PATH, REGIONS, "")
#define KERNEL(line)  FILE_WITH("cpu_num = 1", PATH, REGIONS, line)
#define MEMORY(r)     FILE_WITH("cpu_num = 1", PATH, r, "")
#define DEVICES(line) FILE_WITH("cpu_num = 1", PATH, REGIONS, "[devices]\n" line)
#define AT            FILE_NAME ":"

static void messages_say_what_and_where(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		/* the document */
		{ "", FILE_NAME ": 'base.id' is missing: Number of the VM, unique on the host." },
		{ "[base]\n[kernel]\n[devices", AT "3:9: expected ], found the end of the file" },
		{ "[base]\nid = 1\n", AT "1:2: 'base.name' is missing: Name of the VM." },
		{ BASE(""), AT "1:2: 'base.cpu_num' is missing: How many vCPUs it has." },
		{ FILE_WITH("cpu_num = 1", "", REGIONS, ""),
		  AT "5:2: 'kernel.kernel_path' is missing: The kernel's image file." },
		{ FILE_WITH("cpu_num = 1", "kernel_path = ''", REGIONS, ""),
		  AT "6:15: kernel.kernel_path: must not be empty" },
		/* unknown keys */
		{ KERNEL("cmdlin = 'x'"), AT "8:1: unknown key 'kernel.cmdlin'; did you mean 'kernel.cmdline'?" },
		{ KERNEL("cpu_num = 1"), AT "8:1: unknown key 'kernel.cpu_num'; did you mean 'base.cpu_num'?" },
		{ "[kernl]\n", AT "1:2: unknown key 'kernl'; did you mean 'kernel'?" },
		{ "[graphics]\n", AT "1:2: unknown key 'graphics'" },
		{ KERNEL("\"cmdline\\u0000\" = 'x'"),
		  AT "8:1: unknown key 'kernel.cmdline'; did you mean 'kernel.cmdline'?" },
		{ "\"base.id\" = 1", AT "1:1: unknown key 'base.id'; did you mean 'base.id'?" },
		{ "base = 1\n", AT "1:8: base: must be a table [base], not an integer" },
		/* types and values */
		{ BASE("cpu_num = '2'"), AT "4:11: base.cpu_num: must be an integer from 1 to 64, not a string" },
		{ BASE("cpu_num = 0"), AT "4:11: base.cpu_num: 0 is not an integer from 1 to 64" },
		{ BASE("cpu_num = 65"), AT "4:11: base.cpu_num: 65 is not an integer from 1 to 64" },
		{ BASE("cpu_num = -1"), AT "4:11: base.cpu_num: must not be negative" },
		{ BASE("vm_type = 3"), AT "4:11: base.vm_type: 3 is not one of 0 (host), 1 (RTOS), 2 (Linux)" },
		{ KERNEL("cmdline = 1"), AT "8:11: kernel.cmdline: must be a string, not an integer" },
		{ KERNEL("cmdline = \"a\\u0000b\""),
		  AT "8:11: kernel.cmdline: must not contain the character \\u0000" },
		{ KERNEL("enable_bios = 1"), AT "8:15: kernel.enable_bios: must be true or false, not an integer" },
		{ KERNEL("image_location = 'disk'"),
		  AT "8:18: kernel.image_location: \"disk\" is not one of \"fs\", \"memory\"" },
		{ DEVICES("interrupt_controller = 'gic'"), AT
		  "9:24: devices.interrupt_controller: \"gic\" is not one of \"host\", \"plic\", \"aplic\", \"aia\"" },
		{ DEVICES("interrupt_mode = 'x'"),
		  AT "9:18: devices.interrupt_mode: \"x\" is not one of \"emu\", \"passthrough\", \"no_irq\"" },
		{ FILE_WITH("cpu_num = 1\nname = 'x'", PATH, REGIONS, ""),
		  AT "5:1: 'name' is already defined in line 3" },
		{ "[base]\nid = 1\nname = \"a\\nb\"",
		  AT "3:8: base.name: \"a?b\" is not a name of at most 63 characters" },
		{ "[base]\nid = 65536", AT "2:6: base.id: 0x1_0000 is not an integer from 0 to 65535" },
		{ "[a_section_with_a_name_that_resembles_no_other_one_of_ours]",
		  AT "1:2: unknown key 'a_section_with_a_name_that_resembles_no_other_one_of_ours'" },
		/* CPUs */
		{ BASE("cpu_num = 2\nphys_cpu_ids = [0]"),
		  AT "5:16: base.phys_cpu_ids: has 1 items, but base.cpu_num is 2: each vCPU needs one" },
		{ BASE("cpu_num = 1\nphys_cpu_sets = [1, 2]"),
		  AT "5:17: base.phys_cpu_sets: has 2 items, but base.cpu_num is 1: each vCPU needs one" },
		{ BASE("cpu_num = 1\nphys_cpu_sets = [0]"),
		  AT "5:18: base.phys_cpu_sets[0]: 0 is not an integer of at least 1" },
		{ BASE("cpu_num = 1\nphys_cpu_ids = 1"),
		  AT "5:16: base.phys_cpu_ids: must be an array of integers, not an integer" },
		/* memory */
		{ MEMORY("[]"), AT "7:18: kernel.memory_regions: a VM needs at least one region" },
		{ MEMORY("[0]"), AT "7:19: kernel.memory_regions[0]: must be an array, not an integer" },
		{ MEMORY("[[0, 0x20_0000, 7]]"), AT "7:19: kernel.memory_regions[0]: has 3 items: the value must be an "
						    "array of arrays [[gpa, size, flags, map_type]]" },
		{ MEMORY("[[0x1000, 0x20_0000, 7, 0]]"),
		  AT "7:20: kernel.memory_regions[0].gpa: 4096 is not an integer from 0 to "
		     "0xff_ffff_ffff_ffff, a multiple of 0x20_0000" },
		{ MEMORY("[[0, 0, 7, 0]]"),
		  AT "7:23: kernel.memory_regions[0].size: 0 is not an integer from 0x20_0000 to "
		     "0xff_ffff_ffff_ffff, a multiple of 0x20_0000" },
		{ MEMORY("[[0, 0x20_0000, 64, 0]]"),
		  AT "7:34: kernel.memory_regions[0].flags: 64 is not an integer from 1 to 63" },
		{ MEMORY("[[0, 0x20_0000, 7, 3]]"), AT "7:37: kernel.memory_regions[0].map_type: 3 is not one of 0 "
						       "(allocated), 1 (identical), 2 (reserved)" },
		{ MEMORY("[[0xff_ffff_ffe0_0000, 0x40_0000, 7, 0]]"),
		  AT "7:19: kernel.memory_regions[0]: 0xff_ffff_ffe0_0000..0x100_0000_0020_0000 goes beyond the end of "
		     "the address space" },
		{ MEMORY("[[0x4000_0000, 0x8000_0000, 7, 0], [0x8000_0000, 0x1000_0000, 7, 0]]"),
		  AT "7:53: kernel.memory_regions[1]: 0x8000_0000..0x9000_0000 overlaps region 0 "
		     "(0x4000_0000..0xc000_0000)" },
		/* what must lie in it */
		{ KERNEL("entry_point = 0x8000_0000"), AT "8:15: kernel.entry_point: 0x8000_0000 lies in no memory "
							  "region; region 0 is 0x4000_0000..0x5000_0000" },
		{ KERNEL("kernel_load_addr = 0x3fff_ffff"), AT "8:20: kernel.kernel_load_addr: 0x3fff_ffff lies in no "
							       "memory region; region 0 is 0x4000_0000..0x5000_0000" },
		{ KERNEL("dtb_load_addr = 0x5000_0000"), AT "8:17: kernel.dtb_load_addr: 0x5000_0000 lies in no memory "
							    "region; region 0 is 0x4000_0000..0x5000_0000" },
		{ KERNEL("ramdisk_load_addr = 0"), AT
		  "8:21: kernel.ramdisk_load_addr: 0 lies in no memory region; region 0 is 0x4000_0000..0x5000_0000" },
		{ KERNEL("bios_load_addr = 0"),
		  AT "8:18: kernel.bios_load_addr: 0 lies in no memory region; region 0 is 0x4000_0000..0x5000_0000" },
		/* and beside it */
		{ DEVICES("emu_devices = [['u', 0x4fff_f000, 0x2000, 1, 2, []]]"),
		  AT "9:16: devices.emu_devices[0]: 0x4fff_f000..0x5000_1000 overlaps memory region 0 "
		     "(0x4000_0000..0x5000_0000)" },
		{ DEVICES("emu_devices = [['u', 0x900_0000, 0x1000, 1, 2], ['v', 0x900_0800, 0x1000, 2, 2]]"),
		  AT "9:49: devices.emu_devices[1]: 0x900_0800..0x900_1800 overlaps emu_devices[0], \"u\"" },
		{ DEVICES("emu_devices = [['u', 0, 0x1000, 1, 2], ['u', 0x1000, 0x1000, 2, 2]]"),
		  AT "9:40: devices.emu_devices[1]: the name \"u\" is already that of emu_devices[0]" },
		{ DEVICES("emu_devices = [['u', 0, 0x1000, 1, 9]]"),
		  AT "9:36: devices.emu_devices[0].emu_type: 9 is not one of 0 (dummy), 1 (interrupt controller), 2 "
		     "(console), 3 (fw_cfg), "
		     "0xa (IVC channel), 0x20 (GICR), 0x21 (GICD), 0x22 (ITS), 0x23 (IOAPIC), 0x24 (PIT), 0x30 (PLIC), "
		     "0xe1 (virtio-blk), 0xe2 (virtio-net), 0xe3 (virtio-console)" },
		{ DEVICES("passthrough_devices = [['u', 0x4000_0000, 0, 0x1000, 1]]"),
		  AT "9:24: devices.passthrough_devices[0]: 0x4000_0000..0x4000_1000 overlaps memory region 0 "
		     "(0x4000_0000..0x5000_0000)" },
		{ DEVICES("passthrough_devices = [['uart']]"), AT
		  "9:25: devices.passthrough_devices[0].path: \"uart\" is not a device-tree path that begins with /" },
		{ DEVICES("passthrough_devices = [['u', 1]]"),
		  AT "9:24: devices.passthrough_devices[0]: has 2 items: the value must be an array of arrays [[name, "
		     "base_gpa, base_hpa, "
		     "length, irq_id]] or [[path]]" },
		{ DEVICES("excluded_devices = ['/a']"), AT
		  "9:21: devices.excluded_devices: must be an array of arrays of strings [[\"...\"]], not a string" },
		{ DEVICES("excluded_devices = [['a']]"),
		  AT "9:22: devices.excluded_devices[0]: \"a\" is not a device-tree path that begins with /" },
		{ DEVICES("passthrough_addresses = [[0x4800_0000, 1]]"),
		  AT "9:26: devices.passthrough_addresses[0]: 0x4800_0000..0x4800_0001 overlaps memory region 0 "
		     "(0x4000_0000..0x5000_0000)" },
		{ DEVICES("passthrough_ports = [[0xffff, 2]]"),
		  AT "9:22: devices.passthrough_ports[0]: goes beyond port 65535" },
		/* virtual devices */
		{ DEVICES("[[devices.virtual]]\nid = 'a'"),
		  AT "9:11: devices.virtual[0]: 'model' is missing: What it is." },
		{ DEVICES("[[devices.virtual]]\nid = 'a'\nmodle = 'serial'"),
		  AT "11:1: devices.virtual[0]: unknown key 'modle'; did you mean 'model'?" },
		{ DEVICES("virtual = [1]"), AT "9:12: devices.virtual[0]: must be a table, not an integer" },
		{ DEVICES("virtual = 1"),
		  AT "9:11: devices.virtual: must be an array of tables with id, model, path, capacity, transport, "
		     "guest_mac, not an integer" },
		{ DEVICES("virtual = [{ id = 'a', model = 'serial' }, { id = 'a', model = 'serial' }]"),
		  AT "9:44: devices.virtual[1]: the id \"a\" is already that of virtual[0]" },
		{ DEVICES("virtual = [{ id = 'a', model = 'virtio-blk' }]"),
		  AT "9:12: devices.virtual[0]: a virtio-blk device needs a path, a capacity or both" },
		{ DEVICES("virtual = [{ id = 'a', model = 'serial', path = 'p' }]"),
		  AT "9:12: devices.virtual[0]: only a virtio-blk device has a path and a capacity" },
		{ DEVICES("virtual = [{ id = 'a', model = 'serial', guest_mac = '52:54:00:12:34:56' }]"),
		  AT "9:12: devices.virtual[0]: only a virtio-net device has a guest_mac" },
		{ DEVICES("virtual = [{ id = 'a', model = 'virtio-net', guest_mac = '53:54:00:12:34:56' }]"),
		  AT "9:58: devices.virtual[0].guest_mac: \"53:54:00:12:34:56\" is not a MAC address like "
		     "52:54:00:12:34:56" },
	};

	unsigned wrong = 0;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		wrong += !gives_error(cases[i].text, cases[i].message);
	assert_int_equal(wrong, 0);
}

static void too_many_items_are_refused(void **state)
{
	char text[4096];
	size_t n = snprintf(text, sizeof(text), "%s[devices]\npassthrough_devices = [", smallest);

	for (int i = 0; i < 65; i++)
		n += snprintf(text + n, sizeof(text) - n, "[\"/d%d\"],", i);
	snprintf(text + n, sizeof(text) - n, "]\n");
	assert_true(gives_error(text, AT "9:23: devices.passthrough_devices: has 65 items, more than the 64 allowed"));
	n = snprintf(text, sizeof(text), "[base]\nphys_cpu_ids = [");
	for (int i = 0; i < 65; i++)
		n += snprintf(text + n, sizeof(text) - n, "%d,", i);
	snprintf(text + n, sizeof(text) - n, "]\n");
	assert_true(gives_error(text, AT "2:16: base.phys_cpu_ids: has 65 items, more than the 64 allowed"));
}

static void a_small_arena_is_an_error(void **state)
{
	static const char text[] =
		DEVICES("excluded_devices = [['/a', '/b']]\nemu_devices = [['u', 0, 1, 1, 2, [1, 2]]]");
	size_t enough;

	parse_good(text);
	enough = arena.used;
	for (size_t size = 0; size + 16 < enough; size += 8) {
		char *exact = malloc(size ? size : 1);

		arena_init(&arena, exact, size);
		assert_int_equal(vmconfig_parse(text, strlen(text), "f", &arena, &config, &error), -AX_ENOMEM);
		assert_non_null(strstr(error.text, "memory"));
		free(exact);
	}
}

/* ---- help and documentation ---- */

static void help_explains_a_key_and_lists_a_section(void **state)
{
	char buf[4096];

	assert_int_equal(vmconfig_help("base.cpu_num", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "base.cpu_num: an integer from 1 to 64; required\n  How many vCPUs it has.\n");
	assert_int_equal(vmconfig_help("devices.interrupt_mode", buf, sizeof(buf)), 0);
	assert_non_null(strstr(buf, "one of \"emu\", \"passthrough\", \"no_irq\"; default emu\n"));
	assert_int_equal(vmconfig_help("kernel.memory_regions", buf, sizeof(buf)), 0);
	assert_non_null(strstr(buf, "    flags: an integer from 1 to 63; required\n"));
	assert_int_equal(vmconfig_help("base", buf, sizeof(buf)), 0);
	assert_non_null(strstr(buf, "base.vm_type"));
	assert_null(strstr(buf, "kernel."));
	assert_int_equal(vmconfig_help("", buf, sizeof(buf)), 0);
	assert_non_null(strstr(buf, "devices.passthrough_ports"));
	assert_int_equal(vmconfig_help("kernel.comandline", buf, sizeof(buf)), -AX_ENOENT);
	assert_string_equal(buf, "there is no key 'kernel.comandline'; did you mean 'kernel.cmdline'?\n");
	assert_int_equal(vmconfig_help("xyzzy", buf, sizeof(buf)), -AX_ENOENT);
	assert_string_equal(buf, "there is no key 'xyzzy'\n");
}

static void help_is_cut_where_the_buffer_ends(void **state)
{
	for (size_t size = 1; size < 40; size++) {
		char *buf = malloc(size);

		assert_int_equal(vmconfig_help("base.cpu_num", buf, size), 0);
		assert_true(strlen(buf) < size);
		free(buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_smallest_file_gets_defaults),
		cmocka_unit_test(an_aarch64_file_of_the_original_loads),
		cmocka_unit_test(an_x86_file_of_the_original_loads),
		cmocka_unit_test(a_riscv64_file_of_the_original_loads),
		cmocka_unit_test(tables_of_the_third_generation_join_the_arrays),
		cmocka_unit_test(each_word_for_an_interrupt_mode_is_known),
		cmocka_unit_test(messages_say_what_and_where),
		cmocka_unit_test(too_many_items_are_refused),
		cmocka_unit_test(a_small_arena_is_an_error),
		cmocka_unit_test(help_explains_a_key_and_lists_a_section),
		cmocka_unit_test(help_is_cut_where_the_buffer_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
