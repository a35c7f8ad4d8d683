/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest finds in its memory when it starts: kernel, RAM disk, hardware description.
 *
 * Places that the configuration gives are kept. Where it gives none, the kernel goes where its header asks (else to
 * the start of main memory), the device tree and the RAM disk to the end of main memory, where no kernel's bss
 * reaches.
 */
#include "stream.h"
#include "vm.h"
#include <axalloc/heap.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <stdio.h>
#include <string.h>

#define CHUNK    MIB(1)
#define DTB_MAX  KIB(64) /* room for the guest's device tree */
#define HEAD_LEN 4096    /* enough for every kernel header */

static const struct vm_memory_region *main_memory(const struct vm *vm)
{
	return &vm->config.memory[0];
}

/* What was placed already, so that the next piece finds a free place. */
static bool is_free(const struct vm *vm, uint64_t base, uint64_t size)
{
	const struct vm_layout *l = &vm->layout;

	return !(l->kernel_size && ranges_overlap(base, size, l->kernel, l->kernel_size)) &&
	       !(l->ramdisk_size && ranges_overlap(base, size, l->ramdisk, l->ramdisk_size)) &&
	       !(l->dtb_size && ranges_overlap(base, size, l->dtb, l->dtb_size));
}

/* The highest free place of main memory, aligned; 0 when there is none. Pieces are few: the loop is short. */
static uint64_t place_high(const struct vm *vm, uint64_t size, uint64_t align)
{
	const struct vm_memory_region *main = main_memory(vm);
	const struct vm_layout *l = &vm->layout;
	const uint64_t tops[] = { main->gpa + main->size, l->dtb_size ? l->dtb : 0, l->ramdisk_size ? l->ramdisk : 0,
				  l->kernel_size ? l->kernel : 0 };

	for (size_t i = 0; i < ARRAY_SIZE(tops); i++) {
		uint64_t base;

		if (tops[i] < main->gpa + size || tops[i] > main->gpa + main->size)
			continue;
		base = ALIGN_DOWN(tops[i] - size, align);
		if (base >= main->gpa && is_free(vm, base, size))
			return base;
	}
	return 0;
}

struct loader {
	struct vm *vm;
	struct stream *stream;
	const char *path;
	const char *key; /* for messages */
	uint8_t *chunk;  /* of CHUNK bytes */
	size_t filled;   /* of the chunk, read ahead for its header */
};

static int loader_open(struct loader *l, struct vm *vm, const char *key, const char *path, unsigned flags,
		       struct vm_error *err)
{
	int64_t n;
	int ret;

	*l = (struct loader){ .vm = vm, .path = path, .key = key };
	if (vm->config.image_location == VM_IMAGE_MEMORY)
		flags |= STREAM_IN_MEMORY;
	ret = stream_open(path, flags, &l->stream, err);
	if (ret)
		return vm_fail_prefix(vm, key, err, ret);
	l->chunk = kmalloc(CHUNK);
	if (!l->chunk) {
		ret = vm_fail_key(vm, key, err, -AX_ENOMEM, "out of memory");
		goto close;
	}
	n = stream_read(l->stream, l->chunk, CHUNK, err);
	if (n > 0) {
		l->filled = (size_t)n;
		return 0;
	}
	ret = n ? vm_fail_prefix(vm, key, err, (int)n)
		: vm_fail_key(vm, key, err, -AX_EINVAL, "%s: the file is empty", path);
	kfree(l->chunk);
close:
	stream_close(l->stream);
	return ret;
}

static void loader_close(struct loader *l)
{
	stream_close(l->stream);
	kfree(l->chunk);
}

/* Copy the whole stream to @gpa. *@size gets its length. */
static int loader_copy(struct loader *l, uint64_t gpa, uint64_t *size, struct vm_error *err)
{
	uint64_t done = 0;

	while (l->filled) {
		int ret = aspace_load(&l->vm->aspace, gpa + done, l->chunk, l->filled);
		int64_t n = 0;

		if (ret)
			return vm_fail_key(l->vm, l->key, err, ret,
					   "%s: at 0x%llx it does not fit into the guest's memory", l->path,
					   (unsigned long long)gpa);
		done += l->filled;
		if (l->filled == CHUNK)
			n = stream_read(l->stream, l->chunk, CHUNK, err);
		if (n < 0)
			return vm_fail_prefix(l->vm, l->key, err, (int)n);
		l->filled = (size_t)n;
	}
	*size = done;
	return 0;
}

#define KERNEL_KEY "kernel.kernel_path"

/* Where the kernel goes, and what its header says. */
static int place_kernel(struct vm *vm, const struct loader *loader, struct image_header *header, struct vm_error *err)
{
	const struct vm_config *config = &vm->config;
	int ret = machine_parse_image(loader->chunk, loader->filled, header, err);

	if (ret)
		return vm_fail_prefix(vm, KERNEL_KEY, err, ret);
	if (config->kernel.has_load_addr)
		vm->layout.kernel = config->kernel.load_addr;
	else if (header->known)
		vm->layout.kernel = ALIGN_UP(main_memory(vm)->gpa, MIB(2)) + header->load_offset;
	else if (config->has_entry_point)
		vm->layout.kernel = main_memory(vm)->gpa;
	else
		return vm_fail_key(vm, KERNEL_KEY, err, -AX_EINVAL,
				   "%s: has no kernel header; a raw binary needs kernel.kernel_load_addr",
				   loader->path);
	return 0;
}

static int load_kernel(struct vm *vm, struct vm_error *err)
{
	const struct vm_memory_region *main = main_memory(vm);
	const struct vm_config *config = &vm->config;
	struct vm_layout *layout = &vm->layout;
	struct image_header header = { 0 };
	struct loader loader;
	int ret = loader_open(&loader, vm, KERNEL_KEY, config->kernel.path, STREAM_UNPACK, err);

	if (ret)
		return ret;
	ret = place_kernel(vm, &loader, &header, err);
	if (!ret)
		ret = loader_copy(&loader, layout->kernel, &layout->kernel_file_size, err);
	loader_close(&loader);
	if (ret)
		return ret;
	layout->kernel_size = MAX(layout->kernel_file_size, header.size);
	layout->entry = config->has_entry_point ? config->entry_point : layout->kernel;
	if (layout->kernel - main->gpa < main->size && layout->kernel_size > main->gpa + main->size - layout->kernel)
		return vm_fail_key(vm, KERNEL_KEY, err, -AX_EINVAL,
				   "%s: at 0x%llx it needs 0x%llx bytes with its bss, more than main memory has",
				   config->kernel.path, (unsigned long long)layout->kernel,
				   (unsigned long long)layout->kernel_size);
	return 0;
}

static int load_at(struct vm *vm, const char *key, const char *path, uint64_t gpa, uint64_t *size, struct vm_error *err)
{
	struct loader loader;
	int ret = loader_open(&loader, vm, key, path, 0, err);

	if (ret)
		return ret;
	ret = loader_copy(&loader, gpa, size, err);
	loader_close(&loader);
	return ret;
}

#define RAMDISK_KEY "kernel.ramdisk_path"

static int place_ramdisk(struct vm *vm, uint64_t size, struct vm_error *err)
{
	const struct vm_image *image = &vm->config.ramdisk;
	uint64_t gpa = image->has_load_addr ? image->load_addr : place_high(vm, size, PAGE_SIZE);

	if (!image->has_load_addr && !gpa)
		return vm_fail_key(vm, RAMDISK_KEY, err, -AX_ENOSPC, "%s: no room for 0x%llx bytes in main memory",
				   image->path, (unsigned long long)size);
	if (!is_free(vm, gpa, size))
		return vm_fail_key(vm, RAMDISK_KEY, err, -AX_EEXIST,
				   "%s: 0x%llx..0x%llx meets the kernel or the device tree", image->path,
				   (unsigned long long)gpa, (unsigned long long)(gpa + size));
	vm->layout.ramdisk = gpa;
	return 0;
}

/* As it is: the guest unpacks it, and knows better what may stand one after the other in it. */
static int load_ramdisk(struct vm *vm, struct vm_error *err)
{
	const char *path = vm->config.ramdisk.path;
	struct loader loader;
	int ret;

	if (!path)
		return 0;
	ret = loader_open(&loader, vm, RAMDISK_KEY, path, 0, err);
	if (ret)
		return ret;
	ret = place_ramdisk(vm, stream_size(loader.stream), err);
	if (!ret)
		ret = loader_copy(&loader, vm->layout.ramdisk, &vm->layout.ramdisk_size, err);
	loader_close(&loader);
	return ret;
}

static int place_dtb(struct vm *vm, struct vm_error *err)
{
	const struct vm_image *image = &vm->config.dtb;
	uint64_t gpa = image->has_load_addr ? image->load_addr : place_high(vm, DTB_MAX, DTB_MAX);

	if (!image->has_load_addr && !gpa)
		return vm_fail(err, -AX_ENOSPC, "vm %s: no room for a device tree in main memory", vm->name);
	vm->layout.dtb = gpa;
	vm->layout.dtb_size = DTB_MAX;
	return 0;
}

static int write_dtb(struct vm *vm, struct vm_error *err)
{
	const struct vm_layout *l = &vm->layout;
	void *tree = kmalloc(DTB_MAX);
	size_t size;
	int ret;

	if (!tree)
		return vm_fail(err, -AX_ENOMEM, "vm %s: out of memory", vm->name);
	ret = machine_describe(vm, tree, DTB_MAX, &size, err);
	/* Where the file says so it may lie in the kernel's bss, but not over what is loaded. */
	if (!ret && ranges_overlap(l->dtb, size, l->kernel, l->kernel_file_size))
		ret = vm_fail_key(vm, "kernel.dtb_load_addr", err, -AX_EEXIST,
				  "the device tree at 0x%llx meets the kernel at 0x%llx..0x%llx",
				  (unsigned long long)l->dtb, (unsigned long long)l->kernel,
				  (unsigned long long)(l->kernel + l->kernel_file_size));
	if (!ret) {
		ret = aspace_load(&vm->aspace, vm->layout.dtb, tree, size);
		if (ret)
			vm_fail(err, ret, "vm %s: the device tree at 0x%llx does not lie in the guest's memory",
				vm->name, (unsigned long long)l->dtb);
	}
	kfree(tree);
	return ret;
}

/* Memory without images is coherent since it was mapped or cleared. */
static void make_coherent(struct vm *vm)
{
	const struct vm_layout *l = &vm->layout;

	aspace_sync_code(&vm->aspace, ALIGN_DOWN(l->kernel, PAGE_SIZE), ALIGN_UP(l->kernel_file_size, PAGE_SIZE));
	aspace_sync_code(&vm->aspace, ALIGN_DOWN(l->dtb, PAGE_SIZE), l->dtb_size);
	if (l->ramdisk_size)
		aspace_sync_code(&vm->aspace, ALIGN_DOWN(l->ramdisk, PAGE_SIZE), ALIGN_UP(l->ramdisk_size, PAGE_SIZE));
}

int vm_load_images(struct vm *vm, struct vm_error *err)
{
	const struct vm_image *bios = &vm->config.bios;
	uint64_t size;
	int ret = vm->run > 1 ? aspace_clear(&vm->aspace) : 0; /* new memory is zero */

	if (ret)
		return vm_fail(err, ret, "vm %s: memory could not be cleared: %s", vm->name, error_text(ret));
	vm->layout = (struct vm_layout){ 0 };
	ret = load_kernel(vm, err);
	if (!ret)
		ret = place_dtb(vm, err);
	if (!ret && bios->path)
		ret = load_at(vm, "kernel.bios_path", bios->path, bios->load_addr, &size, err);
	if (!ret)
		ret = load_ramdisk(vm, err);
	if (!ret)
		ret = write_dtb(vm, err);
	if (ret)
		return ret;
	make_coherent(vm);
	/* The first time only: a guest may reset itself as often as it likes. */
	if (vm->run <= 1)
		log_info("vm %s: kernel 0x%llx, entry 0x%llx, ramdisk 0x%llx (%llu KiB), device tree 0x%llx", vm->name,
			 (unsigned long long)vm->layout.kernel, (unsigned long long)vm->layout.entry,
			 (unsigned long long)vm->layout.ramdisk, (unsigned long long)(vm->layout.ramdisk_size >> 10),
			 (unsigned long long)vm->layout.dtb);
	return 0;
}
