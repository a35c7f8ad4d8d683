/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The log: lines `[ seconds cpu:task module:line] message`, by level, with colours where the console shows them.
 *
 * A line is formatted on the caller's stack (LOG_LINE_MAX bytes, the rest is cut) and handed to the sink as one piece,
 * so lines of several CPUs do not mix. Any context, interrupt handlers included.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_OFF, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE };

#define LOG_LINE_MAX 320

/* Where lines go and what stands in their prefix. Both stay valid forever once set. */
struct log_backend {
	void (*write)(const char *text, size_t len);
	uint64_t (*now_ns)(void);
	unsigned (*cpu)(void);
	const char *(*task)(void);
};

void log_set_backend(const struct log_backend *backend);
void log_set_level(enum log_level level);
enum log_level log_get_level(void);
/* "off" "error" "warn" "info" "debug" "trace" -> level; -AX_EINVAL when none of these. */
int log_level_parse(const char *name);
const char *log_level_name(enum log_level level);
void log_set_colour(bool on);

void log_write(enum log_level level, const char *module, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* At most LOG_BURST lines per LOG_WINDOW_NS and call site; then one line says how many were dropped. */
#define LOG_BURST     10
#define LOG_WINDOW_NS UINT64_C(1000000000)

struct log_limit {
	uint64_t window_start;
	unsigned count;
	unsigned dropped;
};

bool log_limit_pass(struct log_limit *limit, const char *module, int line);

#ifndef LOG_MODULE
#define LOG_MODULE "?"
#endif

extern enum log_level log_level_now;

#define log_at(level, ...)                                                   \
	do {                                                                 \
		if (__builtin_expect((level) <= log_level_now, 0))           \
			log_write(level, LOG_MODULE, __LINE__, __VA_ARGS__); \
	} while (0)

#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_at(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_at(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)
#define log_trace(...) log_at(LOG_TRACE, __VA_ARGS__)

/* For lines that a guest can cause. */
#define log_ratelimited(level, ...)                                                            \
	do {                                                                                   \
		static struct log_limit limit_;                                                \
		if ((level) <= log_level_now && log_limit_pass(&limit_, LOG_MODULE, __LINE__)) \
			log_write(level, LOG_MODULE, __LINE__, __VA_ARGS__);                   \
	} while (0)

#define log_warn_ratelimited(...)  log_ratelimited(LOG_WARN, __VA_ARGS__)
#define log_info_ratelimited(...)  log_ratelimited(LOG_INFO, __VA_ARGS__)
#define log_debug_ratelimited(...) log_ratelimited(LOG_DEBUG, __VA_ARGS__)
