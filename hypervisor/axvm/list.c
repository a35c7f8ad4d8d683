/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All VMs, and what they ask for: a vCPU task cannot stop its own VM, since stopping means waiting for that very
 * task. It posts a request, and the task "vmm" carries it out.
 */
#include "vm.h"
#include <axstd/error.h>
#include <axstd/log.h>
#include <axtask/task.h>
#include <stdlib.h>
#include <string.h>

static struct mutex list_lock;                             /* guards vms and every vm->refs */
static TAILQ_HEAD(, vm) vms = TAILQ_HEAD_INITIALIZER(vms); /* by id */
static struct wait_queue request_wait;
static _Atomic bool request_posted;

int vm_list_add(struct vm *vm)
{
	struct vm *other;
	int ret = 0;

	mutex_lock(&list_lock);
	TAILQ_FOREACH (other, &vms, link)
		if (other->id >= vm->id)
			break;
	if (other && other->id == vm->id) {
		ret = -AX_EEXIST;
	} else {
		vm->refs++; /* the list's own */
		if (other)
			TAILQ_INSERT_BEFORE(other, vm, link);
		else
			TAILQ_INSERT_TAIL(&vms, vm, link);
	}
	mutex_unlock(&list_lock);
	return ret;
}

void vm_list_remove(struct vm *vm)
{
	mutex_lock(&list_lock);
	TAILQ_REMOVE(&vms, vm, link);
	mutex_unlock(&list_lock);
	vm_put(vm);
}

void vm_put(struct vm *vm)
{
	bool last;

	if (!vm)
		return;
	mutex_lock(&list_lock);
	last = --vm->refs == 0;
	mutex_unlock(&list_lock);
	if (last)
		vm_free(vm);
}

struct vm *vm_find_id(unsigned id)
{
	struct vm *vm;

	mutex_lock(&list_lock);
	TAILQ_FOREACH (vm, &vms, link)
		if (vm->id == id)
			break;
	if (vm)
		vm->refs++;
	mutex_unlock(&list_lock);
	return vm;
}

struct vm *vm_find(const char *id_or_name)
{
	char *end;
	unsigned long id = strtoul(id_or_name, &end, 10);
	struct vm *vm;

	if (*id_or_name && !*end)
		return id <= UINT32_MAX ? vm_find_id((unsigned)id) : NULL;
	mutex_lock(&list_lock);
	TAILQ_FOREACH (vm, &vms, link)
		if (!strcmp(vm->name, id_or_name))
			break;
	if (vm)
		vm->refs++;
	mutex_unlock(&list_lock);
	return vm;
}

struct vm *vm_next(struct vm *prev)
{
	struct vm *vm;

	mutex_lock(&list_lock);
	TAILQ_FOREACH (vm, &vms, link)
		if (!prev || vm->id > prev->id)
			break;
	if (vm)
		vm->refs++;
	mutex_unlock(&list_lock);
	vm_put(prev);
	return vm;
}

/*
 * Requests. The first of a VM counts; what comes before it is carried out is moot.
 */
void vm_post_request(struct vm *vm, enum vm_request request, const char *reason)
{
	int none = VM_REQUEST_NONE;

	if (!atomic_compare_exchange_strong(&vm->request, &none, VM_REQUEST_FILLING))
		return;
	vm->request_run = vm->run;
	strlcpy(vm->request_reason, reason, sizeof(vm->request_reason));
	atomic_store(&vm->request, (int)request);
	atomic_store(&request_posted, true);
	wait_wake_all(&request_wait);
}

static void carry_out(struct vm *vm, enum vm_request request, unsigned run, const char *reason)
{
	struct vm_error err;
	int ret;

	vm_console_flush(vm); /* its last words come before ours */
	switch (request) {
	case VM_REQUEST_POWER_OFF:
		log_info("vm %s: stopped: %s", vm->name, reason);
		ret = vm_stop_run(vm, run, VM_STOPPED, reason, &err);
		break;
	case VM_REQUEST_RESET:
		log_info_ratelimited("vm %s: %s", vm->name, reason);
		ret = vm_reset_run(vm, run, &err);
		break;
	default:
		log_error("vm %s: stopped: %s", vm->name, reason);
		ret = vm_stop_run(vm, run, VM_FAILED, reason, &err);
		break;
	}
	/* -AX_ESTATE: somebody was faster. */
	if (ret && ret != -AX_ESTATE)
		log_error("%s", err.text);
}

/*
 * Under vm->lock: a start drops the request of the run before, and must not find it half taken. The request of the new
 * run would be lost.
 */
static enum vm_request take_request(struct vm *vm, unsigned *run, char reason[VM_ERROR_MAX])
{
	int request;

	if (atomic_load(&vm->request) <= VM_REQUEST_FILLING)
		return VM_REQUEST_NONE;
	mutex_lock(&vm->lock);
	request = atomic_load(&vm->request);
	if (request > VM_REQUEST_FILLING) {
		*run = vm->request_run;
		strlcpy(reason, vm->request_reason, VM_ERROR_MAX);
		atomic_store(&vm->request, VM_REQUEST_NONE);
	} else {
		request = VM_REQUEST_NONE;
	}
	mutex_unlock(&vm->lock);
	return (enum vm_request)request;
}

static void vmm_task(void *arg)
{
	char reason[VM_ERROR_MAX];

	for (;;) {
		wait_event(&request_wait, atomic_exchange(&request_posted, false));
		for (struct vm *vm = vm_next(NULL); vm; vm = vm_next(vm)) {
			unsigned run = 0;
			enum vm_request request = take_request(vm, &run, reason);

			if (request != VM_REQUEST_NONE)
				carry_out(vm, request, run, reason);
		}
	}
}

int vm_requests_init(void)
{
	struct task_params params = { .name = "vmm", .entry = vmm_task };

	mutex_init(&list_lock);
	wait_queue_init(&request_wait);
	return task_spawn(&params, NULL);
}
