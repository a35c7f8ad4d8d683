/* SPDX-License-Identifier: Apache-2.0 */
/* F and D: f0-f31, fcsr. V, where the isa string has it: v0-v31, vcsr, vl, vtype, vstart. */
#include "registers.h"
#include <csr.h>
#include <generate.h>
#include <sbi.h>
#include <trap.h>

#define CSR_VSTART 0x008
#define CSR_VCSR   0x00f
#define CSR_VL     0xc20
#define CSR_VTYPE  0xc21

void fp_load(const uint64_t *values);
void fp_store(uint64_t *values);
void vector_load(const uint64_t *values);
void vector_store(uint64_t *values);
uint64_t fp_add(uint64_t n);
uint64_t vector_sum(uint64_t n);

const struct bank_of_registers fp_banks[] = {
	{ "f0-f31", 32, fp_load, fp_store },
	{ "v0-v31", 64, vector_load, vector_store },
};

unsigned fp_bank_count(void)
{
	return isa_has("v") ? 2 : isa_has("d") ? 1 : 0;
}

void fp_set_control(unsigned round)
{
	if (isa_has("d"))
		csr_write(fcsr, (round & 3) << 5 | (round & 0x1f));
	if (isa_has("v"))
		csr_write(CSR_VCSR, round & 7);
}

bool fp_control_is(unsigned round)
{
	bool same = true;

	if (isa_has("d"))
		same = csr_read(fcsr) == ((round & 3) << 5 | (round & 0x1f));
	/* vl and vtype as vector_load() left them: 2 elements, e64, m1, ta, ma */
	if (isa_has("v"))
		same = same && csr_read(CSR_VCSR) == (round & 7) && csr_read(CSR_VSTART) == 0 &&
		       (csr_read(CSR_VL) == 2) && (csr_read(CSR_VTYPE) == 0xd8);
	return same;
}

void fp_call(void)
{
	sbi_call0(SBI_BASE, BASE_SPEC_VERSION);
}

/* sstatus.FS and VS: off means that the instructions are not there; on again, that nothing was lost. */
static void check_off(const char *name, uint64_t field, uint64_t (*use)(uint64_t))
{
	uint64_t saved = csr_read(sstatus);
	struct trap trap;

	csr_clear(sstatus, field);
	trap_catch();
	use(3);
	trap = trap_caught();
	check(trap.count && trap_is_undefined(&trap), name, "got %u: cause %llu", trap.count,
	      (unsigned long long)trap.cause);
	csr_set(sstatus, saved & field);
}

static void check_dirty(const char *name, uint64_t field, uint64_t (*use)(uint64_t))
{
	csr_clear(sstatus, field);
	csr_set(sstatus, field & (field << 1)); /* clean */
	use(3);
	check_eq(name, csr_read(sstatus) & field, field);
	check_eq("sstatus-sd", csr_read(sstatus) >> 63, 1);
}

void check_arithmetic(void)
{
	struct trap trap;

	if (isa_has("d")) {
		check_eq("fadd", fp_add(3), 0x4018000000000000ULL);
		check_off("fs-off", SSTATUS_FS, fp_add);
		check_dirty("fs-dirty", SSTATUS_FS, fp_add);
	}
	if (isa_has("v")) {
		check_eq("vredsum", vector_sum(21), 42);
		check_off("vs-off", SSTATUS_VS, vector_sum);
		check_dirty("vs-dirty", SSTATUS_VS, vector_sum);
		return;
	}
	csr_set(sstatus, SSTATUS_VS);
	csr_try_read(CSR_VCSR, &trap);
	check(trap_is_undefined(&trap), "no-vectors", "got %u: cause %llu", trap.count, (unsigned long long)trap.cause);
}
