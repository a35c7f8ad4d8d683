/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * panic and assertions, for faults of the hypervisor itself. Never reachable from what a guest does (design rule 1).
 */

/* Print a report with registers and a back trace, stop the other CPUs, then halt or power off. Provided by axhal. */
_Noreturn void panic(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define ax_assert(cond)                                                                  \
	do {                                                                             \
		if (__builtin_expect(!(cond), 0))                                        \
			panic("%s:%d: assertion failed: %s", __FILE__, __LINE__, #cond); \
	} while (0)
