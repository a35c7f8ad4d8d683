/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the first C function on: bring the foundation up, then the VMs, then the shell.
 */
#include "axvisor.h"
#include <axalloc/frame.h>
#include <axalloc/heap.h>
#include <axconfig/axconfig.h>
#include <axdriver/block.h>
#include <axfs/fs.h>
#include <axhal/boot.h>
#include <axhal/console.h>
#include <axhal/cpu.h>
#include <axhal/irq.h>
#include <axhal/platform.h>
#include <axhal/power.h>
#include <axhal/time.h>
#include <axstd/assert.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axtask/task.h>
#include <axvm/vm.h>

#define CONFIG_FILE     "/axvisor.toml"
#define CONFIG_FILE_MAX 65536

static bool have_virtualization;

static void apply_log_config(void)
{
	log_set_level((enum log_level)axconfig()->log);
	log_set_colour(axconfig()->colour);
}

static void secondary_main(void)
{
	irq_init_cpu();
	time_init_cpu();
	if (have_virtualization)
		vm_init_cpu();
	task_init_cpu();
}

static void start_cpus(void)
{
	unsigned limit = axconfig()->cpus ? axconfig()->cpus : CPU_MAX;
	unsigned online = cpu_start_secondaries(limit, secondary_main);

	log_info("%u of %u CPUs online, scheduler %s", online, cpu_count(), task_policy_name());
}

static void read_config_file(void)
{
	struct config_error err;
	char *text;
	size_t len;
	int ret = fs_read_file(CONFIG_FILE, CONFIG_FILE_MAX, &text, &len);

	if (ret == -AX_ENOENT)
		return;
	if (ret) {
		log_error("%s: %s", CONFIG_FILE, error_text(ret));
		return;
	}
	if (axconfig_apply_toml(text, len, CONFIG_FILE, &err))
		log_error("%s", err.text);
	kfree(text);
	apply_log_config();
	ret = task_set_policy(axconfig()->sched, axconfig()->time_slice * NS_PER_MS);
	if (ret)
		log_error("%s: scheduler %s: %s", CONFIG_FILE, axconfig()->sched, error_text(ret));
}

void kernel_main(void)
{
	struct frame_stats frames;

	axconfig_apply_args(platform()->bootargs);
	apply_log_config();
	logo_print();
	log_info("%s, %s, console %s", platform()->model, platform_cpu_name(), console_name());

	if (frame_init())
		panic("no memory");
	frame_get_stats(&frames);
	log_info("memory: %llu MiB, %llu MiB free", (unsigned long long)(frames.total_pages * PAGE_SIZE >> 20),
		 (unsigned long long)(frames.free_pages * PAGE_SIZE >> 20));
	if (irq_init())
		panic("no interrupt controller that is known");
	irq_init_cpu();
	time_init_cpu();
	if (task_init(axconfig()->sched, axconfig()->time_slice * NS_PER_MS))
		panic("the scheduler did not start");
	irq_enable();
	driver_init();
	fs_init(axconfig()->root);
	read_config_file();
	have_virtualization = vm_init() == 0;
	if (have_virtualization)
		vm_init_cpu();
	start_cpus();
	if (have_virtualization)
		boot_vms_start();
	console_mux_init();
	task_exit();
}
