/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PSCI 1.1 (DEN 0022) and SMCCC (DEN 0028), by HVC and by SMC. Boot argument "reset": SYSTEM_RESET instead.
 */
#include <guest.h>
#include <arch.h>
#include <cpu.h>
#include <gic.h>
#include <psci.h>
#include <timer.h>

#include <stdatomic.h>
#include <stdio.h>

const char guest_name[] = "psci";

static bool smc;
static char name_buffer[64];

static const char *named(const char *what)
{
	snprintf(name_buffer, sizeof(name_buffer), "%s-%s", smc ? "smc" : "hvc", what);
	return name_buffer;
}

static int64_t call(uint32_t function, uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t x[18] = { function, a, b, c };

	smccc_raw(x, smc);
	return (int64_t)x[0];
}

static int call32(uint32_t function, uint64_t a, uint64_t b, uint64_t c)
{
	return (int)call(function, a, b, c);
}

static void check_int(const char *name, int64_t got, int64_t expected)
{
	check(got == expected, named(name), "expected %lld, got %lld", (long long)expected, (long long)got);
}

static void check_identity(void)
{
	int64_t version = call(PSCI_VERSION, 0, 0, 0);
	int64_t smccc = call(SMCCC_VERSION, 0, 0, 0);

	check(version >> 16 == 1 && version & 0xffff, named("version"), "expected 1.1 or later, got %#llx",
	      (unsigned long long)version);
	if (!bootarg("bare")) { /* QEMU has no SMCCC_VERSION */
		check(smccc >= 0x10001, named("smccc-version"), "expected 1.1 or later, got %#llx",
		      (unsigned long long)smccc);
		check_int("features-smccc", call32(PSCI_FEATURES, SMCCC_VERSION, 0, 0), 0);
		check_int("smccc-features-of-version", call32(SMCCC_ARCH_FEATURES, SMCCC_VERSION, 0, 0), 0);
	}
	check_int("smccc-features-of-unknown", call32(SMCCC_ARCH_FEATURES, 0x8000ffff, 0, 0), PSCI_NOT_SUPPORTED);
	check_int("migrate-info-type", call32(PSCI_MIGRATE_INFO_TYPE, 0, 0, 0), 2);
	check_int("migrate", call32(PSCI_MIGRATE, machine.cpu_hwid[0], 0, 0), PSCI_NOT_SUPPORTED);
}

static void check_features(void)
{
	static const uint32_t there[] = {
		PSCI_VERSION,      PSCI_CPU_SUSPEND,   PSCI_CPU_SUSPEND32,   PSCI_CPU_OFF,           PSCI_CPU_ON,
		PSCI_CPU_ON32,     PSCI_AFFINITY_INFO, PSCI_AFFINITY_INFO32, PSCI_MIGRATE_INFO_TYPE, PSCI_SYSTEM_OFF,
		PSCI_SYSTEM_RESET, PSCI_FEATURES,
	};
	static const uint32_t missing[] = { PSCI_MIGRATE, PSCI_NODE_HW_STATE, 0x8400ffff, 0xc4001234, 0xdead, 0 };
	char name[32];
	unsigned i;

	for (i = 0; i < ARRAY_LEN(there); i++) {
		snprintf(name, sizeof(name), "features-%08x", there[i]);
		check(call32(PSCI_FEATURES, there[i], 0, 0) >= 0, named(name), "expected not negative, got %d",
		      call32(PSCI_FEATURES, there[i], 0, 0));
	}
	for (i = 0; i < ARRAY_LEN(missing); i++) {
		snprintf(name, sizeof(name), "features-%08x", missing[i]);
		check_int(name, call32(PSCI_FEATURES, missing[i], 0, 0), PSCI_NOT_SUPPORTED);
	}
}

/* SMCCC 1.1: x0-x3 are results, x4-x17 stay (DEN 0028 section 2.6); an unknown call changes nothing but x0. */
static void check_unknown(void)
{
	static const uint32_t unknown[] = { 0x8400001f, 0xc400001f, 0x82000000, 0xc2000001, 0x86000000, 0x83000000,
					    0xbf00ff01, 0x84008888, 0xc3ffffff, 0x12345678, 0x00000000, 0x80000005 };
	uint64_t x[18];
	unsigned i, k, wrong = 0, changed = 0;

	for (i = 0; i < ARRAY_LEN(unknown); i++) {
		x[0] = unknown[i];
		for (k = 1; k < 18; k++)
			x[k] = 0x1111111111111111ULL * (k % 16);
		smccc_raw(x, smc);
		if (x[0] != (uint64_t)PSCI_NOT_SUPPORTED) {
			print("  call %#x returned %#llx\n", unknown[i], (unsigned long long)x[0]);
			wrong++;
		}
		for (k = 4; k < 18; k++)
			changed += x[k] != 0x1111111111111111ULL * (k % 16);
	}
	check_eq(named("unknown-is-not-supported"), wrong, 0);
	check_eq(named("unknown-preserves-registers"), changed, 0);
}

static atomic_bool idling, end_of_idling;

static void idle(void *arg)
{
	idling = true;
	while (!end_of_idling)
		cpu_relax();
}

static void check_affinity_info(void)
{
	check_int("affinity-info-self", call32(PSCI_AFFINITY_INFO, machine.cpu_hwid[cpu_index()], 0, 0), 0);
	check_int("affinity-info-nobody", call32(PSCI_AFFINITY_INFO, 0x777777, 0, 0), PSCI_INVALID_PARAMETERS);
	/* Above level 0 either it is implemented, or the parameter is invalid (5.7.5). */
	if (!bootarg("bare"))
		check(call32(PSCI_AFFINITY_INFO, machine.cpu_hwid[cpu_index()], 7, 0) == PSCI_INVALID_PARAMETERS,
		      named("affinity-info-level"), "got %d",
		      call32(PSCI_AFFINITY_INFO, machine.cpu_hwid[cpu_index()], 7, 0));
}

static void check_cpu_on(void)
{
	unsigned i;

	check_int("cpu-on-self", call32(PSCI_CPU_ON, machine.cpu_hwid[cpu_index()], cpu_entry(), 0), PSCI_ALREADY_ON);
	check_int("cpu-on-nobody", call32(PSCI_CPU_ON, 0x777777, cpu_entry(), 0), PSCI_INVALID_PARAMETERS);
	check_int("cpu-on-reserved-bits", call32(PSCI_CPU_ON, machine.cpu_hwid[0] | 1ULL << 60, cpu_entry(), 0),
		  PSCI_INVALID_PARAMETERS);
	if (machine.cpu_count < 2)
		return;
	if (!bootarg("bare")) { /* QEMU starts the CPU where nothing is */
		check_int("cpu-on-no-memory", call32(PSCI_CPU_ON, machine.cpu_hwid[1], 0xf000000000, 0),
			  PSCI_INVALID_ADDRESS);
		check_int("cpu-on-nowhere", call32(PSCI_CPU_ON, machine.cpu_hwid[1], ~3ULL, 0), PSCI_INVALID_ADDRESS);
	}
	idling = false;
	end_of_idling = false;
	check_eq(named("cpu-on"), cpu_start(1, idle, NULL), 0);
	for (i = 0; i < 5000 && !idling; i++)
		clock_wait_us(1000);
	check_int("affinity-info-on", call32(PSCI_AFFINITY_INFO, machine.cpu_hwid[1], 0, 0), PSCI_AFFINITY_ON);
	check_int("cpu-on-twice", call32(PSCI_CPU_ON, machine.cpu_hwid[1], cpu_entry(), 0), PSCI_ALREADY_ON);
	end_of_idling = true;
	for (i = 0; i < 5000 && call32(PSCI_AFFINITY_INFO, machine.cpu_hwid[1], 0, 0) != PSCI_AFFINITY_OFF; i++)
		clock_wait_us(1000);
	check_int("affinity-info-off", call32(PSCI_AFFINITY_INFO, machine.cpu_hwid[1], 0, 0), PSCI_AFFINITY_OFF);
}

/* Standby: returns SUCCESS after an interrupt is pending, masked or not (5.1.2). */
static void check_suspend(void)
{
	uint64_t start = clock_read();
	uint64_t duration = clock_frequency() / 100;

	irq_enable(timer_irq_virtual());
	sysreg_write(cntv_cval_el0, start + duration);
	sysreg_write(cntv_ctl_el0, TIMER_ENABLE);
	check_int("suspend", call32(PSCI_CPU_SUSPEND, 0, cpu_entry(), 0), PSCI_SUCCESS);
	check(clock_read() - start >= duration, named("suspend-sleeps"), "expected %llu ticks, got %llu",
	      (unsigned long long)duration, (unsigned long long)(clock_read() - start));
	sysreg_write(cntv_ctl_el0, 0);
	irq_disable(timer_irq_virtual());
}

static void check_conduit(bool with_smc)
{
	smc = with_smc;
	check_identity();
	check_features();
	check_unknown();
	check_affinity_info();
	check_cpu_on();
	check_suspend();
}

void guest_main(void)
{
	if (bootarg("reset")) {
		print("psci: reset\n");
		machine_reset();
		check(false, "reset", "SYSTEM_RESET returned");
		return;
	}
	check_conduit(false);
	/* A bare machine has one conduit only: the other would be undefined. */
	if (!bootarg("bare"))
		check_conduit(true);
}
