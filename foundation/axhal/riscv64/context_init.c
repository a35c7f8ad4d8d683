/* SPDX-License-Identifier: Apache-2.0 */
#include <axhal/context.h>
#include <stddef.h>

/* context.S knows these. */
_Static_assert(offsetof(struct cpu_context, s) == 0, "context.S");
_Static_assert(offsetof(struct cpu_context, ra) == 96, "context.S");
_Static_assert(offsetof(struct cpu_context, sp) == 104, "context.S");

void context_start(void);

void context_init(struct cpu_context *ctx, void *stack_top, void (*entry)(void *), void *arg)
{
	*ctx = (struct cpu_context){
		.s = { 0, (uintptr_t)entry, (uintptr_t)arg },
		.ra = (uintptr_t)context_start,
		.sp = (uintptr_t)stack_top,
	};
}
