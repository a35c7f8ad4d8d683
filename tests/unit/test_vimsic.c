/* unit: axdevice/riscv/vaia.c axdevice/riscv/vaia_fdt.c axdevice/riscv/vaia_file.c axdevice/riscv/vaplic.c axdevice/riscv/vimsic.c axdevice/common/bus.c axstd/error.c vaia_fake.c +libfdt */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * IMSICs: registers in memory, and their way into guest interrupt files and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>
#include <axhal/arch/csr.h>
#include <host/host.h>
#include "vaia_fake.h"

/* Every identity enabled. */
static void open_imsic(unsigned vcpu)
{
	fake_set_ireg(vcpu, ISELECT_EIDELIVERY, 1);
	for (unsigned w = 0; w < (FAKE_IDS + 1) / 64; w++)
		fake_set_ireg(vcpu, ISELECT_EIE + 2 * w, UINT64_MAX);
}

static int start(unsigned vcpus, unsigned files, bool ssaia)
{
	fake.ssaia = ssaia;
	fake_create(vcpus, true, files);
	for (unsigned i = 0; i < vcpus; i++) {
		fake_load(i, i);
		open_imsic(i);
	}
	return 0;
}

static int start_without_ssaia(void **state)
{
	return start(2, 0, false);
}

static int start_software(void **state)
{
	return start(2, 0, true);
}

static int start_files(void **state)
{
	return start(4, 2, true);
}

static int stop(void **state)
{
	fake_destroy();
	*host_csr(CSR_HIP) = *host_csr(CSR_VSIE) = 0;
	return 0;
}

/* --- in memory --- */

static void an_msi_is_claimed_by_stopei(void **state)
{
	uint64_t value = 0;

	fake_msi(1, 200);
	fake_msi(1, 7);
	assert_true(fake.level[1]);
	assert_false(fake.level[0]);
	assert_true(fake_csr(1, CSR_STOPEI, false, 0, &value));
	assert_int_equal(value, 7 << 16 | 7);
	assert_int_equal(fake_claim(1), 7);
	assert_int_equal(fake_claim(1), 200);
	assert_false(fake.level[1]);
	assert_int_equal(fake_claim(1), 0);
}

static void both_byte_orders_are_ports(void **state)
{
	fake_write(0, FAKE_IMSIC + 4, 4, __builtin_bswap32(9));
	assert_int_equal(fake_claim(0), 9);
	fake_write(0, FAKE_IMSIC + 8, 4, 9);
	fake_write(0, FAKE_IMSIC, 1, 9);
	fake_write(0, FAKE_IMSIC, 8, 9);
	fake_msi(0, 0);
	fake_msi(0, FAKE_IDS + 1);
	fake_msi(0, UINT32_MAX);
	assert_int_equal(fake_claim(0), 0);
	assert_int_equal(fake_read(0, FAKE_IMSIC, 4), 0);
}

static void the_threshold_holds_back_its_identity_and_above(void **state)
{
	fake_set_ireg(0, ISELECT_EITHRESHOLD, 8);
	fake_msi(0, 8);
	assert_false(fake.level[0]);
	assert_int_equal(fake_claim(0), 0);
	fake_msi(0, 7);
	assert_true(fake.level[0]);
	assert_int_equal(fake_claim(0), 7);
	fake_set_ireg(0, ISELECT_EITHRESHOLD, 9);
	assert_true(fake.level[0]);
	fake_set_ireg(0, ISELECT_EITHRESHOLD, UINT64_MAX);
	assert_int_equal(fake_ireg(0, ISELECT_EITHRESHOLD), 0xff);
	assert_int_equal(fake_claim(0), 8);
}

static void delivery_gates_the_signal_but_not_stopei(void **state)
{
	fake_set_ireg(0, ISELECT_EIDELIVERY, 0);
	fake_msi(0, 8);
	assert_false(fake.level[0]);
	assert_int_equal(fake_claim(0), 8);
	fake_set_ireg(0, ISELECT_EIDELIVERY, 0x40000001);
	assert_int_equal(fake_ireg(0, ISELECT_EIDELIVERY), 1);
}

static void pending_and_enable_bits_are_registers(void **state)
{
	fake_set_ireg(0, ISELECT_EIP, UINT64_MAX);
	assert_int_equal(fake_ireg(0, ISELECT_EIP), ~UINT64_C(1)); /* there is no identity 0 */
	assert_true(fake.level[0]);
	fake_set_ireg(0, ISELECT_EIP, 0);
	assert_false(fake.level[0]);
	fake_set_ireg(0, ISELECT_EIE, 0);
	fake_set_ireg(0, ISELECT_EIP + 6, BIT(63));
	assert_int_equal(fake_claim(0), 255);
	fake_set_ireg(0, ISELECT_EIP + 8, UINT64_MAX); /* beyond the last */
	assert_int_equal(fake_ireg(0, ISELECT_EIP + 8), 0);
	assert_int_equal(fake_ireg(0, ISELECT_EIE), 0);
	fake_msi(0, 3);
	assert_false(fake.level[0]);
	fake_set_ireg(0, ISELECT_EIE, 8);
	assert_true(fake.level[0]);
}

static bool known(unsigned select)
{
	uint64_t number = select, value = 0;

	assert_true(fake_csr(0, CSR_SISELECT, true, UINT64_MAX, &number));
	return fake_csr(0, CSR_SIREG, false, 0, &value);
}

static void odd_and_unknown_numbers_are_illegal(void **state)
{
	assert_true(known(0x30));
	assert_true(known(0x3e));
	assert_false(known(0x31));
	assert_false(known(0));
	assert_false(known(0x2f));
	assert_false(known(0x40));
	assert_true(known(0x71));
	assert_true(known(0x7f));
	assert_true(known(0xbe));
	assert_false(known(0xbf));
	assert_false(known(0x81));
	assert_false(known(0xff));
	assert_false(known(0x100));
	assert_int_equal(fake_ireg(0, 0x73), 0);
}

static void priorities_of_major_interrupts_are_fixed(void **state)
{
	fake_set_ireg(0, 0x30, UINT64_MAX);
	assert_int_equal(fake_ireg(0, 0x30), 0);
}

static void masked_writes_change_their_bits(void **state)
{
	uint64_t value = 0x70, number = ISELECT_EIP;

	fake_csr(0, CSR_SISELECT, true, UINT64_MAX, &number);
	value = 0xf0;
	fake_csr(0, CSR_SIREG, true, UINT64_MAX, &value);
	value = UINT64_MAX;
	fake_csr(0, CSR_SIREG, true, 0x0c, &value); /* csrs */
	assert_int_equal(value, 0xf0);
	value = 0;
	fake_csr(0, CSR_SIREG, true, 0x40, &value); /* csrc */
	assert_int_equal(value, 0xfc);
	assert_int_equal(fake_ireg(0, ISELECT_EIP), 0xbc);
}

static void stopi_is_emulated_where_the_hart_has_none(void **state)
{
	uint64_t value = 0;

	*host_csr(CSR_HIP) = BIT(INT_VSTI) | BIT(INT_VSEI) | BIT(INT_VSSI);
	*host_csr(CSR_VSIE) = BIT(INT_STI);
	assert_true(fake_csr(0, CSR_STOPI, false, 0, &value));
	assert_int_equal(value, 5 << 16 | 1);
	*host_csr(CSR_VSIE) |= BIT(INT_SSI);
	fake_csr(0, CSR_STOPI, false, 0, &value);
	assert_int_equal(value, 1 << 16 | 1);
	*host_csr(CSR_VSIE) |= BIT(INT_SEI);
	fake_csr(0, CSR_STOPI, false, 0, &value);
	assert_int_equal(value, 9 << 16 | 1);
	*host_csr(CSR_HIP) = 0;
	*host_csr(CSR_VSTIMECMP) = 100;
	fake_csr(0, CSR_STOPI, false, 0, &value);
	assert_int_equal(value, 0);
	host_time_ns = 100; /* Sstc, not shown in hip */
	fake_csr(0, CSR_STOPI, false, 0, &value);
	assert_int_equal(value, 5 << 16 | 1);
	host_time_ns = 0;
	assert_false(fake_csr(0, CSR_STOPI, true, 1, &value));
	assert_false(fake_csr(0, CSR_VSTOPI, false, 0, &value));
	assert_true(fake.chip->emulates_imsic);
}

static void with_ssaia_siselect_and_stopi_are_the_harts(void **state)
{
	struct riscv_csr_access access = { .csr = CSR_STOPI };

	*host_csr(CSR_VSTOPI) = 9 << 16 | 1;
	assert_true(fake.chip->csr(&fake.vcpu[0], &access));
	assert_int_equal(access.value, 9 << 16 | 1);
	access = (struct riscv_csr_access){ .csr = CSR_SISELECT, .write = true, .value = 0x72, .mask = UINT64_MAX };
	*host_csr(CSR_VSISELECT) = 0x70;
	assert_true(fake.chip->csr(&fake.vcpu[0], &access));
	assert_int_equal(access.value, 0x70);
	assert_int_equal(*host_csr(CSR_VSISELECT), 0x72);
	assert_false(fake.chip->emulates_imsic);
}

static void a_started_vcpu_has_an_empty_imsic(void **state)
{
	fake_msi(1, 9);
	fake_put(1);
	vaia_reset_cpu(&fake.vcpu[1]);
	assert_false(fake.level[1]);
	fake_load(1, 1);
	assert_int_equal(fake_ireg(1, ISELECT_EIDELIVERY), 0);
	assert_int_equal(fake_ireg(1, ISELECT_EIP), 0);
	assert_int_equal(fake_ireg(1, ISELECT_EIE), 0);
	fake_msi(0, 9);
	assert_int_equal(fake_claim(0), 9);
}

static void without_imsics_there_are_no_registers_of_theirs(void **state)
{
	fake.ssaia = true;
	fake_create(1, false, 2);
	assert_null(fake.chip->csr);
	assert_false(fake.chip->emulates_imsic);
	fake_load(0, 0);
	assert_null(fake.owner[0][1]);
	fake_destroy();
}

/* --- guest interrupt files --- */

static void a_loaded_vcpu_has_a_file_and_its_page(void **state)
{
	assert_int_equal(fake.vgein[1], fake.aia->imsics[1].file);
	assert_int_not_equal(fake.vgein[1], 0);
	assert_int_equal(fake.mapped_file[1], fake.vgein[1]);
	assert_int_equal(fake.mapped_cpu[1], 1);
	fake_msi(1, 7);
	assert_false(fake.level[1]); /* the hart sees it by itself */
	assert_true(fake_pending(1));
	assert_int_equal(fake_claim(1), 7);
}

static void it_moves_with_everything_to_another_cpu(void **state)
{
	fake_set_ireg(1, ISELECT_EITHRESHOLD, 100);
	fake_set_ireg(1, ISELECT_EIE, 0x80);
	fake_msi(1, 7);
	fake_msi(1, 150);
	fake_put(1);
	fake_put(3);
	fake_load(1, 3);
	assert_int_equal(fake.aia->imsics[1].cpu, 3);
	assert_int_equal(fake.mapped_cpu[1], 3);
	assert_int_equal(fake_ireg(1, ISELECT_EITHRESHOLD), 100);
	assert_int_equal(fake_ireg(1, ISELECT_EIE), 0x80);
	assert_int_equal(fake_claim(1), 7);
	fake_set_ireg(1, ISELECT_EITHRESHOLD, 0);
	assert_int_equal(fake_claim(1), 150);
	assert_null(fake.owner[1][1]);
}

static void a_sleeping_vcpu_keeps_its_file_and_is_woken(void **state)
{
	unsigned file = fake.vgein[2];

	fake_put(2);
	assert_int_equal(fake.aia->imsics[2].file, file);
	fake_msi(2, 5);
	assert_int_equal(fake.requests[2], 1);
	fake_load(2, 2);
	assert_int_equal(fake.vgein[2], file);
	assert_int_equal(fake_claim(2), 5);
	assert_int_equal(fake.watched[2], 0);
	fake_msi(2, 5);
	fake_put(2); /* it came before */
	assert_int_equal(fake.requests[2], 2);
}

static void without_a_free_file_registers_stay_in_memory(void **state)
{
	/* vCPUs 0 and 1 take both files of CPU 0; 2 finds none. */
	fake_put(0);
	fake_put(1);
	fake_load(1, 0);
	fake_put(1);
	fake_put(2);
	fake_load(2, 0);
	assert_int_equal(fake.aia->imsics[2].file, 0);
	assert_int_equal(fake.vgein[2], 0);
	fake_msi(2, 33);
	assert_true(fake.level[2]);
	assert_int_equal(fake_claim(2), 33);
	fake_msi(2, 34);
	fake_put(2);
	fake_load(2, 2);
	assert_int_not_equal(fake.vgein[2], 0);
	assert_false(fake.level[2]); /* the file's now */
	assert_int_equal(fake_claim(2), 34);
}

/* CPU 0's two files have owners: vCPU 0, which runs, and 1, in @state. */
static void use_up_cpu_0(enum vcpu_state state)
{
	fake_put(0);
	fake_put(1);
	fake_load(1, 0);
	fake_msi(1, 9);
	fake_put(1);
	atomic_store(&fake.vcpu[1].state, state);
	fake_load(0, 0);
	fake_put(0);
	fake_put(2);
}

static void a_sleeper_makes_room(void **state)
{
	use_up_cpu_0(VCPU_BLOCKED);
	host_time_ns += 99 * 1000000;
	fake_load(2, 0);
	assert_int_equal(fake.vgein[2], 0); /* not yet */
	fake_put(2);
	host_time_ns += 1000000;
	fake_load(2, 0);
	assert_int_not_equal(fake.vgein[2], 0);
	assert_int_equal(fake.aia->imsics[1].file, 0);
	assert_int_equal(fake.mapped_file[1], 0);
	assert_true(fake.level[1]); /* it was called */
	fake_put(2);
	fake_load(1, 0);
	assert_int_equal(fake_claim(1), 9);
}

static void whoever_is_ready_keeps_its_file(void **state)
{
	use_up_cpu_0(VCPU_READY);
	host_time_ns += 1000000000;
	fake_load(2, 0);
	assert_int_equal(fake.vgein[2], 0);
	assert_int_not_equal(fake.aia->imsics[1].file, 0);
}

static void pending_looks_into_the_file(void **state)
{
	host_set_cpu(0);
	assert_false(fake.chip->pending(&fake.vcpu[0]));
	fake_msi(0, 7);
	host_set_cpu(0);
	assert_true(fake.chip->pending(&fake.vcpu[0]));
	assert_int_equal(fake_claim(0), 7);
	assert_false(fake.chip->pending(&fake.vcpu[0]));
	host_set_cpu(1); /* not prepared there yet: look */
	assert_true(fake.chip->pending(&fake.vcpu[0]));
}

static void devices_reach_the_file(void **state)
{
	fake_w(APLIC_SOURCECFG + 4 * 10, SM_EDGE1);
	fake_w(APLIC_TARGET + 4 * 10, 3u << TARGET_HART_SHIFT | 40);
	fake_w(APLIC_SETIENUM, 10);
	fake_w(APLIC_DOMAINCFG, DOMAINCFG_IE);
	fake_line(10, true);
	assert_int_equal(fake_claim(3), 40);
	fake_line(10, false);
	fake_put(3);
	fake_line(10, true);
	assert_int_equal(fake.requests[3], 1);
}

static void an_unmapped_page_is_slower_but_works(void **state)
{
	fake.fail_map = true;
	fake_put(1);
	fake_put(3);
	fake_load(1, 3);
	assert_int_equal(fake.mapped_file[1], 0);
	assert_int_not_equal(fake.vgein[1], 0);
	fake_msi(1, 9);
	assert_int_equal(fake_claim(1), 9);
	fake.fail_map = false;
	fake_put(1);
	fake_load(1, 3);
	assert_int_equal(fake.mapped_file[1], fake.vgein[1]);
}

static void a_page_that_cannot_be_unmapped_keeps_its_file(void **state)
{
	fake.fail_unmap = 1;
	fake_msi(1, 9);
	fake_put(1);
	fake_put(3);
	fake_load(1, 3);
	assert_int_equal(fake.aia->imsics[1].cpu, 1);
	assert_int_equal(fake.vgein[1], 0);
	assert_true(fake.prepare[1]); /* again, before it is entered */
	fake_put(1);
	fake_load(1, 3);
	assert_int_equal(fake.aia->imsics[1].cpu, 3);
	assert_int_equal(fake_claim(1), 9);
}

static void a_started_vcpu_finds_its_file_empty(void **state)
{
	fake_msi(1, 9);
	fake_put(1);
	host_set_cpu(1);
	vaia_reset_cpu(&fake.vcpu[1]);
	fake_load(1, 1);
	assert_int_equal(fake_claim(1), 0);
	assert_int_equal(fake_ireg(1, ISELECT_EIDELIVERY), 0);
}

static void a_file_left_behind_is_emptied_later(void **state)
{
	fake_msi(1, 9);
	fake_put(1);
	host_set_cpu(2);
	vaia_reset_cpu(&fake.vcpu[1]); /* started on another CPU */
	fake_put(2);
	fake_load(1, 2);
	assert_int_equal(fake_claim(1), 0);
	assert_int_equal(fake_ireg(1, ISELECT_EIE), 0);
	fake_msi(1, 9);
	fake_put(1);
	host_set_cpu(0);
	vaia_reset_cpu(&fake.vcpu[1]);
	fake_load(1, 2); /* back to where its file is */
	assert_int_equal(fake_claim(1), 0);
}

static void a_reset_empties_every_file(void **state)
{
	for (unsigned i = 0; i < 4; i++) {
		fake_msi(i, 5);
		fake_put(i);
	}
	vaia_reset(fake.aia);
	for (unsigned i = 0; i < 4; i++) {
		fake_load(i, i);
		assert_int_equal(fake_claim(i), 0);
		assert_int_equal(fake_ireg(i, ISELECT_EIDELIVERY), 0);
	}
}

static void destroying_gives_the_files_back_empty(void **state)
{
	for (unsigned i = 0; i < 4; i++) {
		fake_msi(i, 5);
		fake_put(i);
	}
	/* stop() looks; what is left mapped when unmapping fails goes with the address space. */
	fake.fail_unmap = 1;
	fake.may_stay_mapped = true;
}

#define NONE(test)     cmocka_unit_test_setup_teardown(test, start_without_ssaia, stop)
#define SOFTWARE(test) cmocka_unit_test_setup_teardown(test, start_software, stop)
#define FILES(test)    cmocka_unit_test_setup_teardown(test, start_files, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		NONE(an_msi_is_claimed_by_stopei),
		SOFTWARE(an_msi_is_claimed_by_stopei),
		NONE(both_byte_orders_are_ports),
		NONE(the_threshold_holds_back_its_identity_and_above),
		NONE(delivery_gates_the_signal_but_not_stopei),
		SOFTWARE(pending_and_enable_bits_are_registers),
		NONE(odd_and_unknown_numbers_are_illegal),
		SOFTWARE(odd_and_unknown_numbers_are_illegal),
		NONE(priorities_of_major_interrupts_are_fixed),
		NONE(masked_writes_change_their_bits),
		NONE(stopi_is_emulated_where_the_hart_has_none),
		SOFTWARE(with_ssaia_siselect_and_stopi_are_the_harts),
		NONE(a_started_vcpu_has_an_empty_imsic),
		SOFTWARE(a_started_vcpu_has_an_empty_imsic),
		cmocka_unit_test(without_imsics_there_are_no_registers_of_theirs),
		FILES(a_loaded_vcpu_has_a_file_and_its_page),
		FILES(it_moves_with_everything_to_another_cpu),
		FILES(a_sleeping_vcpu_keeps_its_file_and_is_woken),
		FILES(without_a_free_file_registers_stay_in_memory),
		FILES(a_sleeper_makes_room),
		FILES(whoever_is_ready_keeps_its_file),
		FILES(pending_looks_into_the_file),
		FILES(devices_reach_the_file),
		FILES(an_unmapped_page_is_slower_but_works),
		FILES(a_page_that_cannot_be_unmapped_keeps_its_file),
		FILES(a_started_vcpu_finds_its_file_empty),
		FILES(a_file_left_behind_is_emptied_later),
		FILES(a_reset_empties_every_file),
		FILES(destroying_gives_the_files_back_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
