/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads and stores of every kind to an emulated device. Those that a hypervisor has to decode itself (pairs,
 * exclusives, SIMD, write-back: ESR_EL2.ISV is 0) may be answered with an external abort, but then nothing else may
 * have changed.
 */
#include <guest.h>
#include <gic.h>
#include <sysreg.h>
#include <trap.h>

#define UARTIBRD 0x24  /* 16 bits, without effect on an emulated line */
#define UARTFBRD 0x28  /* 6 bits */
#define UARTID   0xff0 /* 0x0d, 0xf0, 0x05, 0xb1 */
#define NOWHERE  0x0b000000ULL

#define ONES 0xffffffffffffffffULL

const char guest_name[] = "mmio";

static uint64_t uart;

/* One load; @type is what the register looks like in the instruction, all of its bits are set before. */
#define LOAD(instruction, reg, address)                                                                    \
	({                                                                                                 \
		uint64_t value_ = ONES;                                                                    \
		__asm__ volatile(instruction " %" reg "0, [%1]" : "+r"(value_) : "r"(address) : "memory"); \
		value_;                                                                                    \
	})
#define STORE(instruction, reg, value, address) \
	__asm__ volatile(instruction " %" reg "0, [%1]" : : "rZ"(value), "r"(address) : "memory")

/* The abort that hardware reports where nothing answers: Arm ARM D17.2.37, DFSC 0x10. */
static bool is_external(const struct trap *trap)
{
	return trap->count && ESR_EC(trap->cause) == EC_DABT && ESR_FSC(trap->cause) == FSC_EXTERNAL;
}

static void check_either(const char *name, const struct trap *trap, uint64_t got, uint64_t expected)
{
	if (trap->count)
		check(is_external(trap), name, "expected an external abort or success, got esr %#llx",
		      (unsigned long long)trap->cause);
	else
		check_eq(name, got, expected);
}

static void check_widths(void)
{
	uint64_t id = uart + UARTID;

	check_eq("ldrb", LOAD("ldrb", "w", id + 4), 0xf0);
	check_eq("ldrh", LOAD("ldrh", "w", id + 4), 0xf0);
	check_eq("ldr-w", LOAD("ldr", "w", id + 4), 0xf0);
	check_eq("ldrsb-w", LOAD("ldrsb", "w", id + 4), 0xfffffff0);
	check_eq("ldrsb-x", LOAD("ldrsb", "x", id + 4), 0xfffffffffffffff0);
	check_eq("ldrsb-w-b1", LOAD("ldrsb", "w", id + 12), 0xffffffb1);
	check_eq("ldrsb-x-positive", LOAD("ldrsb", "x", id), 0x0d);
	check_eq("ldrsh-x-positive", LOAD("ldrsh", "x", id + 4), 0xf0);
	check_eq("ldrsw-positive", LOAD("ldrsw", "x", id + 4), 0xf0);
	check_eq("ldar", LOAD("ldar", "w", id + 4), 0xf0);
	check_eq("ldarb", LOAD("ldarb", "w", id + 12), 0xb1);
	check_eq("ldur", LOAD("ldur", "w", id + 12), 0xb1);
}

static void check_stores(void)
{
	uint64_t ibrd = uart + UARTIBRD, fbrd = uart + UARTFBRD;
	uint64_t saved_ibrd = mmio_read32(ibrd), saved_fbrd = mmio_read32(fbrd);

	STORE("str", "w", 0x8123, ibrd);
	check_eq("str-w", mmio_read32(ibrd), 0x8123);
	check_eq("ldrsh-w", LOAD("ldrsh", "w", ibrd), 0xffff8123);
	check_eq("ldrsh-x", LOAD("ldrsh", "x", ibrd), 0xffffffffffff8123);
	STORE("strh", "w", 0xa5a54321, ibrd);
	check_eq("strh", mmio_read32(ibrd), 0x4321);
	STORE("str", "w", 0, ibrd);
	check_eq("str-wzr", mmio_read32(ibrd), 0);
	STORE("strb", "w", 0x15, fbrd);
	check_eq("strb", mmio_read32(fbrd), 0x15);
	STORE("stlr", "w", 0x2a, fbrd);
	check_eq("stlr", mmio_read32(fbrd), 0x2a);
	mmio_write32(ibrd, saved_ibrd);
	mmio_write32(fbrd, saved_fbrd);
}

/* A register of the distributor with bit 31 and with 64 bits. */
static void check_wide(void)
{
	unsigned intid = gic_spi(0) & ~3u;
	uint64_t priorities = gic.dist + GICD_IPRIORITYR + intid;
	uint64_t router = gic.dist + GICD_IROUTER + 8ULL * intid;

	mmio_write32(priorities, 0x80402010);
	check_eq("ldr-w-bit31", LOAD("ldr", "w", priorities), 0x80402010);
	check_eq("ldrsw-bit31", LOAD("ldrsw", "x", priorities), 0xffffffff80402010);
	if (gic.version != 3)
		return;
	STORE("str", "x", machine.cpu_hwid[0], router);
	check_eq("ldr-x", LOAD("ldr", "x", router), machine.cpu_hwid[0]);
	STORE("str", "w", 0x00030201, router);
	check_eq("ldr-x-of-halves", LOAD("ldr", "x", router), 0x00030201);
	check_eq("ldr-w-high-half", LOAD("ldr", "w", router + 4), 0);
	STORE("str", "x", 0, router);
	check_eq("str-xzr", LOAD("ldr", "x", router), 0);
}

/* The destination is found from the syndrome: any of them, or none. */
static void check_destinations(void)
{
	uint64_t id = uart + UARTID + 12, sum = 0;

#define LOAD_INTO(n)                                                                     \
	({                                                                               \
		uint64_t value_;                                                         \
		__asm__ volatile("mov x" #n ", #-1\n\tldr w" #n ", [%1]\n\tmov %0, x" #n \
				 : "=r"(value_)                                          \
				 : "r"(id)                                               \
				 : "x" #n, "memory");                                    \
		sum += value_ == 0xb1;                                                   \
	})
	LOAD_INTO(0);
	LOAD_INTO(1);
	LOAD_INTO(2);
	LOAD_INTO(7);
	LOAD_INTO(8);
	LOAD_INTO(15);
	LOAD_INTO(16);
	LOAD_INTO(17);
	LOAD_INTO(18);
	LOAD_INTO(19);
	LOAD_INTO(27);
	LOAD_INTO(28);
	LOAD_INTO(29);
	LOAD_INTO(30);
	check_eq("ldr-into-each", sum, 14);
	__asm__ volatile("ldr wzr, [%0]\n\tldr xzr, [%1]" : : "r"(id), "r"(gic.dist) : "memory");
	check(true, "ldr-into-zr", "unreachable");
	__asm__ volatile("mov x1, %1\n\tldr w1, [x1]\n\tmov %0, x1" : "=r"(sum) : "r"(id) : "x1", "memory");
	check_eq("ldr-into-base", sum, 0xb1);
}

static void check_pairs(void)
{
	uint64_t id = uart + UARTID, ibrd = uart + UARTIBRD, a = ONES, b = ONES;
	uint64_t saved_ibrd = mmio_read32(ibrd), saved_fbrd = mmio_read32(uart + UARTFBRD);
	struct trap trap;

	trap_catch();
	__asm__ volatile("ldp %w0, %w1, [%2]" : "+r"(a), "+r"(b) : "r"(id) : "memory");
	trap = trap_caught();
	check_either("ldp", &trap, b << 32 | a, 0xf00000000d);
	mmio_write32(ibrd, 0x55);
	mmio_write32(ibrd + 4, 0x2a);
	trap_catch();
	__asm__ volatile("stp %w0, wzr, [%1]" : : "r"(0x77), "r"(ibrd) : "memory");
	trap = trap_caught();
	if (trap.count)
		check_eq("stp-aborted-unchanged", mmio_read32(ibrd) << 8 | mmio_read32(ibrd + 4), 0x552a);
	else
		check_eq("stp", mmio_read32(ibrd) << 8 | mmio_read32(ibrd + 4), 0x7700);
	mmio_write32(ibrd, saved_ibrd);
	mmio_write32(ibrd + 4, saved_fbrd);
}

static void check_write_back(void)
{
	uint64_t base = uart + UARTID, start = base, value = ONES;
	struct trap trap;

	trap_catch();
	__asm__ volatile("ldr %w0, [%1], #4" : "+r"(value), "+r"(base) : : "memory");
	trap = trap_caught();
	check_either("ldr-post-index", &trap, value, 0x0d);
	check_eq("ldr-post-index-base", base - start, trap.count ? 0 : 4);
	base = start;
	value = ONES;
	trap_catch();
	__asm__ volatile("ldr %w0, [%1, #12]!" : "+r"(value), "+r"(base) : : "memory");
	trap = trap_caught();
	check_either("ldr-pre-index", &trap, value, 0xb1);
	check_eq("ldr-pre-index-base", base - start, trap.count ? 0 : 12);
	base = uart + UARTIBRD;
	start = base;
	trap_catch();
	__asm__ volatile("str wzr, [%0], #-4" : "+r"(base) : : "memory");
	trap = trap_caught();
	check(!trap.count || is_external(&trap), "str-post-index", "esr %#llx", (unsigned long long)trap.cause);
	check_eq("str-post-index-base", start - base, trap.count ? 0 : 4);
}

static void check_exclusives(void)
{
	uint64_t id = uart + UARTID + 4, ibrd = uart + UARTIBRD, value = ONES;
	uint32_t status = 1;
	struct trap trap;

	trap_catch();
	__asm__ volatile("ldxr %w0, [%1]" : "+r"(value) : "r"(id) : "memory");
	trap = trap_caught();
	check_either("ldxr", &trap, value, 0xf0);
	trap_catch();
	__asm__ volatile("stxr %w0, wzr, [%1]\n\tclrex" : "+&r"(status) : "r"(ibrd) : "memory");
	trap = trap_caught();
	check(!trap.count || is_external(&trap), "stxr", "esr %#llx", (unsigned long long)trap.cause);
	if ((sysreg_read(id_aa64isar0_el1) >> 20 & 0xf) < 2)
		return;
	trap_catch();
	__asm__ volatile(".arch_extension lse\n\tldset %w0, %w0, [%1]" : "+r"(value) : "r"(ibrd) : "memory");
	trap = trap_caught();
	check(!trap.count || is_external(&trap), "ldset", "esr %#llx", (unsigned long long)trap.cause);
}

static void check_simd(void)
{
	uint64_t id = uart + UARTID + 4, value = ONES;
	struct trap trap;

	trap_catch();
	__asm__ volatile(".arch_extension simd\n\tmovi v0.16b, #0\n\tldr s0, [%1]\n\tfmov %w0, s0"
			 : "+r"(value)
			 : "r"(id)
			 : "memory");
	trap = trap_caught();
	check_either("ldr-s", &trap, value, 0xf0);
	trap_catch();
	__asm__ volatile("ldr q0, [%0]" : : "r"(uart + UARTID) : "memory");
	trap = trap_caught();
	check(!trap.count || is_external(&trap), "ldr-q", "esr %#llx", (unsigned long long)trap.cause);
	trap_catch();
	__asm__ volatile("st1 {v0.4s}, [%0]" : : "r"(gic.dist + GICD_ICENABLER) : "memory");
	trap = trap_caught();
	check(!trap.count || is_external(&trap), "st1", "esr %#llx", (unsigned long long)trap.cause);
}

/* Device memory: an alignment fault of stage 1 (Arm ARM B2.7.2). QEMU before 9.0 does not check. */
static void check_alignment(void)
{
	uint64_t addresses[] = { uart + UARTID + 1, uart + UARTID + 3, uart + 0xffe, gic.dist + 1, gic.dist + 6 };
	struct trap trap;
	unsigned i, wrong = 0;

	if (bootarg("bare"))
		return;
	for (i = 0; i < ARRAY_LEN(addresses); i++) {
		trap_catch();
		LOAD("ldr", "w", addresses[i]);
		trap = trap_caught();
		wrong += trap.count != 1 || ESR_EC(trap.cause) != EC_DABT || trap.address - addresses[i] > 3 ||
			 (ESR_FSC(trap.cause) != FSC_ALIGNMENT && ESR_FSC(trap.cause) != FSC_EXTERNAL);
	}
	check_eq("unaligned", wrong, 0);
}

static void check_nowhere(void)
{
	struct trap trap;

	trap_catch();
	LOAD("ldr", "w", NOWHERE + 8);
	trap = trap_caught();
	check(is_external(&trap), "read-nowhere", "expected an external abort, got %u with esr %#llx", trap.count,
	      (unsigned long long)trap.cause);
	check_eq("read-nowhere-far", trap.address, NOWHERE + 8);
	check_eq("read-nowhere-wnr", trap.cause & ESR_WNR, 0);
	trap_catch();
	STORE("str", "x", 0, NOWHERE + 16);
	trap = trap_caught();
	check(is_external(&trap), "write-nowhere", "expected an external abort, got %u with esr %#llx", trap.count,
	      (unsigned long long)trap.cause);
	check_eq("write-nowhere-far", trap.address, NOWHERE + 16);
	check_eq("write-nowhere-wnr", trap.cause & ESR_WNR, ESR_WNR);
	trap_catch();
	__asm__ volatile("ldp x0, x1, [%0]" : : "r"(NOWHERE) : "x0", "x1", "memory");
	trap = trap_caught();
	check(is_external(&trap), "ldp-nowhere", "expected an external abort, got %u with esr %#llx", trap.count,
	      (unsigned long long)trap.cause);
	trap_catch();
	__asm__ volatile("prfm pldl1keep, [%0]" : : "r"(NOWHERE) : "memory");
	trap = trap_caught();
	check_eq("prefetch-nowhere", trap.count, 0);
}

void guest_main(void)
{
	uint64_t size;

	dt_reg(dt_console() >= 0 ? dt_console() : dt_find("arm,pl011"), 0, &uart, &size);
	check_widths();
	check_stores();
	check_wide();
	check_destinations();
	check_pairs();
	check_write_back();
	check_exclusives();
	check_simd();
	check_alignment();
	check_nowhere();
}
