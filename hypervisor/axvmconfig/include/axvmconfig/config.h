/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The configuration of one virtual machine, read from a TOML file.
 *
 * docs/configuration.md describes every key. What stands in a struct vm_config has been checked: enumerations hold one
 * of their values, no range wraps around, memory regions are aligned to 2 MiB and do not overlap each other or a
 * device, images lie in memory. What the file cannot know (does this CPU exist, is there enough memory, is the image
 * there) is left to axvm.
 *
 * Strings and arrays live in the arena given to vmconfig_parse. An optional string is NULL when the file does not give
 * it, an optional array has count 0, and an optional number where 0 has a meaning comes with a has_ flag.
 */

#include <axconfig/error.h>
#include <axstd/arena.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VMCONFIG_MAX_VCPUS  64           /* one bit each in a 64-bit mask */
#define VMCONFIG_MAX_TEXT   (64 * 1024)  /* bytes of a file */
#define VMCONFIG_ARENA_SIZE (256 * 1024) /* enough for every sensible file */
#define VMCONFIG_ALIGN      (2ULL << 20) /* of memory regions */

enum vm_type {
	VM_TYPE_HOST = 0,
	VM_TYPE_RTOS = 1,
	VM_TYPE_LINUX = 2,
};

/* What the guest sees where the file names nothing: our own small board, or the host's. */
enum vm_guest_type {
	VM_GUEST_VIRTUALIZED,
	VM_GUEST_PASSTHROUGH,
};

enum vm_image_location {
	VM_IMAGE_FS,     /* paths name files on the mounted volumes */
	VM_IMAGE_MEMORY, /* paths name files linked into the binary, relative to the TOML file */
};

enum vm_boot_protocol {
	VM_BOOT_DIRECT,
	VM_BOOT_MULTIBOOT,
	VM_BOOT_UEFI,
};

enum vm_interrupt_mode {
	VM_IRQ_NONE,
	VM_IRQ_EMULATED,
	VM_IRQ_PASSTHROUGH,
};

/* Which interrupt controller the guest sees, where its architecture has several. */
enum vm_interrupt_controller {
	VM_INTC_HOST, /* like the host's */
	VM_INTC_PLIC,
	VM_INTC_APLIC, /* AIA in direct mode */
	VM_INTC_AIA,   /* APLIC in MSI mode with IMSICs */
};

/* Bits of vm_memory_region.flags */
#define VM_MEM_READ     0x01u
#define VM_MEM_WRITE    0x02u
#define VM_MEM_EXECUTE  0x04u
#define VM_MEM_USER     0x08u
#define VM_MEM_DEVICE   0x10u
#define VM_MEM_UNCACHED 0x20u

enum vm_map_type {
	VM_MAP_ALLOC = 0, /* backed by allocated frames */
	VM_MAP_IDENTICAL =
		1,           /* GPA = HPA: the host chooses the address, and entry, load and DTB addresses move along */
	VM_MAP_RESERVED = 2, /* host memory at this very address, set aside by the platform: mapped GPA = HPA */
};

/* Values of vm_emu_device.type, as the original numbers them. */
enum vm_emu_type {
	VM_EMU_DUMMY = 0x00,
	VM_EMU_INTC = 0x01,
	VM_EMU_CONSOLE = 0x02,
	VM_EMU_FW_CFG = 0x03,
	VM_EMU_IVC = 0x0a,
	VM_EMU_GICR = 0x20, /* partly passed through: [cpu_num, stride, pcpu_id] */
	VM_EMU_GICD = 0x21,
	VM_EMU_ITS = 0x22,
	VM_EMU_IOAPIC = 0x23,
	VM_EMU_PIT = 0x24,
	VM_EMU_PLIC = 0x30, /* [contexts] */
	VM_EMU_VIRTIO_BLK = 0xe1,
	VM_EMU_VIRTIO_NET = 0xe2,
	VM_EMU_VIRTIO_CONSOLE = 0xe3,
};

enum vm_virtual_model {
	VM_MODEL_VIRTIO_BLK,
	VM_MODEL_VIRTIO_NET,
	VM_MODEL_SERIAL,
	VM_MODEL_IVC_CHANNEL,
};

enum vm_transport {
	VM_TRANSPORT_MMIO,
	VM_TRANSPORT_PCI,
};

struct vm_image {
	const char *path; /* NULL: there is none */
	uint64_t load_addr;
	bool has_load_addr; /* false: wherever the image's header asks, or where there is room */
};

/* One entry of kernel.memory_regions. */
struct vm_memory_region {
	struct config_pos pos;
	uint64_t gpa, size; /* multiples of VMCONFIG_ALIGN, size not 0 */
	uint32_t flags;     /* VM_MEM_* */
	uint32_t map_type;  /* enum vm_map_type */
};

/* One entry of devices.emu_devices. */
struct vm_emu_device {
	struct config_pos pos;
	const char *name;
	uint64_t base_gpa, length;
	uint32_t irq_id;
	uint32_t type; /* enum vm_emu_type */
	const uint64_t *config;
	size_t config_count;
};

/* One [[devices.virtual]] table. */
struct vm_virtual_device {
	struct config_pos pos;
	const char *id;
	uint32_t model; /* enum vm_virtual_model */
	const char *path;
	uint64_t capacity;     /* bytes; 0: the size of the file */
	uint32_t transport;    /* enum vm_transport */
	const char *guest_mac; /* "52:54:00:12:34:56", checked; NULL: chosen by the hypervisor */
};

/* One entry of devices.passthrough_devices or devices.passthrough: a device-tree path, or a range of addresses. */
struct vm_passthrough_device {
	struct config_pos pos;
	const char *path; /* NULL: the other fields describe the device */
	const char *name;
	uint64_t base_gpa, base_hpa, length;
	uint32_t irq_id;
};

/* A device-tree node that is kept from the guest: devices.excluded_devices, devices.disabled. */
struct vm_excluded_device {
	struct config_pos pos;
	const char *path;
};

/* One entry of devices.passthrough_addresses (guest-physical) or devices.passthrough_ports (I/O ports). */
struct vm_range {
	struct config_pos pos;
	uint64_t base, length;
};

struct toml_node;

struct vm_config {
	const char *file;             /* as given to vmconfig_parse; the caller keeps it alive */
	const struct toml_node *root; /* of the parsed text, for vmconfig_pos */

	/* [base] */
	uint32_t id;
	const char *name;
	uint32_t type;                 /* enum vm_type */
	uint32_t guest_type;           /* enum vm_guest_type */
	uint32_t cpu_num;              /* 1..VMCONFIG_MAX_VCPUS */
	const uint64_t *phys_cpu_ids;  /* hardware id (MPIDR, hart id, APIC id) of each vCPU's CPU */
	size_t phys_cpu_ids_count;     /* 0 (any CPU) or cpu_num */
	const uint64_t *phys_cpu_sets; /* CPUs on which each vCPU may run: bit n is the host's CPU n */
	size_t phys_cpu_sets_count;    /* 0 (any CPU) or cpu_num */

	/* [kernel] */
	struct vm_image kernel; /* path is never NULL */
	struct vm_image bios, dtb, ramdisk;
	uint64_t entry_point;
	bool has_entry_point;    /* false: from the image's header, or where the kernel is loaded */
	uint32_t image_location; /* enum vm_image_location */
	uint32_t boot_protocol;  /* enum vm_boot_protocol */
	bool enable_bios;
	const char *uefi_firmware_path;
	const char *cmdline;
	const char *disk_path;
	const struct vm_memory_region *memory; /* at least one; the first is main memory */
	size_t memory_count;

	/* [devices] */
	const struct vm_emu_device *emu_devices;
	size_t emu_device_count;
	const struct vm_virtual_device *virtual_devices;
	size_t virtual_device_count;
	const struct vm_passthrough_device *passthrough_devices;
	size_t passthrough_device_count;
	const struct vm_excluded_device *excluded_devices;
	size_t excluded_device_count;
	const struct vm_range *passthrough_addresses;
	size_t passthrough_address_count;
	const struct vm_range *passthrough_ports;
	size_t passthrough_port_count;
	uint32_t interrupt_mode;       /* enum vm_interrupt_mode */
	uint32_t interrupt_controller; /* enum vm_interrupt_controller */
	uint32_t address_space_policy; /* enum vm_guest_type: how addresses without a device are treated */
};

/**
 * vmconfig_parse - read and check the configuration of a virtual machine
 * @text:  the TOML text, need not end with a NUL; not needed afterwards
 * @len:   its length, at most VMCONFIG_MAX_TEXT
 * @file:  the file's name for messages and vm_config.file
 * @arena: where strings and arrays go; VMCONFIG_ARENA_SIZE is enough
 * @out:   the configuration; valid as long as the arena, undefined after an error
 * @err:   what is wrong; may be NULL
 *
 * Return: 0; -AX_EINVAL with @err filled in; -AX_ENOMEM if the arena is too small (@err says so as well).
 */
int vmconfig_parse(const char *text, size_t len, const char *file, struct arena *arena, struct vm_config *out,
		   struct config_error *err);

/**
 * vmconfig_pos - where in its file a value stands
 * @key: "kernel.kernel_path"
 *
 * Return: its place, line 0 if the file does not have the key.
 */
struct config_pos vmconfig_pos(const struct vm_config *config, const char *key);

/**
 * vmconfig_help - explain keys
 * @key:  a key as in docs/configuration.md ("kernel.cmdline"), or the start of some ("kernel", ""), which lists them
 * @buf:  where the text goes: lines ending in '\n', then a NUL
 * @size: bytes at @buf; a longer text is cut
 *
 * Return: 0, or -AX_ENOENT if there is no such key; then the text names the nearest one.
 */
int vmconfig_help(const char *key, char *buf, size_t size);
