/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The devices of an aarch64 guest that are not on every architecture. */
struct vgic;

struct vm_machine {
	struct vgic *vgic;
	unsigned gic_version;
	uint64_t dist_base, redist_base; /* GICv2: redist_base is the CPU interface */
};
