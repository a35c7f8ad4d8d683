/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that a guest must not be able to do harm with. The test is that the host and the VM beside this one go on,
 * and that this one goes on as well: each illegal act has the answer that hardware would give, and afterwards
 * everything still works. The last attacks leave CPUs behind that never come back; power off ends them.
 *
 * Boot arguments "only NAME ...": just these.
 */
#include "hostile.h"
#include <mmio.h>
#include <trap.h>

const char guest_name[] = "hostile";

static unsigned refused;

uint64_t random_next(void)
{
	static uint64_t state = 0x853c49e6748fea9bULL;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static void access_all(uint64_t address, bool write, uint64_t value)
{
	/* One catch for all four widths. */
	trap_catch();
	if (write) {
		mmio_write8(address, value);
		if (!(address & 1))
			mmio_write16(address, value);
		if (!(address & 3))
			mmio_write32(address, value);
		if (!(address & 7))
			mmio_write64(address, value);
	} else {
		mmio_read8(address);
		if (!(address & 1))
			mmio_read16(address);
		if (!(address & 3))
			mmio_read32(address);
		if (!(address & 7))
			mmio_read64(address);
	}
	refused += trap_caught().count;
}

void attack_region(const char *name, uint64_t base, uint64_t size, uint64_t step, uint64_t first_write)
{
	uint64_t offset;
	unsigned tried = 0;

	refused = 0;
	for (offset = 0; offset < size; offset += step, tried++)
		access_all(base + offset, false, 0);
	for (offset = first_write; offset < size; offset += step, tried++)
		access_all(base + offset, true, ~0ULL);
	for (offset = first_write; offset < size; offset += step, tried++)
		access_all(base + offset, true, random_next());
	for (offset = first_write; offset < size; offset += step, tried++)
		access_all(base + offset, true, 0);
	print("hostile: %s: %u places, %u accesses refused\n", name, tried, refused);
}

void attack_gaps(uint64_t end)
{
	uint64_t address;
	unsigned tried = 0;

	refused = 0;
	for (address = 0; address < machine.ram[0].base; address += 0x801000, tried++)
		access_all(address, false, 0);
	for (address = machine.ram[0].base + machine.ram[0].size; address < end; address += 0x10000000, tried++)
		access_all(address, tried & 1, 0);
	print("hostile: gaps: %u places, %u accesses refused\n", tried, refused);
}

void guest_main(void)
{
	unsigned i;

	print("hostile: %u CPUs\n", machine.cpu_count);
	still_works("start");
	for (i = 0; i < attack_count; i++) {
		if (bootarg("only") && !bootarg(attacks[i].name))
			continue;
		attacks[i].run();
		still_works(attacks[i].name);
	}
}
