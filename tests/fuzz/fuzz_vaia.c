/* fuzz: axdevice/riscv/vaia.c axdevice/riscv/vaia_fdt.c axdevice/riscv/vaia_file.c axdevice/riscv/vaplic.c axdevice/riscv/vimsic.c axdevice/common/bus.c axstd/error.c vaia_fake.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AIA model under any sequence of register and CSR accesses, line changes and moves of vCPUs between CPUs. After
 * every step its state must agree with the rules, computed anew in the simplest way.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <axhal/arch/csr.h>
#include <axstd/log.h>
#include <host/host.h>
#include "vaia_fake.h"

#define MAX_STEPS 400

static const uint8_t *next, *end;

static uint8_t byte(void)
{
	return next < end ? *next++ : 0;
}

static uint32_t word(void)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < 4; i++)
		value = value << 8 | byte();
	return value;
}

#define check(condition)                                                                \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

static bool bit(const uint32_t *words, unsigned source)
{
	return words[source / 32] >> source % 32 & 1;
}

static void check_source(unsigned source)
{
	const struct vaplic *a = &fake.aia->aplic;
	unsigned mode = a->mode[source];
	bool pending = bit(a->pending, source), high = bit(a->input, source) ^ (mode == SM_EDGE0 || mode == SM_LEVEL0);

	check(mode <= SM_LEVEL0 && mode != 2 && mode != 3);
	check(bit(a->active, source) == (mode != SM_INACTIVE));
	if (mode == SM_INACTIVE || source > fake.aia->num_sources)
		check(!pending && !bit(a->enable, source) && !a->target[source]);
	if (mode >= SM_LEVEL1 && !fake.aia->msi)
		check(pending == high);
	if (mode >= SM_LEVEL1)
		check(!pending || high);
	if (fake.aia->msi && a->enabled)
		check(!pending || !bit(a->enable, source));
	if (mode != SM_INACTIVE && !fake.aia->msi)
		check(a->target[source] & TARGET_PRIORITY);
}

/* topi of @hart. */
static uint32_t best(unsigned hart)
{
	const struct vaplic *a = &fake.aia->aplic;
	uint32_t found = 0;

	for (unsigned source = 1; source <= fake.aia->num_sources; source++) {
		uint32_t priority = a->target[source] & TARGET_PRIORITY;

		if (!bit(a->pending, source) || !bit(a->enable, source) || TARGET_HART(a->target[source]) != hart)
			continue;
		if (a->idc[hart].threshold && priority >= a->idc[hart].threshold)
			continue;
		if (!found || priority < (found & TARGET_PRIORITY))
			found = source << TOPI_ID_SHIFT | priority;
	}
	return found;
}

static void check_direct(unsigned hart)
{
	const struct vaplic *a = &fake.aia->aplic;
	const struct vaplic_idc *idc = &a->idc[hart];

	check(fake.level[hart] == (a->enabled && idc->delivery && (idc->force || best(hart))));
	check(fake_r(APLIC_IDC + hart * IDC_SIZE + IDC_TOPI) == best(hart));
}

static const struct imsic_regs *contents(unsigned vcpu)
{
	const struct vimsic *imsic = &fake.aia->imsics[vcpu];

	return imsic->file ? &fake.file[imsic->cpu][imsic->file] : &imsic->regs;
}

static bool wants(const struct imsic_regs *regs)
{
	for (unsigned id = 1; id <= FAKE_IDS && regs->delivery; id++)
		if (bitmap_test(regs->pending, id) && bitmap_test(regs->enabled, id))
			return !regs->threshold || id < regs->threshold;
	return false;
}

static void check_imsic(unsigned vcpu)
{
	static const struct imsic_regs empty;
	const struct vimsic *imsic = &fake.aia->imsics[vcpu];
	const struct imsic_regs *regs = contents(vcpu);

	check(imsic->lock.next == imsic->lock.owner);
	check(!(regs->pending[0] & 1) && !(regs->enabled[0] & 1));
	for (unsigned w = (FAKE_IDS + 1) / 64; w < IMSIC_WORDS; w++)
		check(!regs->pending[w] && !regs->enabled[w]);
	check(regs->delivery <= 1 && regs->threshold <= FAKE_IDS);
	check(fake.level[vcpu] == (!imsic->file && wants(regs)));
	check(imsic->mapped == !!fake.mapped_file[vcpu]);
	if (fake.cpu[vcpu] >= 0)
		check(!fake.vgein[vcpu] || (imsic->file == fake.vgein[vcpu] && (int)imsic->cpu == fake.cpu[vcpu]));
	if (!imsic->file) {
		check(!imsic->mapped);
		return;
	}
	check(fake.owner[imsic->cpu][imsic->file] == imsic);
	check(!memcmp(&imsic->regs, &empty, sizeof(empty)));
	if (imsic->mapped)
		check(fake.mapped_file[vcpu] == imsic->file && fake.mapped_cpu[vcpu] == imsic->cpu);
	/* A vCPU that sleeps on something pending has been called. */
	if (fake.cpu[vcpu] < 0 && wants(regs))
		check(fake.requests[vcpu]);
}

static void check_all(void)
{
	unsigned owned = 0, held = 0;

	check(fake.aia->aplic.lock.next == fake.aia->aplic.lock.owner);
	for (unsigned source = 0; source < ARRAY_SIZE(fake.aia->aplic.mode); source++)
		check_source(source);
	for (unsigned i = 0; i < fake.aia->num_harts; i++) {
		if (!fake.aia->msi)
			check_direct(i);
		else
			check_imsic(i);
		held += fake.aia->imsics[i].file != 0;
	}
	for (unsigned c = 0; c < FAKE_CPUS; c++)
		for (unsigned f = 1; f <= FAKE_FILES; f++)
			owned += fake.owner[c][f] != NULL;
	check(owned == held);
}

/* Where its registers are is nothing that a vCPU could tell from their contents. */
static void toggle_load(unsigned vcpu, unsigned cpu)
{
	struct imsic_regs before = *contents(vcpu);
	bool stale = fake.aia->imsics[vcpu].stale;

	for (unsigned i = 0; i < FAKE_CPUS; i++)
		if (fake.cpu[vcpu] < 0 && fake.cpu[i] == (int)(cpu % FAKE_CPUS))
			return; /* taken */
	fake.requests[vcpu] = 0;
	host_time_ns += UINT64_C(1) << cpu % 32;
	if (fake.cpu[vcpu] >= 0) {
		fake_put(vcpu);
		atomic_store(&fake.vcpu[vcpu].state, cpu & 4 ? VCPU_BLOCKED : VCPU_READY);
	} else {
		fake_load(vcpu, cpu % FAKE_CPUS);
	}
	if (!stale)
		check(!memcmp(&before, contents(vcpu), sizeof(before)));
}

static void access_aplic(unsigned vcpu, uint8_t what)
{
	static const uint16_t blocks[] = { APLIC_SOURCECFG, APLIC_SETIP,    APLIC_SETIPNUM,    APLIC_IN_CLRIP,
					   APLIC_CLRIPNUM,  APLIC_SETIE,    APLIC_SETIENUM,    APLIC_CLRIE,
					   APLIC_CLRIENUM,  APLIC_SETIPNUM, APLIC_SETIPNUM_LE, APLIC_SETIPNUM_BE,
					   APLIC_GENMSI,    APLIC_TARGET,   APLIC_IDC,         0x1bc0 };
	unsigned width = what & 0x40 ? 1u << (byte() & 3) : 4;
	uint64_t offset = blocks[what & 0xf] + (what & 0x10 ? byte() % 128 * 4u : 0);
	uint32_t value = what & 0x20 ? word() : byte();

	offset &= ~(uint64_t)(width - 1);
	if (what & 0x80)
		fake_read(vcpu, FAKE_APLIC + offset, width);
	else
		fake_write(vcpu, FAKE_APLIC + offset, width, value);
}

static void access_csr(unsigned vcpu, uint8_t what)
{
	static const uint16_t csrs[] = { CSR_SISELECT, CSR_SIREG, CSR_STOPEI, CSR_STOPI };
	static const uint8_t selects[] = { ISELECT_EIDELIVERY, ISELECT_EITHRESHOLD, ISELECT_EIP, ISELECT_EIE };
	uint64_t value = (uint64_t)word() << 32 | word(), mask = what & 0x40 ? UINT64_MAX : value;

	if (fake.vgein[vcpu])
		return; /* nothing traps */
	if (what & 0x20)
		value = selects[what & 3] + byte() % 16u;
	fake_csr(vcpu, csrs[what >> 2 & 3], what & 0x80, mask, &value);
}

/* A guest's driver: it switches an identity on. */
static void enable_identity(unsigned vcpu)
{
	unsigned id = byte(), reg = ISELECT_EIE + id / 64 * 2;

	if (!id)
		return;
	fake_set_ireg(vcpu, ISELECT_EIDELIVERY, 1);
	fake_set_ireg(vcpu, reg, fake_ireg(vcpu, reg) | BIT(id % 64));
}

static void step_imsic(unsigned vcpu, unsigned op)
{
	bool loaded = fake.cpu[vcpu] >= 0;

	switch (op) {
	case 0: fake_msi(vcpu, byte()); break;
	case 1: fake_write(vcpu, FAKE_IMSIC + vcpu * PAGE_SIZE + byte() % 4 * 4, 4, word()); break;
	case 2: toggle_load(vcpu, byte()); break;
	case 3:
		if (loaded)
			access_csr(vcpu, byte());
		break;
	case 4:
		if (loaded)
			enable_identity(vcpu);
		break;
	case 5:
		if (loaded)
			fake_claim(vcpu);
		break;
	case 6:
		if (!loaded) {
			host_set_cpu(byte() % FAKE_CPUS);
			vaia_reset_cpu(&fake.vcpu[vcpu]);
		}
		break;
	default: fake.fail_map = byte() & 1; break;
	}
}

static void step(void)
{
	uint8_t op = byte();
	unsigned vcpu = (op >> 4) % fake.aia->num_harts, arg;

	switch (op & 0xf) {
	case 0 ... 4: access_aplic(vcpu, byte()); break;
	case 5 ... 7:
		arg = byte();
		fake_line(arg & 0x7f, arg & 0x80);
		break;
	default:
		if (fake.aia->msi)
			step_imsic(vcpu, (op & 0xf) - 8);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t kind;

	next = data;
	end = data + size;
	kind = byte();
	log_set_level(LOG_OFF);
	host_time_ns = 0;
	fake.ssaia = kind & 0x20;
	fake_create(1 + (kind & 3), kind & 4, kind & 4 ? (kind >> 3 & 3) % (FAKE_FILES + 1) : 0);
	for (unsigned i = 0; i < fake.aia->num_harts; i++)
		fake_load(i, i);
	if (kind & 0x80)
		fake_w(APLIC_DOMAINCFG, DOMAINCFG_IE);
	for (unsigned i = 0; i < MAX_STEPS && next < end; i++) {
		step();
		check_all();
	}
	for (unsigned i = 0; i < fake.aia->num_harts; i++)
		if (fake.cpu[i] >= 0)
			fake_put(i);
	check_all();
	vaia_reset(fake.aia);
	check_all();
	fake_destroy();
	return 0;
}
