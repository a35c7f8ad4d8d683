/* SPDX-License-Identifier: Apache-2.0 */
#include "axconfig_schema.h"
#include <axstd/error.h>
#include <axstd/log.h>
#include <axstd/util.h>
#include <string.h>

#define FILE_MEMORY 16384 /* for /axvisor.toml: room for a hundred keys */
#define ARGS_MAX    1024
#define ARGS_NAME   "boot arguments"

static const struct config_choice log_levels[] = {
	{ "off", LOG_OFF },
	{ "error", LOG_ERROR },
	{ "warn", LOG_WARN },
	{ "info", LOG_INFO },
	{ "debug", LOG_DEBUG },
	{ "trace", LOG_TRACE },
	{ 0 },
};

static const struct config_choice policies[] = { { "fifo", 0 }, { "rr", 1 }, { "cfs", 2 }, { 0 } };

#define KEY(path_, type_, member_) CONFIG_KEY(path_, type_, struct axconfig, member_)

static const struct config_key keys[] = {
	{ KEY("log", ENUM, log), .choices = log_levels, .initial = "info", .help = "Which messages are shown." },
	{ KEY("colour", BOOL, colour), .initial = "true", .help = "Whether the log has colours." },
	{ KEY("cpus", NUMBER, cpus), .initial = "0", .max = 1024, .help = "How many CPUs are used; 0: all." },
	{ KEY("sched", STRING, sched), .choices = policies, .initial = "rr", .help = "How tasks share a CPU." },
	{ KEY("time_slice", NUMBER, time_slice), .initial = "10", .min = 1, .max = 1000,
	  .help = "Milliseconds after which another task gets its turn (rr, cfs)." },
	{ KEY("console", STRING, console), .help = "The console device, as pl011@9000000 or a device-tree path; "
						   "without it, the one that the firmware names." },
	{ KEY("root", STRING, root),
	  .help = "Block device of the boot volume, as vda or ram0; without it, the first with a FAT volume." },
};

const struct config_schema axconfig_schema = { keys, ARRAY_SIZE(keys) };

static struct axconfig current;
static bool ready;
static char file_memory[FILE_MEMORY];
static struct arena file_arena;  /* over file_memory; what a file has put there stays */
static char boot_args[ARGS_MAX]; /* words, each ending with a NUL, then an empty one */

static struct axconfig *parameters(void)
{
	if (!ready) {
		ready = true;
		arena_init(&file_arena, file_memory, sizeof(file_memory));
		config_defaults(&axconfig_schema, &current);
	}
	return &current;
}

const struct axconfig *axconfig(void)
{
	return parameters();
}

/* "log=debug\0cpus=2\0\0": the values stay where they are, so the words are taken apart once and put together again. */
static void apply_words(struct axconfig *config, bool report)
{
	struct config_error err;
	const struct config_source source = { .file = ARGS_NAME, .error = &err };

	for (char *word = boot_args, *next; *word; word = next) {
		char *value = strchr(word, '=');
		int rc;

		next = word + strlen(word) + 1;
		if (value)
			*value = 0;
		rc = config_set_text(&axconfig_schema, word, value ? value + 1 : "true", &source, config);
		if (value)
			*value = '=';
		if (rc && report)
			log_warn("%s (ignored)", err.text);
	}
}

void axconfig_apply_args(const char *args)
{
	size_t n = 0;

	while (*args) {
		size_t word = strcspn(args, " \t\r\n");

		if (n + word + 2 > sizeof(boot_args)) {
			log_warn(ARGS_NAME ": longer than %zu characters, the rest is ignored", sizeof(boot_args) - 2);
			break;
		}
		if (word) {
			memcpy(boot_args + n, args, word);
			n += word;
			boot_args[n++] = 0;
		}
		args += word + strspn(args + word, " \t\r\n");
	}
	boot_args[n] = 0;
	apply_words(parameters(), true);
}

int axconfig_apply_toml(const char *text, size_t len, const char *file, struct config_error *err)
{
	const struct config_source source = { file, &file_arena, err };
	struct axconfig changed = *parameters();
	size_t mark = file_arena.used;
	struct toml_node *root;
	int rc;

	rc = toml_parse(text, len, file, &file_arena, &root, err);
	if (!rc)
		rc = config_apply(&axconfig_schema, root, &source, &changed);
	if (rc) {
		file_arena.used = mark;
		return rc;
	}
	apply_words(&changed, false);
	current = changed;
	return 0;
}

int axconfig_help(const char *key, char *buf, size_t size)
{
	return config_help(&axconfig_schema, key, buf, size);
}
