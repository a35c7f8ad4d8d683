/* SPDX-License-Identifier: Apache-2.0 */
#include "vm.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int vm_fail(struct vm_error *err, int code, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return code;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return code;
}

int vm_fail_key(const struct vm *vm, const char *key, struct vm_error *err, int code, const char *fmt, ...)
{
	struct config_pos pos = vmconfig_pos(&vm->config, key);
	va_list args;
	size_t len;

	if (!err)
		return code;
	if (pos.line)
		snprintf(err->text, sizeof(err->text), "%s:%u:%u: %s: ", vm->file, pos.line, pos.column, key);
	else
		snprintf(err->text, sizeof(err->text), "%s: %s: ", vm->file, key);
	len = strlen(err->text);
	va_start(args, fmt);
	vsnprintf(err->text + len, sizeof(err->text) - len, fmt, args);
	va_end(args);
	return code;
}

int vm_fail_prefix(const struct vm *vm, const char *key, struct vm_error *err, int code)
{
	struct vm_error inner;

	if (!err)
		return code;
	inner = *err;
	return vm_fail_key(vm, key, err, code, "%s", inner.text);
}
