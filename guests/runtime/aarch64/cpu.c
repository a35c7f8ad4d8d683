/* SPDX-License-Identifier: Apache-2.0 */
/* From the assembly of start.S to the runtime. */
#include "cpu.h"
#include "hooks.h"
#include "offsets.h"
#include "sysreg.h"

#define MPIDR_AFF 0xff00ffffffULL

_Static_assert(sizeof(struct trap_frame) == FRAME_SIZE, "offsets.h");

void start_c(const void *dtb);
void start_other_c(struct cpu *cpu);

static uint64_t own_hwid(void)
{
	return sysreg_read(mpidr_el1) & MPIDR_AFF;
}

void cpu_set_self(struct cpu *cpu)
{
	sysreg_write(tpidr_el1, cpu);
}

void start_c(const void *dtb)
{
	runtime_start(own_hwid(), dtb);
}

void start_other_c(struct cpu *cpu)
{
	runtime_start_other(cpu, own_hwid());
}
