/* SPDX-License-Identifier: Apache-2.0 */
/* Checks and the verdict. */
#include "guest.h"
#include "arch.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#define FLUSH_US 20000 /* the line is slower than the CPU: what was written gets out before the power goes */

static atomic_uint checks, failures;

bool check(bool ok, const char *name, const char *format, ...)
{
	char text[160];
	va_list args;

	atomic_fetch_add(&checks, 1);
	if (ok) {
		print("ok %s\n", name);
		return true;
	}
	atomic_fetch_add(&failures, 1);
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	print("FAIL %s: %s\n", name, text);
	return false;
}

bool check_eq(const char *name, uint64_t got, uint64_t expected)
{
	return check(got == expected, name, "expected %#llx, got %#llx", (unsigned long long)expected,
		     (unsigned long long)got);
}

bool check_range(const char *name, uint64_t got, uint64_t low, uint64_t high)
{
	return check(got >= low && got <= high, name, "expected %llu..%llu, got %llu", (unsigned long long)low,
		     (unsigned long long)high, (unsigned long long)got);
}

void check_finish(void)
{
	if (failures)
		print("FAIL %s %u of %u checks\n", guest_name, failures, checks);
	else
		print("PASS %s %u checks\n", guest_name, checks);
	while (bootarg("hold") && console_getc() < 0)
		clock_wait_us(1000);
	clock_wait_us(FLUSH_US);
	machine_off();
}

void runtime_main(void)
{
	guest_main();
	check_finish();
}
