/* fuzz: axvmconfig/config.c axvmconfig/schema.c axvmconfig/check.c axconfig/keys.c axconfig/keys_value.c axconfig/keys_text.c axconfig/toml.c axconfig/toml_lex.c axconfig/toml_string.c axconfig/toml_scalar.c axconfig/toml_parse.c axconfig/error.c axstd/arena.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the configuration of a virtual machine: an error, or a configuration that keeps its promises.
 */
#include <axvmconfig/config.h>
#include <axstd/util.h>
#include <stdlib.h>
#include <string.h>

#define check(condition)          \
	do {                      \
		if (!(condition)) \
			abort();  \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_memory(const struct vm_config *c)
{
	check(c->memory_count >= 1);
	for (size_t i = 0; i < c->memory_count; i++) {
		const struct vm_memory_region *m = &c->memory[i];

		check(m->size && IS_ALIGNED(m->gpa | m->size, VMCONFIG_ALIGN) && m->gpa + m->size > m->gpa);
		check(m->map_type <= VM_MAP_RESERVED && m->flags && m->flags < 0x40);
		for (size_t k = 0; k < i; k++)
			check(!ranges_overlap(m->gpa, m->size, c->memory[k].gpa, c->memory[k].size));
		for (size_t k = 0; k < c->emu_device_count; k++)
			check(c->emu_devices[k].type == VM_EMU_DUMMY ||
			      !ranges_overlap(m->gpa, m->size, c->emu_devices[k].base_gpa, c->emu_devices[k].length));
	}
}

static bool in_memory(const struct vm_config *c, uint64_t gpa)
{
	for (size_t i = 0; i < c->memory_count; i++)
		if (ranges_overlap(gpa, 1, c->memory[i].gpa, c->memory[i].size))
			return true;
	return false;
}

static void check_image(const struct vm_config *c, const struct vm_image *image)
{
	check(!image->path || *image->path);
	check(!image->has_load_addr || in_memory(c, image->load_addr));
}

static void check_config(const struct vm_config *c)
{
	check(c->name && *c->name && c->kernel.path);
	check(c->cpu_num >= 1 && c->cpu_num <= VMCONFIG_MAX_VCPUS);
	check(!c->phys_cpu_ids_count || c->phys_cpu_ids_count == c->cpu_num);
	check(!c->phys_cpu_sets_count || c->phys_cpu_sets_count == c->cpu_num);
	for (size_t i = 0; i < c->phys_cpu_sets_count; i++)
		check(c->phys_cpu_sets[i]);
	check_memory(c);
	check(!c->has_entry_point || in_memory(c, c->entry_point));
	check_image(c, &c->kernel);
	check_image(c, &c->bios);
	check_image(c, &c->dtb);
	check_image(c, &c->ramdisk);
	for (size_t i = 0; i < c->emu_device_count; i++)
		check(c->emu_devices[i].name && c->emu_devices[i].length);
	for (size_t i = 0; i < c->virtual_device_count; i++)
		check(c->virtual_devices[i].id && c->virtual_devices[i].model <= VM_MODEL_IVC_CHANNEL);
	for (size_t i = 0; i < c->passthrough_device_count; i++)
		check(c->passthrough_devices[i].path ? *c->passthrough_devices[i].path == '/'
						     : c->passthrough_devices[i].name != NULL);
	for (size_t i = 0; i < c->excluded_device_count; i++)
		check(*c->excluded_devices[i].path == '/');
	check(c->interrupt_mode <= VM_IRQ_PASSTHROUGH && c->image_location <= VM_IMAGE_MEMORY);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char memory[VMCONFIG_ARENA_SIZE];
	struct config_error err = { 0 };
	struct vm_config config;
	struct arena arena;
	char key[64] = "", help[256];

	/*
	 * A first byte that no text begins with chooses how much memory there is: running out of it is met
	 * everywhere.
	 */
	arena_init(&arena, memory, sizeof(memory));
	if (size && *data < '\t') {
		arena_init(&arena, memory, *data * 2048);
		data++, size--;
	}
	if (vmconfig_parse((const char *)data, size, "fuzz", &arena, &config, &err) == 0)
		check_config(&config);
	else
		check(memchr(err.text, 0, sizeof(err.text)) && strncmp(err.text, "fuzz:", 5) == 0);
	memcpy(key, data, MIN(size, sizeof(key) - 1));
	vmconfig_help(key, help, sizeof(help));
	check(memchr(help, 0, sizeof(help)));
	return 0;
}
