/* SPDX-License-Identifier: Apache-2.0 */
/* Software interrupts, the UART's line through whichever controller there is, and that controller's registers. */
#include "irq.h"

#include <stdatomic.h>

const char guest_name[] = "irq";

static atomic_uint taken[GUEST_MAX_CPUS], last;

void line_raise(void)
{
	uart_write(UART_IER, IER_THRE);
}

void line_lower(void)
{
	uart_write(UART_IER, 0);
	(void)uart_read(UART_IIR);
}

void expect_claim(const char *name, unsigned expected)
{
	check_eq(name, intc_claim(), expected);
}

static void on_line(unsigned irq)
{
	line_lower();
	last = irq;
	taken[cpu_index()]++;
}

static void on_ipi(unsigned irq)
{
	taken[cpu_index()]++;
}

static bool wait_taken(unsigned cpu, unsigned wanted)
{
	uint64_t start = clock_read();

	while (taken[cpu] < wanted && clock_read() - start < 20 * clock_frequency())
		cpu_relax();
	return taken[cpu] >= wanted;
}

/* What a controller has accepted stays pending when the line falls, until it is claimed. */
static void drain(void)
{
	unsigned i, irq;

	irq_enable(uart_irq());
	for (i = 0; i < 10 && (irq = intc_claim()); i++)
		intc_complete(irq);
	intc_init();
	intc_init_cpu();
}

/* The whole way: device, controller, CPU, handler, and again. */
static void check_line(void)
{
	unsigned i, count, self = cpu_index();

	taken[self] = 0;
	irq_handle(uart_irq(), on_line);
	irq_enable(uart_irq());
	interrupts_on();
	for (i = 1; i <= 20; i++) {
		while (!(uart_read(UART_LSR) & LSR_THRE))
			;
		line_raise();
		if (!wait_taken(self, i))
			break;
	}
	interrupts_off();
	/* QEMU's own APLIC keeps a level pending that has fallen */
	check_range("line-taken", taken[self], 20, bootarg("bare") ? 40 : 20);
	count = taken[self];
	check_eq("line-number", last, uart_irq());
	irq_disable(uart_irq());
	line_raise();
	interrupts_on();
	clock_wait_us(5000);
	interrupts_off();
	line_lower();
	check_eq("line-disabled", taken[self], count);
	drain();
}

static void check_soft(void)
{
	unsigned self = cpu_index(), i;

	ipi_handle(on_ipi);
	taken[self] = 0;
	csr_set(sip, SIE_SSIE); /* a supervisor may do that to itself */
	interrupts_on();
	check(wait_taken(self, 1), "soft-self", "not taken");
	for (i = 2; i < 50; i++) {
		ipi_send(self);
		if (!wait_taken(self, i))
			break;
	}
	interrupts_off();
	check_eq("ipi-self", taken[self], 49);
	ipi_send(self);
	for (i = 0; i < 1000 && !(csr_read(sip) & SIE_SSIE); i++)
		clock_wait_us(100);
	check_eq("ipi-pending", csr_read(sip) & SIE_SSIE, SIE_SSIE);
	csr_clear(sip, SIE_SSIE);
	interrupts_on();
	clock_wait_us(1000);
	interrupts_off();
	check_eq("ipi-cleared", taken[self], 49);
	csr_clear(sie, SIE_SSIE);
	ipi_send(self);
	interrupts_on();
	clock_wait_us(1000);
	interrupts_off();
	check_eq("ipi-masked", taken[self], 49);
	csr_set(sie, SIE_SSIE);
	interrupts_on();
	wait_taken(self, 50);
	interrupts_off();
	check_eq("ipi-unmasked", taken[self], 50);
}

static atomic_bool listening, end_of_listening;

static void listen(void *arg)
{
	listening = true;
	while (!end_of_listening) {
		interrupts_off();
		if (!end_of_listening)
			wait_for_interrupt();
		interrupts_on();
	}
	interrupts_off();
}

/* The line goes to another CPU: enabled there, or sent there. */
static void check_other_cpu(void)
{
	unsigned other = cpu_index() ? 0 : 1, self = cpu_index();

	taken[other] = 0;
	taken[self] = 0;
	irq_handle(uart_irq(), on_line);
	check_eq("cpu-on", cpu_start(other, listen, NULL), 0);
	while (!listening)
		cpu_relax();
	ipi_send(other);
	check(wait_taken(other, 1), "ipi-other", "not taken");
	if (intc.kind == INTC_PLIC) {
		mmio_write32(intc.base + 4 * (uint64_t)uart_irq(), 1);
		mmio_write32(intc.base + PLIC_ENABLE(cpus[other].arch.intc_index) + uart_irq() / 32 * 4,
			     1u << uart_irq() % 32);
	} else if (intc.kind == INTC_APLIC) {
		mmio_write32(intc.base + APLIC_SOURCECFG(uart_irq()), SOURCECFG_HIGH);
		intc_route(uart_irq(), other);
		mmio_write32(intc.base + APLIC_SETIENUM, uart_irq());
	}
	if (intc.kind != INTC_IMSIC) {
		line_raise();
		interrupts_on();
		check(wait_taken(other, 2), "line-to-other", "not taken");
		interrupts_off();
		check_eq("line-not-to-self", taken[self], 0);
	}
	end_of_listening = true;
	ipi_send(other);
	while (!cpu_is_off(other))
		cpu_relax();
	intc_init();
}

void guest_main(void)
{
	static const char *const names[] = { "none", "PLIC", "APLIC", "IMSIC" };

	print("irq: %s, %u sources\n", names[intc.kind], intc.sources);
	check_soft();
	if (uart_irq())
		check_line();
	if (intc.kind == INTC_PLIC)
		check_plic();
	else if (intc.kind == INTC_APLIC)
		check_aplic();
	else if (intc.kind == INTC_IMSIC)
		check_imsic();
	if (machine.cpu_count > 1)
		check_other_cpu();
}
