/* SPDX-License-Identifier: Apache-2.0 */
/* Console, log and platform: buffers that tests fill and read. */
#include "host.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <axhal/power.h>
#include <axhal/console.h>
#include <axstd/error.h>
#include <axstd/log.h>

char host_console_output[65536], host_log_text[65536];
static size_t console_used, log_used;
static char typed[4096];
static size_t typed_len;
static void (*rx_handler)(void);

struct platform host_platform;

static void append(char *buffer, size_t size, size_t *used, const char *text, size_t len)
{
	len = MIN(len, size - 1 - *used);
	memcpy(buffer + *used, text, len);
	*used += len;
	buffer[*used] = 0;
}

void host_console_reset(void)
{
	console_used = typed_len = 0;
	host_console_output[0] = 0;
}

void host_console_type(const char *text)
{
	size_t len = MIN(strlen(text), sizeof(typed) - typed_len);

	memcpy(typed + typed_len, text, len);
	typed_len += len;
	if (rx_handler)
		rx_handler();
}

__attribute__((weak)) void console_write(const char *text, size_t len)
{
	append(host_console_output, sizeof(host_console_output), &console_used, text, len);
}

__attribute__((weak)) size_t console_read(char *buffer, size_t len)
{
	len = MIN(len, typed_len);
	memcpy(buffer, typed, len);
	typed_len -= len;
	memmove(typed, typed + len, typed_len);
	return len;
}

__attribute__((weak)) int console_set_rx_handler(void (*fn)(void))
{
	rx_handler = fn;
	return 0;
}

__attribute__((weak)) void console_panic_begin(void)
{
}

__attribute__((weak)) const char *console_name(void)
{
	return "host";
}

void host_log_reset(void)
{
	log_used = 0;
	host_log_text[0] = 0;
}

bool host_log_contains(const char *text)
{
	return strstr(host_log_text, text);
}

__attribute__((weak)) enum log_level log_level_now = LOG_DEBUG;

__attribute__((weak)) void log_write(enum log_level level, const char *module, int line, const char *fmt, ...)
{
	static const char *const names[] = { "off", "error", "warn", "info", "debug", "trace" };
	char text[LOG_LINE_MAX];
	va_list args;
	int len;

	len = snprintf(text, sizeof(text), "%s %s:%d: ", names[level], module, line);
	va_start(args, fmt);
	vsnprintf(text + len, sizeof(text) - len, fmt, args);
	va_end(args);
	append(host_log_text, sizeof(host_log_text), &log_used, text, strlen(text));
	append(host_log_text, sizeof(host_log_text), &log_used, "\n", 1);
	if (getenv("AX_TEST_LOG"))
		fprintf(stderr, "%s\n", text);
}

__attribute__((weak)) bool log_limit_pass(struct log_limit *limit, const char *module, int line)
{
	(void)limit;
	(void)module;
	(void)line;
	return true;
}

__attribute__((weak)) void log_set_level(enum log_level level)
{
	log_level_now = level;
}

__attribute__((weak)) enum log_level log_get_level(void)
{
	return log_level_now;
}

__attribute__((weak)) void log_set_backend(const struct log_backend *backend)
{
	(void)backend;
}

__attribute__((weak)) void hal_set_task_name_fn(const char *(*fn)(void))
{
	(void)fn;
}

__attribute__((weak)) const struct platform *platform(void)
{
	return &host_platform;
}

__attribute__((weak)) const char *platform_arch_name(void)
{
	return "host";
}

__attribute__((weak)) const char *platform_virtualization_error(void)
{
	return NULL;
}
