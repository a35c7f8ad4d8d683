/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What is wrong with a configuration file, and where.
 */

#include <stdarg.h>
#include <stdint.h>

/* A place in a file. Lines and columns count from 1, columns in characters; line 0 means "no particular place". */
struct config_pos {
	uint32_t line;
	uint32_t column;
};

/* The first error of a file: a complete message, ready for the log. */
struct config_error {
	struct config_pos pos;
	char text[384]; /* "/guest/vm_default/linux.toml:14:16: kernel.memory_regions[1]: ..." */
};

/**
 * config_error_set - describe an error
 * @err:  where to write it, may be NULL
 * @file: name of the file, as it goes into the message
 * @pos:  the place; a line of 0 is left out of the message
 * @fmt:  what is wrong, without file and place
 *
 * A message that does not fit is cut.
 *
 * Return: always -AX_EINVAL, so that a caller can write `return config_error_set(...)`.
 */
int config_error_set(struct config_error *err, const char *file, struct config_pos pos, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
int config_error_vset(struct config_error *err, const char *file, struct config_pos pos, const char *fmt, va_list ap)
	__attribute__((format(printf, 4, 0)));
