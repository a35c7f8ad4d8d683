/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a VM and taking it apart.
 */
#include "vm.h"
#include <axalloc/frame.h>
#include <axalloc/heap.h>
#include <axfs/fs.h>
#include <axhal/cpu.h>
#include <axhal/mem.h>
#include <axhal/platform.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <stdio.h>
#include <string.h>

int vm_init(void)
{
	int ret;

	if (platform_virtualization_error()) {
		log_error("no virtual machines: %s", platform_virtualization_error());
		return -AX_ENOTSUP;
	}
	ret = vcpu_arch_init();
	if (!ret)
		ret = machine_init();
	if (!ret)
		ret = vm_requests_init();
	return ret;
}

void vm_init_cpu(void)
{
	vcpu_arch_init_cpu();
	machine_init_cpu();
}

/* "FILE:LINE:COLUMN: kernel.memory_regions[0]: 0x40000000..0x60000000: @what" */
static int vm_fail_region(const struct vm *vm, size_t index, struct vm_error *err, int code, const char *what)
{
	const struct vm_memory_region *region = &vm->config.memory[index];

	return vm_fail(err, code, "%s:%u:%u: kernel.memory_regions[%zu]: 0x%llx..0x%llx: %s", vm->file,
		       region->pos.line, region->pos.column, index, (unsigned long long)region->gpa,
		       (unsigned long long)(region->gpa + region->size), what);
}

static unsigned bits_needed(const struct vm_config *config)
{
	uint64_t top = 0;

	for (size_t i = 0; i < config->memory_count; i++)
		top = MAX(top, config->memory[i].gpa + config->memory[i].size - 1);
	return 64 - (unsigned)__builtin_clzll(top | 1);
}

/* Has the platform set all of [pa, pa + size) aside? */
static bool is_reserved(paddr_t pa, uint64_t size)
{
	size_t count;
	const struct mem_region *regions = mem_regions(&count);

	for (size_t i = 0; i < count; i++)
		if (regions[i].kind == MEM_RESERVED && pa >= regions[i].base &&
		    pa + size <= regions[i].base + regions[i].size)
			return true;
	return false;
}

static void move_address(uint64_t *addr, const struct vm_memory_region *from, uint64_t to)
{
	if (*addr - from->gpa < from->size)
		*addr += to - from->gpa;
}

/*
 * Identical main memory that is not free where the file has it goes where there is room; what the file places in it
 * moves along. The place is only looked for here, and taken when it is mapped: if somebody else is faster the VM is
 * not made.
 */
static int place_identical(struct vm *vm, struct vm_error *err)
{
	struct vm_memory_region *main = &vm->memory[0];
	struct vm_config *config = &vm->config;
	size_t pages = main->size >> PAGE_SHIFT;
	paddr_t place;

	if (main->map_type != VM_MAP_IDENTICAL)
		return 0;
	if (!frame_reserve(main->gpa, pages, OWNER_GUEST)) {
		frame_free_range(main->gpa, pages);
		return 0;
	}
	place = frame_alloc_pages(pages, VMCONFIG_ALIGN, 0, OWNER_GUEST);
	if (!place)
		return vm_fail_region(vm, 0, err, -AX_ENOMEM, "not enough contiguous host memory");
	frame_free_pages(place, pages);
	log_info("vm %s: main memory moves from 0x%llx to 0x%llx", vm->name, (unsigned long long)main->gpa,
		 (unsigned long long)place);
	move_address(&config->kernel.load_addr, main, place);
	move_address(&config->entry_point, main, place);
	move_address(&config->bios.load_addr, main, place);
	move_address(&config->dtb.load_addr, main, place);
	move_address(&config->ramdisk.load_addr, main, place);
	main->gpa = place;
	return 0;
}

static int map_region(struct vm *vm, const struct vm_memory_region *region)
{
	unsigned flags = region->flags;

	switch (region->map_type) {
	/* Lazy: what the guest never touches is neither zeroed nor taken; it is promised, so it is there when it is. */
	case VM_MAP_ALLOC: return aspace_map_alloc(&vm->aspace, region->gpa, region->size, flags, true);
	case VM_MAP_IDENTICAL:
		return aspace_map_linear(&vm->aspace, region->gpa, region->gpa, region->size, flags, ASPACE_IDENTITY);
	default: return aspace_map_linear(&vm->aspace, region->gpa, region->gpa, region->size, flags, ASPACE_LINEAR);
	}
}

static int map_memory(struct vm *vm, struct vm_error *err)
{
	for (size_t i = 0; i < vm->config.memory_count; i++) {
		const struct vm_memory_region *region = &vm->config.memory[i];
		int ret;

		if (region->map_type == VM_MAP_RESERVED && !is_reserved(region->gpa, region->size))
			return vm_fail_region(vm, i, err, -AX_EINVAL, "is not reserved memory of this machine");
		ret = map_region(vm, region);
		if (ret)
			return vm_fail_region(vm, i, err, ret,
					      ret == -AX_ENOMEM ? "not enough host memory" : error_text(ret));
	}
	return 0;
}

/* On which CPUs vCPU @i may run. */
static int choose_affinity(struct vm *vm, unsigned i, struct vm_error *err)
{
	const struct vm_config *config = &vm->config;
	cpumask_t online = cpu_online_mask();
	cpumask_t mask = online;

	if (config->phys_cpu_ids_count) {
		int cpu = cpu_by_hwid(config->phys_cpu_ids[i]);

		if (cpu < 0 || !(online >> cpu & 1))
			return vm_fail_key(vm, "base.phys_cpu_ids", err, -AX_EINVAL,
					   "vCPU %u: this machine has no CPU 0x%llx online", i,
					   (unsigned long long)config->phys_cpu_ids[i]);
		mask = BIT(cpu);
	}
	if (config->phys_cpu_sets_count) {
		mask &= config->phys_cpu_sets[i];
		if (!mask || (config->phys_cpu_sets[i] & ~online))
			return vm_fail_key(vm, "base.phys_cpu_sets", err, -AX_EINVAL,
					   "vCPU %u: 0x%llx has CPUs that are not online (online: 0x%llx) or not the "
					   "one of phys_cpu_ids",
					   i, (unsigned long long)config->phys_cpu_sets[i], (unsigned long long)online);
	}
	vm->vcpus[i].affinity = mask;
	return 0;
}

static int create_vcpus(struct vm *vm, struct vm_error *err)
{
	unsigned count = vm->config.cpu_num;

	if (count > machine_max_vcpus())
		return vm_fail_key(vm, "base.cpu_num", err, -AX_EINVAL,
				   "%u is more than the %u that a VM can have on this machine", count,
				   machine_max_vcpus());
	vm->vcpus = kcalloc(count, sizeof(vm->vcpus[0]));
	if (!vm->vcpus)
		return vm_fail(err, -AX_ENOMEM, "vm %s: out of memory", vm->name);
	for (unsigned i = 0; i < count; i++) {
		struct vm_vcpu *v = &vm->vcpus[i];
		struct vcpu_params params = {
			.id = i,
			.hwid = machine_vcpu_hwid(i),
			.aspace = &vm->aspace,
			.ops = &vm_vcpu_ops,
			.owner = v,
		};
		int ret = choose_affinity(vm, i, err);

		if (ret)
			return ret;
		v->vm = vm;
		v->hwid = params.hwid;
		atomic_init(&v->power, VCPU_POWER_OFF);
		ret = vcpu_create(&params, &v->vcpu);
		if (ret)
			return vm_fail(err, ret, "vm %s: no vCPU %u: %s", vm->name, i, error_text(ret));
		vcpu_state_set(v->vcpu, VCPU_FREE);
		vm->num_vcpus++;
	}
	return 0;
}

static void destroy_vcpus(struct vm *vm)
{
	for (unsigned i = 0; i < vm->num_vcpus; i++)
		vcpu_destroy(vm->vcpus[i].vcpu);
	kfree(vm->vcpus);
}

static int create_aspace(struct vm *vm, struct vm_error *err)
{
	const struct pt_format *format = vcpu_stage2_format(bits_needed(&vm->config));
	int ret;

	if (!format)
		return vm_fail_key(vm, "kernel.memory_regions", err, -AX_EINVAL,
				   "a guest on this machine has %u address bits, not %u", vcpu_max_gpa_bits(),
				   bits_needed(&vm->config));
	ret = aspace_init(&vm->aspace, format, vcpu_aspace_ops());
	if (ret)
		return vm_fail(err, ret, "vm %s: no address space: %s", vm->name, error_text(ret));
	ret = vcpu_aspace_bind(&vm->aspace);
	if (ret) {
		aspace_destroy(&vm->aspace);
		return vm_fail(err, ret, "vm %s: no TLB tag is left: too many VMs", vm->name);
	}
	return 0;
}

static int id_taken(const struct vm *vm, struct vm_error *err)
{
	return vm_fail_key(vm, "base.id", err, -AX_EEXIST, "there is a VM %u already", vm->id);
}

/* Early, before work is done for nothing; vm_list_add has the last word. */
static int check_id(const struct vm *vm, struct vm_error *err)
{
	struct vm *other = vm_find_id(vm->id);

	if (!other)
		return 0;
	vm_put(other);
	return id_taken(vm, err);
}

static int parse(struct vm *vm, const char *text, size_t len, struct vm_error *err)
{
	struct config_error config_err;
	struct arena arena;
	int ret;

	vm->config_memory = kmalloc(VMCONFIG_ARENA_SIZE);
	if (!vm->config_memory)
		return vm_fail(err, -AX_ENOMEM, "%s: out of memory", vm->file);
	arena_init(&arena, vm->config_memory, VMCONFIG_ARENA_SIZE);
	ret = vmconfig_parse(text, len, vm->file, &arena, &vm->config, &config_err);
	if (ret)
		return vm_fail(err, ret, "%s", config_err.text);
	vm->id = vm->config.id;
	strlcpy(vm->name, vm->config.name, sizeof(vm->name));
	vm->memory = kcalloc(vm->config.memory_count, sizeof(vm->memory[0]));
	if (!vm->memory)
		return vm_fail(err, -AX_ENOMEM, "vm %s: out of memory", vm->name);
	memcpy(vm->memory, vm->config.memory, vm->config.memory_count * sizeof(vm->memory[0]));
	vm->config.memory = vm->memory;
	return check_id(vm, err);
}

static struct vm *new_vm(const char *file)
{
	struct vm *vm = kzalloc(sizeof(*vm));

	if (!vm)
		return NULL;
	vm->file = kstrdup(file);
	if (!vm->file) {
		kfree(vm);
		return NULL;
	}
	vm->refs = 1;
	TAILQ_INIT(&vm->devices);
	bus_init(&vm->mmio);
	mutex_init(&vm->lock);
	wait_queue_init(&vm->control_wait);
	wait_queue_init(&vm->parked_wait);
	return vm;
}

/* Undo what vm_create has done, up to the step that @done names: steps are undone in the reverse order. */
enum create_step { MADE, HAS_ASPACE, HAS_CONSOLE, HAS_VCPUS, HAS_MACHINE };

static void tear_down(struct vm *vm, enum create_step done)
{
	struct device *dev;

	if (done >= HAS_MACHINE)
		machine_destroy(vm);
	while ((dev = TAILQ_FIRST(&vm->devices))) {
		TAILQ_REMOVE(&vm->devices, dev, link);
		dev->ops->destroy(dev);
	}
	if (done >= HAS_VCPUS)
		destroy_vcpus(vm);
	if (done >= HAS_CONSOLE)
		vm_console_free(vm);
	bus_destroy(&vm->mmio);
	if (done >= HAS_ASPACE) {
		vcpu_aspace_retire(&vm->aspace);
		aspace_destroy(&vm->aspace);
		vcpu_aspace_unbind(&vm->aspace);
	}
	kfree(vm->memory);
	kfree(vm->config_memory);
	kfree(vm->file);
	kfree(vm);
}

void vm_free(struct vm *vm)
{
	tear_down(vm, HAS_MACHINE);
}

int vm_create(const char *text, size_t len, const char *file, struct vm **out, struct vm_error *err)
{
	struct vm *vm = new_vm(file);
	enum create_step done = MADE;
	int ret;

	if (!vm)
		return vm_fail(err, -AX_ENOMEM, "%s: out of memory", file);
	ret = parse(vm, text, len, err);
	if (ret)
		goto fail;
	ret = place_identical(vm, err);
	if (!ret)
		ret = create_aspace(vm, err);
	if (ret)
		goto fail;
	done = HAS_ASPACE;
	ret = map_memory(vm, err);
	if (ret)
		goto fail;
	ret = vm_console_init(vm);
	if (ret) {
		vm_fail(err, ret, "vm %s: no memory for its console", vm->name);
		goto fail;
	}
	done = HAS_VCPUS; /* create_vcpus leaves what it has made */
	ret = create_vcpus(vm, err);
	if (ret)
		goto fail;
	ret = machine_create(vm, err);
	if (ret)
		goto fail;
	done = HAS_MACHINE;
	ret = vm_load_images(vm, err);
	if (ret)
		goto fail;
	ret = vm_list_add(vm);
	if (ret) {
		id_taken(vm, err);
		goto fail;
	}
	*out = vm;
	return 0;

fail:
	tear_down(vm, done);
	return ret;
}

int vm_create_from_file(const char *path, struct vm **out, struct vm_error *err)
{
	char *text;
	size_t len;
	int ret = fs_read_file(path, VMCONFIG_MAX_TEXT, &text, &len);

	if (ret)
		return vm_fail(err, ret, "%s: %s", path, error_text(ret));
	ret = vm_create(text, len, path, out, err);
	kfree(text);
	return ret;
}
