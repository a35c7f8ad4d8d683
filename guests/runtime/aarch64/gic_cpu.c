/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU interface: GICC registers or ICC_* system registers (IHI 0069 chapter 12). */
#include "gic.h"
#include "cpu.h"
#include "guest.h"

#define ICC_PMR_EL1     s3_0_c4_c6_0
#define ICC_DIR_EL1     s3_0_c12_c11_1
#define ICC_RPR_EL1     s3_0_c12_c11_3
#define ICC_SGI1R_EL1   s3_0_c12_c11_5
#define ICC_IAR1_EL1    s3_0_c12_c12_0
#define ICC_EOIR1_EL1   s3_0_c12_c12_1
#define ICC_HPPIR1_EL1  s3_0_c12_c12_2
#define ICC_BPR1_EL1    s3_0_c12_c12_3
#define ICC_CTLR_EL1    s3_0_c12_c12_4
#define ICC_IGRPEN1_EL1 s3_0_c12_c12_7

#define read_icc(name)         sysreg_read_of(name)
#define write_icc(name, value) sysreg_write_of(name, value)
#define sysreg_read_of(name)   sysreg_read(name)
#define sysreg_write_of(name, value)       \
	do {                               \
		sysreg_write(name, value); \
		isb();                     \
	} while (0)

#define CTLR_EOIMODE_V3 (1u << 1)
#define CTLR_EOIMODE_V2 (1u << 9)
#define CTLR_ENABLE_V2  1u

static uint32_t gicc(uint64_t reg)
{
	return mmio_read32(gic.cpu_if + reg);
}

static void set_gicc(uint64_t reg, uint32_t value)
{
	mmio_write32(gic.cpu_if + reg, value);
}

uint32_t gic_ack(void)
{
	uint32_t iar;

	if (gic.version == 2)
		return gicc(GICC_IAR);
	iar = read_icc(ICC_IAR1_EL1);
	dsb();
	return iar;
}

void gic_eoi(uint32_t iar)
{
	if (gic.version == 2)
		set_gicc(GICC_EOIR, iar);
	else
		write_icc(ICC_EOIR1_EL1, iar);
}

void gic_dir(uint32_t iar)
{
	if (gic.version == 2)
		set_gicc(GICC_DIR, iar);
	else
		write_icc(ICC_DIR_EL1, iar);
}

void gic_set_pmr(uint8_t mask)
{
	if (gic.version == 2)
		set_gicc(GICC_PMR, mask);
	else
		write_icc(ICC_PMR_EL1, mask);
}

uint8_t gic_pmr(void)
{
	return gic.version == 2 ? gicc(GICC_PMR) : read_icc(ICC_PMR_EL1);
}

uint8_t gic_rpr(void)
{
	return gic.version == 2 ? gicc(GICC_RPR) : read_icc(ICC_RPR_EL1);
}

uint32_t gic_hppir(void)
{
	return gic.version == 2 ? gicc(GICC_HPPIR) : read_icc(ICC_HPPIR1_EL1);
}

void gic_set_bpr(unsigned bpr)
{
	if (gic.version == 2)
		set_gicc(GICC_BPR, bpr);
	else
		write_icc(ICC_BPR1_EL1, bpr);
}

void gic_set_eoimode(bool separate)
{
	uint32_t ctlr;

	if (gic.version == 2) {
		ctlr = gicc(GICC_CTLR) & ~CTLR_EOIMODE_V2;
		set_gicc(GICC_CTLR, separate ? ctlr | CTLR_EOIMODE_V2 : ctlr);
	} else {
		ctlr = read_icc(ICC_CTLR_EL1) & ~CTLR_EOIMODE_V3;
		write_icc(ICC_CTLR_EL1, separate ? ctlr | CTLR_EOIMODE_V3 : ctlr);
	}
}

void gic_set_group_enable(bool on)
{
	uint32_t ctlr;

	if (gic.version == 2) {
		ctlr = gicc(GICC_CTLR) & ~CTLR_ENABLE_V2;
		set_gicc(GICC_CTLR, on ? ctlr | CTLR_ENABLE_V2 : ctlr);
	} else {
		write_icc(ICC_IGRPEN1_EL1, on);
	}
}

void gic_sgi(unsigned cpu, unsigned sgi)
{
	uint64_t hwid = machine.cpu_hwid[cpu];

	dsb();
	if (gic.version == 2)
		mmio_write32(gic.dist + GICD_SGIR, 1u << (16 + cpu) | sgi);
	else
		write_icc(ICC_SGI1R_EL1, (hwid >> 32 & 0xff) << 48 | (hwid >> 16 & 0xff) << 32 |
						 (hwid >> 8 & 0xff) << 16 | 1ULL << (hwid & 0xf) | (uint64_t)sgi << 24);
}

void gic_sgi_others(unsigned sgi)
{
	dsb();
	if (gic.version == 2)
		mmio_write32(gic.dist + GICD_SGIR, 1u << 24 | sgi);
	else
		write_icc(ICC_SGI1R_EL1, 1ULL << 40 | (uint64_t)sgi << 24);
}

#define IPI_SGI 1

void ipi_handle(irq_handler handler)
{
	irq_handle(IPI_SGI, handler);
}

void ipi_send(unsigned cpu)
{
	gic_sgi(cpu, IPI_SGI);
}

void ipi_send_others(void)
{
	gic_sgi_others(IPI_SGI);
}
