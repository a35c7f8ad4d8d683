/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every key of a virtual machine's file. The names and forms are those of the original project, so that its files load.
 */
#include "internal.h"
#include <axstd/util.h>
#include <string.h>

#define MAX_ITEMS 64 /* of any array: far more than a machine has */

#define KEY(path_, type_, member_) CONFIG_KEY(path_, type_, struct vm_config, member_)
#define OPTIONAL(member_)          .given_offset = offsetof(struct vm_config, member_)
#define COUNT(member_)             .count_offset = offsetof(struct vm_config, member_), .max_items = MAX_ITEMS
#define ITEMS(struct_, fields_)    .item_size = sizeof(struct_), .fields = (fields_), .field_count = ARRAY_SIZE(fields_)
#define ADDRESS                    .max = VMCONFIG_ADDR_MAX

/* ---- forms of strings ---- */

static bool is_name(const char *text)
{
	size_t n = 0;

	while (text[n] && (unsigned char)text[n] >= ' ' && text[n] != 0x7f)
		n++;
	return !text[n] && n < 64;
}

static bool is_node_path(const char *text)
{
	return text[0] == '/';
}

static bool is_hex_digit(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* Six bytes, the first of them even: a MAC address of one station. */
static bool is_mac(const char *text)
{
	for (unsigned i = 0; i < 17; i++)
		if (i % 3 == 2 ? text[i] != ':' : !is_hex_digit(text[i]))
			return false;
	return !text[17] && strchr("02468aceACE", text[1]);
}

static const struct config_form name_form = { is_name, "a name of at most 63 characters" };
static const struct config_form path_form = { is_node_path, "a device-tree path that begins with /" };
static const struct config_form mac_form = { is_mac, "a MAC address like 52:54:00:12:34:56" };

/* ---- values ---- */

static const struct config_choice vm_types[] = {
	{ "host", VM_TYPE_HOST },
	{ "RTOS", VM_TYPE_RTOS },
	{ "Linux", VM_TYPE_LINUX },
	{ 0 },
};

static const struct config_choice guest_types[] = {
	{ "virtualized", VM_GUEST_VIRTUALIZED },
	{ "passthrough", VM_GUEST_PASSTHROUGH },
	{ 0 },
};

static const struct config_choice image_locations[] = {
	{ "fs", VM_IMAGE_FS },
	{ "memory", VM_IMAGE_MEMORY },
	{ 0 },
};

static const struct config_choice boot_protocols[] = {
	{ "direct", VM_BOOT_DIRECT },
	{ "multiboot", VM_BOOT_MULTIBOOT },
	{ "uefi", VM_BOOT_UEFI },
	{ 0 },
};

static const struct config_choice map_types[] = {
	{ "allocated", VM_MAP_ALLOC },
	{ "identical", VM_MAP_IDENTICAL },
	{ "reserved", VM_MAP_RESERVED },
	{ 0 },
};

static const struct config_choice emu_types[] = {
	{ "dummy", VM_EMU_DUMMY },
	{ "interrupt controller", VM_EMU_INTC },
	{ "console", VM_EMU_CONSOLE },
	{ "fw_cfg", VM_EMU_FW_CFG },
	{ "IVC channel", VM_EMU_IVC },
	{ "GICR", VM_EMU_GICR },
	{ "GICD", VM_EMU_GICD },
	{ "ITS", VM_EMU_ITS },
	{ "IOAPIC", VM_EMU_IOAPIC },
	{ "PIT", VM_EMU_PIT },
	{ "PLIC", VM_EMU_PLIC },
	{ "virtio-blk", VM_EMU_VIRTIO_BLK },
	{ "virtio-net", VM_EMU_VIRTIO_NET },
	{ "virtio-console", VM_EMU_VIRTIO_CONSOLE },
	{ 0 },
};

static const struct config_choice models[] = {
	{ "virtio-blk", VM_MODEL_VIRTIO_BLK },
	{ "virtio-net", VM_MODEL_VIRTIO_NET },
	{ "serial", VM_MODEL_SERIAL },
	{ "ivc-channel", VM_MODEL_IVC_CHANNEL },
	{ 0 },
};

static const struct config_choice transports[] = {
	{ "mmio", VM_TRANSPORT_MMIO },
	{ "pci", VM_TRANSPORT_PCI },
	{ 0 },
};

/* The original has several words for one mode. */
static const struct config_choice interrupt_modes[] = {
	{ "emu", VM_IRQ_EMULATED },
	{ "emulated", VM_IRQ_EMULATED },
	{ "passthrough", VM_IRQ_PASSTHROUGH },
	{ "pt", VM_IRQ_PASSTHROUGH },
	{ "no_irq", VM_IRQ_NONE },
	{ "no", VM_IRQ_NONE },
	{ "none", VM_IRQ_NONE },
	{ 0 },
};

static const struct config_choice interrupt_controllers[] = {
	{ "host", VM_INTC_HOST }, { "plic", VM_INTC_PLIC }, { "aplic", VM_INTC_APLIC }, { "aia", VM_INTC_AIA }, { 0 },
};

/* ---- structs ---- */

static const struct config_key memory_fields[] = {
	{ CONFIG_KEY("gpa", NUMBER, struct vm_memory_region, gpa), .required = true, ADDRESS, .align = VMCONFIG_ALIGN,
	  .help = "Guest-physical start." },
	{ CONFIG_KEY("size", NUMBER, struct vm_memory_region, size), .required = true, .min = VMCONFIG_ALIGN, ADDRESS,
	  .align = VMCONFIG_ALIGN, .help = "Bytes." },
	{ CONFIG_KEY("flags", NUMBER, struct vm_memory_region, flags), .required = true, .min = 1, .max = 0x3f,
	  .help = "Sum of 1 read, 2 write, 4 execute, 8 user, 16 device, 32 uncached." },
	{ CONFIG_KEY("map_type", NUMBER, struct vm_memory_region, map_type), .required = true, .choices = map_types,
	  .help = "0: allocated. 1: identical (GPA = HPA; the host chooses it, entry and load addresses move along). "
		  "2: reserved host memory at this very address." },
};

static const struct config_key emu_device_fields[] = {
	{ CONFIG_KEY("name", STRING, struct vm_emu_device, name), .required = true, .form = &name_form,
	  .help = "Unique in the VM." },
	{ CONFIG_KEY("base_gpa", NUMBER, struct vm_emu_device, base_gpa), .required = true, ADDRESS,
	  .help = "Guest-physical address of its registers." },
	{ CONFIG_KEY("length", NUMBER, struct vm_emu_device, length), .required = true, .min = 1, ADDRESS,
	  .help = "Bytes of registers." },
	{ CONFIG_KEY("irq_id", NUMBER, struct vm_emu_device, irq_id), .required = true, .max = UINT32_MAX,
	  .help = "Its interrupt, as the guest's interrupt controller counts; 0: none." },
	{ CONFIG_KEY("emu_type", NUMBER, struct vm_emu_device, type), .required = true, .choices = emu_types,
	  .help = "What it is." },
	{ CONFIG_KEY("config", NUMBERS, struct vm_emu_device, config), .max_items = MAX_ITEMS,
	  .count_offset = offsetof(struct vm_emu_device, config_count),
	  .help = "Numbers whose meaning depends on the type: GICR [vCPUs, stride, physical CPU], PLIC [contexts]." },
};

static const struct config_key virtual_device_fields[] = {
	{ CONFIG_KEY("id", STRING, struct vm_virtual_device, id), .required = true, .form = &name_form,
	  .help = "Unique in the VM." },
	{ CONFIG_KEY("model", ENUM, struct vm_virtual_device, model), .required = true, .choices = models,
	  .help = "What it is." },
	{ CONFIG_KEY("path", STRING, struct vm_virtual_device, path), .help = "Image file of a virtio-blk disk." },
	{ CONFIG_KEY("capacity", NUMBER, struct vm_virtual_device, capacity),
	  .help = "Bytes of a virtio-blk disk; without it, those of the file." },
	{ CONFIG_KEY("transport", ENUM, struct vm_virtual_device, transport), .choices = transports, .initial = "mmio",
	  .help = "How the guest finds a virtio device." },
	{ CONFIG_KEY("guest_mac", STRING, struct vm_virtual_device, guest_mac), .form = &mac_form,
	  .help = "Address of a virtio-net device; without it, one is made of the VM's id." },
};

static const struct config_key passthrough_path = {
	CONFIG_KEY("path", STRING, struct vm_passthrough_device, path), .required = true, .form = &path_form,
	.help = "The node in the host's device tree, with its descendants; \"/\" is the whole tree."
};

static const struct config_key passthrough_fields[] = {
	{ CONFIG_KEY("name", STRING, struct vm_passthrough_device, name), .required = true, .form = &name_form,
	  .help = "For messages." },
	{ CONFIG_KEY("base_gpa", NUMBER, struct vm_passthrough_device, base_gpa), .required = true, ADDRESS,
	  .help = "Where the guest sees its registers." },
	{ CONFIG_KEY("base_hpa", NUMBER, struct vm_passthrough_device, base_hpa), .required = true, ADDRESS,
	  .help = "Where they are." },
	{ CONFIG_KEY("length", NUMBER, struct vm_passthrough_device, length), .required = true, .min = 1, ADDRESS,
	  .help = "Bytes of registers." },
	{ CONFIG_KEY("irq_id", NUMBER, struct vm_passthrough_device, irq_id), .required = true, .max = UINT32_MAX,
	  .help = "Its interrupt; 0: none." },
};

static const struct config_key excluded_path[] = {
	{ CONFIG_KEY("path", STRING, struct vm_excluded_device, path), .required = true, .form = &path_form,
	  .help = "The node in the host's device tree, with its descendants." },
};

static const struct config_key address_fields[] = {
	{ CONFIG_KEY("gpa", NUMBER, struct vm_range, base), .required = true, ADDRESS, .help = "Start." },
	{ CONFIG_KEY("length", NUMBER, struct vm_range, length), .required = true, .min = 1, ADDRESS,
	  .help = "Bytes." },
};

static const struct config_key port_fields[] = {
	{ CONFIG_KEY("port", NUMBER, struct vm_range, base), .required = true, .max = 0xffff,
	  .help = "The first port." },
	{ CONFIG_KEY("length", NUMBER, struct vm_range, length), .required = true, .min = 1, .max = 0x10000,
	  .help = "How many." },
};

/* ---- the file ---- */

static const struct config_key keys[] = {
	{ KEY("base.id", NUMBER, id), .required = true, .max = 0xffff,
	  .help = "Number of the VM, unique on the host." },
	{ KEY("base.name", STRING, name), .required = true, .form = &name_form, .help = "Name of the VM." },
	{ KEY("base.vm_type", NUMBER, type), .choices = vm_types, .initial = "2",
	  .help = "What kind of system it runs." },
	{ KEY("base.guest_type", ENUM, guest_type), .choices = guest_types, .initial = "virtualized",
	  .help = "Whether the guest sees the hypervisor's own small board, or the host's." },
	{ KEY("base.cpu_num", NUMBER, cpu_num), .required = true, .min = 1, .max = VMCONFIG_MAX_VCPUS,
	  .help = "How many vCPUs it has." },
	{ KEY("base.phys_cpu_ids", NUMBERS, phys_cpu_ids), COUNT(phys_cpu_ids_count),
	  .help = "Hardware id (MPIDR, hart id, APIC id) of the physical CPU for each vCPU; without it, any." },
	{ KEY("base.phys_cpu_sets", NUMBERS, phys_cpu_sets), COUNT(phys_cpu_sets_count), .min = 1,
	  .help = "Physical CPUs on which each vCPU may run: bit n is the host's CPU n; without it, all." },

	{ KEY("kernel.entry_point", NUMBER, entry_point), OPTIONAL(has_entry_point), ADDRESS,
	  .help = "Where the guest starts; without it, where the image's header says, or where the image is loaded." },
	{ KEY("kernel.kernel_path", STRING, kernel.path), .required = true, .help = "The kernel's image file." },
	{ KEY("kernel.kernel_load_addr", NUMBER, kernel.load_addr), OPTIONAL(kernel.has_load_addr), ADDRESS,
	  .help = "Where the image is loaded; without it, where its header says." },
	{ KEY("kernel.image_location", ENUM, image_location), .choices = image_locations, .initial = "fs",
	  .help = "Image files are on the file system, or linked into the binary (paths relative to this file)." },
	{ KEY("kernel.boot_protocol", ENUM, boot_protocol), .choices = boot_protocols, .initial = "direct",
	  .help = "How the guest is started." },
	{ KEY("kernel.enable_bios", BOOL, enable_bios), .initial = "false",
	  .help = "Whether the guest starts in the BIOS image." },
	{ KEY("kernel.bios_path", STRING, bios.path), .help = "BIOS image (x86_64)." },
	{ KEY("kernel.bios_load_addr", NUMBER, bios.load_addr), OPTIONAL(bios.has_load_addr), ADDRESS,
	  .help = "Where the BIOS image is loaded." },
	{ KEY("kernel.uefi_firmware_path", STRING, uefi_firmware_path), .help = "UEFI firmware image." },
	{ KEY("kernel.dtb_path", STRING, dtb.path),
	  .help = "Device tree for the guest; without it, one that describes its machine is made." },
	{ KEY("kernel.dtb_load_addr", NUMBER, dtb.load_addr), OPTIONAL(dtb.has_load_addr), ADDRESS,
	  .help = "Where the device tree is put; without it, where no image lies." },
	{ KEY("kernel.ramdisk_path", STRING, ramdisk.path), .help = "Initial RAM disk." },
	{ KEY("kernel.ramdisk_load_addr", NUMBER, ramdisk.load_addr), OPTIONAL(ramdisk.has_load_addr), ADDRESS,
	  .help = "Where the RAM disk is loaded; without it, where no other image lies." },
	{ KEY("kernel.cmdline", STRING, cmdline), .help = "The kernel's command line." },
	{ KEY("kernel.disk_path", STRING, disk_path), .help = "Disk image for the guest." },
	{ KEY("kernel.memory_regions", ROWS, memory), .required = true, COUNT(memory_count),
	  ITEMS(struct vm_memory_region, memory_fields),
	  .help = "The guest's memory; the first region is its main memory." },

	{ KEY("devices.emu_devices", ROWS, emu_devices), COUNT(emu_device_count),
	  ITEMS(struct vm_emu_device, emu_device_fields),
	  .help = "Emulated devices beyond those of the guest's board; the config may be left out." },
	{ KEY("devices.virtual", TABLES, virtual_devices), COUNT(virtual_device_count),
	  ITEMS(struct vm_virtual_device, virtual_device_fields), .help = "Virtual devices, one table each." },
	{ KEY("devices.passthrough_devices", ROWS, passthrough_devices), COUNT(passthrough_device_count),
	  ITEMS(struct vm_passthrough_device, passthrough_fields), .short_field = &passthrough_path,
	  .help = "Host devices for the guest alone, by device-tree path or by address." },
	{ KEY("devices.passthrough", TABLES, passthrough_devices), COUNT(passthrough_device_count),
	  .item_size = sizeof(struct vm_passthrough_device), .fields = &passthrough_path, .field_count = 1,
	  .help = "The same as passthrough_devices with paths, as tables." },
	{ KEY("devices.excluded_devices", GROUPS, excluded_devices), COUNT(excluded_device_count),
	  ITEMS(struct vm_excluded_device, excluded_path),
	  .help = "Device-tree paths below a passed-through one that the guest does not get." },
	{ KEY("devices.disabled", TABLES, excluded_devices), COUNT(excluded_device_count),
	  ITEMS(struct vm_excluded_device, excluded_path), .help = "The same as excluded_devices, as tables." },
	{ KEY("devices.passthrough_addresses", ROWS, passthrough_addresses), COUNT(passthrough_address_count),
	  ITEMS(struct vm_range, address_fields),
	  .help = "Host-physical ranges that the guest sees at the same address." },
	{ KEY("devices.passthrough_ports", ROWS, passthrough_ports), COUNT(passthrough_port_count),
	  ITEMS(struct vm_range, port_fields), .help = "I/O ports that the guest uses directly (x86_64)." },
	{ KEY("devices.interrupt_mode", ENUM, interrupt_mode), .choices = interrupt_modes, .initial = "emu",
	  .help = "Who answers the guest's interrupt controller accesses: an emulated controller, or the host's own." },
	{ KEY("devices.interrupt_controller", ENUM, interrupt_controller), .choices = interrupt_controllers,
	  .initial = "host",
	  .help = "Which one the guest sees: one like the host's; riscv64: a PLIC, an APLIC, or an APLIC with "
		  "IMSICs." },
	{ KEY("devices.address_space_policy", ENUM, address_space_policy), .choices = guest_types,
	  .initial = "virtualized", .help = "Whether addresses that belong to nothing fault, or are passed through." },
};

const struct config_schema vmconfig_schema = { keys, ARRAY_SIZE(keys) };
