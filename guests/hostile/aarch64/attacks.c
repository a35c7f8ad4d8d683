/* SPDX-License-Identifier: Apache-2.0 */
/* The attacks on aarch64, and what has to work after each. */
#include "attacks.h"

#include <stdatomic.h>
#include <stdio.h>

static atomic_uint interrupts;

static void count(unsigned irq)
{
	interrupts++;
	sysreg_write(cntv_ctl_el0, 0);
	isb();
}

static void quiet_controller(void)
{
	unsigned i;
	uint32_t iar;

	for (i = 0; i < gic.lines; i += 32) {
		uint64_t base = i ? gic.dist + i / 8 : gic_private(0);

		mmio_write32(base + GICD_ICENABLER, ~0u);
		mmio_write32(base + GICD_ICPENDR, ~0u);
		mmio_write32(base + GICD_ICACTIVER, ~0u);
	}
	if (gic.version == 2) {
		for (i = 0; i < 16; i++)
			mmio_write8(gic.dist + 0xf10 + i, 0xff); /* GICD_CPENDSGIR */
	}
	intc_init();
	intc_init_cpu();
	for (i = 0; i < 100 && GIC_INTID(iar = gic_ack()) < GIC_IRQS; i++)
		gic_eoi(iar);
	for (i = 0; i < 32 && gic_rpr() != 0xff; i++) /* what was acknowledged and never ended */
		gic_eoi(0);
}

void still_works(const char *after)
{
	char name[64];
	uint64_t start;

	sysreg_write(cntv_ctl_el0, 0);
	sysreg_write(cntp_ctl_el0, 0);
	quiet_controller();
	snprintf(name, sizeof(name), "%s-calls", after);
	check(psci_call(PSCI_VERSION, 0, 0, 0) >= 0x10000, name, "PSCI_VERSION failed");
	interrupts = 0;
	irq_handle(3, count);
	irq_handle(timer_irq_virtual(), count);
	irq_enable(timer_irq_virtual());
	gic_sgi(cpu_index(), 3);
	interrupts_on();
	sysreg_write(cntv_tval_el0, clock_frequency() / 1000);
	sysreg_write(cntv_ctl_el0, TIMER_ENABLE);
	start = clock_read();
	while (interrupts < 2 && clock_read() - start < 2 * clock_frequency())
		cpu_relax();
	interrupts_off();
	irq_disable(timer_irq_virtual());
	snprintf(name, sizeof(name), "%s-interrupts", after);
	check_eq(name, interrupts, 2);
}

const struct attack attacks[] = {
	{ "hypercalls", attack_hypercalls },
	{ "system-registers", attack_system_registers },
	{ "system-instructions", attack_system_instructions },
	{ "devices", attack_devices },
	{ "sgis", attack_sgis },
	{ "state", attack_state },
	{ "el0", attack_el0 },
	{ "cpus", attack_cpus },
};
const unsigned attack_count = ARRAY_LEN(attacks);
