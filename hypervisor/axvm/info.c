/* SPDX-License-Identifier: Apache-2.0 */
#include "vm.h"
#include <axstd/error.h>
#include <axtask/task.h>
#include <string.h>

unsigned vm_id(const struct vm *vm)
{
	return vm->id;
}

const char *vm_name(const struct vm *vm)
{
	return vm->name;
}

enum vm_state vm_get_state(const struct vm *vm)
{
	return vm->state;
}

const struct vm_config *vm_config(const struct vm *vm)
{
	return &vm->config;
}

void vm_get_info(struct vm *vm, struct vm_info *info)
{
	struct aspace_stats stats;

	aspace_get_stats(&vm->aspace, &stats);
	*info = (struct vm_info){
		.id = vm->id,
		.num_vcpus = vm->num_vcpus,
		.table_bytes = stats.table_pages * PAGE_SIZE,
		.console_lost = vm->console.lost,
	};
	for (size_t i = 0; i < vm->config.memory_count; i++)
		info->memory_bytes += vm->config.memory[i].size;
	mutex_lock(&vm->lock);
	info->state = vm->state;
	info->start_ns = vm->start_ns;
	info->first_entry_ns = atomic_load(&vm->first_entry_ns);
	strlcpy(info->name, vm->name, sizeof(info->name));
	strlcpy(info->stop_reason, vm->stop_reason, sizeof(info->stop_reason));
	mutex_unlock(&vm->lock);
}

int vm_get_vcpu_info(struct vm *vm, unsigned vcpu, struct vm_vcpu_info *info)
{
	const struct vm_vcpu *v;
	struct task_info task;

	if (vcpu >= vm->num_vcpus)
		return -AX_ENOENT;
	v = &vm->vcpus[vcpu];
	*info = (struct vm_vcpu_info){
		.state = atomic_load(&v->vcpu->state),
		.on = atomic_load(&v->power) == VCPU_POWER_ON,
		.affinity = v->affinity,
		.pc = v->pc,
		.stats = v->vcpu->stats,
	};
	mutex_lock(&vm->lock); /* the task does not go away meanwhile */
	if (v->task) {
		task_get_info(v->task, &task);
		info->cpu = task.cpu;
		info->run_ns = task.run_ns;
	}
	mutex_unlock(&vm->lock);
	return 0;
}

void vm_for_each_region(struct vm *vm, void (*fn)(const struct vm_region_info *info, void *arg), void *arg)
{
	struct vm_region_info info;

	for (size_t i = 0; i < vm->config.memory_count; i++) {
		const struct vm_memory_region *region = &vm->config.memory[i];

		info = (struct vm_region_info){
			.kind = "RAM",
			.name = region->map_type == VM_MAP_ALLOC       ? "allocated"
				: region->map_type == VM_MAP_IDENTICAL ? "identical"
								       : "reserved",
			.base = region->gpa,
			.size = region->size,
			.flags = region->flags,
		};
		fn(&info, arg);
	}
	for (size_t i = 0; i < vm->mmio.count; i++) {
		info = (struct vm_region_info){
			.kind = "device",
			.name = vm->mmio.regions[i].name,
			.base = vm->mmio.regions[i].base,
			.size = vm->mmio.regions[i].size,
			.flags = PT_READ | PT_WRITE | PT_DEVICE,
		};
		fn(&info, arg);
	}
}

int vm_for_each_register(struct vm *vm, unsigned vcpu, void (*fn)(const char *name, uint64_t value, void *arg),
			 void *arg)
{
	int ret = 0;

	if (vcpu >= vm->num_vcpus)
		return -AX_ENOENT;
	mutex_lock(&vm->lock);
	if (vm->state == VM_STOPPED || vm->state == VM_FAILED)
		for (unsigned reg = 0; reg < vcpu_reg_count(); reg++)
			fn(vcpu_reg_name(reg), vcpu_get_reg(vm->vcpus[vcpu].vcpu, reg), arg);
	else
		ret = -AX_ESTATE;
	mutex_unlock(&vm->lock);
	return ret;
}
