/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board that a riscv64 guest sees: PLIC or AIA, 16550, SBI (docs/architecture.md, "Guest machines"). Addresses and
 * interrupt numbers are those of QEMU's machine virt.
 */
#include "../vm.h"
#include "fdt_cpus.h"
#include <axdevice/ns16550.h>
#include <axdevice/riscv/vaia.h>
#include <axdevice/riscv/vplic.h>
#include <axhal/arch/imsic.h>
#include <axstd/error.h>
#include <libfdt.h>
#include <string.h>

#define PLIC_BASE   0x0c000000
#define PLIC_SIZE   0x04000000
#define APLIC_BASE  0x0d000000
#define IMSIC_BASE  0x28000000
#define IMSIC_IDS   255
#define UART_BASE   0x10000000
#define UART_SOURCE 10
#define NUM_SOURCES 95

#define INTC_PHANDLE 1

uint64_t machine_vcpu_hwid(unsigned index)
{
	return index;
}

unsigned machine_max_vcpus(void)
{
	return VMCONFIG_MAX_VCPUS;
}

int machine_init(void)
{
	return vaia_host_init();
}

void machine_init_cpu(void)
{
	vaia_host_init_cpu();
}

bool machine_has(uint32_t emu_type)
{
	return emu_type == VM_EMU_INTC || emu_type == VM_EMU_PLIC;
}

/* As the file says, else as the host has it. */
static enum vm_interrupt_controller choose_intc(const struct vm *vm)
{
	if (vm->config.interrupt_controller != VM_INTC_HOST)
		return vm->config.interrupt_controller;
	switch (riscv_host_intc()) {
	case RISCV_INTC_APLIC: return VM_INTC_APLIC;
	case RISCV_INTC_IMSIC: return VM_INTC_AIA;
	default: return VM_INTC_PLIC;
	}
}

/* What the file says of the PLIC's size: boards give it less than the specification's 64 MiB. */
static uint64_t plic_size(const struct vm *vm)
{
	for (size_t i = 0; i < vm->config.emu_device_count; i++)
		if (vm->config.emu_devices[i].type == VM_EMU_PLIC && vm->config.emu_devices[i].length)
			return vm->config.emu_devices[i].length;
	return PLIC_SIZE;
}

static int create_plic(struct vm *vm, struct vm_error *err)
{
	struct vplic_params params = {
		.base = vm_device_base(vm, VM_EMU_PLIC, vm_device_base(vm, VM_EMU_INTC, PLIC_BASE)),
		.size = plic_size(vm),
		.num_vcpus = vm->num_vcpus,
		.num_sources = NUM_SOURCES,
		.machine_contexts = true,
		.mmio = &vm->mmio,
	};
	int ret = vplic_create(&params, &vm->machine.plic);

	if (ret)
		return vm_fail(err, ret, "vm %s: no PLIC of 0x%llx bytes at 0x%llx: %s", vm->name,
			       (unsigned long long)params.size, (unsigned long long)params.base, error_text(ret));
	for (unsigned i = 0; i < vm->num_vcpus; i++)
		vplic_attach(vm->machine.plic, vm->vcpus[i].vcpu);
	return 0;
}

static int create_aia(struct vm *vm, bool imsic, struct vm_error *err)
{
	struct vaia_params params = {
		.aplic_base = vm_device_base(vm, VM_EMU_INTC, APLIC_BASE),
		.imsic = imsic,
		.imsic_base = IMSIC_BASE,
		.num_vcpus = vm->num_vcpus,
		.num_sources = NUM_SOURCES,
		.num_ids = IMSIC_IDS,
		.aspace = &vm->aspace,
		.mmio = &vm->mmio,
	};
	int ret = vaia_create(&params, &vm->machine.aia);

	if (ret)
		return vm_fail(err, ret, "vm %s: no APLIC at 0x%llx: %s", vm->name,
			       (unsigned long long)params.aplic_base, error_text(ret));
	for (unsigned i = 0; i < vm->num_vcpus; i++)
		vaia_attach(vm->machine.aia, vm->vcpus[i].vcpu);
	return 0;
}

int machine_create(struct vm *vm, struct vm_error *err)
{
	struct machine_uart uart = { .create = ns16550_create, .base = UART_BASE };
	enum vm_interrupt_controller intc = choose_intc(vm);
	int ret;

	if (intc == VM_INTC_PLIC)
		ret = create_plic(vm, err);
	else
		ret = create_aia(vm, intc == VM_INTC_AIA, err);
	if (ret)
		return ret;
	uart.irq = vm->machine.plic ? vplic_line(vm->machine.plic, UART_SOURCE)
				    : vaia_line(vm->machine.aia, UART_SOURCE);
	ret = vm_create_devices(vm, &uart, err);
	if (ret)
		machine_destroy(vm);
	return ret;
}

void machine_destroy(struct vm *vm)
{
	if (vm->machine.plic)
		vplic_destroy(vm->machine.plic);
	if (vm->machine.aia)
		vaia_destroy(vm->machine.aia);
}

void machine_reset(struct vm *vm)
{
	if (vm->machine.plic)
		vplic_reset(vm->machine.plic);
	else
		vaia_reset(vm->machine.aia);
}

/*
 * A PLIC's contexts know nothing of harts that are switched off and on; an IMSIC is a part of its hart, and stays on
 * while that is suspended.
 */
void machine_reset_vcpu(struct vm_vcpu *v, bool resume)
{
	if (v->vm->machine.aia && !resume)
		vaia_reset_cpu(v->vcpu);
}

static int write_nodes(struct vm *vm, struct fdt_context *ctx)
{
	struct vm_machine *m = &vm->machine;
	struct device *intc = m->plic ? vplic_device(m->plic) : vaia_device(m->aia);
	int ret = fdt_write_cpus(vm, ctx, choose_intc(vm) == VM_INTC_AIA);

	return ret ? ret : intc->ops->describe(intc, ctx);
}

int machine_describe(struct vm *vm, void *buffer, size_t max, size_t *size, struct vm_error *err)
{
	struct machine_tree tree = {
		.compatible = "riscv-virtio",
		.ctx = { .intc_phandle = INTC_PHANDLE,
			 .irq_cells = vm->machine.plic ? vplic_irq_cells : vaia_irq_cells,
			 .hart_phandle = INTC_PHANDLE + 1,
			 .next_phandle = INTC_PHANDLE + 1 + vm->num_vcpus },
		.write_nodes = write_nodes,
	};

	return fdt_describe_vm(vm, &tree, buffer, max, size, err);
}

/*
 * The kernel's header, Documentation/arch/riscv/boot-image-header.rst of Linux.
 */
struct riscv_image {
	uint32_t code[2];
	uint64_t text_offset;
	uint64_t image_size;
	uint64_t flags;
	uint32_t version; /* major in the upper half; new ones stay compatible */
	uint32_t reserved[3];
	uint64_t magic; /* superseded by magic2 */
	uint32_t magic2;
	uint32_t pe_offset;
};

#define RISCV_MAGIC2    0x05435352 /* "RSC\x05" */
#define FLAG_BIG_ENDIAN BIT(0)

int machine_parse_image(const uint8_t *head, size_t len, struct image_header *out, struct vm_error *err)
{
	struct riscv_image image;

	*out = (struct image_header){ 0 };
	if (len < sizeof(image))
		return 0;
	memcpy(&image, head, sizeof(image));
	if (image.magic2 != RISCV_MAGIC2)
		return 0;
	if (image.flags & FLAG_BIG_ENDIAN)
		return vm_fail(err, -AX_ENOTSUP, "the Image header says big-endian");
	if (image.image_size > GIB(1) || image.text_offset >= MIB(64))
		return vm_fail(err, -AX_EINVAL, "bad Image header: text_offset 0x%llx, image_size 0x%llx",
			       (unsigned long long)image.text_offset, (unsigned long long)image.image_size);
	out->known = true;
	out->load_offset = image.text_offset;
	out->size = image.image_size;
	return 0;
}
