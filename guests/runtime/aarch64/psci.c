/* SPDX-License-Identifier: Apache-2.0 */
/* Firmware calls, power. */
#include "psci.h"
#include "arch.h"
#include "guest.h"
#include "hooks.h"

#include <libfdt.h>
#include <string.h>

static bool uses_smc;

void firmware_init(void)
{
	static const char *const names[] = { "arm,psci-1.0", "arm,psci-0.2" };
	const char *method = NULL;
	unsigned i;

	for (i = 0; i < ARRAY_LEN(names) && !method; i++)
		method = fdt_getprop(machine.dtb, dt_find(names[i]), "method", NULL);
	uses_smc = method && !strcmp(method, "smc");
}

bool psci_uses_smc(void)
{
	return uses_smc;
}

int64_t psci_call(uint32_t function, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t x[18] = { function, a, b, c };

	smccc_raw(x, uses_smc);
	return (int64_t)x[0];
}

int firmware_cpu_on(uint64_t hwid, uint64_t entry, uint64_t arg)
{
	return (int)psci_call(PSCI_CPU_ON, hwid, entry, arg);
}

void firmware_cpu_off(void)
{
	psci_call(PSCI_CPU_OFF, 0, 0, 0);
}

bool firmware_cpu_is_off(uint64_t hwid)
{
	return psci_call(PSCI_AFFINITY_INFO, hwid, 0, 0) == PSCI_AFFINITY_OFF;
}

void machine_off(void)
{
	psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	for (;;)
		wait_for_interrupt();
}

void machine_reset(void)
{
	psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
}
