/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A virtual machine, private to this module.
 *
 * Locks: vm_list_lock (list.c) guards the list and reference counts. vm->lock, a mutex, guards what the life cycle
 * changes: state, images, tasks. The exit path takes neither: it reads vm->control and what is constant while the VM
 * runs.
 */
#include <axaddrspace/aspace.h>
#include <axdevice/bus.h>
#include <axdevice/console.h>
#include <axdevice/device.h>
#include <axhal/cpu.h>
#include <axstd/arena.h>
#include <axstd/ring.h>
#include <axstd/spinlock.h>
#include <axtask/mutex.h>
#include <axtask/wait.h>
#include <axvcpu/vcpu.h>
#include <axvm/vm.h>
#include <axvm/console.h>
#include <axvm/arch/machine.h>

/* What the vCPU tasks are to do (vm->control). */
enum vm_control { VM_CONTROL_RUN, VM_CONTROL_PAUSE, VM_CONTROL_STOP };

struct vm_vcpu {
	struct vm *vm;
	struct vcpu *vcpu;
	uint64_t hwid;
	cpumask_t affinity;
	struct task *task;
	_Atomic(enum vcpu_power) power;
	_Atomic bool entry_valid;             /* STARTING: entry and arg are filled in */
	uint64_t entry, arg;                  /* where it starts; written by whoever took power from OFF to STARTING */
	const struct bus_region *last_region; /* served its last device access */
	uint64_t pc;                          /* at its last exit to common code */
};

struct vm_console {
	struct spinlock lock; /* guards the rings */
	struct ring output, input;
	uint64_t lost;
	bool attached;
	struct uart *uart;
};

/* Where the pieces of a guest were put in its memory. */
struct vm_layout {
	uint64_t entry;
	uint64_t kernel, kernel_size, kernel_file_size; /* with bss, and without */
	uint64_t ramdisk, ramdisk_size;
	uint64_t dtb, dtb_size;
};

struct vm {
	TAILQ_ENTRY(vm) link;
	unsigned refs;
	unsigned id;
	char name[VM_NAME_MAX];
	struct mutex lock;
	enum vm_state state;
	char stop_reason[VM_ERROR_MAX];
	struct vm_config config;
	struct vm_memory_region *memory; /* config.memory, which may have to move */
	void *config_memory;             /* of the arena that config lives in */
	char *file;
	struct aspace aspace;
	struct bus mmio;
	struct device_list devices;
	struct vm_machine machine; /* the architecture's own devices */
	struct vm_console console;
	struct vm_layout layout;
	unsigned num_vcpus;
	struct vm_vcpu *vcpus;
	_Atomic(enum vm_control) control;
	struct wait_queue control_wait; /* vCPU tasks wait here for power or for the end of a pause */
	struct wait_queue parked_wait;  /* vm_pause waits here */
	_Atomic unsigned parked;
	_Atomic int request; /* enum vm_request; the reason is valid above FILLING */
	char request_reason[VM_ERROR_MAX];
	unsigned request_run; /* the run it belongs to */
	unsigned run;         /* counts starts */
	uint64_t start_ns;
	_Atomic uint64_t first_entry_ns;
};

/* Format a message into @err (if not NULL) and return @code. */
int vm_fail(struct vm_error *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same for a value of the configuration: "FILE:LINE:COLUMN: KEY: ..." */
int vm_fail_key(const struct vm *vm, const char *key, struct vm_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* Put file, place and key before the message that stands in @err already. */
int vm_fail_prefix(const struct vm *vm, const char *key, struct vm_error *err, int code);

/* run.c: vCPU tasks. */
extern const struct vcpu_ops vm_vcpu_ops;
int vm_spawn_vcpus(struct vm *vm, struct vm_error *err);
void vm_join_vcpus(struct vm *vm);
/* Make every vCPU task look at vm->control. */
void vm_kick_vcpus(struct vm *vm);

/* list.c: what a vCPU asks for that has to be done by somebody else. */
enum vm_request { VM_REQUEST_NONE, VM_REQUEST_FILLING, VM_REQUEST_POWER_OFF, VM_REQUEST_RESET, VM_REQUEST_FAIL };
void vm_post_request(struct vm *vm, enum vm_request request, const char *reason);
int vm_requests_init(void);
int vm_list_add(struct vm *vm);
void vm_list_remove(struct vm *vm);
void vm_free(struct vm *vm);

/* life.c, for list.c: only if the VM is still in its @run. */
int vm_stop_run(struct vm *vm, unsigned run, enum vm_state final, const char *reason, struct vm_error *err);
int vm_reset_run(struct vm *vm, unsigned run, struct vm_error *err);

/* image.c: everything the guest finds in its memory. */
int vm_load_images(struct vm *vm, struct vm_error *err);

/*
 * fdt.c: the parts of a guest's device tree that are alike everywhere. @fdt is being written sequentially. Return: 0
 * or a libfdt error.
 */
/* A property of cells. */
int fdt_write_cells(void *fdt, const char *name, const uint32_t *cells, unsigned count);
/* "reg" with two address and two size cells. */
int fdt_write_reg(void *fdt, uint64_t base, uint64_t size);
/* What differs from one architecture's tree to another's. */
struct machine_tree {
	const char *compatible;
	uint32_t interrupt_parent; /* of the root, 0: has none */
	struct fdt_context ctx;    /* without @fdt */
	/* The nodes of CPUs, firmware, timers and the interrupt controller. Return: 0 or a libfdt error. */
	int (*write_nodes)(struct vm *vm, struct fdt_context *ctx);
};
/* The user's tree (kernel.dtb_path) with memory and chosen made true, or one made for this VM. For machine_describe. */
int fdt_describe_vm(struct vm *vm, struct machine_tree *tree, void *buffer, size_t max, size_t *size,
		    struct vm_error *err);

/* devices.c */
/* An address that the file gives for a device of @type (devices.emu_devices), else @base. */
uint64_t vm_device_base(const struct vm *vm, uint32_t type, uint64_t base);
/* The board's UART. */
struct machine_uart {
	int (*create)(const struct device_env *env, uint64_t base, const struct console_backend *backend,
		      struct uart **out);
	uint64_t base; /* unless the file gives another */
	struct irq_line irq;
};
/* The console and what devices.emu_devices adds. After the board's own devices: nothing may lie over memory now. */
int vm_create_devices(struct vm *vm, const struct machine_uart *uart, struct vm_error *err);

/* console.c */
int vm_console_init(struct vm *vm);
void vm_console_free(struct vm *vm);
void vm_console_reset(struct vm *vm);
/* What the guest has sent so far is on the physical console when this returns, if it is attached. Task context. */
void vm_console_flush(struct vm *vm);
const struct console_backend *vm_console_backend(struct vm *vm, struct console_backend *backend);

/*
 * The machine, by architecture: axvm/<arch>/machine.c
 */
/* Hardware id of vCPU @index; the most vCPUs this machine can have. */
uint64_t machine_vcpu_hwid(unsigned index);
unsigned machine_max_vcpus(void);
int machine_init(void);
void machine_init_cpu(void);
/* Is this a type (enum vm_emu_type) by which devices.emu_devices may give the board's own devices an address? */
bool machine_has(uint32_t emu_type);
/* Interrupt controller, console and whatever else the board has; vCPUs exist. */
int machine_create(struct vm *vm, struct vm_error *err);
void machine_destroy(struct vm *vm);
void machine_reset(struct vm *vm);
/* What a single vCPU loses when it is switched on anew, or resumes from a suspend. It is not loaded. */
void machine_reset_vcpu(struct vm_vcpu *v, bool resume);
/* The hardware description for the guest, at most @max bytes. *@size gets its size. */
int machine_describe(struct vm *vm, void *buffer, size_t max, size_t *size, struct vm_error *err);
/* A kernel image's header: where it wants to be, and how much memory it takes. @head holds the first bytes. */
struct image_header {
	bool known;
	uint64_t load_offset; /* from a 2 MiB boundary at or above the start of memory */
	uint64_t size;        /* with bss; 0: not told */
};
int machine_parse_image(const uint8_t *head, size_t len, struct image_header *out, struct vm_error *err);
