/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices alike on every machine: the console, what the configuration adds (devices.emu_devices), and a word about
 * those that are not there yet.
 */
#include "vm.h"
#include <axstd/error.h>
#include <axstd/log.h>

uint64_t vm_device_base(const struct vm *vm, uint32_t type, uint64_t base)
{
	for (size_t i = 0; i < vm->config.emu_device_count; i++)
		if (vm->config.emu_devices[i].type == type && vm->config.emu_devices[i].base_gpa)
			return vm->config.emu_devices[i].base_gpa;
	return base;
}

static int create_uart(struct vm *vm, const struct machine_uart *uart, struct vm_error *err)
{
	uint64_t base = vm_device_base(vm, VM_EMU_CONSOLE, uart->base);
	struct device_env env = { .mmio = &vm->mmio, .irq = uart->irq };
	struct console_backend backend;
	int ret = uart->create(&env, base, vm_console_backend(vm, &backend), &vm->console.uart);

	if (ret)
		return vm_fail(err, ret, "vm %s: no console at 0x%llx: %s", vm->name, (unsigned long long)base,
			       error_text(ret));
	TAILQ_INSERT_TAIL(&vm->devices, vm->console.uart->dev, link);
	return 0;
}

/* emu_type 0, a dummy: registers that read as zero and ignore writes. */
static uint64_t read_zero(void *opaque, unsigned vcpu, uint64_t offset, unsigned width)
{
	return 0;
}

static void ignore_write(void *opaque, unsigned vcpu, uint64_t offset, unsigned width, uint64_t value)
{
}

static int add_dummy(struct vm *vm, const struct vm_emu_device *device, struct vm_error *err)
{
	static const struct bus_ops ops = { .read = read_zero, .write = ignore_write };
	const struct bus_region region = {
		.base = device->base_gpa,
		.size = device->length,
		.ops = &ops,
		.name = device->name,
	};
	const char *other;
	int ret = bus_add(&vm->mmio, &region, &other);

	if (ret == -AX_EEXIST)
		return vm_fail(err, ret, "%s:%u:%u: devices.emu_devices: %s overlaps the guest's %s", vm->file,
			       device->pos.line, device->pos.column, device->name, other);
	if (ret)
		return vm_fail(err, ret, "%s:%u:%u: devices.emu_devices: %s: %s", vm->file, device->pos.line,
			       device->pos.column, device->name, error_text(ret));
	return 0;
}

static int add_configured(struct vm *vm, struct vm_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < vm->config.emu_device_count && !ret; i++) {
		const struct vm_emu_device *device = &vm->config.emu_devices[i];

		if (device->type == VM_EMU_DUMMY)
			ret = add_dummy(vm, device, err);
		else if (device->type != VM_EMU_CONSOLE && !machine_has(device->type))
			log_warn("vm %s: %s: devices of type 0x%x are not emulated yet", vm->name, device->name,
				 device->type);
	}
	return ret;
}

/* Memory and devices are told apart by address: neither may lie where the other is. */
static int check_overlap(struct vm *vm, struct vm_error *err)
{
	for (size_t i = 0; i < vm->mmio.count; i++) {
		const struct bus_region *device = &vm->mmio.regions[i];

		for (size_t j = 0; j < vm->config.memory_count; j++) {
			const struct vm_memory_region *region = &vm->config.memory[j];

			if (ranges_overlap(device->base, device->size, region->gpa, region->size))
				return vm_fail(err, -AX_EEXIST,
					       "%s:%u:%u: kernel.memory_regions[%zu]: lies over the guest's %s at "
					       "0x%llx: move either (devices.emu_devices)",
					       vm->file, region->pos.line, region->pos.column, j, device->name,
					       (unsigned long long)device->base);
		}
	}
	return 0;
}

/* Said aloud, so that nobody waits for a device in vain. */
static void warn_of_missing(const struct vm *vm)
{
	const struct vm_config *c = &vm->config;

	if (c->passthrough_device_count || c->passthrough_address_count || c->passthrough_port_count)
		log_warn("vm %s: devices are not passed through yet: the guest gets emulated ones only", vm->name);
	if (c->virtual_device_count || c->disk_path)
		log_warn("vm %s: virtio devices are not emulated yet: the guest does not get them", vm->name);
}

int vm_create_devices(struct vm *vm, const struct machine_uart *uart, struct vm_error *err)
{
	int ret = create_uart(vm, uart, err);

	if (!ret)
		ret = add_configured(vm, err);
	if (!ret)
		warn_of_missing(vm);
	return ret ? ret : check_overlap(vm, err);
}
