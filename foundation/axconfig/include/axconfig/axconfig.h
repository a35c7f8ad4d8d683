/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * System parameters: built-in defaults, overridden by /axvisor.toml on the boot volume, overridden by the boot
 * arguments.
 *
 * The boot arguments are known first and the file only when a volume is mounted, so a parameter that is needed before
 * that (log, console, root) has an effect in the boot arguments alone. docs/configuration.md describes every
 * parameter.
 *
 * Everything here runs on the boot CPU before others start; afterwards the parameters only get read. No locks.
 */

#include <axconfig/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct axconfig {
	uint32_t log; /* enum log_level */
	bool colour;
	uint32_t cpus;       /* how many CPUs to use; 0: all */
	const char *sched;   /* "fifo", "rr" or "cfs" */
	uint32_t time_slice; /* milliseconds */
	const char *console; /* "pl011@9000000" or a device-tree path; NULL: the one that the firmware names */
	const char *root;    /* block device of the boot volume; NULL: the first with a FAT volume */
};

/* The parameters as they stand; the strings in it are never freed. */
const struct axconfig *axconfig(void);

/**
 * axconfig_apply_args - take parameters from the boot arguments
 * @args: words key=value with blanks between them; a key alone means key=true. Copied.
 *
 * A word that is wrong is logged and ignored: the system comes up without it. They are applied once more after the
 * file.
 */
void axconfig_apply_args(const char *args);

/**
 * axconfig_apply_toml - take parameters from a file
 * @text: TOML
 * @len:  its length
 * @file: its name for messages
 * @err:  what is wrong with it; may be NULL
 *
 * What the boot arguments say keeps the upper hand. After an error no parameter has changed.
 *
 * Return: 0; -AX_EINVAL or -AX_ENOMEM with @err filled in.
 */
int axconfig_apply_toml(const char *text, size_t len, const char *file, struct config_error *err);

/**
 * axconfig_help - explain parameters
 *
 * As config_help in axconfig/keys.h.
 */
int axconfig_help(const char *key, char *buf, size_t size);
