/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The harts of a riscv64 guest in its device tree.
 */
#include "../vm.h"

/*
 * The node /cpus. The interrupt controller inside hart i has the phandle @ctx->hart_phandle + i. @imsic: the harts have
 * IMSICs. Return: 0 or a libfdt error.
 */
int fdt_write_cpus(struct vm *vm, struct fdt_context *ctx, bool imsic);
