/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /cpus: what the guest's harts can do, from what the host's can (Documentation/devicetree/bindings/riscv/cpus.yaml and
 * extensions.yaml of Linux).
 */
#include "fdt_cpus.h"
#include <axhal/arch/isa.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#define ISA_MAX 320 /* of riscv,isa and of riscv,isa-extensions: all names with a separator each */

#define EXT(name) BIT(RISCV_EXT_##name)

/*
 * What a guest is told of if the host has it. Not: H (guests do not nest), machine-mode extensions, counters that stay
 * closed to it (Zihpm), what takes a firmware call that it is not given (Svadu), the AIA (which is the VM's, not the
 * host's).
 */
static const uint64_t guest_extensions = EXT(I) | EXT(M) | EXT(A) | EXT(F) | EXT(D) | EXT(C) | EXT(V) | EXT(ZICSR) |
					 EXT(ZIFENCEI) | EXT(ZICNTR) | EXT(ZIHINTPAUSE) | EXT(ZICBOM) | EXT(ZICBOZ) |
					 EXT(ZICBOP) | EXT(ZBA) | EXT(ZBB) | EXT(ZBC) | EXT(ZBS) | EXT(ZICOND) |
					 EXT(SSTC) | EXT(SVINVAL) | EXT(SVNAPOT) | EXT(SVPBMT);

/* "rv64imafdc_zicsr_sstc", and the same as a list of strings. */
struct isa {
	char string[ISA_MAX];
	char list[ISA_MAX];
	int list_len;
};

static void name_extensions(struct isa *isa, bool imsic)
{
	uint64_t set = riscv_info()->extensions & guest_extensions;
	size_t n = strlcpy(isa->string, "rv64", ISA_MAX);

	if (imsic)
		set |= EXT(SSAIA); /* emulated where the host has none */
	isa->list_len = 0;
	for (unsigned i = 0; i < RISCV_EXTS; i++) {
		const char *name = riscv_ext_name(i);
		size_t len = strlen(name);

		if (!(set >> i & 1))
			continue;
		if (len > 1)
			isa->string[n++] = '_';
		n += strlcpy(isa->string + n, name, ISA_MAX - n);
		memcpy(isa->list + isa->list_len, name, len + 1);
		isa->list_len += (int)len + 1;
	}
}

/* Longest case: every extension that there is. */
#define EXT_LEN(index, name) +sizeof(name)
_Static_assert(sizeof("rv64") RISCV_EXTENSIONS(EXT_LEN) <= ISA_MAX, "ISA_MAX is too small");

static int write_blocks(void *fdt)
{
	const struct riscv_info *info = riscv_info();
	int ret = 0;

	if (riscv_has(RISCV_EXT_ZICBOM) && info->cbom_block)
		ret = fdt_property_u32(fdt, "riscv,cbom-block-size", info->cbom_block);
	if (!ret && riscv_has(RISCV_EXT_ZICBOZ) && info->cboz_block)
		ret = fdt_property_u32(fdt, "riscv,cboz-block-size", info->cboz_block);
	if (!ret && riscv_has(RISCV_EXT_ZICBOP) && info->cbop_block)
		ret = fdt_property_u32(fdt, "riscv,cbop-block-size", info->cbop_block);
	return ret;
}

static int write_intc(void *fdt, uint32_t phandle)
{
	int ret = fdt_begin_node(fdt, "interrupt-controller");

	if (!ret)
		ret = fdt_property_string(fdt, "compatible", "riscv,cpu-intc");
	if (!ret)
		ret = fdt_property(fdt, "interrupt-controller", NULL, 0);
	if (!ret)
		ret = fdt_property_u32(fdt, "#interrupt-cells", 1);
	if (!ret)
		ret = fdt_property_u32(fdt, "phandle", phandle);
	return ret ? ret : fdt_end_node(fdt);
}

static int write_cpu(void *fdt, uint64_t hart, const struct isa *isa, uint32_t phandle)
{
	char name[24], mmu[16];
	int ret;

	snprintf(name, sizeof(name), "cpu@%llx", (unsigned long long)hart);
	snprintf(mmu, sizeof(mmu), "riscv,sv%u", 12 + 9 * riscv_info()->satp_levels);
	ret = fdt_begin_node(fdt, name);
	if (!ret)
		ret = fdt_property_string(fdt, "device_type", "cpu");
	if (!ret)
		ret = fdt_property_string(fdt, "compatible", "riscv");
	if (!ret)
		ret = fdt_property_string(fdt, "status", "okay");
	if (!ret)
		ret = fdt_property_u32(fdt, "reg", (uint32_t)hart);
	if (!ret)
		ret = fdt_property_string(fdt, "riscv,isa", isa->string);
	if (!ret)
		ret = fdt_property_string(fdt, "riscv,isa-base", "rv64i");
	if (!ret)
		ret = fdt_property(fdt, "riscv,isa-extensions", isa->list, isa->list_len);
	if (!ret)
		ret = fdt_property_string(fdt, "mmu-type", mmu);
	if (!ret)
		ret = write_blocks(fdt);
	if (!ret)
		ret = write_intc(fdt, phandle);
	return ret ? ret : fdt_end_node(fdt);
}

int fdt_write_cpus(struct vm *vm, struct fdt_context *ctx, bool imsic)
{
	void *fdt = ctx->fdt;
	struct isa isa;
	int ret = fdt_begin_node(fdt, "cpus");

	name_extensions(&isa, imsic);
	if (!ret)
		ret = fdt_property_u32(fdt, "#address-cells", 1);
	if (!ret)
		ret = fdt_property_u32(fdt, "#size-cells", 0);
	if (!ret)
		ret = fdt_property_u32(fdt, "timebase-frequency", (uint32_t)riscv_info()->timebase);
	for (unsigned i = 0; i < vm->num_vcpus && !ret; i++)
		ret = write_cpu(fdt, vm->vcpus[i].hwid, &isa, ctx->hart_phandle + i);
	return ret ? ret : fdt_end_node(fdt);
}
