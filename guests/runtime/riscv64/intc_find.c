/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupt controllers as the device tree has them. */
#include "intc_find.h"
#include "cpu.h"
#include "guest.h"
#include "intc.h"

#include <libfdt.h>

#define SUPERVISOR_EXTERNAL 9

/* The hart whose riscv,cpu-intc has this phandle. Return: an index, -1 for none */
static int cpu_of(uint32_t phandle)
{
	int cpu = fdt_parent_offset(machine.dtb, fdt_node_offset_by_phandle(machine.dtb, phandle));
	uint64_t hwid, none;
	unsigned i;

	if (cpu < 0 || !dt_reg(cpu, 0, &hwid, &none))
		return -1;
	for (i = 0; i < machine.cpu_count; i++) {
		if (machine.cpu_hwid[i] == hwid)
			return i;
	}
	return -1;
}

/* Contexts of a controller: pairs of a hart's intc and a cause. Return: is it for supervisors? */
static bool find_contexts(int node)
{
	unsigned i;
	int cpu, length = 0;
	bool found = false;

	fdt_getprop(machine.dtb, node, "interrupts-extended", &length);
	for (i = 0; length > 0 && i < (unsigned)length / 8; i++) {
		if (dt_cell(node, "interrupts-extended", 2 * i + 1, 0) != SUPERVISOR_EXTERNAL)
			continue;
		cpu = cpu_of(dt_cell(node, "interrupts-extended", 2 * i, 0));
		if (cpu >= 0)
			cpus[cpu].arch.intc_index = i;
		found = true;
	}
	return found;
}

static bool find_plic(void)
{
	static const char *const names[] = { "sifive,plic-1.0.0", "riscv,plic0", "thead,c900-plic" };
	unsigned i;
	int node = -1;

	for (i = 0; i < ARRAY_LEN(names) && node < 0; i++)
		node = dt_find(names[i]);
	if (node < 0 || !dt_reg(node, 0, &intc.base, &intc.size) || !find_contexts(node))
		return false;
	intc.kind = INTC_PLIC;
	intc.sources = dt_cell(node, "riscv,ndev", 0, 31);
	return true;
}

static uint32_t find_imsic(void)
{
	int node = -1;
	uint64_t size;

	while ((node = fdt_node_offset_by_compatible(machine.dtb, node, "riscv,imsics")) >= 0) {
		if (!find_contexts(node) || !dt_reg(node, 0, &intc.imsic, &size))
			continue;
		intc.kind = INTC_IMSIC;
		intc.ids = dt_cell(node, "riscv,num-ids", 0, 63);
		intc.page_shift = 12 + dt_cell(node, "riscv,guest-index-bits", 0, 0);
		return fdt_get_phandle(machine.dtb, node);
	}
	return 0;
}

/* The domain that sends to our IMSICs, or to our harts. */
static bool find_aplic(uint32_t imsic)
{
	int node = -1;

	while ((node = fdt_node_offset_by_compatible(machine.dtb, node, "riscv,aplic")) >= 0) {
		if (imsic ? dt_cell(node, "msi-parent", 0, 0) != imsic : !find_contexts(node))
			continue;
		if (!imsic)
			intc.kind = INTC_APLIC;
		intc.sources = dt_cell(node, "riscv,num-sources", 0, 31);
		return dt_reg(node, 0, &intc.base, &intc.size);
	}
	return false;
}

bool intc_find(void)
{
	uint32_t imsic;

	if (find_plic())
		return true;
	imsic = find_imsic();
	return find_aplic(imsic) || imsic;
}
