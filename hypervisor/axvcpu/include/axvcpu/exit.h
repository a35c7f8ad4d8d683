/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Why a vCPU came back from the guest: the same type on every architecture.
 *
 * Exits that need nothing but the vCPU itself (a trapped ID register, a firmware version call, a device register
 * served by vcpu_ops.mmio) never become one of these: the architecture's module finishes them and re-enters the
 * guest.
 */
#include <stdbool.h>
#include <stdint.h>

enum vcpu_exit_reason {
	VCPU_EXIT_NOTHING,            /* look at the work flags and run again */
	VCPU_EXIT_EXTERNAL_INTERRUPT, /* the host has something to do: another task, a stop request */
	VCPU_EXIT_HYPERCALL,
	VCPU_EXIT_MMIO_READ, /* no device of the bus took it */
	VCPU_EXIT_MMIO_WRITE,
	VCPU_EXIT_SYSREG_READ,
	VCPU_EXIT_SYSREG_WRITE,
	VCPU_EXIT_IO_READ,
	VCPU_EXIT_IO_WRITE,
	VCPU_EXIT_NESTED_PAGE_FAULT, /* no access: lazy page, read-only memory, nothing at @fault.gpa */
	VCPU_EXIT_HALT,              /* nothing to do until an interrupt is pending */
	VCPU_EXIT_CPU_UP,
	VCPU_EXIT_CPU_DOWN,
	VCPU_EXIT_SUSPEND, /* of this vCPU; entered again at @suspend.entry if it lost its state */
	VCPU_EXIT_SYSTEM_DOWN,
	VCPU_EXIT_SYSTEM_RESET,
	VCPU_EXIT_SEND_IPI,
	VCPU_EXIT_FAIL_ENTRY, /* the hardware refused to run it */
	VCPU_EXIT_REASONS,
};

enum vcpu_access { VCPU_ACCESS_READ = 1, VCPU_ACCESS_WRITE = 2, VCPU_ACCESS_EXECUTE = 4 };

struct vcpu_exit {
	enum vcpu_exit_reason reason;
	union {
		struct {
			uint64_t nr;
			uint64_t args[6];
		} hypercall;
		struct {
			uint64_t addr;  /* guest-physical */
			uint64_t value; /* written */
			uint8_t width;  /* bytes: 1, 2, 4, 8 */
			uint8_t reg;    /* read: destination */
			uint8_t reg_width;
			bool sign_extend;
		} mmio;
		struct {
			uint64_t addr; /* register number or port, as the architecture names it */
			uint64_t value;
			uint8_t reg;
			uint8_t width;
		} sysreg;
		struct {
			uint64_t gpa;
			uint64_t pc;
			unsigned access; /* VCPU_ACCESS_* */
		} fault;
		struct {
			uint64_t target; /* hardware id as the guest names it: MPIDR, hart id, APIC id */
			uint64_t entry;
			uint64_t arg;
		} cpu_up;
		struct {
			uint64_t entry;
			uint64_t arg;
			bool power_down;
		} suspend;
		struct {
			uint64_t target;
			uint64_t vector;
			bool broadcast;
			bool self;
		} send_ipi;
		struct {
			uint64_t hw_reason;
			const char *text;
		} fail_entry;
	};
};

/** vcpu_exit_name - e.g. "hypercall", for statistics and reports */
const char *vcpu_exit_name(enum vcpu_exit_reason reason);
