/* SPDX-License-Identifier: Apache-2.0 */
/* Panics end the test, or are caught where the test expects them. */
#include "host.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <axhal/power.h>
#include <axstd/assert.h>

jmp_buf host_panic_jump;
bool host_panic_expected;
char host_panic_text[512];

/* cmocka's, if the program is linked with it (fuzz targets are not). */
void _fail(const char *file, int line) __attribute__((weak));

_Noreturn void host_test_failed(const char *file, int line, const char *text)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, text);
	if (_fail)
		_fail(file, line);
	abort();
}

static _Noreturn void end(void)
{
	if (host_panic_expected)
		longjmp(host_panic_jump, 1);
	host_test_failed("panic", 0, host_panic_text);
}

__attribute__((weak)) _Noreturn void panic(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(host_panic_text, sizeof(host_panic_text), fmt, args);
	va_end(args);
	end();
}

__attribute__((weak)) _Noreturn void power_off(void)
{
	snprintf(host_panic_text, sizeof(host_panic_text), "power_off");
	end();
}

__attribute__((weak)) _Noreturn void power_reset(void)
{
	snprintf(host_panic_text, sizeof(host_panic_text), "power_reset");
	end();
}
