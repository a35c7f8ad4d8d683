/* SPDX-License-Identifier: Apache-2.0 */
#include "vaia_fake.h"
#include <host/host.h>
#include <stdlib.h>
#include <string.h>
#include <axhal/arch/csr.h>
#include <axhal/arch/isa.h>
#include <axhal/cpu.h>
#include <axhal/irq.h>
#include <axstd/error.h>
#include <axtask/task.h>

struct fake_machine fake;

static unsigned top(const struct imsic_regs *regs)
{
	for (unsigned id = 1; id <= FAKE_IDS; id++)
		if (bitmap_test(regs->pending, id) && bitmap_test(regs->enabled, id))
			return !regs->threshold || id < regs->threshold ? id : 0;
	return 0;
}

static bool signals(const struct imsic_regs *regs)
{
	return regs->delivery && top(regs);
}

/* --- the host --- */

struct mutex vaia_moves;

void mutex_lock(struct mutex *mutex)
{
	if (mutex->sleepers++)
		abort();
}

void task_yield(void)
{
}

void mutex_unlock(struct mutex *mutex)
{
	mutex->sleepers--;
}

const struct riscv_info *riscv_info(void)
{
	static const struct riscv_info info = { .extensions = BIT(RISCV_EXT_SSTC) };

	return &info;
}

bool vaia_host_has_csrs(void)
{
	return fake.ssaia;
}

unsigned vaia_host_files(void)
{
	return fake.files;
}

unsigned vaia_host_ids(void)
{
	return FAKE_IDS;
}

paddr_t vaia_host_page(unsigned cpu, unsigned file)
{
	return (cpu * 16 + file) * PAGE_SIZE;
}

void vaia_host_send(unsigned cpu, unsigned file, uint32_t id)
{
	if (!id || id > FAKE_IDS)
		return;
	bitmap_set(fake.file[cpu][file].pending, id);
	if (signals(&fake.file[cpu][file]) && (fake.watched[cpu] >> file & 1)) {
		fake.watched[cpu] &= ~BIT(file);
		fake.requests[fake.owner[cpu][file]->index]++;
	}
}

struct vimsic *vaia_host_owner(unsigned file)
{
	return fake.owner[cpu_id()][file];
}

bool vaia_host_any_free(void)
{
	for (unsigned f = 1; f <= fake.files; f++)
		if (!fake.owner[cpu_id()][f])
			return true;
	return false;
}

unsigned vaia_host_take(struct vimsic *imsic)
{
	for (unsigned f = 1; f <= fake.files; f++) {
		if (fake.owner[cpu_id()][f])
			continue;
		fake.owner[cpu_id()][f] = imsic;
		return f;
	}
	return 0;
}

void vaia_host_give(unsigned file)
{
	static const struct imsic_regs empty;

	if (memcmp(&fake.file[cpu_id()][file], &empty, sizeof(empty)))
		abort(); /* the next VM would see it */
	for (unsigned i = 0; i < FAKE_CPUS; i++)
		if (fake.mapped_file[i] == file && fake.mapped_cpu[i] == cpu_id() && !fake.may_stay_mapped)
			abort();
	fake.owner[cpu_id()][file] = NULL;
}

void vaia_host_write(unsigned file, const struct imsic_regs *regs, unsigned num_ids)
{
	struct imsic_regs *to = &fake.file[cpu_id()][file];

	to->delivery = regs->delivery;
	to->threshold = regs->threshold;
	for (unsigned i = 0; i < (num_ids + 1) / 64; i++) {
		to->enabled[i] = regs->enabled[i];
		to->pending[i] = regs->pending[i];
	}
}

void vaia_host_read(unsigned file, struct imsic_regs *regs, unsigned num_ids)
{
	struct imsic_regs *from = &fake.file[cpu_id()][file];

	if (regs) {
		regs->delivery = from->delivery;
		regs->threshold = from->threshold;
		for (unsigned i = 0; i < (num_ids + 1) / 64; i++) {
			regs->enabled[i] = from->enabled[i];
			regs->pending[i] |= from->pending[i];
		}
	}
	*from = (struct imsic_regs){ 0 };
}

bool vaia_host_is_pending(unsigned file)
{
	return signals(&fake.file[cpu_id()][file]);
}

void vaia_host_watch(unsigned file, bool watch)
{
	if (watch && vaia_host_is_pending(file)) {
		fake.requests[fake.owner[cpu_id()][file]->index]++;
		return;
	}
	fake.watched[cpu_id()] &= ~BIT(file);
	fake.watched[cpu_id()] |= watch ? BIT(file) : 0;
}

int aspace_map_linear(struct aspace *as, gpa_t gpa, paddr_t hpa, uint64_t size, unsigned flags, enum aspace_kind kind)
{
	unsigned vcpu = (unsigned)((gpa - FAKE_IMSIC) / PAGE_SIZE);

	if (fake.fail_map)
		return -AX_ENOMEM;
	if (fake.mapped_file[vcpu])
		return -AX_EEXIST;
	fake.mapped_file[vcpu] = (unsigned)(hpa / PAGE_SIZE % 16);
	fake.mapped_cpu[vcpu] = (unsigned)(hpa / PAGE_SIZE / 16);
	return 0;
}

int aspace_unmap(struct aspace *as, gpa_t gpa, uint64_t size)
{
	unsigned vcpu = (unsigned)((gpa - FAKE_IMSIC) / PAGE_SIZE);

	if (fake.fail_unmap) {
		fake.fail_unmap--;
		return -AX_ENOMEM;
	}
	if (!fake.mapped_file[vcpu])
		abort();
	fake.mapped_file[vcpu] = 0;
	return 0;
}

/* --- the vCPU --- */

void riscv_vcpu_set_irqchip(struct vcpu *vcpu, const struct riscv_irqchip *irqchip, void *data)
{
	vcpu->irqchip = data;
	fake.chip = irqchip;
}

void riscv_vcpu_set_external(struct vcpu *vcpu, bool level)
{
	fake.level[vcpu->id] = level;
	fake.told[vcpu->id]++;
}

void riscv_vcpu_set_vgein(struct vcpu *vcpu, unsigned file)
{
	fake.vgein[vcpu->id] = file;
}

void riscv_vcpu_ask_prepare(struct vcpu *vcpu)
{
	fake.prepare[vcpu->id] = true;
}

void fake_load(unsigned vcpu, unsigned cpu)
{
	host_set_cpu(cpu);
	irq_disable();
	fake.cpu[vcpu] = (int)cpu;
	atomic_store(&fake.vcpu[vcpu].cpu, (int)cpu);
	atomic_store(&fake.vcpu[vcpu].state, VCPU_RUNNING);
	if (fake.chip->load)
		fake.chip->load(&fake.vcpu[vcpu]);
	irq_enable();
	if (fake.prepare[vcpu]) {
		fake.prepare[vcpu] = false;
		fake.chip->prepare(&fake.vcpu[vcpu]);
	}
}

void fake_put(unsigned vcpu)
{
	host_set_cpu((unsigned)fake.cpu[vcpu]);
	irq_disable();
	if (fake.chip->put)
		fake.chip->put(&fake.vcpu[vcpu]);
	fake.cpu[vcpu] = -1;
	atomic_store(&fake.vcpu[vcpu].cpu, -1);
	irq_enable();
}

/* --- the guest --- */

void fake_create(unsigned vcpus, bool msi, unsigned files)
{
	struct vaia_params params = {
		.aplic_base = FAKE_APLIC,
		.imsic = msi,
		.imsic_base = FAKE_IMSIC,
		.num_vcpus = vcpus,
		.num_sources = FAKE_SOURCES,
		.num_ids = FAKE_IDS,
		.mmio = &fake.bus,
	};
	bool ssaia = fake.ssaia;

	memset(&fake, 0, sizeof(fake));
	fake.ssaia = ssaia || files;
	fake.files = files;
	bus_init(&fake.bus);
	if (vaia_create(&params, &fake.aia))
		abort();
	for (unsigned i = 0; i < FAKE_CPUS; i++)
		fake.cpu[i] = -1;
	for (unsigned i = 0; i < vcpus; i++) {
		fake.vcpu[i].id = i;
		atomic_store(&fake.vcpu[i].cpu, -1);
		vaia_attach(fake.aia, &fake.vcpu[i]);
	}
	host_set_cpu_count(FAKE_CPUS);
}

void fake_destroy(void)
{
	for (unsigned i = 0; i < FAKE_CPUS; i++)
		if (fake.cpu[i] >= 0)
			fake_put(i);
	vaia_destroy(fake.aia);
	bus_destroy(&fake.bus);
	host_set_cpu(0);
	for (unsigned c = 0; c < FAKE_CPUS; c++)
		for (unsigned f = 1; f <= FAKE_FILES; f++)
			if (fake.owner[c][f])
				abort();
	memset(&fake, 0, sizeof(fake));
}

static void be(unsigned vcpu)
{
	if (fake.cpu[vcpu] >= 0)
		host_set_cpu((unsigned)fake.cpu[vcpu]);
}

uint64_t fake_read(unsigned vcpu, uint64_t addr, unsigned width)
{
	const struct bus_region *region = bus_find(&fake.bus, addr);
	uint64_t value;

	be(vcpu);
	irq_disable();
	value = region->ops->read(region->opaque, vcpu, addr - region->base, width);
	irq_enable();
	return value;
}

void fake_write(unsigned vcpu, uint64_t addr, unsigned width, uint64_t value)
{
	const struct bus_region *region = bus_find(&fake.bus, addr);

	be(vcpu);
	irq_disable();
	region->ops->write(region->opaque, vcpu, addr - region->base, width, value);
	irq_enable();
}

uint32_t fake_r(unsigned reg)
{
	return (uint32_t)fake_read(0, FAKE_APLIC + reg, 4);
}

void fake_w(unsigned reg, uint32_t value)
{
	fake_write(0, FAKE_APLIC + reg, 4, value);
}

void fake_line(unsigned source, bool level)
{
	struct irq_line line = vaia_line(fake.aia, source);

	irq_line_set(&line, level);
}

static struct imsic_regs *own_file(unsigned vcpu)
{
	return fake.cpu[vcpu] >= 0 && fake.vgein[vcpu] ? &fake.file[fake.cpu[vcpu]][fake.vgein[vcpu]] : NULL;
}

bool fake_csr(unsigned vcpu, unsigned csr, bool write, uint64_t mask, uint64_t *value)
{
	struct riscv_csr_access access = { .csr = csr, .write = write, .value = *value, .mask = mask };
	bool known;

	be(vcpu);
	if (csr == CSR_SISELECT && fake.ssaia) {
		access.value = *host_csr(CSR_VSISELECT);
		if (write)
			*host_csr(CSR_VSISELECT) = (access.value & ~mask) | (*value & mask);
		*value = access.value;
		return true;
	}
	irq_disable();
	known = fake.chip->csr(&fake.vcpu[vcpu], &access);
	irq_enable();
	*value = access.value;
	return known;
}

static uint64_t access_ireg(unsigned vcpu, unsigned select, bool write, uint64_t value)
{
	struct imsic_regs *file = own_file(vcpu);
	uint64_t number = select, *ids;

	if (!file || select < ISELECT_EIDELIVERY) {
		if (!fake_csr(vcpu, CSR_SISELECT, true, UINT64_MAX, &number) ||
		    !fake_csr(vcpu, CSR_SIREG, write, UINT64_MAX, &value))
			abort();
		return value;
	}
	if (select == ISELECT_EIDELIVERY || select == ISELECT_EITHRESHOLD) {
		uint32_t *reg = select == ISELECT_EIDELIVERY ? &file->delivery : &file->threshold, old = *reg;

		*reg = write ? (uint32_t)value : old;
		return old;
	}
	ids = select < ISELECT_EIE ? &file->pending[(select - ISELECT_EIP) / 2]
				   : &file->enabled[(select - ISELECT_EIE) / 2];
	number = *ids;
	*ids = write ? value : number;
	return number;
}

uint64_t fake_ireg(unsigned vcpu, unsigned select)
{
	return access_ireg(vcpu, select, false, 0);
}

void fake_set_ireg(unsigned vcpu, unsigned select, uint64_t value)
{
	access_ireg(vcpu, select, true, value);
}

unsigned fake_claim(unsigned vcpu)
{
	struct imsic_regs *file = own_file(vcpu);
	uint64_t value = 0;

	if (file) {
		value = top(file);
		bitmap_clear(file->pending, value);
		return (unsigned)value;
	}
	if (!fake_csr(vcpu, CSR_STOPEI, true, UINT64_MAX, &value) || value >> 16 != (value & 0x7ff))
		abort();
	return (unsigned)(value >> 16);
}

void fake_msi(unsigned vcpu, uint32_t id)
{
	if (fake.mapped_file[vcpu])
		vaia_host_send(fake.mapped_cpu[vcpu], fake.mapped_file[vcpu], id);
	else
		fake_write(vcpu, FAKE_IMSIC + vcpu * PAGE_SIZE, 4, id);
}

bool fake_pending(unsigned vcpu)
{
	const struct imsic_regs *file = own_file(vcpu);

	return fake.level[vcpu] || (file && signals(file));
}
