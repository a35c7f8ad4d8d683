/* SPDX-License-Identifier: Apache-2.0 */
/* Device registers: each offset with each width, read and written with anything; SGIs to anybody. */
#include "attacks.h"

static void attack_unaligned(uint64_t base)
{
	unsigned offset, refused = 0;
	struct trap trap;

	for (offset = 0; offset < 0x1000; offset += 7) {
		trap_catch();
		mmio_read32(base + offset);
		mmio_read64(base + offset);
		mmio_read16(base + offset);
		__asm__ volatile(
			"ldp x0, x1, [%0]\n\tldp w0, w1, [%0]\n\tldxr w0, [%0]\n\tldpsw x0, x1, [%0]\n\tldr q0, [%0]"
			:
			: "r"(base + offset)
			: "x0", "x1", "memory");
		trap = trap_caught();
		refused += trap.count;
	}
	print("hostile: unaligned and paired: %u refused\n", refused);
}

void attack_devices(void)
{
	uint64_t uart = 0, size, redists = gic.redists_size;

	dt_reg(dt_console() >= 0 ? dt_console() : dt_find("arm,pl011"), 0, &uart, &size);
	attack_region("PL011", uart, 0x1000, 1, 4); /* UARTDR would print */
	console_init();
	attack_region("GICD", gic.dist, 0x1000, 1, 0);
	attack_region("GICD beyond", gic.dist + 0x1000, 0xf000, 13, 0);
	if (gic.version == 3) {
		/* Those of CPUs that do not exist as well, but not for ever. */
		attack_region("GICR", gic.redists, redists < 0x100000 ? redists : 0x100000, 29, 0);
		attack_region("GICR SGI frame", gic.redists + GICR_SGI, 0x1000, 1, 0);
	} else {
		attack_region("GICC", gic.cpu_if, 0x2000, 3, 0);
	}
	attack_unaligned(gic.dist);
	attack_unaligned(uart);
	console_init();
	if (!bootarg("bare")) /* QEMU has flash and PCI there, and they answer slowly */
		attack_gaps(MMU_FREE_START);
}

void attack_sgis(void)
{
	unsigned i, taken = 0;
	uint32_t iar;

	for (i = 0; i < 3000; i++) {
		if (gic.version == 2) {
			mmio_write32(gic.dist + GICD_SGIR, random_next());
		} else {
			__asm__ volatile("msr s3_0_c12_c11_5, %0" : : "r"(random_next()) : "memory"); /* ICC_SGI1R */
			__asm__ volatile("msr s3_0_c12_c11_6, %0" : : "r"(random_next()) : "memory"); /* ICC_ASGI1R */
			__asm__ volatile("msr s3_0_c12_c11_7, %0" : : "r"(random_next()) : "memory"); /* ICC_SGI0R */
		}
	}
	still_works("wild-sgis");
	/* A storm: each end is followed by the next, to itself and to CPUs that are off. */
	for (i = 0; i < 20000; i++) {
		gic_sgi(cpu_index(), i & 0xf);
		if (i % 64 == 0)
			gic_sgi_others(i & 0xf);
		if (i % 3 == 0 && GIC_INTID(iar = gic_ack()) < GIC_IRQS) {
			gic_eoi(iar);
			taken++;
		}
	}
	print("hostile: a storm of 20000 SGIs, %u taken\n", taken);
}
