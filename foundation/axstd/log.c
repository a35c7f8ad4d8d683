/* SPDX-License-Identifier: Apache-2.0 */
#include <axstd/log.h>
#include <axstd/error.h>
#include <axstd/util.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum log_level log_level_now = LOG_INFO;

static const struct log_backend *_Atomic backend;
static _Atomic bool colour;

static const struct {
	const char *name;
	const char *colour; /* ECMA-48 SGR; the ordinary level stays uncoloured */
} levels[] = {
	[LOG_OFF] = { "off", "" },   [LOG_ERROR] = { "error", "\033[31m" }, [LOG_WARN] = { "warn", "\033[33m" },
	[LOG_INFO] = { "info", "" }, [LOG_DEBUG] = { "debug", "\033[36m" }, [LOG_TRACE] = { "trace", "\033[90m" },
};

#define COLOUR_END "\033[0m"
/* What follows the message: the end of the colour and of the line. */
#define TAIL_MAX   (sizeof(COLOUR_END "\n") - 1)

void log_set_backend(const struct log_backend *new_backend)
{
	atomic_store_explicit(&backend, new_backend, memory_order_release);
}

void log_set_level(enum log_level level)
{
	log_level_now = level;
}

enum log_level log_get_level(void)
{
	return log_level_now;
}

int log_level_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (!strcmp(name, levels[i].name))
			return (int)i;
	}
	return -AX_EINVAL;
}

const char *log_level_name(enum log_level level)
{
	return (unsigned)level < ARRAY_SIZE(levels) ? levels[level].name : "?";
}

void log_set_colour(bool on)
{
	colour = on;
}

/* One message is one line, and what came from a guest cannot steer the terminal. Returns the length left. */
static size_t make_printable(char *text, size_t len)
{
	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			text[i] = '.';
	}
	return len;
}

/* Length of what snprintf put into @room bytes, given its result. */
static size_t printed(int result, size_t room)
{
	if (result < 0)
		return 0;
	return (size_t)result < room ? (size_t)result : room - 1;
}

static void write_line(enum log_level level, const char *module, int line, const char *fmt, va_list args)
{
	const struct log_backend *be = atomic_load_explicit(&backend, memory_order_acquire);
	bool coloured = colour && (unsigned)level < ARRAY_SIZE(levels) && levels[level].colour[0];
	char text[LOG_LINE_MAX];
	size_t room = sizeof(text) - TAIL_MAX;
	size_t len;
	size_t body;
	uint64_t us;

	if (!be)
		return;
	us = be->now_ns() / 1000;
	len = printed(snprintf(text, room, "%s[%3lu.%06lu %u:%s %s:%d] ", coloured ? levels[level].colour : "",
			       (unsigned long)(us / 1000000), (unsigned long)(us % 1000000), be->cpu(), be->task(),
			       module, line),
		      room);
	body = printed(vsnprintf(text + len, room - len, fmt, args), room - len);
	len += make_printable(text + len, body);
	if (coloured) {
		memcpy(text + len, COLOUR_END, sizeof(COLOUR_END) - 1);
		len += sizeof(COLOUR_END) - 1;
	}
	text[len++] = '\n';
	be->write(text, len);
}

void log_write(enum log_level level, const char *module, int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	write_line(level, module, line, fmt, args);
	va_end(args);
}

/*
 * The counters are updated without a lock: when CPUs race for one call site a few lines more or less may pass, and that
 * is all.
 */
bool log_limit_pass(struct log_limit *limit, const char *module, int line)
{
	const struct log_backend *be = atomic_load_explicit(&backend, memory_order_acquire);
	uint64_t now = be ? be->now_ns() : 0;
	uint64_t start = __atomic_load_n(&limit->window_start, __ATOMIC_RELAXED);

	if (now - start >= LOG_WINDOW_NS) {
		unsigned dropped = __atomic_exchange_n(&limit->dropped, 0, __ATOMIC_RELAXED);

		__atomic_store_n(&limit->window_start, now, __ATOMIC_RELAXED);
		__atomic_store_n(&limit->count, 0, __ATOMIC_RELAXED);
		if (dropped)
			log_write(LOG_WARN, module, line, "%u more messages like this were dropped", dropped);
	}
	if (__atomic_fetch_add(&limit->count, 1, __ATOMIC_RELAXED) < LOG_BURST)
		return true;
	__atomic_fetch_add(&limit->dropped, 1, __ATOMIC_RELAXED);
	return false;
}
