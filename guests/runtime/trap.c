/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions that a test expects. */
#include "trap.h"
#include "cpu.h"
#include "guest.h"
#include "hooks.h"

void trap_catch(void)
{
	struct cpu *cpu = cpu_self();

	cpu->trap = (struct trap){ 0 };
	cpu->catching = true;
	trap_catch_arch();
}

struct trap trap_caught(void)
{
	struct cpu *cpu = cpu_self();

	trap_caught_arch();
	cpu->catching = false;
	return cpu->trap;
}

bool trap_record(uint64_t cause, uint64_t address, uint64_t pc, uint64_t status)
{
	struct cpu *cpu = cpu_self();

	if (!cpu->catching)
		return false;
	if (cpu->trap.count++ == 0) {
		cpu->trap.cause = cause;
		cpu->trap.address = address;
		cpu->trap.pc = pc;
		cpu->trap.status = status;
	}
	return true;
}

bool check_absent(const char *name, const struct trap *trap, enum trap_access access, uint64_t address)
{
	static const char *const accesses[] = { "read", "write", "fetch" };

	return check(trap->count == 1 && trap_is_absent(trap, access) && trap->address == address, name,
		     "expected one access fault of a %s at %#llx, got %u: cause %#llx address %#llx", accesses[access],
		     (unsigned long long)address, trap->count, (unsigned long long)trap->cause,
		     (unsigned long long)trap->address);
}
