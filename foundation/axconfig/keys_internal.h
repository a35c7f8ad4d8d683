/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Reading configuration values: keys_value.c (one key) and keys.c (arrays of structs, documents).
 */

#include <axconfig/keys.h>

#define LABEL_MAX 96

/* What is being read: "kernel.memory_regions[1].size". */
struct reader {
	const struct config_source *source;
	char label[LABEL_MAX];
};

/* Describes what is wrong with what is being read; ends with -AX_EINVAL, or -AX_ENOMEM. */
int reader_fail(const struct reader *r, struct config_pos pos, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int reader_fail_memory(const struct reader *r, struct config_pos pos);
int reader_fail_type(const struct reader *r, const struct config_key *key, const struct toml_node *node);

/* Adds to the label; returns what to give to label_pop. */
size_t label_push(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void label_pop(struct reader *r, size_t len);

/* More items than the key allows? Return: 0 or -AX_EINVAL. */
int reader_check_count(const struct reader *r, const struct config_key *key, const struct toml_node *array,
		       size_t count);

/* Every type up to CONFIG_NUMBERS; @value is where it goes. */
int reader_read_simple(struct reader *r, const struct config_key *key, const struct toml_node *node, void *value);
