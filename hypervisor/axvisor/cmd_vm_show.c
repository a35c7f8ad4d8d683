/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vm list, vm show.
 */
#include "cmd_vm.h"
#include <axhal/time.h>
#include <stdio.h>
#include <string.h>

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

int vm_cmd_list(struct shell *sh, int argc, char **argv)
{
	static const char *const allowed[] = { "--all", "-a", "--format", NULL };
	struct vm_options o;
	bool first = true;

	if (vm_parse_options(sh, &o, allowed, argc, argv))
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

/* Registers, four to a line. */
struct reg_printer {
	struct shell *sh;
	unsigned column;
};

static void show_register(const char *name, uint64_t value, void *arg)
{
	struct reg_printer *p = arg;

	shell_printf(p->sh, "%s%14s %016llx", p->column % 4 ? " " : "\n   ", name, (unsigned long long)value);
	p->column++;
}

static void show_registers(struct shell *sh, struct vm *vm, unsigned vcpu)
{
	struct reg_printer printer = { .sh = sh };

	if (!vm_for_each_register(vm, vcpu, show_register, &printer))
		shell_printf(sh, "\n");
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

int vm_cmd_show(struct shell *sh, int argc, char **argv)
{
	static const char *const allowed[] = { "--full", "--config", "--stats", NULL };
	struct vm_options o;
	struct vm_info info;
	struct vm *vm;

	if (vm_parse_options(sh, &o, allowed, argc, argv))
		return 1;
	if (o.argc != 1)
		return shell_error(sh, "usage: vm show [--full|--config|--stats] ID");
	vm = vm_find_for(sh, o.argv[0]);
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
	for (unsigned i = 0; o.full && i < info.num_vcpus; i++)
		show_registers(sh, vm, i);
	vm_put(vm);
	return 0;
}
