/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Life of a VM: start, stop, pause, reset.
 */
#include "vm.h"
#include <axhal/time.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <string.h>

static const char *const state_names[VM_STATES] = {
	[VM_READY] = "Ready",     [VM_RUNNING] = "Running",     [VM_PAUSED] = "Paused", [VM_STOPPING] = "Stopping",
	[VM_STOPPED] = "Stopped", [VM_DESTROYED] = "Destroyed", [VM_FAILED] = "Failed",
};

const char *vm_state_name(enum vm_state state)
{
	return state < VM_STATES ? state_names[state] : "?";
}

static int wrong_state(struct vm *vm, const char *what, struct vm_error *err)
{
	return vm_fail(err, -AX_ESTATE, "vm %s: cannot be %s: it is %s", vm->name, what, vm_state_name(vm->state));
}

static void (*state_hook)(void);

void vm_set_state_hook(void (*hook)(void))
{
	state_hook = hook;
}

static void set_state(struct vm *vm, enum vm_state state, const char *reason)
{
	vm->state = state;
	strlcpy(vm->stop_reason, reason, sizeof(vm->stop_reason));
	if (state_hook)
		state_hook();
}

/* Everything as after power-on. No vCPU runs. */
static void reset_devices(struct vm *vm)
{
	struct device *dev;

	TAILQ_FOREACH (dev, &vm->devices, link)
		if (dev->ops->reset)
			dev->ops->reset(dev);
	machine_reset(vm);
	vm_console_reset(vm);
	for (unsigned i = 0; i < vm->num_vcpus; i++) {
		struct vm_vcpu *v = &vm->vcpus[i];

		vcpu_reset(v->vcpu);
		v->vcpu->stats = (struct vcpu_stats){ 0 };
		atomic_store(&v->vcpu->work, VCPU_WORK_IRQ);
		atomic_store(&v->power, VCPU_POWER_OFF);
		atomic_store(&v->entry_valid, false);
		v->last_region = vm->mmio.regions;
	}
}

static int start_locked(struct vm *vm, struct vm_error *err)
{
	int ret = 0;

	vm->start_ns = time_now_ns();
	/* vm_create has loaded the images for the first run. */
	if (vm->run++)
		ret = vm_load_images(vm, err);
	atomic_store(&vm->first_entry_ns, 0);
	if (ret)
		return ret;
	reset_devices(vm);
	atomic_store(&vm->request, VM_REQUEST_NONE); /* one of the run before has come too late */
	vm->vcpus[0].entry = vm->layout.entry;
	vm->vcpus[0].arg = vm->layout.dtb;
	atomic_store(&vm->vcpus[0].entry_valid, true);
	atomic_store(&vm->vcpus[0].power, VCPU_POWER_STARTING);
	atomic_store(&vm->control, VM_CONTROL_RUN);
	ret = vm_spawn_vcpus(vm, err);
	if (ret) {
		atomic_store(&vm->control, VM_CONTROL_STOP);
		vm_kick_vcpus(vm);
		vm_join_vcpus(vm);
		return ret;
	}
	set_state(vm, VM_RUNNING, "");
	return 0;
}

static bool can_start(const struct vm *vm)
{
	return vm->state == VM_READY || vm->state == VM_STOPPED || vm->state == VM_FAILED;
}

int vm_start(struct vm *vm, struct vm_error *err)
{
	int ret;

	mutex_lock(&vm->lock);
	ret = can_start(vm) ? start_locked(vm, err) : wrong_state(vm, "started", err);
	mutex_unlock(&vm->lock);
	return ret;
}

static void stop_locked(struct vm *vm, enum vm_state final, const char *reason)
{
	vm->state = VM_STOPPING;
	atomic_store(&vm->control, VM_CONTROL_STOP);
	vm_kick_vcpus(vm);
	vm_join_vcpus(vm);
	set_state(vm, final, reason);
}

static bool can_stop(const struct vm *vm)
{
	return vm->state == VM_RUNNING || vm->state == VM_PAUSED;
}

int vm_stop(struct vm *vm, struct vm_error *err)
{
	int ret = 0;

	mutex_lock(&vm->lock);
	if (can_stop(vm))
		stop_locked(vm, VM_STOPPED, "stopped by command");
	else
		ret = wrong_state(vm, "stopped", err);
	mutex_unlock(&vm->lock);
	return ret;
}

int vm_stop_run(struct vm *vm, unsigned run, enum vm_state final, const char *reason, struct vm_error *err)
{
	int ret = 0;

	mutex_lock(&vm->lock);
	if (can_stop(vm) && vm->run == run)
		stop_locked(vm, final, reason);
	else
		ret = wrong_state(vm, "stopped", err);
	mutex_unlock(&vm->lock);
	return ret;
}

static int reset_locked(struct vm *vm, struct vm_error *err)
{
	int ret;

	if (can_stop(vm))
		stop_locked(vm, VM_READY, "reset");
	if (!can_start(vm))
		return wrong_state(vm, "reset", err);
	ret = start_locked(vm, err);
	if (ret)
		set_state(vm, VM_FAILED, err ? err->text : "could not be started again");
	return ret;
}

int vm_reset(struct vm *vm, struct vm_error *err)
{
	int ret;

	mutex_lock(&vm->lock);
	ret = reset_locked(vm, err);
	mutex_unlock(&vm->lock);
	return ret;
}

int vm_reset_run(struct vm *vm, unsigned run, struct vm_error *err)
{
	int ret;

	mutex_lock(&vm->lock);
	if (can_stop(vm) && vm->run == run)
		ret = reset_locked(vm, err);
	else
		ret = wrong_state(vm, "reset", err);
	mutex_unlock(&vm->lock);
	return ret;
}

int vm_pause(struct vm *vm, struct vm_error *err)
{
	int ret = 0;

	mutex_lock(&vm->lock);
	if (vm->state == VM_RUNNING) {
		atomic_store(&vm->control, VM_CONTROL_PAUSE);
		vm_kick_vcpus(vm);
		wait_event(&vm->parked_wait, atomic_load(&vm->parked) == vm->num_vcpus);
		set_state(vm, VM_PAUSED, "");
	} else {
		ret = wrong_state(vm, "paused", err);
	}
	mutex_unlock(&vm->lock);
	return ret;
}

int vm_resume(struct vm *vm, struct vm_error *err)
{
	int ret = 0;

	mutex_lock(&vm->lock);
	if (vm->state == VM_PAUSED) {
		vm->state = VM_RUNNING;
		atomic_store(&vm->control, VM_CONTROL_RUN);
		wait_wake_all(&vm->control_wait);
	} else {
		ret = wrong_state(vm, "resumed", err);
	}
	mutex_unlock(&vm->lock);
	return ret;
}

int vm_destroy(struct vm *vm, struct vm_error *err)
{
	mutex_lock(&vm->lock);
	if (vm->state == VM_DESTROYED) {
		mutex_unlock(&vm->lock);
		return vm_fail(err, -AX_ESTATE, "vm %s: is destroyed already", vm->name);
	}
	if (can_stop(vm))
		stop_locked(vm, VM_STOPPED, "destroyed");
	set_state(vm, VM_DESTROYED, "destroyed");
	mutex_unlock(&vm->lock);
	vm_list_remove(vm);
	return 0;
}
