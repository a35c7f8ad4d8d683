/* SPDX-License-Identifier: Apache-2.0 */
/* SBI calls, PLIC or APLIC, UART, IPI, timer. */
#include "bench.h"
#include <cpu.h>
#include <csr.h>
#include <intc.h>
#include <ns16550.h>
#include <timer.h>
#include <trap.h>

void bench_sbi_null(uint64_t rounds, uint64_t operand);
void bench_sbi_set_timer(uint64_t rounds, uint64_t deadline);
void bench_sbi_legacy_set_timer(uint64_t rounds, uint64_t deadline);
void bench_read32(uint64_t rounds, uint64_t address);
void bench_write32_zero(uint64_t rounds, uint64_t address);
void bench_read8(uint64_t rounds, uint64_t address);
void bench_read_counter(uint64_t rounds, uint64_t operand);
void bench_write_stimecmp(uint64_t rounds, uint64_t operand);
void bench_ipi(uint64_t rounds, uint64_t mask);
void bench_ipi_imsic(uint64_t rounds, uint64_t file, uint64_t identity);
uint64_t bench_timer_sstc(uint64_t deadline, uint64_t nops);
uint64_t bench_timer_sbi(uint64_t deadline, uint64_t nops);

static void message_loop(uint64_t rounds, uint64_t file)
{
	bench_ipi_imsic(rounds, file, intc.ids);
}

static bool has_cycle_counter(void)
{
	trap_catch();
	(void)csr_read(cycle);
	return !trap_caught().count;
}

static void measure_intc(void)
{
	bool plic = intc.kind == INTC_PLIC;

	if (!intc.base)
		return;
	bench("intc_read", bench_read32, intc.base + (plic ? 4 : APLIC_SOURCECFG(1)));
	bench("intc_enable", bench_write32_zero,
	      intc.base + (plic ? PLIC_ENABLE(cpu_self()->arch.intc_index) : APLIC_SETIE));
}

void bench_arch(void)
{
	bench("sbi_null", bench_sbi_null, 0);
	bench("sbi_set_timer", bench_sbi_set_timer, UINT64_MAX);
	bench("sbi_legacy_set_timer", bench_sbi_legacy_set_timer, UINT64_MAX);
	measure_intc();
	if (uart_address(UART_LSR))
		bench("uart_read", bench_read8, uart_address(UART_LSR));
	if (has_cycle_counter())
		bench("cycle_read", bench_read_counter, 0);
	if (timer_has_sstc())
		bench("stimecmp_write", bench_write_stimecmp, UINT64_MAX);
	bench("ipi_self", bench_ipi, 1ULL << cpu_self()->hwid);
	if (intc.kind == INTC_IMSIC) {
		irq_enable(intc.ids);
		bench("ipi_self_imsic", message_loop, imsic_page(cpu_index()));
		irq_disable(intc.ids);
	}
	/* The branch to the nops, the look itself. */
	if (timer_has_sstc())
		bench_expiry("vtimer", bench_timer_sstc, 2);
	bench_expiry(timer_has_sstc() ? "vtimer_sbi" : "vtimer", bench_timer_sbi, 2);
}
