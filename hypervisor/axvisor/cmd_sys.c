/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands about the machine and the shell itself.
 */
#include "shell.h"
#include <axalloc/frame.h>
#include <axalloc/heap.h>
#include <axconfig/axconfig.h>
#include <axhal/cpu.h>
#include <axhal/irq.h>
#include <axhal/platform.h>
#include <axhal/power.h>
#include <axhal/time.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axstd/sort.h>
#include <axtask/task.h>
#include <axvmconfig/config.h>
#include <stdio.h>
#include <string.h>

static int help_key(struct shell *sh, const char *key)
{
	enum { HELP_SIZE = 8192 };
	char *text = kmalloc(HELP_SIZE);
	bool known;

	if (!text)
		return shell_error(sh, "out of memory");
	known = !vmconfig_help(key, text, HELP_SIZE);
	if (!known)
		known = !axconfig_help(key, text, HELP_SIZE);
	sh->write(sh, text, strlen(text));
	kfree(text);
	return !known;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct shell_command *const *)a)->name, (*(const struct shell_command *const *)b)->name);
}

#define SYNOPSIS_WIDTH 44

static int help_all(struct shell *sh)
{
	size_t count = (size_t)(__stop_table_shell_commands - __start_table_shell_commands);
	const struct shell_command **sorted = kcalloc(count, sizeof(*sorted));

	if (!sorted)
		return shell_error(sh, "out of memory");
	for (size_t i = 0; i < count; i++)
		sorted[i] = &__start_table_shell_commands[i];
	sort(sorted, count, sizeof(*sorted), by_name);
	for (size_t i = 0; i < count; i++)
		shell_printf(sh, "%-9s %-*s %s\n", sorted[i]->name, SYNOPSIS_WIDTH,
			     strlen(sorted[i]->synopsis) > SYNOPSIS_WIDTH ? "..." : sorted[i]->synopsis,
			     sorted[i]->help);
	kfree(sorted);
	return 0;
}

static int cmd_help(struct shell *sh, int argc, char **argv)
{
	const struct shell_command *c;

	if (argc >= 2 && !strcmp(argv[1], "config"))
		return help_key(sh, argc > 2 ? argv[2] : "");
	if (argc == 2) {
		c = shell_find(argv[1]);
		if (!c)
			return shell_error(sh, "%s: no such command; `help` lists them", argv[1]);
		shell_printf(sh, "%s %s\n    %s\n", c->name, c->synopsis, c->help);
		return 0;
	}
	if (argc > 2)
		return shell_usage(sh, "help");
	return help_all(sh);
}
SHELL_COMMAND("help", "[COMMAND | config [KEY]]", "explain a command or a key of the configuration", cmd_help);

static int cmd_clear(struct shell *sh, int argc, char **argv)
{
	shell_printf(sh, "\033[2J\033[H");
	return 0;
}
SHELL_COMMAND("clear", "", "clear the screen", cmd_clear);

static int cmd_uname(struct shell *sh, int argc, char **argv)
{
	bool name = argc == 1, version = false, machine = false;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-a"))
			name = version = machine = true;
		else if (!strcmp(argv[i], "-s"))
			name = true;
		else if (!strcmp(argv[i], "-m"))
			machine = true;
		else
			return shell_usage(sh, "uname");
	}
	shell_printf(sh, "%s%s%s%s%s\n", name ? "AxVisor" : "", version ? " " AXVISOR_VERSION : "",
		     name && machine ? " " : "", machine ? platform_arch_name() : "", "");
	return 0;
}
SHELL_COMMAND("uname", "[-a] [-s] [-m]", "name, version and architecture", cmd_uname);

static int cmd_log(struct shell *sh, int argc, char **argv)
{
	int level;

	if (argc > 2)
		return shell_usage(sh, "log");
	if (argc == 2) {
		level = log_level_parse(argv[1]);
		if (level < 0)
			return shell_error(sh, "%s: not a level: off, error, warn, info, debug, trace", argv[1]);
		log_set_level((enum log_level)level);
	}
	shell_printf(sh, "log level: %s\n", log_level_name(log_get_level()));
	return 0;
}
static const char *const log_words[] = { "off", "error", "warn", "info", "debug", "trace", NULL };
SHELL_COMMAND_WORDS("log", "[LEVEL]", "show or set what is logged", cmd_log, log_words);

static int cmd_poweroff(struct shell *sh, int argc, char **argv)
{
	power_off();
}
SHELL_COMMAND("exit", "", "power the machine off", cmd_poweroff);

static int cmd_quit(struct shell *sh, int argc, char **argv)
{
	return cmd_poweroff(sh, argc, argv);
}
SHELL_COMMAND("quit", "", "power the machine off", cmd_quit);

static int cmd_off(struct shell *sh, int argc, char **argv)
{
	return cmd_poweroff(sh, argc, argv);
}
SHELL_COMMAND("poweroff", "", "power the machine off", cmd_off);

static int cmd_reboot(struct shell *sh, int argc, char **argv)
{
	power_reset();
}
SHELL_COMMAND("reboot", "", "restart the machine", cmd_reboot);

static bool wants_json(int argc, char **argv)
{
	return argc == 3 && !strcmp(argv[1], "--format") && !strcmp(argv[2], "json");
}

static void print_pages(struct shell *sh, const char *name, uint64_t pages)
{
	shell_printf(sh, "%-18s %10llu pages %10llu KiB\n", name, (unsigned long long)pages,
		     (unsigned long long)pages * PAGE_SIZE / 1024);
}

static int cmd_mem(struct shell *sh, int argc, char **argv)
{
	struct frame_stats frames;
	struct heap_stats heap;

	if (argc > 1 && !wants_json(argc, argv) && strcmp(argv[argc - 1], "table"))
		return shell_usage(sh, "mem");
	frame_get_stats(&frames);
	heap_get_stats(&heap);
	if (wants_json(argc, argv)) {
		shell_printf(
			sh,
			"{\"total\": %llu, \"free\": %llu, \"heap_used\": %llu, \"heap_blocks\": %llu, \"owners\": {",
			(unsigned long long)(frames.total_pages * PAGE_SIZE),
			(unsigned long long)(frames.free_pages * PAGE_SIZE), (unsigned long long)heap.used_bytes,
			(unsigned long long)heap.used_blocks);
		for (unsigned i = 0; i < FRAME_OWNERS; i++)
			shell_printf(sh, "%s\"%s\": %llu", i ? ", " : "", frame_owner_name((enum frame_owner)i),
				     (unsigned long long)(frames.owner_pages[i] * PAGE_SIZE));
		shell_printf(sh, "}}\n");
		return 0;
	}
	print_pages(sh, "total", frames.total_pages);
	print_pages(sh, "free", frames.free_pages);
	for (unsigned i = 0; i < FRAME_OWNERS; i++)
		if (frames.owner_pages[i])
			print_pages(sh, frame_owner_name((enum frame_owner)i), frames.owner_pages[i]);
	print_pages(sh, "largest free", frames.largest_free_pages);
	shell_printf(sh, "%-18s %10llu blocks %9llu KiB\n", "heap", (unsigned long long)heap.used_blocks,
		     (unsigned long long)heap.used_bytes / 1024);
	return 0;
}
SHELL_COMMAND("mem", "[--format table|json]", "memory by owner", cmd_mem);

static void print_task(const struct task_info *t, void *arg)
{
	char affinity[24] = "any";

	if (~t->affinity & cpu_online_mask())
		snprintf(affinity, sizeof(affinity), "0x%llx", (unsigned long long)t->affinity);
	shell_printf(arg, "%4u  %-24s %-8s %3u  %-10s %6u %12llu.%03llu %10llu\n", t->id, t->name,
		     task_state_name(t->state), t->cpu, affinity, t->weight,
		     (unsigned long long)(t->run_ns / NS_PER_SEC), (unsigned long long)(t->run_ns / NS_PER_MS % 1000),
		     (unsigned long long)t->switches);
}

static int cmd_ps(struct shell *sh, int argc, char **argv)
{
	if (argc > 1)
		return shell_usage(sh, "ps");
	shell_printf(sh, "  ID  NAME                     STATE    CPU  AFFINITY   WEIGHT       RUN (s)   SWITCHES\n");
	task_for_each(print_task, sh);
	return 0;
}
SHELL_COMMAND("ps", "", "tasks", cmd_ps);

static void print_irq(const struct irq_info *info, void *arg)
{
	shell_printf(arg, "%4u  %-20s %-6s %-8s", info->irq, info->name,
		     info->trigger == IRQ_EDGE_RISING ? "edge" : "level", info->per_cpu ? "per CPU" : "shared");
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		shell_printf(arg, " %10llu", (unsigned long long)info->count[cpu]);
	shell_printf(arg, "\n");
}

static int cmd_irq(struct shell *sh, int argc, char **argv)
{
	if (argc > 1)
		return shell_usage(sh, "irq");
	shell_printf(sh, "%s\n IRQ  NAME                 TYPE   KIND    ", irq_controller_name());
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		shell_printf(sh, "      CPU %u", cpu);
	shell_printf(sh, "\n");
	irq_for_each(print_irq, sh);
	return 0;
}
SHELL_COMMAND("irq", "", "interrupts of the host", cmd_irq);
