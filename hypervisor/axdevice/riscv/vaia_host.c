/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side: the guest interrupt files of its IMSICs (AIA 1.0, 3.6), whose registers the hypervisor reaches
 * through vsiselect and vsireg while hstatus.VGEIN names the file, and the interrupt by which a file with something
 * pending calls for a vCPU that does not run.
 */
#include "aplic_regs.h"
#include "vaia_internal.h"
#include <axhal/arch/csr.h>
#include <axhal/arch/imsic.h>
#include <axhal/arch/irq.h>
#include <axhal/arch/isa.h>
#include <axhal/cpu.h>
#include <axhal/irq.h>
#include <axhal/mem.h>
#include <axhal/mmio.h>
#include <axstd/error.h>
#include <axstd/log.h>

#define MAX_FILES           63
#define HSTATUS_VGEIN_SHIFT 12

/* Of one CPU; changed by that CPU only, interrupts off. Index: file. */
struct host_files {
	struct vimsic *owner[MAX_FILES + 1];
	uint64_t free;
};

static DEFINE_PER_CPU(struct host_files, host_files);
struct mutex vaia_moves;
static unsigned num_files, num_ids;
static uint8_t *pages[CPU_MAX]; /* of the files of a CPU, the first of them is file 1's */

bool vaia_host_has_csrs(void)
{
	return riscv_has(RISCV_EXT_SSAIA);
}

unsigned vaia_host_files(void)
{
	return num_files;
}

unsigned vaia_host_ids(void)
{
	return num_ids;
}

paddr_t vaia_host_page(unsigned cpu, unsigned file)
{
	return imsic_guest_page(cpu, file);
}

void vaia_host_send(unsigned cpu, unsigned file, uint32_t id)
{
	mmio_wmb();
	mmio_write32(pages[cpu] + (file - 1) * PAGE_SIZE + IMSIC_SETEIPNUM_LE, id);
}

struct vimsic *vaia_host_owner(unsigned file)
{
	return this_cpu(host_files)->owner[file];
}

bool vaia_host_any_free(void)
{
	return this_cpu(host_files)->free;
}

unsigned vaia_host_take(struct vimsic *imsic)
{
	struct host_files *files = this_cpu(host_files);
	unsigned file = files->free ? (unsigned)__builtin_ctzll(files->free) : 0;

	if (file) {
		files->free &= ~BIT(file);
		files->owner[file] = imsic;
	}
	return file;
}

void vaia_host_give(unsigned file)
{
	struct host_files *files = this_cpu(host_files);

	files->owner[file] = NULL;
	files->free |= BIT(file);
}

/* What a file's registers are reached by belongs to the vCPU that is loaded, if one is. */
struct window {
	uint64_t hstatus, select;
};

static struct window open_window(unsigned file)
{
	struct window w = { .hstatus = csr_read(CSR_HSTATUS), .select = csr_read(CSR_VSISELECT) };

	csr_write(CSR_HSTATUS, (w.hstatus & ~HSTATUS_VGEIN) | (uint64_t)file << HSTATUS_VGEIN_SHIFT);
	return w;
}

static void close_window(const struct window *w)
{
	csr_write(CSR_VSISELECT, w->select);
	csr_write(CSR_HSTATUS, w->hstatus);
}

static uint64_t swap(unsigned select, uint64_t value)
{
	csr_write(CSR_VSISELECT, select);
	return csr_swap(CSR_VSIREG, value);
}

void vaia_host_write(unsigned file, const struct imsic_regs *regs, unsigned ids)
{
	struct window w = open_window(file);

	for (unsigned i = 0; i < (ids + 1) / 64; i++) {
		swap(ISELECT_EIE + 2 * i, regs->enabled[i]);
		swap(ISELECT_EIP + 2 * i, regs->pending[i]);
	}
	swap(ISELECT_EITHRESHOLD, regs->threshold);
	swap(ISELECT_EIDELIVERY, regs->delivery);
	close_window(&w);
}

/* All identities that the file has, used by this guest or not: the next one finds it empty. */
void vaia_host_read(unsigned file, struct imsic_regs *regs, unsigned ids)
{
	struct window w = open_window(file);
	uint32_t delivery = (uint32_t)swap(ISELECT_EIDELIVERY, 0), threshold = (uint32_t)swap(ISELECT_EITHRESHOLD, 0);

	if (regs) {
		regs->delivery = delivery;
		regs->threshold = threshold;
	}
	for (unsigned i = 0; i < (num_ids + 1) / 64; i++) {
		uint64_t enabled = swap(ISELECT_EIE + 2 * i, 0), pending = swap(ISELECT_EIP + 2 * i, 0);

		if (!regs || i >= (ids + 1) / 64)
			continue;
		regs->enabled[i] = enabled;
		regs->pending[i] |= pending;
	}
	close_window(&w);
}

bool vaia_host_is_pending(unsigned file)
{
	return csr_read(CSR_HGEIP) >> file & 1;
}

void vaia_host_watch(unsigned file, bool watch)
{
	if (watch)
		csr_set(CSR_HGEIE, BIT(file));
	else
		csr_clear(CSR_HGEIE, BIT(file));
}

/* Each calls once: until its vCPU has run and is put again. */
static enum irq_result guest_external(unsigned irq, void *arg)
{
	const struct host_files *files = this_cpu(host_files);

	for (uint64_t called = csr_read(CSR_HGEIP) & csr_read(CSR_HGEIE); called; called &= called - 1) {
		unsigned file = (unsigned)__builtin_ctzll(called);
		const struct vimsic *owner = files->owner[file];

		csr_clear(CSR_HGEIE, BIT(file));
		if (owner)
			vcpu_request(owner->vcpu, VCPU_WORK_IRQ);
	}
	return IRQ_DONE;
}

static int map_pages(unsigned files)
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		pages[cpu] = mem_map_device(imsic_guest_page(cpu, 1), files * PAGE_SIZE);
		if (!pages[cpu])
			return -AX_ENOMEM;
	}
	return 0;
}

/* Without files, or without what they need, IMSICs of guests are emulated: slower, that is all. */
int vaia_host_init(void)
{
	const struct imsic_info *info = imsic_info();
	unsigned files = MIN(info->guest_files, (unsigned)MAX_FILES), ids = (info->guest_ids + 1) / 64 * 64;
	int err;

	if (!files || !vaia_host_has_csrs() || !ids)
		return 0;
	mutex_init(&vaia_moves);
	err = map_pages(files);
	if (!err)
		err = irq_register(RISCV_IRQ_GUEST_EXT, IRQ_LEVEL_HIGH, guest_external, NULL, "guest interrupt files");
	if (err) {
		log_warn("guest interrupt files are not used: %s", error_text(err));
		return 0;
	}
	num_ids = MIN(ids - 1, (unsigned)IMSIC_MAX_IDS);
	num_files = files;
	log_info("%u guest interrupt files per CPU, %u identities", num_files, num_ids);
	return 0;
}

void vaia_host_init_cpu(void)
{
	/* Known of the CPUs that have started by now. */
	unsigned files = MIN(num_files, imsic_info()->guest_files);

	if (!files)
		return;
	csr_write(CSR_HGEIE, 0);
	for (unsigned file = 1; file <= files; file++)
		vaia_host_read(file, NULL, 0);
	this_cpu(host_files)->free = GENMASK(files, 1);
	irq_unmask(RISCV_IRQ_GUEST_EXT);
}
