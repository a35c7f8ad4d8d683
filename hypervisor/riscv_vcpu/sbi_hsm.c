/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SBI hart state management, system suspend and system reset: chapters 9, 13 and 10.
 */
#include <axstd/error.h>
#include "sbi.h"

/* States of a hart. */
enum { HART_STARTED, HART_STOPPED, HART_START_PENDING, HART_STOP_PENDING, HART_SUSPENDED };

#define SUSPEND_RETENTIVE     0
#define SUSPEND_NON_RETENTIVE 0x80000000
#define SLEEP_TO_RAM          0

enum { RESET_SHUTDOWN, RESET_COLD_REBOOT, RESET_WARM_REBOOT };
enum { REASON_NONE, REASON_SYSTEM_FAILURE };

/* May a hart start at @gpa? */
static bool is_code(struct riscv_vcpu *v, uint64_t gpa)
{
	struct aspace_region region;

	if ((gpa & 1) || aspace_find_region(v->aspace, gpa, &region) || gpa < region.gpa)
		return false;
	return (region.flags & PT_EXEC) && region.kind != ASPACE_RESERVED && region.kind != ASPACE_DEVICE;
}

static bool hart_start(struct riscv_vcpu *v)
{
	uint64_t hart = v->regs.x[REG_A0], entry = v->regs.x[REG_A1];

	if (!v->vcpu.ops->peer(&v->vcpu, hart))
		return sbi_answer(v, SBI_INVALID_PARAM, 0);
	if (!is_code(v, entry))
		return sbi_answer(v, SBI_INVALID_ADDRESS, 0);
	v->exit->cpu_up.target = hart;
	v->exit->cpu_up.entry = entry;
	v->exit->cpu_up.arg = v->regs.x[REG_A2];
	return sbi_leave(v, VCPU_EXIT_CPU_UP);
}

void vcpu_finish_cpu_up(struct vcpu *vcpu, int err)
{
	int64_t error = SBI_FAILED;

	if (!err)
		error = SBI_SUCCESS;
	else if (err == -AX_EEXIST || err == -AX_EBUSY)
		error = SBI_ALREADY_AVAILABLE;
	else if (err == -AX_EFAULT)
		error = SBI_INVALID_ADDRESS;
	else if (err == -AX_ENOENT)
		error = SBI_INVALID_PARAM;
	sbi_answer(to_riscv(vcpu), error, 0);
}

static bool hart_stop(struct riscv_vcpu *v)
{
	return sbi_leave(v, VCPU_EXIT_CPU_DOWN);
}

static bool hart_status(struct riscv_vcpu *v)
{
	uint64_t hart = v->regs.x[REG_A0];
	const struct vcpu *peer = v->vcpu.ops->peer(&v->vcpu, hart);

	if (!peer)
		return sbi_answer(v, SBI_INVALID_PARAM, 0);
	switch (v->vcpu.ops->power(&v->vcpu, hart)) {
	case VCPU_POWER_OFF: return sbi_answer(v, SBI_SUCCESS, HART_STOPPED);
	case VCPU_POWER_STARTING: return sbi_answer(v, SBI_SUCCESS, HART_START_PENDING);
	default: break;
	}
	return sbi_answer(v, SBI_SUCCESS,
			  atomic_load(&container_of(peer, struct riscv_vcpu, vcpu)->suspended) ? HART_SUSPENDED
											       : HART_STARTED);
}

/* Sleep until an interrupt; then go on behind the call (@entry 0), or at @entry as after hart_start. */
static bool suspend(struct riscv_vcpu *v, bool power_down)
{
	v->exit->suspend.power_down = power_down;
	v->exit->suspend.entry = v->regs.x[REG_A1];
	v->exit->suspend.arg = v->regs.x[REG_A2];
	atomic_store(&v->suspended, true);
	sbi_answer(v, SBI_SUCCESS, 0);
	return sbi_leave(v, VCPU_EXIT_SUSPEND);
}

static bool hart_suspend(struct riscv_vcpu *v)
{
	uint32_t type = (uint32_t)v->regs.x[REG_A0];

	if (type == SUSPEND_RETENTIVE)
		return suspend(v, false);
	if (type != SUSPEND_NON_RETENTIVE)
		return sbi_answer(v, SBI_INVALID_PARAM, 0);
	if (!is_code(v, v->regs.x[REG_A1]))
		return sbi_answer(v, SBI_INVALID_ADDRESS, 0);
	return suspend(v, true);
}

/* All harts but the caller's are stopped. */
static bool is_alone(struct riscv_vcpu *v)
{
	for (uint64_t hart = 0; hart < SBI_MAX_HARTS; hart++) {
		enum vcpu_power power = v->vcpu.ops->power(&v->vcpu, hart);

		if (power == VCPU_POWER_NONE)
			break;
		if (hart != v->hart && power != VCPU_POWER_OFF)
			return false;
	}
	return true;
}

static bool system_suspend(struct riscv_vcpu *v)
{
	if ((uint32_t)v->regs.x[REG_A0] != SLEEP_TO_RAM)
		return sbi_answer(v, SBI_INVALID_PARAM, 0);
	if (!is_code(v, v->regs.x[REG_A1]))
		return sbi_answer(v, SBI_INVALID_ADDRESS, 0);
	if (!is_alone(v))
		return sbi_answer(v, SBI_DENIED, 0);
	return suspend(v, true);
}

static bool system_reset(struct riscv_vcpu *v)
{
	uint32_t type = (uint32_t)v->regs.x[REG_A0], why = (uint32_t)v->regs.x[REG_A1];

	if (type > RESET_WARM_REBOOT || why > REASON_SYSTEM_FAILURE)
		return sbi_answer(v, SBI_INVALID_PARAM, 0);
	return sbi_leave(v, type == RESET_SHUTDOWN ? VCPU_EXIT_SYSTEM_DOWN : VCPU_EXIT_SYSTEM_RESET);
}

sbi_function *const sbi_hsm_functions[] = {
	[SBI_HSM_START] = hart_start,
	[SBI_HSM_STOP] = hart_stop,
	[SBI_HSM_STATUS] = hart_status,
	[SBI_HSM_SUSPEND] = hart_suspend,
};
sbi_function *const sbi_susp_functions[] = { system_suspend };
sbi_function *const sbi_srst_functions[] = { system_reset };
