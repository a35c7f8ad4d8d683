/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Virtual CPUs: the interface that arm_vcpu, riscv_vcpu and x86_vcpu implement and axvm drives.
 *
 * A vCPU is run by one task. That task calls vcpu_load() when it is switched in and vcpu_put() when it is switched out
 * (struct task_params task_in/task_out); between the two the vCPU's state may live in this CPU's registers. Functions
 * that read or change registers are for the vCPU's own task, or for anybody while the vCPU is not running (created,
 * stopped, paused). Only vcpu_kick() and vcpu_request() are for any context at any time.
 */
#include <axstd/util.h>
#include <axtask/wait.h>
#include <axvcpu/exit.h>
#include <stdatomic.h>

struct vcpu;
struct aspace;

enum vcpu_state { VCPU_CREATED, VCPU_FREE, VCPU_READY, VCPU_RUNNING, VCPU_BLOCKED, VCPU_STATES };

/* What must happen before the guest is entered again (vcpu->work). */
enum vcpu_work {
	VCPU_WORK_IRQ = 1,  /* the interrupt controller model has something for the hardware */
	VCPU_WORK_EXIT = 2, /* return from vcpu_run(): pause, stop, reset */
};

/*
 * An access to guest-physical memory where no memory is. Filled in by the architecture, served by vcpu_ops.mmio.
 */
struct vcpu_mmio {
	uint64_t gpa;
	uint64_t value; /* write: to be stored, zero-extended; read: result, upper bits ignored */
	uint8_t width;  /* bytes: 1, 2, 4, 8; @gpa is aligned to it */
	bool write;
};

enum vcpu_power { VCPU_POWER_ON, VCPU_POWER_OFF, VCPU_POWER_STARTING, VCPU_POWER_NONE /* no such vCPU */ };

/* What a vCPU needs from its VM. Called on the vCPU's own task with interrupts off: short, no sleeping. */
struct vcpu_ops {
	/* Serve the access from the VM's device bus. Return false when no device is there. */
	bool (*mmio)(struct vcpu *vcpu, struct vcpu_mmio *access);
	/* Is the vCPU with this hardware id on? For firmware calls that ask. */
	enum vcpu_power (*power)(struct vcpu *vcpu, uint64_t hwid);
	/* The vCPU of this VM with this hardware id, NULL: there is none. For calls between vCPUs: IPIs, fences. */
	struct vcpu *(*peer)(struct vcpu *vcpu, uint64_t hwid);
	/* The VM's console, for firmware calls: send a byte, never waits; take one, -1: none. */
	void (*console_put)(struct vcpu *vcpu, uint8_t byte);
	int (*console_get)(struct vcpu *vcpu);
};

struct vcpu_stats {
	uint64_t exits[VCPU_EXIT_REASONS]; /* that reached common code */
	uint64_t fast_exits;               /* finished inside the architecture's module */
	uint64_t irqs;                     /* host interrupts taken while it ran */
	uint64_t entries;                  /* of vcpu_run() */
};

/* The neutral part; the architecture's structure contains it. */
struct vcpu {
	unsigned id; /* 0 .. n-1 within the VM */
	_Atomic uint32_t work;
	_Atomic(enum vcpu_state) state;
	const struct vcpu_ops *ops;
	void *owner;            /* whoever created it: for vcpu_ops */
	void *irqchip;          /* the interrupt controller model's part for this vCPU */
	_Atomic int cpu;        /* in whose registers its state is, -1: in memory */
	struct wait_queue wake; /* its task sleeps here while the guest has nothing to do */
	struct vcpu_stats stats;
};

struct vcpu_params {
	unsigned id;
	uint64_t hwid; /* what the guest reads as its own number: MPIDR affinity, hart id, APIC id */
	struct aspace *aspace;
	const struct vcpu_ops *ops;
	void *owner;
};

/**
 * vcpu_arch_init - once, boot CPU, where platform_virtualization_error() has nothing to say: find out what the hardware
 * can. Return: 0, or an error with the reason logged: no guests on this machine.
 */
int vcpu_arch_init(void);
/** vcpu_arch_init_cpu - every CPU, after vcpu_arch_init: switch virtualization on */
void vcpu_arch_init_cpu(void);

/** vcpu_create - Return: 0, -AX_ENOMEM. State Created. */
int vcpu_create(const struct vcpu_params *params, struct vcpu **out);
void vcpu_destroy(struct vcpu *vcpu);
/** vcpu_reset - the architecture's reset state, as after power-on; the timers are off */
void vcpu_reset(struct vcpu *vcpu);
/** vcpu_set_entry - where it starts, and the argument that boot protocols pass (x0, a1, ...) */
void vcpu_set_entry(struct vcpu *vcpu, uint64_t entry, uint64_t arg);

void vcpu_load(struct vcpu *vcpu);
void vcpu_put(struct vcpu *vcpu);

/**
 * vcpu_run - run the guest until something needs common code
 *
 * Called on the vCPU's task with interrupts on. Returns at the latest when vcpu->work says VCPU_WORK_EXIT or another
 * task should run (VCPU_EXIT_EXTERNAL_INTERRUPT).
 */
void vcpu_run(struct vcpu *vcpu, struct vcpu_exit *exit);

/**
 * vcpu_request - ask for @work before the next entry and make the vCPU notice: wakes it or makes it leave the guest.
 * Any context.
 */
void vcpu_request(struct vcpu *vcpu, enum vcpu_work work);
/** vcpu_has_interrupt - would the guest take (or wake up for) an interrupt now? On the vCPU's task. */
bool vcpu_has_interrupt(struct vcpu *vcpu);
/**
 * vcpu_wake_time - when its own timers will need it, time_now_ns scale; TIME_NEVER if never. For a blocked vCPU, on
 * its task.
 */
uint64_t vcpu_wake_time(struct vcpu *vcpu);

/* Results of exits, before the next vcpu_run(). */
/** vcpu_refuse_hypercall - there is no such call: what the firmware says of a call it does not know */
void vcpu_refuse_hypercall(struct vcpu *vcpu);
/**
 * vcpu_finish_cpu_up - @err: 0, -AX_ENOENT (no such vCPU), -AX_EEXIST (it is on), -AX_EBUSY (it is coming up),
 * -AX_EFAULT (entry not in memory)
 */
void vcpu_finish_cpu_up(struct vcpu *vcpu, int err);
/** vcpu_inject_fault - answer an access to nothing as hardware would: an external abort, an access fault, ... */
void vcpu_inject_fault(struct vcpu *vcpu, uint64_t gpa, unsigned access);
/** vcpu_inject_undefined - the guest used an instruction or register that this machine does not have */
void vcpu_inject_undefined(struct vcpu *vcpu);

/* Registers by the architecture's numbering (general registers first), for reports and tools. */
unsigned vcpu_reg_count(void);
const char *vcpu_reg_name(unsigned reg);
uint64_t vcpu_get_reg(struct vcpu *vcpu, unsigned reg);
uint64_t vcpu_get_pc(struct vcpu *vcpu);

/**
 * vcpu_stage2_format - the table format for guests with at least @gpa_bits address bits, NULL if this hardware has
 * none
 */
const struct pt_format *vcpu_stage2_format(unsigned gpa_bits);
/** vcpu_max_gpa_bits - how wide a guest-physical address may be on this machine */
unsigned vcpu_max_gpa_bits(void);
/** vcpu_aspace_ops - flushing of stage-2 translations, for aspace_init() */
const struct aspace_ops *vcpu_aspace_ops(void);
/** vcpu_aspace_bind - give the address space a TLB tag (VMID, ASID) of its own. Return: 0 or -AX_EBUSY (all in use). */
int vcpu_aspace_bind(struct aspace *as);
/**
 * vcpu_aspace_retire - no CPU has the address space loaded any more, so none can look into its tables even
 * speculatively Before aspace_destroy(); task context, interrupts on, no lock held.
 */
void vcpu_aspace_retire(struct aspace *as);
/** vcpu_aspace_unbind - give the tag back, after aspace_destroy() */
void vcpu_aspace_unbind(struct aspace *as);

const char *vcpu_state_name(enum vcpu_state state);
/** vcpu_state_set - move to @to if the table of allowed transitions has it. Return: 0 or -AX_ESTATE. */
int vcpu_state_set(struct vcpu *vcpu, enum vcpu_state to);
