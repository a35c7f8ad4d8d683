/* SPDX-License-Identifier: Apache-2.0 */
/* What this CPU is, and what it can. */
#include "cpu.h"
#include "csr.h"
#include "guest.h"
#include "hooks.h"
#include "offsets.h"

#include <libfdt.h>
#include <string.h>

_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "offsets.h");
_Static_assert(offsetof(struct trap_frame, pc) == FRAME_PC, "offsets.h");
_Static_assert(offsetof(struct trap_frame, value) == FRAME_VALUE, "offsets.h");
_Static_assert(offsetof(struct cpu, arch.trap_stack) == CPU_TRAP_STACK, "offsets.h");
_Static_assert(offsetof(struct cpu, arch.scratch) == CPU_SCRATCH, "offsets.h");

void cpu_set_self(struct cpu *cpu)
{
	cpu->arch.trap_stack = 0;
	csr_write(sscratch, cpu);
	__asm__ volatile("mv tp, %0" : : "r"(cpu));
}

/* "rv64imafdc_zicsr_sstc": single letters up to the first underscore, words behind it. */
static bool in_isa_string(const char *isa, const char *extension)
{
	size_t length = strlen(extension);
	const char *at = isa + strcspn(isa, "_");

	if (length == 1)
		return strlen(isa) > 4 && memchr(isa + 4, *extension, at - isa - 4);
	for (; *at; at += strcspn(at, "_")) {
		at++;
		if (!strncmp(at, extension, length) && (at[length] == '_' || !at[length]))
			return true;
	}
	return false;
}

bool isa_has(const char *extension)
{
	int node = fdt_node_offset_by_prop_value(machine.dtb, -1, "device_type", "cpu", 4);
	const char *isa = fdt_getprop(machine.dtb, node, "riscv,isa", NULL);

	if (fdt_stringlist_search(machine.dtb, node, "riscv,isa-extensions", extension) >= 0)
		return true;
	return isa && in_isa_string(isa, extension);
}
