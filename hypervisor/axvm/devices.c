/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices of the configuration that are no architecture's own (devices.emu_devices), and a word about those that are
 * not there yet.
 */
#include "vm.h"
#include <axstd/error.h>
#include <axstd/log.h>

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

/* Types that give the board's own devices an address (machine.c), or a part of them that needs none. */
static bool is_board_device(uint32_t type)
{
	return type == VM_EMU_INTC || type == VM_EMU_CONSOLE || type == VM_EMU_GICD || type == VM_EMU_GICR;
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

int vm_create_devices(struct vm *vm, struct vm_error *err)
{
	int ret = 0;

	for (size_t i = 0; i < vm->config.emu_device_count && !ret; i++) {
		const struct vm_emu_device *device = &vm->config.emu_devices[i];

		if (device->type == VM_EMU_DUMMY)
			ret = add_dummy(vm, device, err);
		else if (!is_board_device(device->type))
			log_warn("vm %s: %s: devices of type 0x%x are not emulated yet", vm->name, device->name,
				 device->type);
	}
	if (!ret)
		warn_of_missing(vm);
	return ret;
}
