/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Switching between stacks of the hypervisor: the callee-saved registers of the architecture's calling convention.
 */
#include <axhal/arch/context.h>

/**
 * context_init - make @ctx start @entry(@arg) on the stack that ends at @stack_top (16-byte aligned). @entry must not
 * return.
 */
void context_init(struct cpu_context *ctx, void *stack_top, void (*entry)(void *), void *arg);
/** context_switch - save the caller's context in @from and go on with @to. Interrupts off. */
void context_switch(struct cpu_context *from, struct cpu_context *to);
