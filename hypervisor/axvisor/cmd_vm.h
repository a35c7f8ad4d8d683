/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the subcommands of vm share.
 */
#include "shell.h"
#include <axvm/vm.h>

/* Options of a subcommand, taken out of its arguments: what is left are operands. */
struct vm_options {
	bool json, force, detach, console, all, full, config, stats;
	int argc;
	char **argv;
};

/* @allowed: the option names of this subcommand, ends with NULL. Return: 0, or 1 after a message. */
int vm_parse_options(struct shell *sh, struct vm_options *o, const char *const *allowed, int argc, char **argv);
/* The VM, with a reference, or NULL after a message. */
struct vm *vm_find_for(struct shell *sh, const char *id);

int vm_cmd_list(struct shell *sh, int argc, char **argv);
int vm_cmd_show(struct shell *sh, int argc, char **argv);
