/* SPDX-License-Identifier: Apache-2.0 */
#include <axconfig/error.h>
#include <axstd/error.h>
#include <inttypes.h>
#include <stdio.h>

int config_error_vset(struct config_error *err, const char *file, struct config_pos pos, const char *fmt, va_list ap)
{
	int n;

	if (!err)
		return -AX_EINVAL;
	err->pos = pos;
	if (pos.line)
		n = snprintf(err->text, sizeof(err->text), "%s:%" PRIu32 ":%" PRIu32 ": ", file, pos.line, pos.column);
	else
		n = snprintf(err->text, sizeof(err->text), "%s: ", file);
	if (n >= 0 && (size_t)n < sizeof(err->text))
		vsnprintf(err->text + n, sizeof(err->text) - n, fmt, ap);
	/* What is quoted from the file must not move the cursor of who reads the log. */
	for (char *s = err->text; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			*s = '?';
	return -AX_EINVAL;
}

int config_error_set(struct config_error *err, const char *file, struct config_pos pos, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	config_error_vset(err, file, pos, fmt, ap);
	va_end(ap);
	return -AX_EINVAL;
}
