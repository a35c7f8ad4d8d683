/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device trees for guests (Devicetree Specification 0.4): what is alike on every architecture.
 */
#include "stream.h"
#include "vm.h"
#include <axstd/error.h>
#include <axstd/random.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

int fdt_write_cells(void *fdt, const char *name, const uint32_t *cells, unsigned count)
{
	fdt32_t *p;
	int ret = fdt_property_placeholder(fdt, name, (int)(count * sizeof(*p)), (void **)&p);

	for (unsigned i = 0; !ret && i < count; i++)
		fdt32_st(&p[i], cells[i]);
	return ret;
}

int fdt_write_reg(void *fdt, uint64_t base, uint64_t size)
{
	const uint32_t cells[] = { (uint32_t)(base >> 32), (uint32_t)base, (uint32_t)(size >> 32), (uint32_t)size };

	return fdt_write_cells(fdt, "reg", cells, ARRAY_SIZE(cells));
}

/* Memory that the guest may use as it likes: not the regions it can only read, and no devices. */
static bool is_guest_ram(const struct vm_memory_region *region)
{
	return (region->flags & (VM_MEM_READ | VM_MEM_WRITE)) == (VM_MEM_READ | VM_MEM_WRITE) &&
	       !(region->flags & VM_MEM_DEVICE);
}

static int write_memory(struct vm *vm, void *fdt)
{
	int ret = 0;

	for (size_t i = 0; i < vm->config.memory_count && !ret; i++) {
		const struct vm_memory_region *region = &vm->config.memory[i];
		char name[32];

		if (!is_guest_ram(region))
			continue;
		snprintf(name, sizeof(name), "memory@%llx", (unsigned long long)region->gpa);
		ret = fdt_begin_node(fdt, name);
		if (!ret)
			ret = fdt_property_string(fdt, "device_type", "memory");
		if (!ret)
			ret = fdt_write_reg(fdt, region->gpa, region->size);
		if (!ret)
			ret = fdt_end_node(fdt);
	}
	return ret;
}

/* For /chosen, at each start anew: a guest that gets none makes its own, from the jitter of its timer. */
struct seeds {
	uint8_t rng[64];
	uint8_t kaslr[8];
};

static int write_chosen(struct vm *vm, void *fdt, const char *stdout_path)
{
	const struct vm_layout *l = &vm->layout;
	struct seeds seeds;
	int ret = fdt_begin_node(fdt, "chosen");

	if (!ret && vm->config.cmdline)
		ret = fdt_property_string(fdt, "bootargs", vm->config.cmdline);
	if (!ret && stdout_path)
		ret = fdt_property_string(fdt, "stdout-path", stdout_path);
	if (!ret && l->ramdisk_size)
		ret = fdt_property_u64(fdt, "linux,initrd-start", l->ramdisk);
	if (!ret && l->ramdisk_size)
		ret = fdt_property_u64(fdt, "linux,initrd-end", l->ramdisk + l->ramdisk_size);
	if (!ret && random_bytes(&seeds, sizeof(seeds))) {
		ret = fdt_property(fdt, "rng-seed", seeds.rng, sizeof(seeds.rng));
		if (!ret)
			ret = fdt_property(fdt, "kaslr-seed", seeds.kaslr, sizeof(seeds.kaslr));
	}
	return ret ? ret : fdt_end_node(fdt);
}

/*
 * A user's tree: the nodes that depend on this VM's configuration are made anew, the rest stays.
 */
static int delete_memory_nodes(void *fdt)
{
	int node = fdt_first_subnode(fdt, 0);

	while (node >= 0) {
		const char *type = fdt_getprop(fdt, node, "device_type", NULL);

		if (type && !strcmp(type, "memory")) {
			int ret = fdt_del_node(fdt, node);

			if (ret)
				return ret;
			node = fdt_first_subnode(fdt, 0); /* offsets have moved */
		} else {
			node = fdt_next_subnode(fdt, node);
		}
	}
	return 0;
}

/* An address or size in as many cells as the root says. */
static int append_cells(void *fdt, int node, const char *name, uint64_t value, int cells)
{
	int ret = 0;

	if (cells == 2)
		ret = fdt_appendprop_u32(fdt, node, name, (uint32_t)(value >> 32));
	return ret ? ret : fdt_appendprop_u32(fdt, node, name, (uint32_t)value);
}

static int add_memory_nodes(struct vm *vm, void *fdt)
{
	int address_cells = fdt_address_cells(fdt, 0);
	int size_cells = fdt_size_cells(fdt, 0);

	if (address_cells < 1 || address_cells > 2 || size_cells < 1 || size_cells > 2)
		return -FDT_ERR_BADNCELLS;
	for (size_t i = 0; i < vm->config.memory_count; i++) {
		const struct vm_memory_region *region = &vm->config.memory[i];
		char name[32];
		int node, ret;

		if (!is_guest_ram(region))
			continue;
		snprintf(name, sizeof(name), "memory@%llx", (unsigned long long)region->gpa);
		node = fdt_add_subnode(fdt, 0, name);
		if (node < 0)
			return node;
		ret = fdt_setprop_string(fdt, node, "device_type", "memory");
		if (!ret)
			ret = append_cells(fdt, node, "reg", region->gpa, address_cells);
		if (!ret)
			ret = append_cells(fdt, node, "reg", region->size, size_cells);
		if (ret)
			return ret;
	}
	return 0;
}

static int fix_chosen(struct vm *vm, void *fdt)
{
	const struct vm_layout *l = &vm->layout;
	int node = fdt_path_offset(fdt, "/chosen");
	struct seeds seeds;
	int ret = 0;

	if (node < 0)
		node = fdt_add_subnode(fdt, 0, "chosen");
	if (node < 0)
		return node;
	if (vm->config.cmdline)
		ret = fdt_setprop_string(fdt, node, "bootargs", vm->config.cmdline);
	if (!ret && random_bytes(&seeds, sizeof(seeds))) {
		ret = fdt_setprop(fdt, node, "rng-seed", seeds.rng, sizeof(seeds.rng));
		if (!ret)
			ret = fdt_setprop(fdt, node, "kaslr-seed", seeds.kaslr, sizeof(seeds.kaslr));
	}
	if (!ret && !l->ramdisk_size) {
		fdt_delprop(fdt, node, "linux,initrd-start"); /* of whoever wrote the tree */
		fdt_delprop(fdt, node, "linux,initrd-end");
		return 0;
	}
	if (!ret)
		ret = fdt_setprop_u64(fdt, node, "linux,initrd-start", l->ramdisk);
	if (!ret)
		ret = fdt_setprop_u64(fdt, node, "linux,initrd-end", l->ramdisk + l->ramdisk_size);
	return ret;
}

/* @hwid: of a CPU's node, UINT64_MAX if it is not one. */
static int node_hwid(const void *fdt, int node, int cells, uint64_t *hwid)
{
	const char *type = fdt_getprop(fdt, node, "device_type", NULL);
	const fdt32_t *reg;
	int len;

	*hwid = UINT64_MAX;
	if (!type || strcmp(type, "cpu"))
		return 0;
	reg = fdt_getprop(fdt, node, "reg", &len);
	if (!reg || cells < 1 || cells > 2 || len != cells * (int)sizeof(*reg))
		return -FDT_ERR_BADVALUE;
	*hwid = cells == 2 ? (uint64_t)fdt32_ld(reg) << 32 | fdt32_ld(reg + 1) : fdt32_ld(reg);
	return 0;
}

/* Nodes of CPUs that the VM does not have, or that stand there twice, are taken out. *@found: vCPUs with a node. */
static int fix_cpus(struct vm *vm, void *fdt, uint64_t *found)
{
	int cpus = fdt_path_offset(fdt, "/cpus");
	int cells = cpus < 0 ? 0 : fdt_address_cells(fdt, cpus);
	int node = cpus < 0 ? cpus : fdt_first_subnode(fdt, cpus);
	int ret;

	*found = 0;
	while (node >= 0) {
		uint64_t hwid;
		unsigned i;

		ret = node_hwid(fdt, node, cells, &hwid);
		if (ret)
			return ret;
		for (i = 0; i < vm->num_vcpus && vm->vcpus[i].hwid != hwid; i++)
			;
		if (hwid != UINT64_MAX && (i == vm->num_vcpus || (*found & BIT(i)))) {
			ret = fdt_del_node(fdt, node);
			if (ret)
				return ret;
			*found = 0;
			node = fdt_first_subnode(fdt, cpus); /* offsets have moved */
			continue;
		}
		if (i < vm->num_vcpus)
			*found |= BIT(i);
		node = fdt_next_subnode(fdt, node);
	}
	return node == -FDT_ERR_NOTFOUND ? 0 : node;
}

static int load_user_tree(struct vm *vm, void *buffer, size_t max, size_t *size, struct vm_error *err)
{
	const char *path = vm->config.dtb.path;
	struct stream *stream;
	uint64_t file_size, cpus = 0;
	int64_t n;
	int ret = stream_open(path, vm->config.image_location == VM_IMAGE_MEMORY ? STREAM_IN_MEMORY : 0, &stream, err);

	if (ret)
		return vm_fail_prefix(vm, "kernel.dtb_path", err, ret);
	file_size = stream_size(stream);
	n = stream_read(stream, buffer, max, err);
	stream_close(stream);
	if (n < 0)
		return vm_fail_prefix(vm, "kernel.dtb_path", err, (int)n);
	if (file_size > max)
		return vm_fail_key(vm, "kernel.dtb_path", err, -AX_EOVERFLOW,
				   "%s: has 0x%llx bytes, a device tree may have 0x%zx", path,
				   (unsigned long long)file_size, max);
	ret = n < 4 ? -FDT_ERR_TRUNCATED : fdt_check_full(buffer, (size_t)n);
	if (!ret)
		ret = fdt_open_into(buffer, buffer, (int)max);
	if (!ret)
		ret = delete_memory_nodes(buffer);
	if (!ret)
		ret = add_memory_nodes(vm, buffer);
	if (!ret)
		ret = fix_cpus(vm, buffer, &cpus);
	if (!ret)
		ret = fix_chosen(vm, buffer);
	if (!ret)
		ret = fdt_pack(buffer);
	if (ret)
		return vm_fail_key(vm, "kernel.dtb_path", err, -AX_EINVAL, "%s: not a usable device tree: %s", path,
				   fdt_strerror(ret));
	*size = fdt_totalsize(buffer);
	for (unsigned i = 0; i < vm->num_vcpus; i++)
		if (!(cpus & BIT(i)))
			return vm_fail_key(vm, "kernel.dtb_path", err, -AX_EINVAL,
					   "%s: vCPU %u has no node in /cpus with reg = 0x%llx", path, i,
					   (unsigned long long)vm->vcpus[i].hwid);
	return 0;
}

static int write_devices(struct vm *vm, struct fdt_context *ctx)
{
	struct device *dev;
	int ret = 0;

	TAILQ_FOREACH (dev, &vm->devices, link)
		if (!ret && dev->ops->describe)
			ret = dev->ops->describe(dev, ctx);
	return ret;
}

static int write_tree(struct vm *vm, struct machine_tree *tree, size_t max)
{
	void *fdt = tree->ctx.fdt;
	char stdout_path[48];
	/* Each use of a name stores it anew: some hundred bytes more, but no search through all the others. */
	int ret = fdt_create_with_flags(fdt, (int)max, FDT_CREATE_FLAG_NO_NAME_DEDUP);

	snprintf(stdout_path, sizeof(stdout_path), "/%s", vm->console.uart->dev->name);
	if (!ret)
		ret = fdt_finish_reservemap(fdt);
	if (!ret)
		ret = fdt_begin_node(fdt, "");
	if (!ret)
		ret = fdt_property_string(fdt, "compatible", tree->compatible);
	if (!ret)
		ret = fdt_property_string(fdt, "model", "AxVisor virtual machine");
	if (!ret)
		ret = fdt_property_u32(fdt, "#address-cells", 2);
	if (!ret)
		ret = fdt_property_u32(fdt, "#size-cells", 2);
	if (!ret && tree->interrupt_parent)
		ret = fdt_property_u32(fdt, "interrupt-parent", tree->interrupt_parent);
	if (!ret)
		ret = write_chosen(vm, fdt, stdout_path);
	if (!ret)
		ret = write_memory(vm, fdt);
	if (!ret)
		ret = tree->write_nodes(vm, &tree->ctx);
	if (!ret)
		ret = write_devices(vm, &tree->ctx);
	if (!ret)
		ret = fdt_end_node(fdt);
	return ret ? ret : fdt_finish(fdt);
}

int fdt_describe_vm(struct vm *vm, struct machine_tree *tree, void *buffer, size_t max, size_t *size,
		    struct vm_error *err)
{
	int ret;

	if (vm->config.dtb.path)
		return load_user_tree(vm, buffer, max, size, err);
	tree->ctx.fdt = buffer;
	ret = write_tree(vm, tree, max);
	if (ret)
		return vm_fail(err, -AX_EOVERFLOW, "vm %s: its device tree could not be made: %s", vm->name,
			       fdt_strerror(ret));
	*size = fdt_totalsize(buffer);
	return 0;
}
