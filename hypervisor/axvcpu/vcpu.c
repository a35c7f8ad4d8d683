/* SPDX-License-Identifier: Apache-2.0 */
#include <axhal/irq.h>
#include <axstd/error.h>
#include <axvcpu/impl.h>

static const char *const state_names[VCPU_STATES] = {
	[VCPU_CREATED] = "Created", [VCPU_FREE] = "Free",       [VCPU_READY] = "Ready",
	[VCPU_RUNNING] = "Running", [VCPU_BLOCKED] = "Blocked",
};

/* Where a vCPU may go from each state. Free: it exists but is off; Ready: on, not in the guest; Blocked: on, asleep. */
static const uint8_t transitions[VCPU_STATES] = {
	[VCPU_CREATED] = BIT(VCPU_FREE),
	[VCPU_FREE] = BIT(VCPU_READY),
	[VCPU_READY] = BIT(VCPU_RUNNING) | BIT(VCPU_BLOCKED) | BIT(VCPU_FREE),
	[VCPU_RUNNING] = BIT(VCPU_READY),
	[VCPU_BLOCKED] = BIT(VCPU_READY),
};

static const char *const exit_names[VCPU_EXIT_REASONS] = {
	[VCPU_EXIT_NOTHING] = "nothing",
	[VCPU_EXIT_EXTERNAL_INTERRUPT] = "external interrupt",
	[VCPU_EXIT_HYPERCALL] = "hypercall",
	[VCPU_EXIT_MMIO_READ] = "MMIO read",
	[VCPU_EXIT_MMIO_WRITE] = "MMIO write",
	[VCPU_EXIT_SYSREG_READ] = "sysreg read",
	[VCPU_EXIT_SYSREG_WRITE] = "sysreg write",
	[VCPU_EXIT_IO_READ] = "I/O read",
	[VCPU_EXIT_IO_WRITE] = "I/O write",
	[VCPU_EXIT_NESTED_PAGE_FAULT] = "nested page fault",
	[VCPU_EXIT_HALT] = "halt",
	[VCPU_EXIT_CPU_UP] = "CPU up",
	[VCPU_EXIT_CPU_DOWN] = "CPU down",
	[VCPU_EXIT_SUSPEND] = "suspend",
	[VCPU_EXIT_SYSTEM_DOWN] = "system down",
	[VCPU_EXIT_SYSTEM_RESET] = "system reset",
	[VCPU_EXIT_SEND_IPI] = "send IPI",
	[VCPU_EXIT_FAIL_ENTRY] = "fail entry",
};

const char *vcpu_exit_name(enum vcpu_exit_reason reason)
{
	return reason < VCPU_EXIT_REASONS ? exit_names[reason] : "?";
}

const char *vcpu_state_name(enum vcpu_state state)
{
	return state < VCPU_STATES ? state_names[state] : "?";
}

int vcpu_state_set(struct vcpu *vcpu, enum vcpu_state to)
{
	enum vcpu_state from = atomic_load_explicit(&vcpu->state, memory_order_relaxed);

	if (!(transitions[from] & BIT(to)))
		return -AX_ESTATE;
	atomic_store_explicit(&vcpu->state, to, memory_order_release);
	return 0;
}

void vcpu_init(struct vcpu *vcpu, const struct vcpu_params *params)
{
	vcpu->id = params->id;
	vcpu->ops = params->ops;
	vcpu->owner = params->owner;
	wait_queue_init(&vcpu->wake);
	atomic_init(&vcpu->cpu, -1);
}

void vcpu_request(struct vcpu *vcpu, enum vcpu_work work)
{
	uint64_t flags;
	int cpu;

	if (atomic_fetch_or(&vcpu->work, work) & work)
		return; /* whoever set it has seen to the rest */
	flags = irq_save();
	cpu = atomic_load(&vcpu->cpu);
	/* On this CPU the vCPU looks before it enters the guest, unless it is between its last look and its sleep. */
	if (cpu != (int)cpu_id() || atomic_load(&vcpu->state) == VCPU_BLOCKED)
		wait_wake_all(&vcpu->wake);
	if (cpu >= 0 && cpu != (int)cpu_id())
		ipi_send((unsigned)cpu, IPI_RESCHEDULE);
	irq_restore(flags);
}
