/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From boot.S to kernel_main().
 */
#include "../uart/uart.h"
#include "arch.h"
#include "try.h"
#include <axhal/arch/csr.h>
#include <axhal/boot.h>
#include <axhal/console.h>
#include <axhal/power.h>
#include <axhal/time.h>
#include <axstd/assert.h>
#include <axstd/log.h>
#include <axstd/spinlock.h>
#include <string.h>

static struct fdt_platform found;
static struct fdt_riscv found_riscv;

const struct fdt_riscv *riscv_platform(void)
{
	return &found_riscv;
}

const struct riscv_info *riscv_info(void)
{
	return &found_riscv.info;
}

const char *platform_arch_name(void)
{
	return "riscv64";
}

void arch_set_percpu_offset(uintptr_t offset)
{
	__asm__ volatile("mv tp, %0" ::"r"(offset) : "memory");
}

static unsigned log_cpu(void)
{
	return cpu_id();
}

static const struct log_backend backend = {
	.write = console_write,
	.now_ns = time_now_ns,
	.cpu = log_cpu,
	.task = hal_task_name,
};

static void start_clock(void)
{
	uint64_t frequency = found_riscv.info.timebase;

	/* Without a rate there is no time; any will do for the message. */
	time_init(frequency ? frequency : NS_PER_SEC);
	log_set_backend(&backend);
}

static void find_console(void)
{
	const struct uart_desc *uart = &found.console;

	console_init(uart);
	console_set_base(uart->kind ? mem_map_device(uart->base, uart->size) : NULL);
	if (!uart->kind && sbi_has(SBI_EXT_DBCN))
		console_use(&uart_sbi, "SBI DBCN");
}

/* CPUs that can be used, the one that runs this first. */
static unsigned collect_cpus(uint64_t self, uint64_t *hwids)
{
	unsigned count = 1;

	hwids[0] = self;
	for (unsigned i = 0; i < found_riscv.num_harts && count < CPU_MAX; i++)
		if (found_riscv.harts[i].hwid != self)
			hwids[count++] = found_riscv.harts[i].hwid;
	return count;
}

/* "panic=off" as a word of the boot arguments. */
static bool wants_power_off(const char *args)
{
	const char *word = strstr(args, "panic=off");

	return word && (word == args || word[-1] == ' ') && (word[9] == 0 || word[9] == ' ');
}

void riscv_drop(enum riscv_ext ext)
{
	log_warn("device tree: %s is promised, but does not work: not used", riscv_ext_name(ext));
	found_riscv.info.extensions &= ~BIT(ext);
}

void boot_main(uint64_t hart, paddr_t fdt)
{
	static uint64_t hwids[CPU_MAX];
	int err = platform_fdt_parse_riscv(phys_to_virt(fdt), FDT_MAX_SIZE, &found, &found_riscv);

	sbi_init();
	find_console();
	start_clock();
	if (err)
		panic("%s", found.error);
	if (!found_riscv.info.timebase)
		panic("the clock's rate is not known: /cpus has no timebase-frequency");
	sbi_check();
	for (unsigned i = 0; i < found.num_notes; i++)
		log_warn("device tree: %s", found.notes[i]);
	panic_set_power_off(wants_power_off(found.pub.bootargs));
	if (riscv_has(RISCV_EXT_H) && !TRY("csrr t0, " CSR_TEXT(CSR_HSTATUS)))
		riscv_drop(RISCV_EXT_H);
	if (riscv_has(RISCV_EXT_SSTC) && !TRY("csrw " CSR_TEXT(CSR_STIMECMP) ", %[never]", [never] "r"(UINT64_MAX)))
		riscv_drop(RISCV_EXT_SSTC);
	deadline_timer_init();
	cache_init();
	found_riscv.info.satp_levels = mmu_init(&found);
	mem_init(&found);
	if (found.pub.ramdisk_size && !mem_is_ram(found.pub.ramdisk, found.pub.ramdisk_size)) {
		log_warn("/chosen: the initrd at %#llx is not in memory: ignored",
			 (unsigned long long)found.pub.ramdisk);
		found.pub.ramdisk = found.pub.ramdisk_size = 0;
	}
	platform_set(&found);
	cpu_init_percpu(hwids, collect_cpus(hart, hwids));
	mem_init_tables();
	find_console();
	if (riscv_has(RISCV_EXT_H))
		hext_init_cpu();
	kernel_main();
}

void boot_secondary(void)
{
	if (riscv_has(RISCV_EXT_H))
		hext_init_cpu();
	cpu_secondary_main();
}
