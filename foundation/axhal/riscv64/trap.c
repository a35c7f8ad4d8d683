/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports on exceptions in the hypervisor itself, and the interrupt entry.
 */
#include "arch.h"
#include "try.h"
#include <axhal/arch/csr.h>
#include <axhal/boot.h>

/* How far a back trace looks for return addresses. */
#define SCAN_BYTES 4096

static const char *const cause_names[] = {
	[EXC_INSN_MISALIGNED] = "misaligned instruction address",
	[EXC_INSN_ACCESS] = "instruction access fault",
	[EXC_ILLEGAL_INSN] = "illegal instruction",
	[EXC_BREAKPOINT] = "breakpoint instruction",
	[EXC_LOAD_MISALIGNED] = "misaligned load",
	[EXC_LOAD_ACCESS] = "load access fault",
	[EXC_STORE_MISALIGNED] = "misaligned store",
	[EXC_STORE_ACCESS] = "store access fault",
	[EXC_ECALL_S] = "environment call",
	[EXC_ECALL_VS] = "environment call of a guest while none should run",
	[EXC_INSN_PAGE_FAULT] = "instruction page fault",
	[EXC_LOAD_PAGE_FAULT] = "load page fault",
	[EXC_STORE_PAGE_FAULT] = "store page fault",
	[EXC_SOFTWARE_CHECK] = "software check",
	[EXC_HARDWARE_ERROR] = "hardware error",
	[EXC_GUEST_INSN_PAGE_FAULT] = "guest-page fault of a fetch",
	[EXC_GUEST_LOAD_PAGE_FAULT] = "guest-page fault of a load",
	[EXC_VIRTUAL_INSN] = "virtual instruction",
	[EXC_GUEST_STORE_PAGE_FAULT] = "guest-page fault of a store",
};

static const char *const register_names[] = { "zero", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
					      "a1",   "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
					      "s6",   "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6" };

void trap_irq(void);
_Noreturn void trap_fatal(const struct trap_frame *frame);
extern char text_end[];

void trap_irq(void)
{
	bool hext = riscv_has(RISCV_EXT_H);
	uint64_t hstatus = hext ? csr_read(CSR_HSTATUS) : 0;

	irq_dispatch();
	irq_run_exit_hook();
	/*
	 * Another task and its guest may have run: SRET shall stay in this mode (SPV), and SPVP, which guest memory is
	 * read with, is the interrupted code's. The other fields change with the task.
	 */
	if (hext)
		csr_write(CSR_HSTATUS,
			  (csr_read(CSR_HSTATUS) & ~(HSTATUS_SPV | HSTATUS_SPVP)) | (hstatus & HSTATUS_SPVP));
}

/* Read a word that may not be there. */
static bool probe(uintptr_t address, uint64_t *value)
{
	return TRY("ld t0, (%[from])\n\tsd t0, (%[to])", [from] "r"(address), [to] "r"(value));
}

static bool in_text(uintptr_t pc)
{
	return pc > (uintptr_t)image_start && pc < (uintptr_t)text_end;
}

static void print_address(const char *what, uintptr_t pc)
{
	if (in_text(pc))
		hal_print("%s%#llx (image + %#llx)\n", what, (unsigned long long)pc,
			  (unsigned long long)(pc - (uintptr_t)image_start));
	else
		hal_print("%s%#llx\n", what, (unsigned long long)pc);
}

/* Is the instruction before @pc a call: JAL or JALR that links to ra, C.JALR? */
static bool follows_call(uintptr_t pc)
{
	const uint16_t *code = (const uint16_t *)pc;
	uint32_t insn;

	if (pc & 1 || !in_text(pc - 4) || !in_text(pc))
		return false;
	if ((code[-1] & 0xf07f) == 0x9002 && (code[-1] & 0xf80))
		return true;
	insn = code[-2] | (uint32_t)code[-1] << 16;
	return (insn & 0xfff) == 0x0ef || (insn & 0x7fff) == 0x0e7;
}

/*
 * The hypervisor is built without frame pointers. What stands on the stack and points behind a call is most likely a
 * return address; some are left from calls that have ended.
 */
void arch_backtrace(uintptr_t fp, uintptr_t pc)
{
	uintptr_t p = ALIGN_DOWN(fp, 8);
	unsigned shown = 0;
	uint64_t word;

	hal_print("On the stack (find lines with addr2line and the offsets in the image):\n");
	if (pc)
		print_address("  ", pc);
	/* An overflowing stack begins above its guard page. */
	if (!probe(p, &word))
		p = ALIGN_UP(p + 1, PAGE_SIZE);
	for (uintptr_t end = p + SCAN_BYTES; p < end && shown < BACKTRACE_MAX; p += 8) {
		if (!probe(p, &word))
			return;
		if (follows_call(word)) {
			print_address("  ", word - 4);
			shown++;
		}
	}
}

/* A page fault near the stack pointer: the guard page. */
static bool is_stack_overflow(const struct trap_frame *frame)
{
	return (frame->scause == EXC_LOAD_PAGE_FAULT || frame->scause == EXC_STORE_PAGE_FAULT) &&
	       frame->stval - (frame->x[2] - PAGE_SIZE) < 2 * PAGE_SIZE;
}

static const char *access_name(uint64_t cause)
{
	switch (cause) {
	case EXC_INSN_ACCESS:
	case EXC_INSN_PAGE_FAULT: return "fetch from";
	case EXC_LOAD_MISALIGNED:
	case EXC_LOAD_ACCESS:
	case EXC_LOAD_PAGE_FAULT: return "read from";
	case EXC_STORE_MISALIGNED:
	case EXC_STORE_ACCESS:
	case EXC_STORE_PAGE_FAULT: return "write to";
	default: return NULL;
	}
}

static void print_cause(const struct trap_frame *frame)
{
	const char *access = access_name(frame->scause);
	const char *name = frame->scause < ARRAY_SIZE(cause_names) ? cause_names[frame->scause] : NULL;

	if (!name)
		name = "no common cause";
	if (is_stack_overflow(frame))
		hal_print("\npanic: stack overflow in HS mode: %#llx is in the guard page\n",
			  (unsigned long long)frame->stval);
	else if (access)
		hal_print("\npanic: %s in HS mode: %s %#llx\n", name, access, (unsigned long long)frame->stval);
	else
		hal_print("\npanic: exception in HS mode: %s\n", name);
}

void trap_fatal(const struct trap_frame *frame)
{
	panic_begin();
	print_cause(frame);
	panic_print_where();
	print_address("pc   ", frame->sepc);
	hal_print("scause %016llx  stval %016llx  sstatus %016llx\n", (unsigned long long)frame->scause,
		  (unsigned long long)frame->stval, (unsigned long long)frame->sstatus);
	for (unsigned i = 1; i < ARRAY_SIZE(frame->x); i++)
		hal_print("%-4s %016llx%s", register_names[i], (unsigned long long)frame->x[i],
			  i % 4 == 3 ? "\n" : "  ");
	print_address("ra   ", frame->x[1]);
	arch_backtrace(frame->x[2], frame->sepc);
	panic_end();
}
