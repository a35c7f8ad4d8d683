/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <ucontext.h>

struct cpu_context {
	ucontext_t uc;
	void (*entry)(void *);
	void *arg;
};
