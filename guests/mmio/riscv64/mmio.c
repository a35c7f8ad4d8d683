/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads and stores of every kind to emulated devices, through every register; those that a device does not take
 * (atomics, FP, what is not aligned) and places where nothing is are refused, and nothing else has changed.
 */
#include <guest.h>
#include <cpu.h>
#include <csr.h>
#include <intc.h>
#include <mmio.h>
#include <ns16550.h>
#include <trap.h>

#define NOWHERE 0x0b000000ULL
#define ONES    0xffffffffffffffffULL

const char guest_name[] = "mmio";

static uint64_t scratch; /* UART_SCR, a byte that keeps what is written */
static uint64_t word;    /* a register of the interrupt controller with 3 writable bits or more */

/* One load; all bits of the register are set before. */
#define LOAD(instruction, address)                                                                  \
	({                                                                                          \
		uint64_t value_ = ONES;                                                             \
		__asm__ volatile(instruction " %0, (%1)" : "+r"(value_) : "r"(address) : "memory"); \
		value_;                                                                             \
	})
#define STORE(instruction, value, address) \
	__asm__ volatile(instruction " %z0, (%1)" : : "rJ"(value), "r"(address) : "memory")

static void check_bytes(void)
{
	STORE("sb", 0xa5, scratch);
	check_eq("lbu", LOAD("lbu", scratch), 0xa5);
	check_eq("lb", LOAD("lb", scratch), 0xffffffffffffffa5);
	STORE("sb", 0x5a, scratch);
	check_eq("lb-positive", LOAD("lb", scratch), 0x5a);
	STORE("sb", 0x12345677, scratch);
	check_eq("sb-low-byte", LOAD("lbu", scratch), 0x77);
	STORE("sb", 0, scratch);
	check_eq("sb-x0", LOAD("lbu", scratch), 0);
	__asm__ volatile("sb %0, 0x7ff(%1)" : : "r"(0x3c), "r"(scratch - 0x7ff) : "memory");
	check_eq("sb-offset", LOAD("lbu", scratch), 0x3c);
	__asm__ volatile("sb %0, -0x800(%1)" : : "r"(0xc3), "r"(scratch + 0x800) : "memory");
	check_eq("sb-negative-offset", LOAD("lbu", scratch), 0xc3);
}

static void check_words(void)
{
	uint32_t saved = mmio_read32(word);

	STORE("sw", 5, word);
	check_eq("sw-lw", LOAD("lw", word), 5);
	check_eq("lwu", LOAD("lwu", word), 5);
	STORE("sw", 0, word);
	check_eq("sw-x0", LOAD("lw", word), 0);
	__asm__ volatile(".option push\n.option norvc\n\tsw %0, (%1)\n.option pop" : : "r"(7), "r"(word) : "memory");
	check_eq("sw-uncompressed", LOAD("lw", word), 7);
	mmio_write32(word, saved);
}

/* Compressed forms have registers s0-s1 and a0-a5, and the stack pointer as a base of their own. */
static void check_compressed(void)
{
	uint32_t saved = mmio_read32(word);
	uint64_t got, got_sp;

	__asm__ volatile("mv a4, %1\n\tli a5, 6\n\tc.sw a5, 0(a4)\n\tli a5, -1\n\tc.lw a5, 0(a4)\n\tmv %0, a5"
			 : "=r"(got)
			 : "r"(word)
			 : "a4", "a5", "memory");
	check_eq("c.lw", got, 6);
	__asm__ volatile("addi a3, %1, -64\n\tc.lw a5, 64(a3)\n\tmv %0, a5"
			 : "=r"(got)
			 : "r"(word)
			 : "a3", "a5", "memory");
	check_eq("c.lw-offset", got, 6);
	/* sp is a device for a moment; a trap has its own stack. */
	cpu_self()->arch.trap_stack = (uint64_t)__builtin_frame_address(0) - 1024;
	__asm__ volatile("mv t0, sp\n\tli t1, 1\n\tmv sp, %2\n\tc.swsp t1, 0(sp)\n\tli t2, -1\n\tc.lwsp t2, 0(sp)\n\t"
			 "addi sp, sp, -128\n\tc.lwsp t3, 128(sp)\n\tmv sp, t0\n\tmv %0, t2\n\tmv %1, t3"
			 : "=&r"(got), "=&r"(got_sp)
			 : "r"(word)
			 : "t0", "t1", "t2", "t3", "memory");
	cpu_self()->arch.trap_stack = 0;
	check_eq("c.lwsp", got, 1);
	check_eq("c.lwsp-offset", got_sp, 1);
	mmio_write32(word, saved);
}

/* c.ld and c.sd, c.ldsp and c.sdsp: a device of 32 bits may do it, ignore it (reading zero) or refuse it. */
static void check_doubles(void)
{
	uint64_t base = word & ~7ULL;
	uint32_t saved = mmio_read32(word);
	uint64_t got = 0;
	struct trap trap;

	mmio_write32(word, 4);
	trap_catch();
	__asm__ volatile("mv a4, %1\n\tli a5, -1\n\tc.ld a5, 0(a4)\n\tmv %0, a5"
			 : "=r"(got)
			 : "r"(base)
			 : "a4", "a5", "memory");
	trap = trap_caught();
	if (trap.count)
		check(trap_is_absent(&trap, TRAP_READ), "c.ld", "cause %llu", (unsigned long long)trap.cause);
	else
		check(got == 0 || got >> (word & 4) * 8 == 4, "c.ld", "got %#llx", (unsigned long long)got);
	trap_catch();
	__asm__ volatile("mv a4, %0\n\tli a5, 0\n\tc.sd a5, 0(a4)" : : "r"(base) : "a4", "a5", "memory");
	trap = trap_caught();
	check(!trap.count || trap_is_absent(&trap, TRAP_WRITE), "c.sd", "cause %llu", (unsigned long long)trap.cause);
	got = LOAD("lw", word);
	check(got == 4 || (!trap.count && !got), "c.sd-effect", "got %#llx", (unsigned long long)got);
	cpu_self()->arch.trap_stack = (uint64_t)__builtin_frame_address(0) - 1024;
	trap_catch();
	__asm__ volatile("mv t0, sp\n\tmv sp, %0\n\tc.ldsp t1, 0(sp)\n\tc.sdsp t1, 0(sp)\n\tmv sp, t0"
			 :
			 : "r"(base)
			 : "t0", "t1", "memory");
	trap = trap_caught();
	cpu_self()->arch.trap_stack = 0;
	check(!trap.count || trap_is_absent(&trap, TRAP_READ), "c.ldsp", "cause %llu", (unsigned long long)trap.cause);
	mmio_write32(word, saved);
}

/* The destination is any register: sp, tp and gp as well, or none. */
static void check_destinations(void)
{
	uint64_t sum = 0, value;

	STORE("sb", 0x96, scratch);
#define LOAD_INTO(reg)                                                                \
	({                                                                            \
		uint64_t value_;                                                      \
		__asm__ volatile("li " reg ", -1\n\tlbu " reg ", (%1)\n\tmv %0, " reg \
				 : "=r"(value_)                                       \
				 : "r"(scratch)                                       \
				 : reg, "memory");                                    \
		sum += value_ == 0x96;                                                \
	})
	LOAD_INTO("ra");
	LOAD_INTO("t0");
	LOAD_INTO("t1");
	LOAD_INTO("t2");
	LOAD_INTO("s1");
	LOAD_INTO("a0");
	LOAD_INTO("a1");
	LOAD_INTO("a2");
	LOAD_INTO("a3");
	LOAD_INTO("a4");
	LOAD_INTO("a5");
	LOAD_INTO("a6");
	LOAD_INTO("a7");
	LOAD_INTO("s2");
	LOAD_INTO("s3");
	LOAD_INTO("s4");
	LOAD_INTO("s5");
	LOAD_INTO("s6");
	LOAD_INTO("s7");
	LOAD_INTO("s8");
	LOAD_INTO("s9");
	LOAD_INTO("s10");
	LOAD_INTO("s11");
	LOAD_INTO("t3");
	LOAD_INTO("t4");
	LOAD_INTO("t5");
	LOAD_INTO("t6");
	check_eq("lbu-into-each", sum, 27);
#define LOAD_AND_RESTORE(reg)                                                                              \
	({                                                                                                 \
		__asm__ volatile("mv t0, " reg "\n\tlbu " reg ", (%1)\n\tmv %0, " reg "\n\tmv " reg ", t0" \
				 : "=&r"(value)                                                            \
				 : "r"(scratch)                                                            \
				 : "t0", "memory");                                                        \
		check_eq("lbu-into-" reg, value, 0x96);                                                    \
	})
	cpu_self()->arch.trap_stack = (uint64_t)__builtin_frame_address(0) - 1024;
	__asm__ volatile("mv t0, sp\n\tlbu sp, (%1)\n\tmv %0, sp\n\tmv sp, t0"
			 : "=&r"(value)
			 : "r"(scratch)
			 : "t0", "memory");
	cpu_self()->arch.trap_stack = 0;
	check_eq("lbu-into-sp", value, 0x96);
	LOAD_AND_RESTORE("gp");
	LOAD_AND_RESTORE("tp");
	LOAD_AND_RESTORE("s0");
	__asm__ volatile("lbu x0, (%1)\n\tmv %0, x0" : "=r"(value) : "r"(scratch) : "memory");
	check_eq("lbu-into-x0", value, 0);
	__asm__ volatile("mv a0, %1\n\tlbu a0, (a0)\n\tmv %0, a0" : "=r"(value) : "r"(scratch) : "a0", "memory");
	check_eq("lbu-into-base", value, 0x96);
}

static void expect_refused(const char *name, const struct trap *trap, enum trap_access access, uint64_t address)
{
	uint64_t misaligned = access == TRAP_READ ? CAUSE_LOAD_MISALIGNED : CAUSE_STORE_MISALIGNED;

	check(trap->count == 1 && (trap_is_absent(trap, access) || trap->cause == misaligned) &&
		      trap->address - address < 8,
	      name, "got %u: cause %llu at %#llx", trap->count, (unsigned long long)trap->cause,
	      (unsigned long long)trap->address);
}

#define REFUSED(name, access, address, instruction)                                    \
	do {                                                                           \
		struct trap trap_;                                                     \
		trap_catch();                                                          \
		__asm__ volatile(instruction : : "r"(address) : "t0", "t1", "memory"); \
		trap_ = trap_caught();                                                 \
		expect_refused(name, &trap_, access, address);                         \
	} while (0)

/* QEMU's own devices take these apart; an emulated one does not. */
static void check_misaligned(void)
{
	uint64_t page_end = (word | 0xfff) + 1;

	if (bootarg("bare"))
		return;
	REFUSED("lw-misaligned", TRAP_READ, word + 1, "lw t0, (%0)");
	REFUSED("lh-misaligned", TRAP_READ, word + 3, "lh t0, (%0)");
	REFUSED("ld-misaligned", TRAP_READ, word + 1, "ld t0, (%0)");
	REFUSED("sw-misaligned", TRAP_WRITE, word + 2, "sw x0, (%0)");
	REFUSED("lw-crossing-pages", TRAP_READ, page_end - 2, "lw t0, (%0)");
	REFUSED("ld-crossing-pages", TRAP_READ, page_end - 1, "ld t0, (%0)");
	REFUSED("sw-crossing-pages", TRAP_WRITE, page_end - 3, "sw x0, (%0)");
	REFUSED("lw-into-nowhere", TRAP_READ, machine.ram[0].base - 2, "lw t0, (%0)");
	REFUSED("sd-out-of-ram", TRAP_WRITE, machine.ram[0].base + machine.ram[0].size - 4, "sd x0, (%0)");
}

static void check_atomics(void)
{
	uint32_t saved = mmio_read32(word);

	if (bootarg("bare"))
		return;
	mmio_write32(word, 5);
	REFUSED("amoadd", TRAP_WRITE, word, "amoadd.w t0, x0, (%0)");
	REFUSED("amoswap", TRAP_WRITE, word, "amoswap.w t0, x0, (%0)");
	REFUSED("lr", TRAP_READ, word, "lr.w t0, (%0)");
	check_eq("atomics-unchanged", LOAD("lw", word), 5);
	mmio_write32(word, saved);
}

/* FP loads and stores: refused, or done. */
static void check_fp(void)
{
	struct trap trap;
	uint64_t value = 0;

	if (!isa_has("d"))
		return;
	mmio_write32(word, 5);
	trap_catch();
	__asm__ volatile(".option push\n.option arch, +d\n\tflw ft0, (%1)\n\tfmv.x.w %0, ft0\n.option pop"
			 : "+r"(value)
			 : "r"(word)
			 : "memory");
	trap = trap_caught();
	if (trap.count)
		check(trap_is_absent(&trap, TRAP_READ), "flw", "cause %llu", (unsigned long long)trap.cause);
	else
		check_eq("flw", value, 5);
	trap_catch();
	__asm__ volatile(".option push\n.option arch, +d\n\tfmv.w.x ft0, x0\n\tfsw ft0, (%0)\n.option pop"
			 :
			 : "r"(word)
			 : "memory");
	trap = trap_caught();
	check(!trap.count || trap_is_absent(&trap, TRAP_WRITE), "fsw", "cause %llu", (unsigned long long)trap.cause);
	check_eq("fsw-effect", LOAD("lw", word), trap.count ? 5 : 0);
	mmio_write32(word, 0);
}

static void check_nowhere(void)
{
	struct trap trap;

	trap_catch();
	(void)LOAD("lw", NOWHERE + 8);
	trap = trap_caught();
	check_absent("read-nowhere", &trap, TRAP_READ, NOWHERE + 8);
	trap_catch();
	STORE("sd", 0, NOWHERE + 16);
	trap = trap_caught();
	check_absent("write-nowhere", &trap, TRAP_WRITE, NOWHERE + 16);
	trap_catch();
	((void (*)(void))(NOWHERE + 32))();
	trap = trap_caught();
	/* Devices are not executable in our tables. */
	check(trap.count == 1 && trap.cause == CAUSE_INSN_PAGE, "fetch-nowhere", "got %u: cause %llu", trap.count,
	      (unsigned long long)trap.cause);
}

void guest_main(void)
{
	scratch = uart_address(UART_SCR);
	word = intc.kind == INTC_PLIC ? intc.base + 4 * 8 : intc.base + APLIC_SOURCECFG(8);
	if (!check(scratch && intc.base, "devices", "no UART or no interrupt controller"))
		return;
	check_bytes();
	check_words();
	check_compressed();
	check_doubles();
	check_destinations();
	check_misaligned();
	check_atomics();
	check_fp();
	check_nowhere();
}
