/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU in states that it should not be in; code at EL0. */
#include "attacks.h"

#define VA_TABLES (MMU_FREE_START + (8ULL << 30))
#define VA_CODE   (MMU_FREE_START + (16ULL << 30))
#define VA_CODE32 0xc0000000ULL
#define VA_FETCH  (MMU_FREE_START + (17ULL << 30))

void push_on(uint64_t sp);
void illegal_return(uint64_t spsr);
extern char el0_code[], el0_code_end[], el0_code32[], el0_code32_end[];

static uint64_t el0_stack[PAGE / 8] __attribute__((aligned(4096)));

static void attack_stack(uint64_t uart)
{
	const uint64_t places[] = {
		uart + 0x800, gic.dist + 0x800, NOWHERE, 8, 0x3fffffff0, ~15ULL, 0x8000000000000000
	};
	unsigned i, refused = 0;

	for (i = 0; i < ARRAY_LEN(places); i++) {
		trap_catch();
		push_on(places[i]);
		refused += trap_caught().count;
	}
	print("hostile: %u bad stacks, %u accesses refused\n", (unsigned)ARRAY_LEN(places), refused);
}

/* EL2 and EL3, AArch32 at EL1, reserved modes. */
static void attack_returns(void)
{
	static const uint64_t modes[] = {
		0x3c8, 0x3c9, 0x3cc, 0x3cd, 0x3c2, 0x3c6, 0x1d3, 0x1da, 0x1d6, 0x3ff, 0x1003c5
	};
	unsigned i, caught = 0;

	for (i = 0; i < ARRAY_LEN(modes); i++) {
		struct trap trap;

		trap_catch();
		illegal_return(modes[i]);
		trap = trap_caught();
		caught += trap.count && ESR_EC(trap.cause) == EC_ILLEGAL_STATE;
	}
	check_eq("illegal-returns", caught, ARRAY_LEN(modes));
}

/* Tables where nothing is, in a device, and in memory that is no table. */
static void attack_walks(uint64_t uart)
{
	const uint64_t places[] = { NOWHERE, uart, gic.dist, 0x3f00000000, 0xffffff000 };
	uint64_t *root = mmu_root();
	unsigned i, wrong = 0;

	for (i = 0; i < ARRAY_LEN(places); i++) {
		uint64_t va = VA_TABLES + ((uint64_t)i << 30);
		struct trap trap;
		unsigned fsc;

		root[va >> 30] = places[i] | 3;
		__asm__ volatile("dsb sy\n\ttlbi vmalle1\n\tdsb sy\n\tisb" : : : "memory");
		trap_catch();
		mmio_read64(va + 0x12340);
		__asm__ volatile("at s1e1w, %0\n\tisb" : : "r"(va) : "memory");
		trap = trap_caught();
		root[va >> 30] = 0;
		fsc = ESR_FSC(trap.cause);
		/* A translation fault is right where the device's registers read as zero. */
		if (!trap.count || ESR_EC(trap.cause) != EC_DABT || trap.address != va + 0x12340 ||
		    (fsc != FSC_EXTERNAL && (fsc & ~3u) != FSC_EXTERNAL_WALK && (fsc & ~3u) != 4 && fsc != 0x12)) {
			print("  table at %#llx: %u caught, esr %#llx\n", (unsigned long long)places[i], trap.count,
			      (unsigned long long)trap.cause);
			wrong++;
		}
	}
	__asm__ volatile("dsb sy\n\ttlbi vmalle1\n\tdsb sy\n\tisb" : : : "memory");
	check_eq("bad-tables", wrong, 0);
}

/* Instructions from a device. */
static void attack_fetch(uint64_t uart)
{
	const uint64_t places[] = { uart, gic.dist, gic.version == 3 ? gic.redists : gic.dist, NOWHERE };
	unsigned i, wrong = 0;

	for (i = 0; i < ARRAY_LEN(places); i++) {
		uint64_t va = VA_FETCH + ((uint64_t)i << 21);
		struct trap trap;

		mmu_map(va, places[i] & ~(PAGE - 1), PAGE, MMU_NORMAL);
		trap_catch();
		((void (*)(void))(va + 0xff0))();
		trap = trap_caught();
		if (trap.count != 1 || ESR_EC(trap.cause) != EC_IABT || ESR_FSC(trap.cause) != FSC_EXTERNAL) {
			print("  fetch from %#llx: %u caught, esr %#llx\n", (unsigned long long)places[i], trap.count,
			      (unsigned long long)trap.cause);
			wrong++;
		}
	}
	check_eq("fetch-from-devices", wrong, 0);
}

void attack_state(void)
{
	uint64_t uart = 0, size;

	dt_reg(dt_console() >= 0 ? dt_console() : dt_find("arm,pl011"), 0, &uart, &size);
	attack_stack(uart);
	console_init();
	attack_returns();
	attack_walks(uart);
	if (!bootarg("bare")) /* QEMU executes what a device returns */
		attack_fetch(uart);
	console_init();
}

static void run_at_el0(const char *name, const char *code, const char *end, uint64_t spsr, uint64_t va,
		       uint64_t expected)
{
	uint64_t stack_va = va + (1ULL << 21), result;
	struct trap trap;

	icache_sync(code, end - code);
	mmu_map(va, (uint64_t)code, PAGE, MMU_USER_CODE);
	mmu_map(stack_va, (uint64_t)el0_stack, PAGE, MMU_USER_DATA);
	trap_catch();
	cpu_self()->arch.at_el0 = true;
	result = el0_run(va, stack_va + 2048, stack_va, spsr);
	cpu_self()->arch.at_el0 = false;
	trap = trap_caught();
	print("hostile: %s: %u of %u instructions refused\n", name, trap.count, (unsigned)(end - code) / 4);
	/* AArch32 may be missing, and the ID register may deny it where it is there. */
	if (spsr == EL0_A32 && ESR_EC(trap.cause) == EC_ILLEGAL_STATE)
		return;
	check_eq(name, result, expected);
}

/* A32 code needs an address of 32 bits: it takes the place of a gigabyte of devices, which nobody misses. */
void attack_el0(void)
{
	uint64_t *root = mmu_root();

	run_at_el0("el0-a64", el0_code, el0_code_end, EL0_A64, VA_CODE, 0x600d);
	root[VA_CODE32 >> 30] = 0;
	run_at_el0("el0-a32", el0_code32, el0_code32_end, EL0_A32, VA_CODE32, 0x600);
}
