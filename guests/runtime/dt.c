/* SPDX-License-Identifier: Apache-2.0 */
/* The machine as its device tree describes it. */
#include "guest.h"

#include <libfdt.h>
#include <string.h>

struct machine machine;

static uint64_t cells(const fdt32_t *value, int count)
{
	uint64_t result = 0;

	while (count-- > 0)
		result = result << 32 | fdt32_to_cpu(*value++);
	return result;
}

bool dt_reg(int node, unsigned index, uint64_t *base, uint64_t *size)
{
	int parent = fdt_parent_offset(machine.dtb, node);
	int address_cells = fdt_address_cells(machine.dtb, parent);
	int size_cells = fdt_size_cells(machine.dtb, parent);
	int stride = address_cells + size_cells;
	int length;
	const fdt32_t *reg = fdt_getprop(machine.dtb, node, "reg", &length);

	if (!reg || address_cells < 1 || size_cells < 0 || length < (int)(index + 1) * stride * 4)
		return false;
	reg += index * stride;
	*base = cells(reg, address_cells);
	*size = cells(reg + address_cells, size_cells);
	return true;
}

uint32_t dt_cell(int node, const char *property, unsigned index, uint32_t fallback)
{
	int length;
	const fdt32_t *value = fdt_getprop(machine.dtb, node, property, &length);

	return value && length >= (int)(index + 1) * 4 ? fdt32_to_cpu(value[index]) : fallback;
}

bool dt_is_reserved(uint64_t address)
{
	int parent = fdt_path_offset(machine.dtb, "/reserved-memory"), node;
	uint64_t base, size;

	fdt_for_each_subnode (node, machine.dtb, parent) {
		if (dt_reg(node, 0, &base, &size) && address - base < size)
			return true;
	}
	return false;
}

int dt_find(const char *compatible)
{
	return fdt_node_offset_by_compatible(machine.dtb, -1, compatible);
}

int dt_console(void)
{
	const char *path = fdt_getprop(machine.dtb, fdt_path_offset(machine.dtb, "/chosen"), "stdout-path", NULL);
	const char *end;

	if (!path)
		return -FDT_ERR_NOTFOUND;
	end = strchr(path, ':');
	return fdt_path_offset_namelen(machine.dtb, path, end ? (int)(end - path) : (int)strlen(path));
}

bool bootarg(const char *word)
{
	size_t length = strlen(word);
	const char *at = machine.bootargs;

	while (at && (at = strstr(at, word))) {
		bool begins = at == machine.bootargs || at[-1] == ' ';

		if (begins && (at[length] == '\0' || at[length] == ' '))
			return true;
		at += length;
	}
	return false;
}

static void find_memory(int node)
{
	struct bank *bank = &machine.ram[machine.ram_count];
	unsigned i;

	for (i = 0; machine.ram_count < GUEST_MAX_BANKS && dt_reg(node, i, &bank->base, &bank->size); i++)
		bank = &machine.ram[++machine.ram_count];
}

static void find_cpu(int node)
{
	uint64_t none;

	if (machine.cpu_count < GUEST_MAX_CPUS && dt_reg(node, 0, &machine.cpu_hwid[machine.cpu_count], &none))
		machine.cpu_count++;
}

void dt_init(const void *dtb)
{
	int node;

	if (fdt_check_header(dtb))
		return;
	machine.dtb = dtb;
	machine.dtb_size = fdt_totalsize(dtb);
	machine.bootargs = fdt_getprop(dtb, fdt_path_offset(dtb, "/chosen"), "bootargs", NULL);
	for (node = fdt_next_node(dtb, -1, NULL); node >= 0; node = fdt_next_node(dtb, node, NULL)) {
		const char *type = fdt_getprop(dtb, node, "device_type", NULL);

		if (type && !strcmp(type, "memory"))
			find_memory(node);
		else if (type && !strcmp(type, "cpu"))
			find_cpu(node);
	}
}
