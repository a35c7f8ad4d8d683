/* fuzz: riscv_vcpu/decode.c riscv_vcpu/fault.c riscv_vcpu/fetch.c riscv_vcpu/csr.c */
/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traps of a guest with any instruction at any place: page faults with and without htinst, illegal and virtual
 * instructions. Never is more of guest memory read than the instruction, and no more than once; what reaches a device
 * is what the instruction says; x0 stays 0.
 *
 * Input, repeated: cause, flags, 2 bytes place of the instruction, 8 bytes instruction and htinst, 8 bytes address.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <axstd/log.h>
#include "fetch.h"
#include "riscv_vcpu.h"

#define CODE      UINT64_C(0xffffffff80000000)
#define CODE_SIZE (2 * PAGE_SIZE)

#define check(condition)                                                                \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

enum flags {
	FIRST_MISSING = 1,
	SECOND_MISSING = 2,
	NO_DEVICE = 4,
	USER = 8,
	NO_HTINST = 16,
	NO_CSRS = 32,
	PENDING = 64
};

static struct riscv_vcpu v;
static struct vcpu_exit out;
static uint8_t flags;
static uint64_t pc; /* of the instruction */
static uint32_t insn;
static unsigned halves; /* read */
static unsigned devices, injections;
static struct vcpu_mmio mmio;

uint64_t *host_csr(unsigned number)
{
	static uint64_t csrs[4096];

	return &csrs[number & 4095];
}

/* The log is off. */
enum log_level log_level_now;

void log_write(enum log_level level, const char *module, int line, const char *fmt, ...)
{
}

bool log_limit_pass(struct log_limit *limit, const char *module, int line)
{
	return false;
}

static bool loading; /* stvec is that for loads */

uint64_t guest_load_begin(void)
{
	check(!loading);
	loading = true;
	return 0;
}

void guest_load_end(uint64_t stvec)
{
	check(loading);
	loading = false;
}

uint64_t guest_load_code(uint64_t gva, uint64_t *cause)
{
	bool second_page = gva >= CODE + PAGE_SIZE;

	/* The halves in their order, the second of a 4-byte instruction only; none after a fault. */
	check(loading && !*cause && gva == pc + 2 * halves);
	check(halves == 0 || (halves == 1 && (insn & 3) == 3));
	if (flags & (second_page ? SECOND_MISSING : FIRST_MISSING)) {
		*cause = second_page ? EXC_GUEST_LOAD_PAGE_FAULT : EXC_LOAD_PAGE_FAULT;
		return UINT64_MAX;
	}
	return insn >> 16 * halves++ & 0xffff;
}

uint64_t guest_load_byte(uint64_t gva, uint64_t *cause)
{
	abort();
}

uint64_t guest_load_long(uint64_t gva, uint64_t *cause)
{
	abort();
}

static bool serve(struct vcpu *vcpu, struct vcpu_mmio *access)
{
	check(access->width == 1 || access->width == 2 || access->width == 4 || access->width == 8);
	check(!(access->gpa & (access->width - 1)));
	check(!access->write || access->width == 8 || access->value >> 8 * access->width == 0);
	check(!devices++);
	access->value = access->write ? access->value : 0x8182838485868788;
	mmio = *access;
	return !(flags & NO_DEVICE);
}

static bool csr(struct vcpu *vcpu, struct riscv_csr_access *access)
{
	check(access->csr == CSR_SISELECT || access->csr == CSR_SIREG || access->csr == CSR_STOPEI ||
	      access->csr == CSR_STOPI);
	check(!access->write || access->csr != CSR_STOPI);
	check(!(flags & USER));
	access->value = 0x1234;
	return !(flags & NO_CSRS);
}

bool vcpu_has_interrupt(struct vcpu *vcpu)
{
	return flags & PENDING;
}

void riscv_inject(struct riscv_vcpu *vcpu, enum riscv_exception cause, uint64_t tval)
{
	check(cause == EXC_ILLEGAL_INSN && !injections++);
}

static const struct vcpu_ops ops = { .mmio = serve };
static const struct riscv_irqchip irqchip = { .csr = csr };

/* A load or store put together again from what the decoder says of it. */
static uint64_t encode(uint64_t i)
{
	uint64_t size = (uint64_t)__builtin_ctzll(insn_width(i)) | (insn_is_unsigned(i) ? 4 : 0), offset;
	uint64_t low = 0x01 | (insn_length(i) == 4 ? 2 : 0) | insn_rs1(i) << 15 | size << 12;

	if (insn_is_store(i)) {
		offset = (uint64_t)insn_store_offset(i) & 0xfff;
		return low | 0x20 | offset >> 5 << 25 | (uint64_t)insn_rs2(i) << 20 | (offset & 31) << 7;
	}
	offset = (uint64_t)insn_load_offset(i) & 0xfff;
	return low | offset << 20 | insn_rd(i) << 7;
}

/* The instruction in the decoder's form, 0: not for devices. */
static uint64_t decoded(void)
{
	uint64_t i = insn_is_compressed(insn) ? riscv_expand_access(insn) : insn;

	if (!insn_is_load(i) && !insn_is_store(i))
		return 0;
	check(!(insn_is_load(i) && insn_is_store(i)) && encode(i) == i);
	check(insn_length(i) == ((insn & 3) == 3 ? 4 : 2));
	check(insn_length(i) == 4 || !(insn_is_unsigned(i) && (insn_is_store(i) || insn_width(i) > 2)));
	return i;
}

/* What has been served is what the instruction, or htinst, says. */
static void check_served(uint64_t htinst)
{
	uint64_t i = htinst ? htinst : decoded();

	check(devices == 1 && i && mmio.width == insn_width(i) && mmio.write == insn_is_store(i));
	check(v.regs.pc == pc + insn_length(i));
	if (!mmio.write && insn_rd(i)) {
		uint64_t sign = !insn_is_unsigned(i) && mmio.width < 8 ? UINT64_MAX << 8 * mmio.width : 0;
		uint64_t low = mmio.width == 8 ? UINT64_MAX : BIT(8 * mmio.width) - 1;

		check(v.regs.x[insn_rd(i)] == ((mmio.value & low) | sign));
	}
}

static void page_fault(unsigned cause, uint64_t htinst, uint64_t gva)
{
	*host_csr(CSR_HTINST) = htinst;
	*host_csr(CSR_STVAL) = gva;
	*host_csr(CSR_HTVAL) = (gva & ~UINT64_C(0x80000000)) >> 2;
	if (cause == 20   ? riscv_exit_guest_page_fault(&v, cause)
	    : cause == 21 ? riscv_handle_guest_load_fault(&v, cause)
			  : riscv_handle_guest_store_fault(&v, cause)) {
		check(out.reason == VCPU_EXIT_NESTED_PAGE_FAULT && out.fault.pc == pc && v.regs.pc == pc);
		check(v.fault_gva == gva);
		check(v.fault_cause == (cause == 20   ? EXC_INSN_ACCESS
					: cause == 21 ? EXC_LOAD_ACCESS
						      : EXC_STORE_ACCESS));
		check(out.fault.access == VCPU_ACCESS_READ || out.fault.access == VCPU_ACCESS_WRITE ||
		      (out.fault.access == VCPU_ACCESS_EXECUTE && cause == 20));
	} else if (v.regs.pc != pc) {
		check_served(htinst);
	} else {
		check(!htinst && cause != 20); /* the fetch has faulted */
	}
}

static void trapped(unsigned cause, uint64_t stval)
{
	*host_csr(CSR_STVAL) = stval;
	if (riscv_handle_illegal(&v, cause))
		check(out.reason == VCPU_EXIT_HALT && v.regs.pc == pc + 4 && !(flags & (USER | PENDING)));
	else if (v.regs.pc != pc)
		check(v.regs.pc == pc + 4 && !(flags & USER) && !injections);
	else
		check(injections == 1 || (!stval && (flags & (FIRST_MISSING | SECOND_MISSING))));
}

static void step(const uint8_t *data)
{
	static const uint8_t causes[] = { 21, 23, 20, EXC_ILLEGAL_INSN, EXC_VIRTUAL_INSN };
	unsigned cause = causes[data[0] % ARRAY_SIZE(causes)];
	uint16_t place;
	uint32_t htinst;
	uint64_t gva;
	uint64_t form;

	flags = data[1];
	memcpy(&place, data + 2, 2);
	memcpy(&insn, data + 4, 4);
	memcpy(&htinst, data + 8, 4);
	memcpy(&gva, data + 12, 8);
	pc = CODE + place % (CODE_SIZE - 4) / 2 * 2;
	if ((insn & 3) != 3)
		insn &= 0xffff;
	memset(&v, 0, sizeof(v));
	v.vcpu.ops = &ops;
	v.irqchip = &irqchip;
	v.exit = &out;
	v.regs.pc = pc;
	v.regs.sstatus = flags & USER ? 0 : SSTATUS_SPP;
	for (unsigned i = 1; i < 32; i++)
		v.regs.x[i] = gva + i * UINT64_C(0x0101010101010101);
	form = decoded();
	/* Mostly the address that the instruction gives. */
	if ((data[0] & 0x80) && form)
		gva = v.regs.x[insn_rs1(form)] +
		      (uint64_t)(insn_is_store(form) ? insn_store_offset(form) : insn_load_offset(form));
	halves = devices = injections = 0;
	if (flags & NO_HTINST)
		htinst = 0;
	if (cause < 20 || cause == EXC_VIRTUAL_INSN)
		trapped(cause, htinst ? insn : 0);
	else
		page_fault(cause, htinst, gva);
	check(v.regs.x[0] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (; size >= 20; data += 20, size -= 20)
		step(data);
	return 0;
}
