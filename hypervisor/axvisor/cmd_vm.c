/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vm: the commands about virtual machines.
 */
#include "console.h"
#include "shell.h"
#include <axhal/time.h>
#include <axstd/error.h>
#include <axstd/util.h>
#include <axvm/vm.h>
#include <stdio.h>
#include <string.h>

/* Options of a subcommand, taken out of its arguments: what is left are operands. */
struct options {
	bool json, force, detach, console, all, full, config, stats;
	int argc;
	char **argv;
};

static const struct option_row {
	const char *name;
	size_t offset;
} option_rows[] = {
	{ "--force", offsetof(struct options, force) },
	{ "-f", offsetof(struct options, force) },
	{ "--detach", offsetof(struct options, detach) },
	{ "-d", offsetof(struct options, detach) },
	{ "--console", offsetof(struct options, console) },
	{ "--all", offsetof(struct options, all) },
	{ "-a", offsetof(struct options, all) },
	{ "--full", offsetof(struct options, full) },
	{ "--config", offsetof(struct options, config) },
	{ "--stats", offsetof(struct options, stats) },
};

static bool *find_option(struct options *o, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(option_rows); i++)
		if (!strcmp(option_rows[i].name, name))
			return (bool *)((char *)o + option_rows[i].offset);
	return NULL;
}

/* @allowed: the option names of this subcommand, ends with NULL. Returns 1 after a message. */
static int parse_options(struct shell *sh, struct options *o, const char *const *allowed, int argc, char **argv)
{
	*o = (struct options){ .argv = argv };
	for (int i = 0; i < argc; i++) {
		const char *const *a = allowed;

		if (argv[i][0] != '-') {
			argv[o->argc++] = argv[i];
			continue;
		}
		while (*a && strcmp(*a, argv[i]))
			a++;
		if (!*a)
			return shell_error(sh, "unknown option %s", argv[i]);
		if (strcmp(argv[i], "--format")) {
			*find_option(o, argv[i]) = true;
			continue;
		}
		if (++i == argc || (strcmp(argv[i], "json") && strcmp(argv[i], "table")))
			return shell_error(sh, "--format: table or json");
		o->json = !strcmp(argv[i], "json");
	}
	return 0;
}

static struct vm *find(struct shell *sh, const char *id)
{
	struct vm *vm = vm_find(id);

	if (!vm)
		shell_error(sh, "%s: no such VM; `vm list` shows them", id);
	return vm;
}

/* @what on every VM that the operands name; all are tried. */
static int for_operands(struct shell *sh, const struct options *o, int (*what)(struct vm *vm, struct vm_error *err),
			const char *done)
{
	int failed = 0;

	if (!o->argc)
		return shell_error(sh, "which VM? `vm list` shows them");
	for (int i = 0; i < o->argc; i++) {
		struct vm *vm = find(sh, o->argv[i]);
		struct vm_error err;

		if (!vm) {
			failed = 1;
			continue;
		}
		if (what(vm, &err))
			failed = shell_error(sh, "%s", err.text);
		else
			shell_printf(sh, "VM %u %s: %s\n", vm_id(vm), vm_name(vm), done);
		vm_put(vm);
	}
	return failed;
}

static int vm_cmd_create(struct shell *sh, int argc, char **argv)
{
	static const char *const allowed[] = { NULL };
	struct options o;
	int failed = 0;

	if (parse_options(sh, &o, allowed, argc, argv))
		return 1;
	if (!o.argc)
		return shell_error(sh, "which file? `vm create CONFIG...`");
	for (int i = 0; i < o.argc; i++) {
		char path[FS_PATH_MAX];
		struct vm_error err;
		struct vm *vm;

		if (shell_path(sh, o.argv[i], path))
			return 1;
		if (vm_create_from_file(path, &vm, &err)) {
			failed = shell_error(sh, "%s", err.text);
			continue;
		}
		shell_printf(sh, "VM %u %s: created\n", vm_id(vm), vm_name(vm));
		vm_put(vm);
	}
	return failed;
}

static int vm_cmd_start(struct shell *sh, int argc, char **argv)
{
	static const char *const allowed[] = { "--detach", "-d", "--console", NULL };
	struct options o;
	int ret;

	if (parse_options(sh, &o, allowed, argc, argv))
		return 1;
	if (o.console && o.argc != 1)
		return shell_error(sh, "--console goes with one VM");
	ret = for_operands(sh, &o, vm_start, "started");
	if (!ret && o.console)
		console_attach(vm_find(o.argv[0]));
	return ret;
}

static int vm_cmd_stop(struct shell *sh, int argc, char **argv)
{
	static const char *const allowed[] = { "--force", "-f", NULL };
	struct options o;

	return parse_options(sh, &o, allowed, argc, argv) ? 1 : for_operands(sh, &o, vm_stop, "stopped");
}

static int vm_cmd_reset(struct shell *sh, int argc, char **argv)
{
	static const char *const allowed[] = { "--force", "-f", NULL };
	struct options o;

	return parse_options(sh, &o, allowed, argc, argv) ? 1 : for_operands(sh, &o, vm_reset, "reset");
}

static int vm_cmd_pause(struct shell *sh, int argc, char **argv)
{
	static const char *const allowed[] = { NULL };
	struct options o;

	return parse_options(sh, &o, allowed, argc, argv) ? 1 : for_operands(sh, &o, vm_pause, "paused");
}

static int vm_cmd_resume(struct shell *sh, int argc, char **argv)
{
	static const char *const allowed[] = { NULL };
	struct options o;

	return parse_options(sh, &o, allowed, argc, argv) ? 1 : for_operands(sh, &o, vm_resume, "resumed");
}

/* Deleting a VM that runs needs --force. */
static int delete_stopped(struct vm *vm, struct vm_error *err)
{
	enum vm_state state = vm_get_state(vm);

	if (state == VM_RUNNING || state == VM_PAUSED) {
		snprintf(err->text, sizeof(err->text), "vm %s: is %s: stop it first, or use --force", vm_name(vm),
			 vm_state_name(state));
		return -AX_EBUSY;
	}
	return vm_destroy(vm, err);
}

static int vm_cmd_delete(struct shell *sh, int argc, char **argv)
{
	static const char *const allowed[] = { "--force", "-f", NULL };
	struct options o;

	if (parse_options(sh, &o, allowed, argc, argv))
		return 1;
	return for_operands(sh, &o, o.force ? vm_destroy : delete_stopped, "deleted");
}

static int vm_cmd_console(struct shell *sh, int argc, char **argv)
{
	struct vm *vm;

	if (argc != 1)
		return shell_error(sh, "usage: vm console ID");
	vm = find(sh, argv[0]);
	if (!vm)
		return 1;
	if (vm_get_state(vm) != VM_RUNNING && vm_get_state(vm) != VM_PAUSED) {
		shell_error(sh, "vm %s: is %s: `vm start %u` first", vm_name(vm), vm_state_name(vm_get_state(vm)),
			    vm_id(vm));
		vm_put(vm);
		return 1;
	}
	console_attach(vm);
	return 0;
}

/* "0:Running 1:Free", or as JSON array. */
static void print_vcpu_states(struct shell *sh, struct vm *vm, unsigned count, bool json)
{
	struct vm_vcpu_info v;

	for (unsigned i = 0; i < count; i++) {
		if (vm_get_vcpu_info(vm, i, &v))
			continue;
		if (json)
			shell_printf(sh, "%s\"%s\"", i ? ", " : "", vcpu_state_name(v.state));
		else
			shell_printf(sh, "%s%u:%s", i ? " " : "", i, vcpu_state_name(v.state));
	}
}

static void list_one(struct shell *sh, struct vm *vm, bool json)
{
	struct vm_info info;

	vm_get_info(vm, &info);
	if (!json) {
		shell_printf(sh, "%-6u %-20s %-10s %-5u %6llu MiB  ", info.id, info.name, vm_state_name(info.state),
			     info.num_vcpus, (unsigned long long)info.memory_bytes >> 20);
		print_vcpu_states(sh, vm, info.num_vcpus, false);
		shell_printf(sh, "\n");
		return;
	}
	shell_printf(
		sh,
		"{\"id\": %u, \"name\": \"%s\", \"status\": \"%s\", \"vcpu\": %u, \"memory\": %llu, \"vcpu_state\": [",
		info.id, info.name, vm_state_name(info.state), info.num_vcpus, (unsigned long long)info.memory_bytes);
	print_vcpu_states(sh, vm, info.num_vcpus, true);
	shell_printf(sh, "]}");
}

static int vm_cmd_list(struct shell *sh, int argc, char **argv)
{
	static const char *const allowed[] = { "--all", "-a", "--format", NULL };
	struct options o;
	bool first = true;

	if (parse_options(sh, &o, allowed, argc, argv))
		return 1;
	shell_printf(sh, o.json ? "[" : "VM ID  NAME                 STATUS     VCPU      MEMORY  VCPU STATE\n");
	for (struct vm *vm = vm_next(NULL); vm; vm = vm_next(vm)) {
		if (o.json && !first)
			shell_printf(sh, ", ");
		list_one(sh, vm, o.json);
		first = false;
	}
	if (o.json)
		shell_printf(sh, "]\n");
	return 0;
}

static void show_region(const struct vm_region_info *r, void *arg)
{
	shell_printf(arg, "  %-7s 0x%010llx..0x%010llx %c%c%c %s\n", r->kind, (unsigned long long)r->base,
		     (unsigned long long)(r->base + r->size), r->flags & 1 ? 'r' : '-', r->flags & 2 ? 'w' : '-',
		     r->flags & 4 ? 'x' : '-', r->name);
}

static void show_vcpus(struct shell *sh, struct vm *vm, unsigned count, bool stats)
{
	for (unsigned i = 0; i < count; i++) {
		struct vm_vcpu_info v;

		if (vm_get_vcpu_info(vm, i, &v))
			continue;
		shell_printf(sh, "  vCPU %u: %-8s CPU %u of 0x%llx, run %llu.%03llu s, pc 0x%llx\n", i,
			     vcpu_state_name(v.state), v.cpu, (unsigned long long)v.affinity,
			     (unsigned long long)(v.run_ns / NS_PER_SEC),
			     (unsigned long long)(v.run_ns / NS_PER_MS % 1000), (unsigned long long)v.pc);
		if (!stats)
			continue;
		shell_printf(sh, "    %-20s %12llu\n    %-20s %12llu\n", "fast exits",
			     (unsigned long long)v.stats.fast_exits, "host interrupts",
			     (unsigned long long)v.stats.irqs);
		for (unsigned r = 0; r < VCPU_EXIT_REASONS; r++)
			if (v.stats.exits[r])
				shell_printf(sh, "    %-20s %12llu\n", vcpu_exit_name((enum vcpu_exit_reason)r),
					     (unsigned long long)v.stats.exits[r]);
	}
}

static void show_config(struct shell *sh, const struct vm_config *c)
{
	shell_printf(sh, "  file:    %s\n  kernel:  %s (%s)\n", c->file, c->kernel.path,
		     c->image_location == VM_IMAGE_MEMORY ? "linked in" : "file system");
	if (c->ramdisk.path)
		shell_printf(sh, "  ramdisk: %s\n", c->ramdisk.path);
	if (c->dtb.path)
		shell_printf(sh, "  dtb:     %s\n", c->dtb.path);
	if (c->cmdline)
		shell_printf(sh, "  cmdline: %s\n", c->cmdline);
}

static int vm_cmd_show(struct shell *sh, int argc, char **argv)
{
	static const char *const allowed[] = { "--full", "--config", "--stats", NULL };
	struct options o;
	struct vm_info info;
	struct vm *vm;

	if (parse_options(sh, &o, allowed, argc, argv))
		return 1;
	if (o.argc != 1)
		return shell_error(sh, "usage: vm show [--full|--config|--stats] ID");
	vm = find(sh, o.argv[0]);
	if (!vm)
		return 1;
	vm_get_info(vm, &info);
	shell_printf(sh, "VM %u %s: %s%s%s\n", info.id, info.name, vm_state_name(info.state),
		     *info.stop_reason ? ": " : "", info.stop_reason);
	shell_printf(sh, "  %u vCPUs, %llu MiB, stage-2 tables %llu KiB, console output lost %llu bytes\n",
		     info.num_vcpus, (unsigned long long)info.memory_bytes >> 20,
		     (unsigned long long)info.table_bytes >> 10, (unsigned long long)info.console_lost);
	if (info.first_entry_ns)
		shell_printf(sh, "  last start: %llu ns from command to first instruction\n",
			     (unsigned long long)(info.first_entry_ns - info.start_ns));
	if (o.full || o.config)
		show_config(sh, vm_config(vm));
	if (o.full)
		vm_for_each_region(vm, show_region, sh);
	show_vcpus(sh, vm, info.num_vcpus, o.full || o.stats);
	vm_put(vm);
	return 0;
}

static const struct {
	const char *name;
	shell_fn fn;
	const char *synopsis;
} subcommands[] = {
	{ "create", vm_cmd_create, "CONFIG..." },
	{ "start", vm_cmd_start, "[--detach|--console] ID..." },
	{ "stop", vm_cmd_stop, "[--force] ID..." },
	{ "suspend", vm_cmd_pause, "ID..." },
	{ "pause", vm_cmd_pause, "ID..." },
	{ "resume", vm_cmd_resume, "ID..." },
	{ "restart", vm_cmd_reset, "[--force] ID..." },
	{ "reset", vm_cmd_reset, "[--force] ID..." },
	{ "delete", vm_cmd_delete, "[--force] ID..." },
	{ "list", vm_cmd_list, "[--all] [--format table|json]" },
	{ "show", vm_cmd_show, "[--full|--config|--stats] ID" },
	{ "console", vm_cmd_console, "ID" },
};

static int cmd_vm(struct shell *sh, int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(subcommands); i++)
		if (!strcmp(subcommands[i].name, argv[1]))
			return subcommands[i].fn(sh, argc - 2, argv + 2);
	if (argc > 1)
		shell_error(sh, "vm %s: no such command", argv[1]);
	for (size_t i = 0; i < ARRAY_SIZE(subcommands); i++)
		shell_printf(sh, "  vm %-8s %s\n", subcommands[i].name, subcommands[i].synopsis);
	return 1;
}
static const char *const vm_words[] = { "create", "start",  "stop", "suspend", "pause",   "resume", "restart",
					"reset",  "delete", "list", "show",    "console", NULL };
SHELL_COMMAND_WORDS("vm", "create|start|stop|pause|resume|reset|delete|list|show|console ...", "virtual machines",
		    cmd_vm, vm_words);
