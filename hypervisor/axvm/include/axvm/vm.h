/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Virtual machines: made from a configuration, started, stopped, reset, destroyed.
 *
 * The functions below are for task context. They take the VM's mutex and may sleep: vm_stop waits until no vCPU runs
 * any more, for which it needs no good will of the guest. A struct vm is reference-counted: vm_find() and vm_next()
 * return it with a reference that vm_put() gives back; after vm_destroy() it is no longer found, and freed with the
 * last reference.
 */
#include <axvcpu/vcpu.h>
#include <axvmconfig/config.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vm;

enum vm_state {
	VM_READY, /* created, images loaded at start */
	VM_RUNNING,
	VM_PAUSED,
	VM_STOPPING,
	VM_STOPPED,
	VM_DESTROYED,
	VM_FAILED, /* stopped by a fault */
	VM_STATES,
};

const char *vm_state_name(enum vm_state state);

#define VM_NAME_MAX  64
#define VM_ERROR_MAX 384

/* What went wrong, as one line for a person: names the file, the key or the object. */
struct vm_error {
	char text[VM_ERROR_MAX];
};

/**
 * vm_init - once, boot CPU, after the scheduler: virtualization of this machine. Return: 0 or -AX_ENOTSUP (no guests
 * here, the reason is logged).
 */
int vm_init(void);
/** vm_init_cpu - every CPU */
void vm_init_cpu(void);

/**
 * vm_create - make a VM from the text of a configuration file
 * @file: its name, for messages; relative paths of images linked into the binary are relative to it
 * Nothing is left behind after an error. Return: 0 (with a reference in *@out), or a negative error with @err filled
 * in.
 */
int vm_create(const char *text, size_t len, const char *file, struct vm **out, struct vm_error *err);
/** vm_create_from_file - the same, from a file of the file system */
int vm_create_from_file(const char *path, struct vm **out, struct vm_error *err);

/**
 * vm_start - load the images and start vCPU 0. From Ready, Stopped or Failed. Return: 0, -AX_ESTATE, or why an image
 * could not be loaded.
 */
int vm_start(struct vm *vm, struct vm_error *err);
/** vm_stop - stop all vCPUs at once. Return: 0, -AX_ESTATE (it does not run). */
int vm_stop(struct vm *vm, struct vm_error *err);
/** vm_reset - stop if needed, and start as for the first time */
int vm_reset(struct vm *vm, struct vm_error *err);
int vm_pause(struct vm *vm, struct vm_error *err);
int vm_resume(struct vm *vm, struct vm_error *err);
/** vm_destroy - stop if needed, and give everything back. The caller's reference stays the caller's to put. */
int vm_destroy(struct vm *vm, struct vm_error *err);

/** vm_set_state_hook - @hook is called after a VM's state has changed, on the task that changed it (once, at start) */
void vm_set_state_hook(void (*hook)(void));

/** vm_find_id / vm_find - by number; by number or name as text. NULL: none. */
struct vm *vm_find_id(unsigned id);
struct vm *vm_find(const char *id_or_name);
/** vm_next - in ascending order of id: NULL starts. Puts @prev's reference. */
struct vm *vm_next(struct vm *prev);
void vm_put(struct vm *vm);

unsigned vm_id(const struct vm *vm);
const char *vm_name(const struct vm *vm);
enum vm_state vm_get_state(const struct vm *vm);
const struct vm_config *vm_config(const struct vm *vm);

struct vm_vcpu_info {
	enum vcpu_state state;
	bool on;
	unsigned cpu; /* it runs on or ran on last */
	uint64_t affinity;
	uint64_t run_ns;
	uint64_t pc; /* of its last exit to common code */
	struct vcpu_stats stats;
};

struct vm_info {
	unsigned id;
	char name[VM_NAME_MAX];
	enum vm_state state;
	char stop_reason[VM_ERROR_MAX]; /* "" while it runs */
	unsigned num_vcpus;
	uint64_t memory_bytes;   /* as configured */
	uint64_t table_bytes;    /* of stage-2 tables */
	uint64_t start_ns;       /* last start: when it was asked for ... */
	uint64_t first_entry_ns; /* ... and when the guest was entered for the first time */
	uint64_t console_lost;   /* bytes of output nobody has seen */
};

void vm_get_info(struct vm *vm, struct vm_info *info);
/** vm_get_vcpu_info - Return: 0 or -AX_ENOENT */
int vm_get_vcpu_info(struct vm *vm, unsigned vcpu, struct vm_vcpu_info *info);

/**
 * vm_for_each_register - @fn for every register of a vCPU; the VM does not run
 * Return: 0, -AX_ENOENT (no such vCPU), -AX_ESTATE (it runs: its registers are in a CPU).
 */
int vm_for_each_register(struct vm *vm, unsigned vcpu, void (*fn)(const char *name, uint64_t value, void *arg),
			 void *arg);

/* For `vm show`: memory regions and devices. No lock of the VM is held during @fn. */
struct vm_region_info {
	const char *kind; /* "RAM", "device" */
	const char *name;
	uint64_t base, size;
	unsigned flags; /* PT_* */
};
void vm_for_each_region(struct vm *vm, void (*fn)(const struct vm_region_info *info, void *arg), void *arg);
