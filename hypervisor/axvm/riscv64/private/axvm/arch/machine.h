/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The devices of a riscv64 guest that are not on every architecture. */
struct vplic;
struct vaia;

struct vm_machine {
	/* The interrupt controller: one of the two, the other is NULL. */
	struct vplic *plic;
	struct vaia *aia;
};
