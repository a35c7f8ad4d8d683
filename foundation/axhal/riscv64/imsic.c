/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IMSIC: an interrupt file per hart and privilege level, which takes messages (MSIs), and files for guests beside
 * them. AIA 1.0, chapter 3. A message of an identity is a write of its number into the file's page.
 */
#include "imsic_host.h"
#include "../irq_table.h"
#include "fdt_riscv.h"
#include <axhal/arch/csr.h>
#include <axhal/arch/imsic.h>
#include <axhal/mmio.h>
#include <axstd/error.h>
#include <axstd/log.h>

/* Indirectly accessed registers (siselect). */
#define EIDELIVERY  0x70
#define EITHRESHOLD 0x72
#define EIE0        0xc0 /* 64 identities in every second one */

#define FIRST_SOURCE_ID (1 + IPI_KINDS)
#define FILE_SIZE       KIB(4)

static struct imsic_info info;
static void *files[CPU_MAX]; /* the page of the CPU's supervisor file */
static paddr_t file_addresses[CPU_MAX];
static const struct fdt_imsic *layout;
static uint16_t source_of_id[IMSIC_MAX_ID + 1];
static unsigned next_id;

const struct imsic_info *imsic_info(void)
{
	return &info;
}

paddr_t imsic_guest_page(unsigned cpu, unsigned file)
{
	return file_addresses[cpu] + (uint64_t)file * FILE_SIZE;
}

uint32_t imsic_target_hart(unsigned cpu)
{
	paddr_t pa = file_addresses[cpu];
	uint64_t group = pa >> layout->group_index_shift & (BIT(layout->group_index_bits) - 1);
	uint64_t hart = pa >> (12 + layout->guest_index_bits) & (BIT(layout->hart_index_bits) - 1);

	return (uint32_t)(group << layout->hart_index_bits | hart);
}

int imsic_source_id(unsigned source)
{
	unsigned id = next_id;

	if (id > MIN(info.num_ids, (unsigned)IMSIC_MAX_ID))
		return -AX_ENOSPC;
	source_of_id[id] = (uint16_t)source;
	next_id++;
	return (int)id;
}

void imsic_send_ipi(unsigned cpu, unsigned kind)
{
	mmio_wmb();
	mmio_write32(files[cpu], 1 + kind);
}

unsigned imsic_take(void)
{
	unsigned id = (unsigned)(csr_swap(CSR_STOPEI, 0) >> 16);

	if (id >= FIRST_SOURCE_ID)
		return id <= IMSIC_MAX_ID ? source_of_id[id] : 0;
	if (id)
		irq_handle(RISCV_IRQ_IPI + id - 1);
	return 0;
}

static void write_indirect(unsigned reg, uint64_t value)
{
	csr_write(CSR_SISELECT, reg);
	csr_write(CSR_SIREG, value);
}

/* Guest files that the calling hart has: bits of hgeie that can be set, from 1 on. */
static unsigned count_guest_files(void)
{
	uint64_t bits;
	unsigned count = 0;

	csr_write(CSR_HGEIE, UINT64_MAX);
	bits = csr_read(CSR_HGEIE);
	csr_write(CSR_HGEIE, 0);
	while (count < 63 && bits >> (count + 1) & 1)
		count++;
	return count;
}

bool imsic_init_cpu(void)
{
	for (unsigned id = 0; id <= MIN(info.num_ids, (unsigned)IMSIC_MAX_ID); id += 64)
		write_indirect(EIE0 + id / 32, UINT64_MAX);
	write_indirect(EITHRESHOLD, 0);
	write_indirect(EIDELIVERY, 1);
	if (riscv_has(RISCV_EXT_H))
		info.guest_files = MIN(info.guest_files, count_guest_files());
	return true;
}

/* The page of the @index-th hart's supervisor file; 0: the regions have not so many. */
static paddr_t find_file(uint32_t index)
{
	uint64_t stride = FILE_SIZE << layout->guest_index_bits;

	for (unsigned i = 0; i < layout->num_regions; i++) {
		uint64_t files_here = layout->region[i].size / stride;

		if (index < files_here)
			return layout->region[i].base + index * stride;
		index -= (uint32_t)files_here;
	}
	return 0;
}

bool imsic_init(const struct fdt_riscv *riscv)
{
	layout = &riscv->imsic;
	if (!layout->num_regions || layout->num_ids < FIRST_SOURCE_ID)
		return false;
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		const struct fdt_hart *hart = riscv_hart(cpu);

		file_addresses[cpu] = hart ? find_file(hart->imsic) : 0;
		files[cpu] = file_addresses[cpu] ? mem_map_device(file_addresses[cpu], FILE_SIZE) : NULL;
		if (!files[cpu]) {
			log_error("IMSIC: there is no interrupt file for CPU %u: not used", cpu);
			return false;
		}
	}
	info = (struct imsic_info){
		.num_ids = layout->num_ids,
		.guest_ids = layout->num_guest_ids,
		.guest_files = riscv_has(RISCV_EXT_H) ? (1u << layout->guest_index_bits) - 1 : 0,
	};
	next_id = FIRST_SOURCE_ID;
	return true;
}
