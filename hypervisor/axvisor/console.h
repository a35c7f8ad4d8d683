/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

struct vm;

/** console_attach - give the physical console to @vm, whose reference passes to the multiplexer. The shell's task. */
void console_attach(struct vm *vm);
