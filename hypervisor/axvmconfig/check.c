/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks across keys: CPUs, memory, and what lies in it or beside it.
 */
#include "internal.h"
#include <axstd/error.h>
#include <axstd/util.h>
#include <stdio.h>
#include <string.h>

struct checker {
	const struct vm_config *config;
	const struct toml_node *root;
	struct config_error *err;
};

/* One of a list of things, for messages: "devices.emu_devices[2]". */
struct item {
	const char *list;
	size_t index;
	struct config_pos pos;
	uint64_t base, length;
};

__attribute__((format(printf, 3, 4))) static int fail_item(const struct checker *c, const struct item *item,
							   const char *fmt, ...)
{
	char text[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return config_error_set(c->err, c->config->file, item->pos, "%s[%zu]: %s", item->list, item->index, text);
}

/* "0x8000_0000..0x9000_0000", the end not included. */
#define RANGE_MAX (2 * CONFIG_NUMBER_MAX + 2)
static const char *range_text(uint64_t base, uint64_t length, char buf[static RANGE_MAX])
{
	char first[CONFIG_NUMBER_MAX], end[CONFIG_NUMBER_MAX];

	snprintf(buf, RANGE_MAX, "%s..%s", config_number(base, first), config_number(base + length, end));
	return buf;
}

static bool overlap(const struct item *item, uint64_t base, uint64_t length)
{
	return ranges_overlap(item->base, item->length, base, length);
}

static int check_end(const struct checker *c, const struct item *item)
{
	char range[RANGE_MAX];

	if (item->base + item->length - 1 <= VMCONFIG_ADDR_MAX) /* both are below 2^56: no wrap-around */
		return 0;
	return fail_item(c, item, "%s goes beyond the end of the address space",
			 range_text(item->base, item->length, range));
}

/* The memory regions before @count. */
static int check_beside_memory(const struct checker *c, const struct item *item, size_t count, const char *what)
{
	char range[RANGE_MAX], other[RANGE_MAX];

	for (size_t i = 0; i < count; i++) {
		const struct vm_memory_region *m = &c->config->memory[i];

		if (overlap(item, m->gpa, m->size))
			return fail_item(c, item, "%s overlaps %s %zu (%s)",
					 range_text(item->base, item->length, range), what, i,
					 range_text(m->gpa, m->size, other));
	}
	return 0;
}

/* The registers of a device must not hide memory. */
static int check_window(const struct checker *c, const struct item *item)
{
	int err = check_end(c, item);

	return err ? err : check_beside_memory(c, item, c->config->memory_count, "memory region");
}

static int check_memory(const struct checker *c)
{
	const struct vm_config *config = c->config;

	if (!config->memory_count)
		return config_error_set(c->err, config->file, toml_find(c->root, "kernel.memory_regions")->pos,
					"kernel.memory_regions: a VM needs at least one region");
	for (size_t i = 0; i < config->memory_count; i++) {
		const struct vm_memory_region *m = &config->memory[i];
		struct item item = { "kernel.memory_regions", i, m->pos, m->gpa, m->size };
		int err = check_end(c, &item);

		if (!err)
			err = check_beside_memory(c, &item, i, "region");
		if (err)
			return err;
	}
	return 0;
}

static int check_cpu_list(const struct checker *c, const char *key, size_t count)
{
	unsigned cpus = c->config->cpu_num;

	if (!count || count == cpus)
		return 0;
	return config_error_set(c->err, c->config->file, toml_find(c->root, key)->pos,
				"%s: has %zu items, but base.cpu_num is %u: each vCPU needs one", key, count, cpus);
}

static int check_cpus(const struct checker *c)
{
	int err = check_cpu_list(c, "base.phys_cpu_ids", c->config->phys_cpu_ids_count);

	return err ? err : check_cpu_list(c, "base.phys_cpu_sets", c->config->phys_cpu_sets_count);
}

static bool in_memory(const struct vm_config *config, uint64_t gpa)
{
	for (size_t i = 0; i < config->memory_count; i++)
		if (gpa >= config->memory[i].gpa && gpa - config->memory[i].gpa < config->memory[i].size)
			return true;
	return false;
}

/* Entry and load addresses lie in memory. */
static int check_addresses(const struct checker *c)
{
	const struct vm_config *config = c->config;
	const struct {
		const char *key;
		bool given;
		uint64_t gpa;
	} addresses[] = {
		{ "kernel.entry_point", config->has_entry_point, config->entry_point },
		{ "kernel.kernel_load_addr", config->kernel.has_load_addr, config->kernel.load_addr },
		{ "kernel.bios_load_addr", config->bios.has_load_addr, config->bios.load_addr },
		{ "kernel.dtb_load_addr", config->dtb.has_load_addr, config->dtb.load_addr },
		{ "kernel.ramdisk_load_addr", config->ramdisk.has_load_addr, config->ramdisk.load_addr },
	};
	char number[CONFIG_NUMBER_MAX], main_memory[RANGE_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++)
		if (addresses[i].given && !in_memory(config, addresses[i].gpa))
			return config_error_set(c->err, config->file, toml_find(c->root, addresses[i].key)->pos,
						"%s: %s lies in no memory region; region 0 is %s", addresses[i].key,
						config_number(addresses[i].gpa, number),
						range_text(config->memory[0].gpa, config->memory[0].size, main_memory));
	return 0;
}

/* A dummy has no registers; the windows of all others are beside memory and beside each other. */
static int check_emu_devices(const struct checker *c)
{
	const struct vm_config *config = c->config;
	char range[RANGE_MAX];

	for (size_t i = 0; i < config->emu_device_count; i++) {
		const struct vm_emu_device *dev = &config->emu_devices[i];
		struct item item = { "devices.emu_devices", i, dev->pos, dev->base_gpa, dev->length };
		int err = dev->type == VM_EMU_DUMMY ? check_end(c, &item) : check_window(c, &item);

		if (err)
			return err;
		for (size_t k = 0; k < i; k++) {
			const struct vm_emu_device *other = &config->emu_devices[k];

			if (strcmp(other->name, dev->name) == 0)
				return fail_item(c, &item, "the name \"%s\" is already that of emu_devices[%zu]",
						 dev->name, k);
			if (dev->type != VM_EMU_DUMMY && other->type != VM_EMU_DUMMY &&
			    overlap(&item, other->base_gpa, other->length))
				return fail_item(c, &item, "%s overlaps emu_devices[%zu], \"%s\"",
						 range_text(item.base, item.length, range), k, other->name);
		}
	}
	return 0;
}

static int check_virtual_devices(const struct checker *c)
{
	const struct vm_config *config = c->config;

	for (size_t i = 0; i < config->virtual_device_count; i++) {
		const struct vm_virtual_device *dev = &config->virtual_devices[i];
		struct item item = { "devices.virtual", i, dev->pos, 0, 0 };

		for (size_t k = 0; k < i; k++)
			if (strcmp(config->virtual_devices[k].id, dev->id) == 0)
				return fail_item(c, &item, "the id \"%s\" is already that of virtual[%zu]", dev->id, k);
		if (dev->model == VM_MODEL_VIRTIO_BLK && !dev->path && !dev->capacity)
			return fail_item(c, &item, "a virtio-blk device needs a path, a capacity or both");
		if (dev->model != VM_MODEL_VIRTIO_BLK && (dev->path || dev->capacity))
			return fail_item(c, &item, "only a virtio-blk device has a path and a capacity");
		if (dev->model != VM_MODEL_VIRTIO_NET && dev->guest_mac)
			return fail_item(c, &item, "only a virtio-net device has a guest_mac");
	}
	return 0;
}

/* A window passed through may lie under an emulated device, which then answers. */
static int check_passthrough(const struct checker *c)
{
	const struct vm_config *config = c->config;
	int err = 0;

	for (size_t i = 0; i < config->passthrough_device_count && !err; i++) {
		const struct vm_passthrough_device *dev = &config->passthrough_devices[i];
		struct item item = { "devices.passthrough_devices", i, dev->pos, dev->base_gpa, dev->length };

		if (!dev->path)
			err = check_window(c, &item);
	}
	for (size_t i = 0; i < config->passthrough_address_count && !err; i++) {
		const struct vm_range *range = &config->passthrough_addresses[i];
		struct item item = { "devices.passthrough_addresses", i, range->pos, range->base, range->length };

		err = check_window(c, &item);
	}
	return err;
}

static int check_ports(const struct checker *c)
{
	for (size_t i = 0; i < c->config->passthrough_port_count; i++) {
		const struct vm_range *r = &c->config->passthrough_ports[i];
		struct item item = { "devices.passthrough_ports", i, r->pos, r->base, r->length };

		if (r->base + r->length > 0x10000)
			return fail_item(c, &item, "goes beyond port 65535");
	}
	return 0;
}

int vmconfig_check(const struct vm_config *config, const struct toml_node *root, struct config_error *err)
{
	static int (*const checks[])(const struct checker *) = {
		check_cpus,        check_memory, check_addresses, check_emu_devices, check_virtual_devices,
		check_passthrough, check_ports,
	};
	const struct checker c = { config, root, err };
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(checks) && !rc; i++)
		rc = checks[i](&c);
	return rc;
}
