/* SPDX-License-Identifier: Apache-2.0 */
/* The attacks on riscv64, and what has to work after each. */
#include "attacks.h"

#include <stdatomic.h>
#include <stdio.h>

static atomic_uint interrupts;

static void on_timer(unsigned irq)
{
	interrupts++;
	timer_stop();
}

static void on_ipi(unsigned irq)
{
	interrupts++;
}

static void quiet_controller(void)
{
	unsigned i, irq;

	intc_init();
	intc_init_cpu();
	for (i = 0; i < 2000 && (irq = intc_claim()); i++)
		intc_complete(irq);
	if (intc.kind == INTC_PLIC) /* what was claimed and never completed */
		for (i = 1; i <= intc.sources; i++)
			intc_complete(i);
	if (intc.kind == INTC_IMSIC)
		for (i = 0; i <= intc.ids; i += 64)
			imsic_write(IMSIC_EIP(i), 0);
}

void still_works(const char *after)
{
	char name[64];
	uint64_t start;

	interrupts_off();
	timer_stop();
	csr_clear(sip, SIE_SSIE);
	quiet_controller();
	snprintf(name, sizeof(name), "%s-calls", after);
	check_eq(name, sbi_call0(SBI_BASE, BASE_SPEC_VERSION).error, SBI_SUCCESS);
	interrupts = 0;
	ipi_handle(on_ipi);
	irq_handle(timer_irq(), on_timer);
	irq_enable(timer_irq());
	ipi_send(cpu_index());
	timer_set(clock_read() + clock_frequency() / 1000);
	interrupts_on();
	start = clock_read();
	while (interrupts < 2 && clock_read() - start < 2 * clock_frequency())
		cpu_relax();
	interrupts_off();
	irq_disable(timer_irq());
	snprintf(name, sizeof(name), "%s-interrupts", after);
	check_eq(name, interrupts, 2);
}

const struct attack attacks[] = {
	{ "sbi", attack_sbi },         { "csrs", attack_csrs },   { "instructions", attack_instructions },
	{ "devices", attack_devices }, { "ipis", attack_ipis },   { "state", attack_state },
	{ "user", attack_user },       { "sleep", attack_sleep }, { "cpus", attack_cpus },
};
const unsigned attack_count = ARRAY_LEN(attacks);
