/* SPDX-License-Identifier: Apache-2.0 */
/* Device registers with everything; accesses that no device takes; interrupts to anybody. */
#include "attacks.h"

static unsigned odd_accesses(uint64_t address)
{
	trap_catch();
	__asm__ volatile(
		"lw t0, (%0)\n\tld t0, (%0)\n\tlh t0, (%0)\n\tamoadd.w t0, x0, (%0)\n\tamoswap.d t0, x0, (%0)\n\t"
		"lr.w t0, (%0)\n\tsc.w t0, x0, (%0)\n\tlr.d t0, (%0)\n\tamomaxu.d.aqrl t0, x0, (%0)\n\t"
		".option push\n\t.option arch, +d\n\tflw ft0, (%0)\n\tfld ft0, (%0)\n\tfsw ft0, (%0)\n\t"
		"fsd ft0, (%0)\n\t.option pop"
		:
		: "r"(address)
		: "t0", "memory");
	return trap_caught().count;
}

/* All alignments, across the end of pages, of regions and of memory. */
static void attack_oddly(uint64_t base, uint64_t size)
{
	unsigned offset, refused = 0, tried = 0;

	for (offset = 0; offset < PAGE + 16; offset += 7, tried++)
		refused += odd_accesses(base + offset);
	for (offset = 0; offset < 16; offset++, tried++)
		refused += odd_accesses(base + size - 8 + offset);
	print("hostile: %u odd accesses, %u refused\n", tried * 13, refused);
}

static void attack_plic(void)
{
	attack_region("PLIC priorities", intc.base, 0x1000, 1, 0);
	attack_region("PLIC pending", intc.base + 0x1000, 0x1000, 3, 0);
	attack_region("PLIC enables", intc.base + 0x2000, 0x4000, 5, 0);
	attack_region("PLIC contexts", intc.base + 0x200000, 0x10000, 3, 0);
	attack_region("PLIC beyond", intc.base + 0x8000, intc.size - 0x8000, 997, 0);
}

static void attack_aplic(void)
{
	attack_region("APLIC", intc.base, 0x4000, 1, 0);
	attack_region("APLIC IDCs", intc.base + 0x4000, intc.size > 0x4000 ? intc.size - 0x4000 : 0, 1, 0);
}

void attack_devices(void)
{
	uint64_t uart = uart_address(0);

	if (uart) {
		attack_region("UART", uart, 0x1000, 1, 1); /* THR would print */
		console_init();
	}
	if (intc.base && intc.kind == INTC_PLIC)
		attack_plic();
	else if (intc.base)
		attack_aplic();
	if (intc.kind == INTC_IMSIC)
		attack_region("IMSIC", intc.imsic, 0x4000, 1, 0);
	intc_init();
	intc_init_cpu();
	if (!bootarg("bare")) { /* QEMU's devices do more than answer */
		attack_oddly(intc.base ? intc.base : intc.imsic, intc.base ? intc.size : PAGE);
		attack_oddly(uart, 0x100);
		attack_oddly(machine.ram[0].base + machine.ram[0].size - PAGE, PAGE);
		console_init();
		attack_gaps(MMU_ONE_TO_ONE);
	}
}

void attack_ipis(void)
{
	unsigned i;

	for (i = 0; i < 3000; i++) {
		sbi_call2(SBI_IPI, 0, random_next(), random_next() & 3);
		sbi_call2(SBI_IPI, 0, random_next(), random_next());
		sbi_call(SBI_RFENCE, random_next() % 7, random_next(), random_next(), random_next(), random_next(), 1);
	}
	for (i = 0; i < 20000; i++) {
		ipi_send(cpu_index());
		if (i % 64 == 0)
			ipi_send_others();
		if (i % 3 == 0)
			csr_clear(sip, SIE_SSIE);
	}
	print("hostile: a storm of 20000 IPIs\n");
}
