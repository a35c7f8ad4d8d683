/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From boot.S to kernel_main().
 */
#include "arch.h"
#include "boot_regs.h"
#include <axhal/arch/sysreg.h>
#include <axhal/boot.h>
#include <axhal/console.h>
#include <axhal/power.h>
#include <axhal/time.h>
#include <axstd/assert.h>
#include <axstd/log.h>
#include <axstd/spinlock.h>
#include <string.h>

static struct fdt_platform found;
static struct fdt_arm found_arm;

const struct fdt_arm *arm_platform(void)
{
	return &found_arm;
}

const char *platform_arch_name(void)
{
	return "aarch64";
}

void arch_set_percpu_offset(uintptr_t offset)
{
	sysreg_write(tpidr_el2, offset);
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
	uint64_t frequency = found_arm.timer_frequency ? found_arm.timer_frequency : sysreg_read(cntfrq_el0);

	/* Without a rate there is no time; any will do for the message. */
	time_init(frequency ? frequency : NS_PER_SEC);
	log_set_backend(&backend);
	if (!frequency)
		panic("the counter's rate is not known: CNTFRQ_EL0 is 0 and the timer node has no clock-frequency");
}

static void find_console(void)
{
	const struct uart_desc *uart = &found.console;

	console_init(uart);
	console_set_base(uart->kind ? mem_map_device(uart->base, uart->size) : NULL);
}

/* CPUs that can be used, the one that runs this first. */
static unsigned collect_cpus(uint64_t *hwids)
{
	uint64_t self = sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
	unsigned count = 1;

	hwids[0] = self;
	for (unsigned i = 0; i < found.num_cpus && count < CPU_MAX; i++) {
		const struct fdt_cpu *cpu = &found.cpus[i];

		if (cpu->hwid == self)
			continue;
		if (cpu->method == CPU_METHOD_PSCI && found_arm.psci != PSCI_NONE)
			hwids[count++] = cpu->hwid;
		else
			log_warn("CPU %#llx is not used: %s", (unsigned long long)cpu->hwid,
				 cpu->method == CPU_METHOD_SPIN_TABLE ? "spin-table is not supported, only PSCI"
				 : cpu->method == CPU_METHOD_PSCI     ? "there is no usable psci node"
								      : "its enable-method is not psci");
	}
	return count;
}

/* "panic=off" as a word of the boot arguments. */
static bool wants_power_off(const char *args)
{
	const char *word = strstr(args, "panic=off");

	return word && (word == args || word[-1] == ' ') && (word[9] == 0 || word[9] == ' ');
}

void boot_main(paddr_t fdt)
{
	static uint64_t hwids[CPU_MAX];
	int err = platform_fdt_parse_arm(phys_to_virt(fdt), FDT_MAX_SIZE, &found, &found_arm);

	find_console();
	start_clock();
	if (err)
		panic("%s", found.error);
	if (sysreg_read(hcr_el2) & BIT(34))
		panic("this CPU runs EL2 with E2H set and does not let it be cleared: not supported");
	for (unsigned i = 0; i < found.num_notes; i++)
		log_warn("device tree: %s", found.notes[i]);
	panic_set_power_off(wants_power_off(found.pub.bootargs));
	psci_init(found_arm.psci);
	mem_init(&found);
	if (found.pub.ramdisk_size && !mem_is_ram(found.pub.ramdisk, found.pub.ramdisk_size)) {
		log_warn("/chosen: the initrd at %#llx is not in memory: ignored",
			 (unsigned long long)found.pub.ramdisk);
		found.pub.ramdisk = found.pub.ramdisk_size = 0;
	}
	platform_set(&found);
	cpu_init_percpu(hwids, collect_cpus(hwids));
	mem_init_tables();
	find_console();
	el2_init_cpu();
	kernel_main();
}

/* Entered by a boot loader that runs at EL1. Nothing but a message can come of it. */
void boot_at_el1(paddr_t fdt)
{
	static const char text[] = "\nAxVisor was not entered at EL2, the hypervisor's exception level. QEMU: use "
				   "-M virt,virtualization=on. U-Boot: it has to run at EL2 itself.\n";

	platform_fdt_parse_arm(phys_to_virt(fdt), FDT_MAX_SIZE, &found, &found_arm);
	find_console();
	console_panic_begin();
	console_write(text, sizeof(text) - 1);
}

void boot_secondary(void)
{
	el2_init_cpu();
	cpu_secondary_main();
}
