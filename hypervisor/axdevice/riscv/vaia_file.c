/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the registers of an IMSIC are: in memory, or in a guest interrupt file of the CPU on which its vCPU runs (AIA
 * 1.0, 3.6 and 6.3).
 *
 * A vCPU that is loaded on a CPU with a free file takes it and keeps it, asleep too, until it runs on another CPU or
 * its VM is destroyed, or until another vCPU needs a file there while this one sleeps. With a file the guest's accesses
 * to registers and its own MSIs do not trap: its page in the guest's memory is the file's. Before the registers leave a
 * file the page is unmapped, so that all MSIs come through vimsic_send(), which looks under the lock where they are.
 */
#include "vaia_internal.h"
#include <axhal/cpu.h>
#include <axhal/irq.h>
#include <axhal/time.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axtask/task.h>

/* Is the file that @imsic has one of this CPU? It stays so while interrupts are off. */
static bool is_here(const struct vimsic *imsic)
{
	return imsic->file && imsic->cpu == cpu_id();
}

/* Lock held where the vCPU may run; on the file's CPU, interrupts off. */
static void discard_contents(struct vimsic *imsic)
{
	vaia_host_read(imsic->file, NULL, imsic->aia->num_ids);
	imsic->stale = false;
}

void vaia_file_empty(struct vimsic *imsic)
{
	if (is_here(imsic))
		discard_contents(imsic);
	else
		imsic->stale = imsic->file;
}

static void load_file(struct vimsic *imsic)
{
	vaia_host_watch(imsic->file, false);
	if (unlikely(imsic->stale)) {
		spin_lock(&imsic->lock);
		discard_contents(imsic);
		spin_unlock(&imsic->lock);
	}
	riscv_vcpu_set_vgein(imsic->vcpu, imsic->file);
	if (unlikely(!imsic->mapped))
		riscv_vcpu_ask_prepare(imsic->vcpu);
}

/* How long a vCPU has a file at least: moving one costs about as much as some hundred MSIs without one. */
#define KEEP_NS (100 * NS_PER_MS)

/* An IMSIC in a file of this CPU whose vCPU has nothing to do; NULL: none. Interrupts off. */
static struct vimsic *find_sleeper(void)
{
	for (unsigned file = 1; file <= vaia_host_files(); file++) {
		struct vimsic *imsic = vaia_host_owner(file);
		enum vcpu_state state = imsic ? atomic_load(&imsic->vcpu->state) : VCPU_RUNNING;

		if ((state == VCPU_BLOCKED || state == VCPU_FREE) && atomic_load(&imsic->vcpu->cpu) < 0 &&
		    time_now_ns() - imsic->since >= KEEP_NS)
			return imsic;
	}
	return NULL;
}

void vaia_load(struct vcpu *vcpu)
{
	struct vimsic *imsic = vcpu->irqchip;

	if (!vaia_host_files())
		return;
	if (is_here(imsic)) {
		load_file(imsic);
		return;
	}
	riscv_vcpu_set_vgein(vcpu, 0);
	if (imsic->file || vaia_host_any_free() || find_sleeper())
		riscv_vcpu_ask_prepare(vcpu);
}

void vaia_put(struct vcpu *vcpu)
{
	const struct vimsic *imsic = vcpu->irqchip;

	if (is_here(imsic))
		vaia_host_watch(imsic->file, true);
}

/* What is in another CPU's file has to be fetched before anybody knows: the vCPU does when it is entered. */
bool vaia_pending(struct vcpu *vcpu)
{
	const struct vimsic *imsic = vcpu->irqchip;

	return imsic->file && (!is_here(imsic) || vaia_host_is_pending(imsic->file));
}

static uint64_t page(const struct vimsic *imsic)
{
	return imsic->aia->imsic_base + (uint64_t)imsic->index * IMSIC_PAGE;
}

static void map(struct vimsic *imsic)
{
	int err;

	if (!imsic->file || imsic->mapped)
		return;
	err = aspace_map_linear(imsic->aia->aspace, page(imsic), vaia_host_page(imsic->cpu, imsic->file), IMSIC_PAGE,
				PT_READ | PT_WRITE, ASPACE_DEVICE);
	/* Without the page MSIs of the guest itself are slower, that is all. */
	if (err)
		log_debug_ratelimited("IMSIC of vCPU %u: not mapped: %s", imsic->index, error_text(err));
	imsic->mapped = !err;
}

/* The guest's own MSIs come to us from now on. */
static int unmap(struct vimsic *imsic)
{
	int err = imsic->mapped ? aspace_unmap(imsic->aia->aspace, page(imsic), IMSIC_PAGE) : 0;

	if (!err)
		imsic->mapped = false;
	return err;
}

/* On the file's CPU, interrupts off; the page is not mapped. Not while the vCPU uses the file. */
static void move_to_memory(void *arg)
{
	struct vimsic *imsic = arg;

	if (!is_here(imsic) || atomic_load(&imsic->vcpu->cpu) == (int)cpu_id())
		return;
	spin_lock(&imsic->lock);
	vaia_host_watch(imsic->file, false);
	vaia_host_read(imsic->file, imsic->stale ? NULL : &imsic->regs, imsic->aia->num_ids);
	vaia_host_give(imsic->file);
	imsic->stale = false;
	imsic->file = 0;
	vimsic_update(imsic);
	spin_unlock(&imsic->lock);
}

static void evict(struct vimsic *imsic)
{
	if (!unmap(imsic))
		ipi_call(BIT(imsic->cpu), move_to_memory, imsic);
}

static void evict_sleeper(void)
{
	uint64_t flags = irq_save();
	struct vimsic *imsic = vaia_host_any_free() ? NULL : find_sleeper();

	irq_restore(flags);
	if (imsic)
		evict(imsic); /* which cannot go away: vaia_moves */
}

/* A free file of this CPU, if there is one. Interrupts off. */
static void move_to_file(struct vimsic *imsic)
{
	unsigned file = vaia_host_take(imsic);

	if (!file)
		return;
	spin_lock(&imsic->lock);
	vaia_host_write(file, &imsic->regs, imsic->aia->num_ids);
	imsic->regs = (struct imsic_regs){ 0 };
	imsic->since = time_now_ns();
	imsic->cpu = cpu_id();
	imsic->file = file;
	vimsic_update(imsic);
	spin_unlock(&imsic->lock);
}

/*
 * Whatever is done here can be interrupted, and the vCPU be taken to another CPU in between: then it is loaded there,
 * and this function is asked for once more.
 */
void vaia_prepare(struct vcpu *vcpu)
{
	struct vimsic *imsic = vcpu->irqchip;
	uint64_t flags;
	bool here;

	mutex_lock(&vaia_moves);
	if (imsic->file && imsic->cpu != cpu_id())
		evict(imsic);
	if (!imsic->file)
		evict_sleeper();
	flags = irq_save();
	if (!imsic->file)
		move_to_file(imsic);
	here = is_here(imsic);
	riscv_vcpu_set_vgein(vcpu, here ? imsic->file : 0);
	irq_restore(flags);
	map(imsic);
	mutex_unlock(&vaia_moves);
	/* Unmapping takes a little memory, perhaps. Without its registers the vCPU cannot go on, only end. */
	if (imsic->file && !here && !(atomic_load(&vcpu->work) & VCPU_WORK_EXIT)) {
		task_yield();
		riscv_vcpu_ask_prepare(vcpu);
	}
}

static void empty(void *arg)
{
	struct vimsic *imsic = arg;

	spin_lock(&imsic->lock);
	discard_contents(imsic);
	spin_unlock(&imsic->lock);
}

void vaia_file_reset(struct vimsic *imsic)
{
	if (!vaia_host_files())
		return;
	mutex_lock(&vaia_moves);
	if (imsic->file)
		ipi_call(BIT(imsic->cpu), empty, imsic);
	mutex_unlock(&vaia_moves);
}

void vaia_file_leave(struct vimsic *imsic)
{
	if (!vaia_host_files())
		return;
	mutex_lock(&vaia_moves);
	if (imsic->file) {
		(void)unmap(imsic); /* if it fails: the address space is next to go */
		imsic->stale = true;
		ipi_call(BIT(imsic->cpu), move_to_memory, imsic);
	}
	mutex_unlock(&vaia_moves);
}
