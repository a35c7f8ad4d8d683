/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The board that an aarch64 guest sees: GIC as the host has it, PL011, generic timer, PSCI (docs/architecture.md,
 * "Guest machines").
 */
#include "../vm.h"
#include <axaddrspace/aspace.h>
#include <axdevice/arm/vgic.h>
#include <axdevice/pl011.h>
#include <axhal/arch/gic.h>
#include <axstd/error.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#define GICD_BASE 0x08000000
#define GICC_BASE 0x08010000
#define GICC_SIZE 0x1000 /* the second page, GICC_DIR, traps to the model */
#define GICR_BASE 0x080a0000
#define UART_BASE 0x09000000
#define UART_SPI  1 /* INTID 33 */
#define NUM_SPIS  224

#define GIC_PHANDLE 1

uint64_t machine_vcpu_hwid(unsigned index)
{
	return (index & 15) | (uint64_t)(index >> 4) << 8; /* the target list of an SGI holds 16 CPUs of one cluster */
}

unsigned machine_max_vcpus(void)
{
	return gic_info()->version == 2 ? 8 : VMCONFIG_MAX_VCPUS;
}

int machine_init(void)
{
	return vgic_host_init();
}

void machine_init_cpu(void)
{
	vgic_host_init_cpu();
}

static int create_gic(struct vm *vm, struct vm_error *err)
{
	struct vm_machine *m = &vm->machine;
	uint64_t mpidrs[VMCONFIG_MAX_VCPUS];
	struct vgic_params params = {
		.version = gic_info()->version,
		.num_vcpus = vm->num_vcpus,
		.num_spis = NUM_SPIS,
		.trap_dir = true,
		.mpidrs = mpidrs,
		.mmio = &vm->mmio,
	};
	int ret;

	m->gic_version = params.version;
	m->dist_base = vm_device_base(vm, VM_EMU_GICD, vm_device_base(vm, VM_EMU_INTC, GICD_BASE));
	m->redist_base = params.version == 2 ? GICC_BASE : vm_device_base(vm, VM_EMU_GICR, GICR_BASE);
	params.dist_base = m->dist_base;
	params.redist_base = m->redist_base;
	for (unsigned i = 0; i < vm->num_vcpus; i++)
		mpidrs[i] = vm->vcpus[i].hwid;
	ret = vgic_create(&params, &m->vgic);
	if (ret)
		return vm_fail(err, ret, "vm %s: no interrupt controller at 0x%llx: %s", vm->name,
			       (unsigned long long)m->dist_base, error_text(ret));
	for (unsigned i = 0; i < vm->num_vcpus; i++)
		vgic_attach(m->vgic, vm->vcpus[i].vcpu);
	if (m->gic_version == 2) {
		ret = aspace_map_linear(&vm->aspace, m->redist_base, gic_info()->gicv, GICC_SIZE, PT_READ | PT_WRITE,
					ASPACE_DEVICE);
		if (ret) {
			vgic_destroy(m->vgic);
			return vm_fail(err, ret, "vm %s: no CPU interface at 0x%llx: %s", vm->name,
				       (unsigned long long)m->redist_base, error_text(ret));
		}
	}
	return 0;
}

bool machine_has(uint32_t emu_type)
{
	return emu_type == VM_EMU_INTC || emu_type == VM_EMU_GICD || emu_type == VM_EMU_GICR;
}

int machine_create(struct vm *vm, struct vm_error *err)
{
	struct machine_uart uart = { .create = pl011_create, .base = UART_BASE };
	int ret;

	if (vm->config.interrupt_controller != VM_INTC_HOST)
		return vm_fail_key(vm, "devices.interrupt_controller", err, -AX_ENOTSUP,
				   "on aarch64 it is always the host's kind of GIC (\"host\")");
	ret = create_gic(vm, err);
	if (ret)
		return ret;
	uart.irq = vgic_line(vm->machine.vgic, 32 + UART_SPI);
	ret = vm_create_devices(vm, &uart, err);
	if (ret)
		vgic_destroy(vm->machine.vgic);
	return ret;
}

void machine_destroy(struct vm *vm)
{
	vgic_destroy(vm->machine.vgic);
}

void machine_reset_vcpu(struct vm_vcpu *v, bool resume)
{
	vgic_reset_cpu(v->vcpu);
}

void machine_reset(struct vm *vm)
{
	vgic_reset(vm->machine.vgic);
}

/*
 * The device tree.
 */
static int write_cpus(struct vm *vm, void *fdt)
{
	int ret = fdt_begin_node(fdt, "cpus");

	if (!ret)
		ret = fdt_property_u32(fdt, "#address-cells", 2);
	if (!ret)
		ret = fdt_property_u32(fdt, "#size-cells", 0);
	for (unsigned i = 0; i < vm->num_vcpus && !ret; i++) {
		char name[24];

		snprintf(name, sizeof(name), "cpu@%llx", (unsigned long long)vm->vcpus[i].hwid);
		ret = fdt_begin_node(fdt, name);
		if (!ret)
			ret = fdt_property_string(fdt, "device_type", "cpu");
		if (!ret)
			ret = fdt_property_string(fdt, "compatible", "arm,armv8");
		if (!ret)
			ret = fdt_property_u64(fdt, "reg", vm->vcpus[i].hwid);
		if (!ret)
			ret = fdt_property_string(fdt, "enable-method", "psci");
		if (!ret)
			ret = fdt_end_node(fdt);
	}
	return ret ? ret : fdt_end_node(fdt);
}

static int write_psci(void *fdt)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";
	int ret = fdt_begin_node(fdt, "psci");

	if (!ret)
		ret = fdt_property(fdt, "compatible", compatible, sizeof(compatible));
	if (!ret)
		ret = fdt_property_string(fdt, "method", "hvc");
	return ret ? ret : fdt_end_node(fdt);
}

static int write_timer(struct vm *vm, void *fdt)
{
	/* Secure, non-secure physical, virtual, hypervisor: PPIs 13, 14, 11, 10. GICv2 wants the CPUs as a mask too. */
	static const uint32_t ppis[] = { 13, 14, 11, 10 };
	uint32_t cpus = vm->machine.gic_version == 2 ? ((1u << vm->num_vcpus) - 1) << 8 : 0;
	uint32_t cells[3 * ARRAY_SIZE(ppis)];
	int ret;

	for (size_t i = 0; i < ARRAY_SIZE(ppis); i++) {
		cells[3 * i] = 1;
		cells[3 * i + 1] = ppis[i];
		cells[3 * i + 2] = 4 | cpus;
	}
	ret = fdt_begin_node(fdt, "timer");
	if (!ret)
		ret = fdt_property_string(fdt, "compatible", "arm,armv8-timer");
	if (!ret)
		ret = fdt_write_cells(fdt, "interrupts", cells, ARRAY_SIZE(cells));
	if (!ret)
		ret = fdt_property(fdt, "always-on", NULL, 0);
	return ret ? ret : fdt_end_node(fdt);
}

static int write_nodes(struct vm *vm, struct fdt_context *ctx)
{
	struct device *gic = vgic_device(vm->machine.vgic);
	int ret = write_cpus(vm, ctx->fdt);

	if (!ret)
		ret = write_psci(ctx->fdt);
	if (!ret)
		ret = write_timer(vm, ctx->fdt);
	return ret ? ret : gic->ops->describe(gic, ctx);
}

int machine_describe(struct vm *vm, void *buffer, size_t max, size_t *size, struct vm_error *err)
{
	struct machine_tree tree = {
		.compatible = "linux,dummy-virt",
		.interrupt_parent = GIC_PHANDLE,
		.ctx = { .intc_phandle = GIC_PHANDLE, .irq_cells = vgic_irq_cells, .next_phandle = GIC_PHANDLE + 1 },
		.write_nodes = write_nodes,
	};

	return fdt_describe_vm(vm, &tree, buffer, max, size, err);
}

/*
 * The kernel's header, Documentation/arch/arm64/booting.rst of Linux.
 */
struct arm64_image {
	uint32_t code[2];
	uint64_t text_offset;
	uint64_t image_size;
	uint64_t flags;
	uint64_t reserved[3];
	uint32_t magic;
	uint32_t pe_offset;
};

#define ARM64_MAGIC     0x644d5241 /* "ARM\x64" */
#define FLAG_BIG_ENDIAN BIT(0)

int machine_parse_image(const uint8_t *head, size_t len, struct image_header *out, struct vm_error *err)
{
	struct arm64_image image;

	*out = (struct image_header){ 0 };
	if (len < sizeof(image))
		return 0;
	memcpy(&image, head, sizeof(image));
	if (image.magic != ARM64_MAGIC)
		return 0;
	if (image.flags & FLAG_BIG_ENDIAN)
		return vm_fail(err, -AX_ENOTSUP, "the Image header says big-endian");
	if (image.image_size > GIB(1) || image.text_offset >= MIB(64))
		return vm_fail(err, -AX_EINVAL, "bad Image header: text_offset 0x%llx, image_size 0x%llx",
			       (unsigned long long)image.text_offset, (unsigned long long)image.image_size);
	/* Before Linux 3.17 image_size was 0 and text_offset 0x80000 whatever it said. */
	out->known = true;
	out->load_offset = image.image_size ? image.text_offset : 0x80000;
	out->size = image.image_size;
	return 0;
}
