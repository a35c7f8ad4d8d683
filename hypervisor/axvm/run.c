/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tasks that run vCPUs, and what they do with exits.
 */
#include "vm.h"
#include <axhal/irq.h>
#include <axhal/time.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axtask/task.h>
#include <stdio.h>

static bool serve_elsewhere(struct vcpu *vcpu, struct vcpu_mmio *access);

/* A device access: the bus, with the last region that answered as a shortcut. Interrupts off, on the exit path. */
static bool serve_mmio(struct vcpu *vcpu, struct vcpu_mmio *access)
{
	const struct vm_vcpu *v = vcpu->owner;
	const struct bus_region *region = v->last_region;
	uint64_t offset = access->gpa - region->base;

	if (unlikely(offset >= region->size))
		return serve_elsewhere(vcpu, access);
	if (unlikely(region->size - offset < access->width))
		return false;
	if (access->write)
		region->ops->write(region->opaque, vcpu->id, offset, access->width, access->value);
	else
		access->value = region->ops->read(region->opaque, vcpu->id, offset, access->width);
	return true;
}

/* Not inline: the shortcut shall not pay for what this has to keep. */
static __attribute__((noinline)) bool serve_elsewhere(struct vcpu *vcpu, struct vcpu_mmio *access)
{
	struct vm_vcpu *v = vcpu->owner;
	const struct bus_region *region = bus_find(&v->vm->mmio, access->gpa);

	if (!region)
		return false;
	v->last_region = region;
	return serve_mmio(vcpu, access);
}

static struct vm_vcpu *find_by_hwid(struct vm *vm, uint64_t hwid)
{
	for (unsigned i = 0; i < vm->num_vcpus; i++)
		if (vm->vcpus[i].hwid == hwid)
			return &vm->vcpus[i];
	return NULL;
}

static enum vcpu_power power_of(struct vcpu *vcpu, uint64_t hwid)
{
	struct vm_vcpu *self = vcpu->owner;
	struct vm_vcpu *target = find_by_hwid(self->vm, hwid);

	return target ? atomic_load(&target->power) : VCPU_POWER_NONE;
}

static struct vcpu *peer_of(struct vcpu *vcpu, uint64_t hwid)
{
	struct vm_vcpu *self = vcpu->owner;
	struct vm_vcpu *peer = find_by_hwid(self->vm, hwid);

	return peer ? peer->vcpu : NULL;
}

static void console_put(struct vcpu *vcpu, uint8_t byte)
{
	struct vm_vcpu *self = vcpu->owner;
	struct console_backend backend;

	vm_console_backend(self->vm, &backend)->put(backend.opaque, byte);
}

static int console_get(struct vcpu *vcpu)
{
	struct vm_vcpu *self = vcpu->owner;
	struct console_backend backend;

	return vm_console_backend(self->vm, &backend)->get(backend.opaque);
}

const struct vcpu_ops vm_vcpu_ops = {
	.mmio = serve_mmio,
	.power = power_of,
	.peer = peer_of,
	.console_put = console_put,
	.console_get = console_get,
};

/* What is left of a vCPU's way when its VM cannot go on because of it. */
static void fault_stop(struct vm_vcpu *v, const char *what, uint64_t value)
{
	struct vm_error reason;

	vm_fail(&reason, 0, "vCPU %u: %s (0x%llx, pc 0x%llx)", v->vcpu->id, what, (unsigned long long)value,
		(unsigned long long)vcpu_get_pc(v->vcpu));
	vm_post_request(v->vm, VM_REQUEST_FAIL, reason.text);
	atomic_store(&v->power, VCPU_POWER_OFF);
}

static void on_nothing(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	atomic_fetch_and(&v->vcpu->work, ~(uint32_t)VCPU_WORK_EXIT);
}

static void on_external_interrupt(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	task_preempt_point();
}

/* No hypercall is offered yet. */
static void on_hypercall(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	vcpu_refuse_hypercall(v->vcpu);
}

/* Lazy memory is populated here; all else is answered as by a bus on which nobody answers. */
static void answer_fault(struct vm_vcpu *v, uint64_t gpa, unsigned access, uint64_t pc)
{
	int err = aspace_fault(&v->vm->aspace, gpa, access);

	if (!err)
		return;
	if (err == -AX_ENOMEM) {
		fault_stop(v, "out of host memory for lazily populated guest memory", gpa);
		return;
	}
	log_debug_ratelimited("vm %s: vCPU %u: %s of 0x%llx at pc 0x%llx: no device there, answered with an abort",
			      v->vm->name, v->vcpu->id,
			      access & VCPU_ACCESS_EXECUTE ? "fetch"
			      : access & VCPU_ACCESS_WRITE ? "write"
							   : "read",
			      (unsigned long long)gpa, (unsigned long long)pc);
	vcpu_inject_fault(v->vcpu, gpa, access);
}

static void on_nested_page_fault(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	answer_fault(v, exit->fault.gpa, exit->fault.access, exit->fault.pc);
}

static void on_mmio(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	answer_fault(v, exit->mmio.addr, exit->reason == VCPU_EXIT_MMIO_WRITE ? VCPU_ACCESS_WRITE : VCPU_ACCESS_READ,
		     vcpu_get_pc(v->vcpu));
}

static void on_undefined(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	vcpu_inject_undefined(v->vcpu);
}

static void halt(struct vm_vcpu *v)
{
	struct vcpu *vcpu = v->vcpu;

	vcpu_state_set(vcpu, VCPU_BLOCKED);
	(void)wait_event_until(&vcpu->wake, atomic_load(&vcpu->work) || vcpu_has_interrupt(vcpu), vcpu_wake_time(vcpu));
	vcpu_state_set(vcpu, VCPU_READY);
}

static void on_halt(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	halt(v);
}

/*
 * Start over at @entry, as after power-on. The vCPU's registers are in this CPU: they have to leave it first. @resume:
 * from a suspend; what woke it is still pending.
 */
static void restart(struct vm_vcpu *v, uint64_t entry, uint64_t arg, bool resume)
{
	uint64_t flags = irq_save();

	vcpu_put(v->vcpu);
	vcpu_reset(v->vcpu);
	machine_reset_vcpu(v, resume);
	vcpu_set_entry(v->vcpu, entry, arg);
	vcpu_load(v->vcpu);
	irq_restore(flags);
}

static void on_suspend(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	halt(v);
	if (exit->suspend.power_down)
		restart(v, exit->suspend.entry, exit->suspend.arg, true);
}

static bool is_memory(struct vm *vm, uint64_t gpa)
{
	uint8_t byte;

	return aspace_read(&vm->aspace, gpa, &byte, 1) == 0;
}

static int power_on(struct vm *vm, const struct vcpu_exit *exit)
{
	struct vm_vcpu *target = find_by_hwid(vm, exit->cpu_up.target);
	enum vcpu_power off = VCPU_POWER_OFF;

	if (!target)
		return -AX_ENOENT;
	if (!is_memory(vm, exit->cpu_up.entry))
		return -AX_EFAULT;
	/* Of several callers one wins: the state leads to STARTING only from OFF, and its owner fills in the entry. */
	if (!atomic_compare_exchange_strong(&target->power, &off, VCPU_POWER_STARTING))
		return off == VCPU_POWER_ON ? -AX_EEXIST : -AX_EBUSY;
	target->entry = exit->cpu_up.entry;
	target->arg = exit->cpu_up.arg;
	atomic_store_explicit(&target->entry_valid, true, memory_order_release);
	wait_wake_all(&vm->control_wait);
	return 0;
}

static void on_cpu_up(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	vcpu_finish_cpu_up(v->vcpu, power_on(v->vm, exit));
}

static void on_cpu_down(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	atomic_store(&v->power, VCPU_POWER_OFF);
}

static void on_system_down(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	vm_post_request(v->vm, VM_REQUEST_POWER_OFF, "the guest powered off");
	atomic_store(&v->power, VCPU_POWER_OFF);
}

static void on_system_reset(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	vm_post_request(v->vm, VM_REQUEST_RESET, "the guest asked for a reset");
	atomic_store(&v->power, VCPU_POWER_OFF);
}

static void on_fail_entry(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	fault_stop(v, exit->fail_entry.text, exit->fail_entry.hw_reason);
}

/* Exits that no architecture produces here lead to a stop of the VM with a report, never further. */
static void on_unexpected(struct vm_vcpu *v, struct vcpu_exit *exit)
{
	fault_stop(v, vcpu_exit_name(exit->reason), exit->reason);
}

static void (*const exit_handlers[VCPU_EXIT_REASONS])(struct vm_vcpu *v, struct vcpu_exit *exit) = {
	[0 ... VCPU_EXIT_REASONS - 1] = on_unexpected,
	[VCPU_EXIT_NOTHING] = on_nothing,
	[VCPU_EXIT_EXTERNAL_INTERRUPT] = on_external_interrupt,
	[VCPU_EXIT_HYPERCALL] = on_hypercall,
	[VCPU_EXIT_MMIO_READ] = on_mmio,
	[VCPU_EXIT_MMIO_WRITE] = on_mmio,
	[VCPU_EXIT_SYSREG_READ] = on_undefined,
	[VCPU_EXIT_SYSREG_WRITE] = on_undefined,
	[VCPU_EXIT_NESTED_PAGE_FAULT] = on_nested_page_fault,
	[VCPU_EXIT_HALT] = on_halt,
	[VCPU_EXIT_CPU_UP] = on_cpu_up,
	[VCPU_EXIT_CPU_DOWN] = on_cpu_down,
	[VCPU_EXIT_SUSPEND] = on_suspend,
	[VCPU_EXIT_SYSTEM_DOWN] = on_system_down,
	[VCPU_EXIT_SYSTEM_RESET] = on_system_reset,
	[VCPU_EXIT_FAIL_ENTRY] = on_fail_entry,
};

static void run_until_off(struct vm_vcpu *v)
{
	struct vm *vm = v->vm;
	struct vcpu_exit exit;

	while (atomic_load_explicit(&v->power, memory_order_relaxed) == VCPU_POWER_ON &&
	       atomic_load_explicit(&vm->control, memory_order_acquire) == VM_CONTROL_RUN) {
		vcpu_state_set(v->vcpu, VCPU_RUNNING);
		vcpu_run(v->vcpu, &exit);
		vcpu_state_set(v->vcpu, VCPU_READY);
		v->pc = vcpu_get_pc(v->vcpu);
		exit_handlers[exit.reason](v, &exit);
	}
}

static bool may_run(const struct vm_vcpu *v)
{
	enum vcpu_power power = atomic_load(&v->power);

	return power == VCPU_POWER_ON || (power == VCPU_POWER_STARTING && atomic_load(&v->entry_valid));
}

/* Wait until this vCPU is on and the VM runs. False: the task is to end. */
static bool wait_for_run(struct vm_vcpu *v)
{
	struct vm *vm = v->vm;
	enum vm_control control;

	for (;;) {
		control = atomic_load(&vm->control);
		if (control == VM_CONTROL_STOP)
			return false;
		if (control == VM_CONTROL_RUN && may_run(v))
			return true;
		if (control == VM_CONTROL_PAUSE) {
			atomic_fetch_add(&vm->parked, 1);
			wait_wake_all(&vm->parked_wait);
			wait_event(&vm->control_wait, atomic_load(&vm->control) != VM_CONTROL_PAUSE);
			atomic_fetch_sub(&vm->parked, 1);
		} else {
			wait_event(&vm->control_wait, atomic_load(&vm->control) != VM_CONTROL_RUN || may_run(v));
		}
	}
}

static void note_first_entry(struct vm *vm)
{
	uint64_t none = 0;

	atomic_compare_exchange_strong(&vm->first_entry_ns, &none, time_now_ns());
}

static void vcpu_task(void *arg)
{
	struct vm_vcpu *v = arg;

	while (wait_for_run(v)) {
		if (atomic_load(&v->power) == VCPU_POWER_STARTING) {
			restart(v, v->entry, v->arg, false);
			atomic_store(&v->entry_valid, false);
			vcpu_state_set(v->vcpu, VCPU_READY);
			atomic_store(&v->power, VCPU_POWER_ON);
			note_first_entry(v->vm);
		}
		run_until_off(v);
		if (atomic_load(&v->power) == VCPU_POWER_OFF)
			vcpu_state_set(v->vcpu, VCPU_FREE);
	}
	if (atomic_load(&v->vcpu->state) != VCPU_FREE)
		vcpu_state_set(v->vcpu, VCPU_FREE);
	task_exit();
}

static void task_in(void *arg)
{
	vcpu_load(((struct vm_vcpu *)arg)->vcpu);
}

static void task_out(void *arg)
{
	vcpu_put(((struct vm_vcpu *)arg)->vcpu);
}

int vm_spawn_vcpus(struct vm *vm, struct vm_error *err)
{
	char name[TASK_NAME_MAX];

	for (unsigned i = 0; i < vm->num_vcpus; i++) {
		struct vm_vcpu *v = &vm->vcpus[i];
		struct task_params params = {
			.name = name,
			.entry = vcpu_task,
			.arg = v,
			.affinity = v->affinity,
			.task_in = task_in,
			.task_out = task_out,
		};
		int ret;

		snprintf(name, sizeof(name), "%.12s/%u", vm->name, i);
		ret = task_spawn(&params, &v->task);
		if (ret)
			return vm_fail(err, ret, "vm %s: no task for vCPU %u: %s", vm->name, i, error_text(ret));
	}
	return 0;
}

void vm_kick_vcpus(struct vm *vm)
{
	for (unsigned i = 0; i < vm->num_vcpus; i++)
		vcpu_request(vm->vcpus[i].vcpu, VCPU_WORK_EXIT);
	wait_wake_all(&vm->control_wait);
}

void vm_join_vcpus(struct vm *vm)
{
	for (unsigned i = 0; i < vm->num_vcpus; i++) {
		struct vm_vcpu *v = &vm->vcpus[i];

		if (!v->task)
			continue;
		task_join(v->task);
		v->task = NULL;
	}
}
