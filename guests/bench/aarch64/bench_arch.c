/* SPDX-License-Identifier: Apache-2.0 */
/* HVC and SMC, GIC, PL011, system registers, IPI, virtual timer. */
#include "bench.h"
#include <cpu.h>
#include <gic.h>
#include <psci.h>

void bench_hvc(uint64_t rounds, uint64_t function);
void bench_smc(uint64_t rounds, uint64_t function);
void bench_read32(uint64_t rounds, uint64_t address);
void bench_write32_zero(uint64_t rounds, uint64_t address);
void bench_read_id(uint64_t rounds, uint64_t operand);
void bench_read_cntp(uint64_t rounds, uint64_t operand);
void bench_ipi_v3(uint64_t rounds, uint64_t sgi1r);
void bench_ipi_v2(uint64_t rounds, uint64_t sgir, uint64_t sgir_address, uint64_t gicc);
uint64_t bench_timer(uint64_t deadline, uint64_t gicc, uint64_t nops);

static void ipi_loop(uint64_t rounds, uint64_t operand)
{
	uint64_t hwid = cpu_self()->hwid;

	if (gic.version == 3)
		bench_ipi_v3(rounds,
			     (hwid >> 16 & 0xff) << 32 | (hwid >> 8 & 0xff) << 16 | 2u << 24 | 1ULL << (hwid & 0xf));
	else
		bench_ipi_v2(rounds, 2u << 24 | 2, gic.dist + GICD_SGIR, gic.cpu_if);
}

static uint64_t expire(uint64_t deadline, uint64_t nops)
{
	return bench_timer(deadline, gic.version == 2 ? gic.cpu_if : 0, nops);
}

void bench_arch(void)
{
	uint64_t base = 0, size;

	dt_reg(dt_console() >= 0 ? dt_console() : dt_find("arm,pl011"), 0, &base, &size);
	bench("hvc-psci-version", bench_hvc, PSCI_VERSION);
	if (!bootarg("bare"))
		bench("smc-psci-version", bench_smc, PSCI_VERSION);
	bench("gicd-typer-read", bench_read32, gic.dist + GICD_TYPER);
	bench("gicd-isenabler-write-0", bench_write32_zero, gic.dist + GICD_ISENABLER + 4);
	bench("pl011-fr-read", bench_read32, base + 0x18);
	bench("id-register-read", bench_read_id, 0);
	bench("cntp-ctl-read", bench_read_cntp, 0);
	bench("ipi-self", ipi_loop, 0);
	bench_expiry("timer-virtual", expire, 2); /* the branch to the nops, the look itself */
}
