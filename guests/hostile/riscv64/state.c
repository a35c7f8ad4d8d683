/* SPDX-License-Identifier: Apache-2.0 */
/* The CPU in states that it should not be in: stacks, tables, fetches; user mode; sleep. */
#include "attacks.h"

#define VA_TABLES (MMU_FREE_START + (8ULL << 30))
#define VA_FETCH  (MMU_FREE_START + (17ULL << 30))
#define VA_CODE   (MMU_FREE_START + (16ULL << 30))
#define STORM     20000

static void attack_stack(void)
{
	const uint64_t places[] = {
		uart_address(7) + 8, intc.base + 0x1ffc, NOWHERE, 8, 0x3fffffff8, ~7ULL, 1ULL << 63, FAR_AWAY
	};
	unsigned i, refused = 0;

	for (i = 0; i < ARRAY_LEN(places); i++) {
		cpu_self()->arch.trap_stack = (uint64_t)__builtin_frame_address(0) - 1024;
		trap_catch();
		__asm__ volatile("mv t0, sp\n\tmv sp, %0\n\tsd ra, -8(sp)\n\tld t1, 0(sp)\n\tmv sp, t0"
				 :
				 : "r"(places[i])
				 : "t0", "t1", "memory");
		refused += trap_caught().count;
		cpu_self()->arch.trap_stack = 0;
	}
	print("hostile: %u bad stacks, %u accesses refused\n", (unsigned)ARRAY_LEN(places), refused);
}

/* Tables where nothing is and in devices: an access fault, or a page fault where the device reads as zero. */
static void attack_walks(void)
{
	const uint64_t places[] = { NOWHERE, uart_address(0) & ~(PAGE - 1), intc.base, FAR_AWAY, (1ULL << 55) };
	unsigned i, wrong = 0;

	for (i = 0; i < ARRAY_LEN(places); i++) {
		uint64_t va = VA_TABLES + ((uint64_t)i << 30);
		struct trap trap;

		mmu_root()[va >> 30 & 511] = places[i] >> 12 << 10 | PTE_V;
		mmu_flush();
		trap_catch();
		mmio_read64(va + 0x12340);
		mmio_write64(va + 0x12340, 0);
		((void (*)(void))(va + 0x12340))();
		trap = trap_caught();
		mmu_root()[va >> 30 & 511] = 0;
		if (trap.count != 3 || (trap.cause != CAUSE_LOAD_ACCESS && trap.cause != CAUSE_LOAD_PAGE)) {
			print("  table at %#llx: %u caught, cause %llu\n", (unsigned long long)places[i], trap.count,
			      (unsigned long long)trap.cause);
			wrong++;
		}
	}
	mmu_flush();
	check_eq("bad-tables", wrong, 0);
}

/* Instructions from devices and from nowhere. */
static void attack_fetch(void)
{
	const uint64_t places[] = { uart_address(0), intc.base, intc.imsic ? intc.imsic : intc.base, NOWHERE,
				    FAR_AWAY };
	unsigned i, wrong = 0;

	for (i = 0; i < ARRAY_LEN(places); i++) {
		uint64_t va = VA_FETCH + ((uint64_t)i << 13);
		struct trap trap;

		mmu_map(va, places[i] & ~(PAGE - 1), PAGE, MMU_NORMAL);
		trap_catch();
		((void (*)(void))(va + 0xff0))();
		((void (*)(void))(va + 0xffe))(); /* an instruction that crosses into what is not mapped */
		trap = trap_caught();
		if (trap.count != 2 || trap.cause != CAUSE_INSN_ACCESS || trap.address != va + 0xff0) {
			print("  fetch from %#llx: %u caught, cause %llu\n", (unsigned long long)places[i], trap.count,
			      (unsigned long long)trap.cause);
			wrong++;
		}
	}
	check_eq("fetch-from-devices", wrong, 0);
}

static void attack_jumps(void)
{
	unsigned i, caught;

	trap_catch();
	for (i = 0; i < 2000; i++) {
		uint64_t target = random_next();

		/* Not into our own memory, which is executable. */
		if (target >> 38 == 0)
			target |= 1ULL << 45;
		((void (*)(void))(target & ~1ULL))();
	}
	caught = trap_caught().count;
	check_eq("wild-jumps", caught, 2000);
}

void attack_state(void)
{
	attack_stack();
	console_init();
	attack_walks();
	if (!bootarg("bare")) /* QEMU executes what a device returns */
		attack_fetch();
	attack_jumps();
	console_init();
}

static uint32_t user_code[PAGE / 4] __attribute__((aligned(4096)));
static uint64_t user_stack[PAGE / 8] __attribute__((aligned(4096)));

/* Calls, CSRs, fences, returns and sleep of modes above, in user mode: each is refused or harmless. */
void attack_user(void)
{
	static const uint32_t instructions[] = {
		INSN_CSRR(0x100), INSN_CSRW(0x100), INSN_CSRW(0x180), INSN_CSRR(0x180), INSN_CSRW(0x105),
		INSN_CSRR(0x14d), INSN_CSRW(0x14d), INSN_CSRR(0x600), INSN_CSRW(0x680), INSN_CSRW(0x200),
		INSN_CSRR(0x300), INSN_CSRR(0xf14), INSN_CSRR(0xc00), INSN_CSRR(0x15c), 0x12000073,
		0x22000073,       0x62000073,       0x10200073,       0x30200073,       0x60054073,
		0x64354073,       0x62054073,       0x00100073,       0x00000000,       0xffffffff,
		0x0045200f,       0x0000100f,
	};
	uint64_t result;
	struct trap trap;
	unsigned i;

	for (i = 0; i < ARRAY_LEN(instructions); i++)
		user_code[i] = instructions[i];
	user_code[i++] = 0x60d00513; /* li a0, 0x60d */
	user_code[i++] = 0x00000073; /* ecall */
	icache_sync(user_code, sizeof(user_code));
	mmu_map(VA_CODE, (uint64_t)user_code, PAGE, MMU_USER_CODE);
	mmu_map(VA_CODE + (1ULL << 21), (uint64_t)user_stack, PAGE, MMU_USER_DATA);
	csr_write(scounteren, 0);
	trap_catch();
	result = user_run(VA_CODE, VA_CODE + (1ULL << 21) + PAGE, VA_CODE + (1ULL << 21));
	trap = trap_caught();
	csr_write(scounteren, 7);
	print("hostile: user mode: %u of %u instructions refused\n", trap.count, (unsigned)ARRAY_LEN(instructions));
	check_eq("user", result, 0x60d);
}

/* Sleep that ends at once, again and again. */
void attack_sleep(void)
{
	unsigned i;

	csr_write(sie, SIE_SSIE | SIE_STIE);
	csr_set(sip, SIE_SSIE);
	for (i = 0; i < STORM; i++)
		wait_for_interrupt();
	for (i = 0; i < STORM / 10; i++)
		sbi_call1(SBI_HSM, HSM_SUSPEND, SUSPEND_RETENTIVE);
	csr_clear(sip, SIE_SSIE);
	for (i = 0; i < STORM; i++)
		timer_set(clock_read() + (i & 63));
	for (i = 0; i < STORM / 20; i++) {
		timer_set(clock_read() + (i & 63));
		wait_for_interrupt();
	}
	timer_stop();
	print("hostile: %u sleeps\n", STORM);
}
