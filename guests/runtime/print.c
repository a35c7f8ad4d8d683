/* SPDX-License-Identifier: Apache-2.0 */
/* Text on the console. */
#include "guest.h"
#include "arch.h"
#include "lock.h"

#include <stdarg.h>
#include <stdio.h>

static struct lock console_lock;

static void console_write(const char *text)
{
	uint64_t flags = lock_take(&console_lock);

	for (; *text; text++) {
		if (*text == '\n')
			console_putc('\r');
		console_putc(*text);
	}
	lock_release(&console_lock, flags);
}

void print(const char *format, ...)
{
	char line[256];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	console_write(line);
}
