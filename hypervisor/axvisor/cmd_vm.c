/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vm: the commands about virtual machines.
 */
#include "cmd_vm.h"
#include "console.h"
#include <axstd/error.h>
#include <axstd/util.h>
#include <axvm/vm.h>
#include <stdio.h>
#include <string.h>

static const struct option_row {
	const char *name;
	size_t offset;
} option_rows[] = {
	{ "--force", offsetof(struct vm_options, force) },
	{ "-f", offsetof(struct vm_options, force) },
	{ "--detach", offsetof(struct vm_options, detach) },
	{ "-d", offsetof(struct vm_options, detach) },
	{ "--console", offsetof(struct vm_options, console) },
	{ "--all", offsetof(struct vm_options, all) },
	{ "-a", offsetof(struct vm_options, all) },
	{ "--full", offsetof(struct vm_options, full) },
	{ "--config", offsetof(struct vm_options, config) },
	{ "--stats", offsetof(struct vm_options, stats) },
};

static bool *find_option(struct vm_options *o, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(option_rows); i++)
		if (!strcmp(option_rows[i].name, name))
			return (bool *)((char *)o + option_rows[i].offset);
	return NULL;
}

int vm_parse_options(struct shell *sh, struct vm_options *o, const char *const *allowed, int argc, char **argv)
{
	*o = (struct vm_options){ .argv = argv };
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

struct vm *vm_find_for(struct shell *sh, const char *id)
{
	struct vm *vm = vm_find(id);

	if (!vm)
		shell_error(sh, "%s: no such VM; `vm list` shows them", id);
	return vm;
}

/* @what on every VM that the operands name; all are tried. */
static int for_operands(struct shell *sh, const struct vm_options *o, int (*what)(struct vm *vm, struct vm_error *err),
			const char *done)
{
	int failed = 0;

	if (!o->argc)
		return shell_error(sh, "which VM? `vm list` shows them");
	for (int i = 0; i < o->argc; i++) {
		struct vm *vm = vm_find_for(sh, o->argv[i]);
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
	struct vm_options o;
	int failed = 0;

	if (vm_parse_options(sh, &o, allowed, argc, argv))
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
	struct vm_options o;
	int ret;

	if (vm_parse_options(sh, &o, allowed, argc, argv))
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
	struct vm_options o;

	return vm_parse_options(sh, &o, allowed, argc, argv) ? 1 : for_operands(sh, &o, vm_stop, "stopped");
}

static int vm_cmd_reset(struct shell *sh, int argc, char **argv)
{
	static const char *const allowed[] = { "--force", "-f", NULL };
	struct vm_options o;

	return vm_parse_options(sh, &o, allowed, argc, argv) ? 1 : for_operands(sh, &o, vm_reset, "reset");
}

static int vm_cmd_pause(struct shell *sh, int argc, char **argv)
{
	static const char *const allowed[] = { NULL };
	struct vm_options o;

	return vm_parse_options(sh, &o, allowed, argc, argv) ? 1 : for_operands(sh, &o, vm_pause, "paused");
}

static int vm_cmd_resume(struct shell *sh, int argc, char **argv)
{
	static const char *const allowed[] = { NULL };
	struct vm_options o;

	return vm_parse_options(sh, &o, allowed, argc, argv) ? 1 : for_operands(sh, &o, vm_resume, "resumed");
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
	struct vm_options o;

	if (vm_parse_options(sh, &o, allowed, argc, argv))
		return 1;
	return for_operands(sh, &o, o.force ? vm_destroy : delete_stopped, "deleted");
}

static int vm_cmd_console(struct shell *sh, int argc, char **argv)
{
	struct vm *vm;

	if (argc != 1)
		return shell_error(sh, "usage: vm console ID");
	vm = vm_find_for(sh, argv[0]);
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
