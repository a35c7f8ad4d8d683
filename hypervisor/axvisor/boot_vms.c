/* SPDX-License-Identifier: Apache-2.0 */
#include "axvisor.h"
#include <axalloc/heap.h>
#include <axfs/fs.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axstd/sort.h>
#include <axvm/images.h>
#include <axvm/vm.h>
#include <stdio.h>
#include <string.h>

#define VM_FOLDER   "/guest/vm_default"
#define MAX_FILES   64
#define TOML_SUFFIX ".toml"

/* A VM that cannot be started is not kept. */
static void start(struct vm *vm)
{
	struct vm_error err;

	if (vm_start(vm, &err)) {
		log_error("%s", err.text);
		vm_destroy(vm, NULL);
	}
	vm_put(vm);
}

static bool is_toml(const char *name)
{
	size_t len = strlen(name);

	return len > strlen(TOML_SUFFIX) && !strcmp(name + len - strlen(TOML_SUFFIX), TOML_SUFFIX);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The paths of the configuration files, in the order of their names. */
static unsigned list_files(char *paths[MAX_FILES])
{
	struct fs_dirent *entry = kmalloc(sizeof(*entry));
	struct fs_dir *dir;
	unsigned count = 0;
	int ret = fs_opendir(VM_FOLDER, &dir);

	if (ret || !entry) {
		log_info("%s: %s: no VM is started from there", VM_FOLDER, error_text(ret ? ret : -AX_ENOMEM));
		kfree(entry);
		return 0;
	}
	while (count < MAX_FILES && (ret = fs_readdir(dir, entry)) == 1) {
		size_t size = sizeof(VM_FOLDER) + 1 + strlen(entry->name);

		if (entry->stat.type != FS_FILE || !is_toml(entry->name))
			continue;
		paths[count] = kmalloc(size);
		if (!paths[count])
			break;
		snprintf(paths[count++], size, VM_FOLDER "/%s", entry->name);
	}
	if (ret < 0)
		log_error("%s: %s", VM_FOLDER, error_text(ret));
	fs_closedir(dir);
	kfree(entry);
	sort(paths, count, sizeof(paths[0]), compare_names);
	return count;
}

static void start_from_files(void)
{
	char *paths[MAX_FILES];
	unsigned count = list_files(paths);

	for (unsigned i = 0; i < count; i++) {
		struct vm_error err;
		struct vm *vm;

		if (vm_create_from_file(paths[i], &vm, &err))
			log_error("%s", err.text);
		else
			start(vm);
		kfree(paths[i]);
	}
}

static void start_builtin(void)
{
	const struct builtin_image *image;

	for (size_t i = 0; (image = builtin_image(i)); i++) {
		struct vm_error err;
		struct vm *vm;

		if (!is_toml(image->path))
			continue;
		if (vm_create((const char *)image->start, (size_t)(image->end - image->start), image->path, &vm, &err))
			log_error("%s", err.text);
		else
			start(vm);
	}
}

void boot_vms_start(void)
{
	start_builtin();
	start_from_files();
}
