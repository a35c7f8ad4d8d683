/* SPDX-License-Identifier: Apache-2.0 */
#include <axhal/context.h>
#include <stddef.h>

/* context.S knows these. */
_Static_assert(offsetof(struct cpu_context, fp) == 80, "context.S");
_Static_assert(offsetof(struct cpu_context, lr) == 88, "context.S");
_Static_assert(offsetof(struct cpu_context, sp) == 96, "context.S");

void context_start(void);

void context_init(struct cpu_context *ctx, void *stack_top, void (*entry)(void *), void *arg)
{
	*ctx = (struct cpu_context){
		.x19_x28 = { (uintptr_t)entry, (uintptr_t)arg },
		.lr = (uintptr_t)context_start,
		.sp = (uintptr_t)stack_top,
	};
}
