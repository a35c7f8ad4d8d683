/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Emulated devices. A device owns its state and lock, puts regions on the bus when it is created, and can describe
 * itself in the guest's device tree (and later in ACPI).
 */
#include <axdevice/bus.h>
#include <axdevice/irq.h>
#include <axstd/util.h>
#include <sys/queue.h>

struct device;

/* How interrupt specifiers and references are written in the guest's tree. */
struct fdt_context {
	void *fdt;             /* libfdt's sequential-write or read-write tree, see describe */
	uint32_t intc_phandle; /* of the interrupt controller */
	/* Fill @cells for interrupt @number; returns how many cells. */
	unsigned (*irq_cells)(unsigned number, bool edge, uint32_t cells[3]);
	uint32_t next_phandle;
	uint32_t hart_phandle; /* RISC-V: of the controller inside hart 0; hart i has the i-th after it */
};

struct device_ops {
	const char *type; /* "pl011" */
	/* Power-on state. Nobody runs in the VM. */
	void (*reset)(struct device *dev);
	/*
	 * Add the device's node under the root with libfdt's sequential-write functions (fdt_begin_node ...). Return:
	 * 0 or a libfdt error. May be NULL.
	 */
	int (*describe)(struct device *dev, struct fdt_context *ctx);
	void (*destroy)(struct device *dev);
};

struct device {
	const struct device_ops *ops;
	char name[32];
	uint64_t base, size; /* of its first region, 0: none */
	TAILQ_ENTRY(device) link;
};

TAILQ_HEAD(device_list, device);

/* What every device gets when it is created. */
struct device_env {
	struct bus *mmio;
	struct bus *ports; /* NULL where the architecture has none */
	struct irq_line irq;
};
