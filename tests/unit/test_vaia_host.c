/* unit: axdevice/riscv/vaia_host.c axstd/error.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Guest interrupt files of the host: their registers behind vsiselect and vsireg, who has which, their interrupt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include <axhal/arch/csr.h>
#include <axhal/arch/imsic.h>
#include <axhal/arch/irq.h>
#include <axhal/arch/isa.h>
#include <axhal/cpu.h>
#include <host/host.h>
#include "../../hypervisor/axdevice/riscv/aplic_regs.h"
#include "../../hypervisor/axdevice/riscv/vaia_internal.h"

#define CPUS  2
#define FILES 3
#define IDS   127
#define PAGES UINT64_C(0x28000000)

static struct imsic_info info;
static struct riscv_info isa;
static uint64_t csrs[CPUS][4096], file_regs[CPUS][FILES + 1][256];
static uint32_t pages[CPUS][FILES * PAGE_SIZE / sizeof(uint32_t)] __attribute__((aligned(4096)));
static unsigned requested;

/* vsireg is a register of the file that hstatus.VGEIN names. */
uint64_t *host_csr(unsigned number)
{
	uint64_t *own = csrs[cpu_id()];
	unsigned file = (unsigned)FIELD(own[CSR_HSTATUS], 17, 12);

	if (number != CSR_VSIREG)
		return &own[number];
	assert_true(file >= 1 && file <= FILES && own[CSR_VSISELECT] < 256);
	return &file_regs[cpu_id()][file][own[CSR_VSISELECT]];
}

const struct imsic_info *imsic_info(void)
{
	return &info;
}

paddr_t imsic_guest_page(unsigned cpu, unsigned file)
{
	return PAGES + (cpu * (FILES + 1) + file) * PAGE_SIZE;
}

const struct riscv_info *riscv_info(void)
{
	return &isa;
}

void vcpu_request(struct vcpu *vcpu, enum vcpu_work work)
{
	assert_int_equal(work, VCPU_WORK_IRQ);
	requested |= 1u << vcpu->id;
}

void mutex_init(struct mutex *mutex)
{
}

static void start(unsigned files, bool ssaia)
{
	memset(csrs, 0, sizeof(csrs));
	memset(file_regs, 0, sizeof(file_regs));
	host_irq_reset();
	host_set_cpu_count(CPUS);
	requested = 0;
	info = (struct imsic_info){ .num_ids = 255, .guest_ids = IDS, .guest_files = files };
	isa.extensions = ssaia ? BIT(RISCV_EXT_SSAIA) : 0;
	assert_int_equal(vaia_host_init(), 0);
	for (unsigned cpu = CPUS; cpu-- > 0;) {
		host_set_cpu(cpu);
		for (unsigned file = 1; file <= FILES; file++)
			vaia_host_give(file);
		vaia_host_init_cpu();
	}
}

/* First of all: what is found once stays. */
static void without_what_they_need_there_are_no_files(void **state)
{
	start(0, true);
	assert_int_equal(vaia_host_files(), 0);
	start(FILES, false);
	assert_int_equal(vaia_host_files(), 0);
	assert_false(vaia_host_has_csrs());
}

static void files_are_counted_and_empty(void **state)
{
	start(FILES, true);
	assert_int_equal(vaia_host_files(), FILES);
	assert_int_equal(vaia_host_ids(), IDS);
	assert_false(host_irq_is_masked(RISCV_IRQ_GUEST_EXT));
	assert_int_equal(vaia_host_page(1, 2), imsic_guest_page(1, 2));
	for (unsigned file = 1; file <= FILES; file++)
		file_regs[0][file][ISELECT_EIP] = file_regs[0][file][ISELECT_EIE] = 0xff0;
	vaia_host_init_cpu();
	for (unsigned file = 1; file <= FILES; file++)
		assert_int_equal(file_regs[0][file][ISELECT_EIP] | file_regs[0][file][ISELECT_EIE], 0);
}

static void each_cpu_gives_its_own(void **state)
{
	struct vimsic imsics[FILES + 2];

	start(FILES, true);
	for (unsigned i = 0; i < FILES; i++) {
		assert_true(vaia_host_any_free());
		assert_int_equal(vaia_host_take(&imsics[i]), i + 1);
		assert_ptr_equal(vaia_host_owner(i + 1), &imsics[i]);
	}
	assert_false(vaia_host_any_free());
	assert_int_equal(vaia_host_take(&imsics[FILES]), 0);
	host_set_cpu(1);
	assert_int_equal(vaia_host_take(&imsics[FILES]), 1);
	vaia_host_give(1);
	host_set_cpu(0);
	vaia_host_give(2);
	assert_null(vaia_host_owner(2));
	assert_int_equal(vaia_host_take(&imsics[FILES]), 2);
}

/* A CPU that has fewer than those that started before it. */
static void the_last_cpu_may_have_fewer(void **state)
{
	struct vimsic imsic;

	start(FILES, true);
	info.guest_files = 1;
	host_set_cpu(1);
	vaia_host_init_cpu();
	assert_int_equal(vaia_host_take(&imsic), 1);
	assert_false(vaia_host_any_free());
	host_set_cpu(0);
}

static void what_is_written_is_read_once(void **state)
{
	struct imsic_regs in = { .delivery = 1, .threshold = 70 }, out = { 0 };

	start(FILES, true);
	in.pending[0] = 0x10;
	in.pending[1] = BIT(63);
	in.enabled[1] = 0x77;
	csrs[0][CSR_HSTATUS] = 0x200000000 | 2 << 12; /* of whoever is loaded */
	csrs[0][CSR_VSISELECT] = 0x72;
	file_regs[0][3][ISELECT_EIP] = 4; /* came late, for its last owner */
	vaia_host_write(3, &in, IDS);
	assert_int_equal(file_regs[0][3][ISELECT_EIDELIVERY], 1);
	assert_int_equal(file_regs[0][3][ISELECT_EIP], 0x10);
	assert_int_equal(file_regs[0][3][ISELECT_EIP + 2], BIT(63));
	file_regs[0][3][ISELECT_EIP] |= 0x20; /* an MSI */
	out.pending[0] = 0x40;
	vaia_host_read(3, &out, IDS);
	in.pending[0] = 0x70;
	assert_memory_equal(&in, &out, sizeof(in));
	for (unsigned i = 0; i < 256; i++)
		assert_int_equal(file_regs[0][3][i], 0);
	assert_int_equal(csrs[0][CSR_HSTATUS], 0x200000000 | 2 << 12);
	assert_int_equal(csrs[0][CSR_VSISELECT], 0x72);
}

static void identities_the_guest_was_not_told_of_are_emptied_too(void **state)
{
	struct imsic_regs out = { 0 };

	start(FILES, true);
	file_regs[0][1][ISELECT_EIP + 2] = file_regs[0][1][ISELECT_EIE + 2] = 1;
	vaia_host_read(1, &out, 63);
	assert_int_equal(out.pending[1] | out.enabled[1], 0);
	assert_int_equal(file_regs[0][1][ISELECT_EIP + 2] | file_regs[0][1][ISELECT_EIE + 2], 0);
}

static void an_msi_is_a_store_to_the_files_page(void **state)
{
	start(FILES, true);
	vaia_host_send(1, 3, 42);
	assert_int_equal(pages[1][2 * PAGE_SIZE / sizeof(uint32_t)], 42);
}

static void a_watched_file_calls_once(void **state)
{
	struct vcpu vcpu = { .id = 5 };
	struct vimsic imsic = { .vcpu = &vcpu };

	start(FILES, true);
	assert_int_equal(vaia_host_take(&imsic), 1);
	csrs[0][CSR_HGEIP] = BIT(1) | BIT(3);
	assert_true(vaia_host_is_pending(1));
	assert_false(vaia_host_is_pending(2));
	host_irq_raise(RISCV_IRQ_GUEST_EXT);
	assert_int_equal(requested, 0); /* nobody watches */
	vaia_host_watch(1, true);
	vaia_host_watch(3, true); /* nobody's */
	host_irq_raise(RISCV_IRQ_GUEST_EXT);
	assert_int_equal(requested, BIT(5));
	assert_int_equal(csrs[0][CSR_HGEIE], 0);
	vaia_host_watch(1, true);
	vaia_host_watch(1, false);
	assert_int_equal(csrs[0][CSR_HGEIE], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_what_they_need_there_are_no_files),
		cmocka_unit_test(files_are_counted_and_empty),
		cmocka_unit_test(each_cpu_gives_its_own),
		cmocka_unit_test(the_last_cpu_may_have_fewer),
		cmocka_unit_test(what_is_written_is_read_once),
		cmocka_unit_test(identities_the_guest_was_not_told_of_are_emptied_too),
		cmocka_unit_test(an_msi_is_a_store_to_the_files_page),
		cmocka_unit_test(a_watched_file_calls_once),
	};

	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		host_add_device(imsic_guest_page(cpu, 1), sizeof(pages[cpu]), pages[cpu]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
