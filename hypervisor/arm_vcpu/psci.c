/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Firmware calls of the guest: SMC Calling Convention 1.2 (DEN 0028), PSCI 1.1 (DEN 0022), by HVC and by SMC alike.
 * Nothing is forwarded to the host's firmware; what is not known is answered NOT_SUPPORTED.
 */
#include <axstd/error.h>
#include "arm_vcpu.h"
#include "esr.h"

#define SMC_FAST  BIT(31)
#define SMC_64BIT BIT(30)

#define SMCCC_VERSION       0x80000000
#define SMCCC_ARCH_FEATURES 0x80000001

#define PSCI(n)                (0x84000000 + (n))
#define PSCI_VERSION           PSCI(0)
#define PSCI_CPU_SUSPEND       PSCI(1)
#define PSCI_CPU_OFF           PSCI(2)
#define PSCI_CPU_ON            PSCI(3)
#define PSCI_AFFINITY_INFO     PSCI(4)
#define PSCI_MIGRATE           PSCI(5)
#define PSCI_MIGRATE_INFO_TYPE PSCI(6)
#define PSCI_SYSTEM_OFF        PSCI(8)
#define PSCI_SYSTEM_RESET      PSCI(9)
#define PSCI_FEATURES          PSCI(10)
#define PSCI_SYSTEM_RESET2     PSCI(18)

#define PSCI_SUCCESS         0
#define PSCI_NOT_SUPPORTED   -1
#define PSCI_INVALID_PARAMS  -2
#define PSCI_ALREADY_ON      -4
#define PSCI_ON_PENDING      -5
#define PSCI_INVALID_ADDRESS -9

#define SUSPEND_POWER_DOWN BIT(16)
#define SUSPEND_RESERVED   (GENMASK(31, 26) | GENMASK(23, 17)) /* original format: id 15:0, type 16, level 25:24 */
#define MPIDR_AFFINITY     (GENMASK(39, 32) | GENMASK(23, 0))

static bool answer(struct arm_vcpu *v, int64_t value)
{
	v->regs.x[0] = (uint64_t)value;
	return false;
}

static bool leave(struct arm_vcpu *v, enum vcpu_exit_reason reason)
{
	v->exit->reason = reason;
	return true;
}

static bool psci_version(struct arm_vcpu *v, const uint64_t arg[3])
{
	return answer(v, 1 << 16 | 1);
}

static bool psci_cpu_suspend(struct arm_vcpu *v, const uint64_t arg[3])
{
	if (arg[0] & (SUSPEND_RESERVED | ~(uint64_t)UINT32_MAX))
		return answer(v, PSCI_INVALID_PARAMS);
	v->exit->suspend.power_down = arg[0] & SUSPEND_POWER_DOWN;
	v->exit->suspend.entry = arg[1];
	v->exit->suspend.arg = arg[2];
	v->regs.x[0] = PSCI_SUCCESS;
	return leave(v, VCPU_EXIT_SUSPEND);
}

static bool psci_cpu_off(struct arm_vcpu *v, const uint64_t arg[3])
{
	return leave(v, VCPU_EXIT_CPU_DOWN);
}

static bool psci_cpu_on(struct arm_vcpu *v, const uint64_t arg[3])
{
	if (arg[0] & ~MPIDR_AFFINITY)
		return answer(v, PSCI_INVALID_PARAMS);
	v->exit->cpu_up.target = arg[0];
	v->exit->cpu_up.entry = arg[1];
	v->exit->cpu_up.arg = arg[2];
	return leave(v, VCPU_EXIT_CPU_UP);
}

void vcpu_finish_cpu_up(struct vcpu *vcpu, int err)
{
	int64_t result = PSCI_INVALID_PARAMS;

	if (!err)
		result = PSCI_SUCCESS;
	else if (err == -AX_EEXIST)
		result = PSCI_ALREADY_ON;
	else if (err == -AX_EBUSY)
		result = PSCI_ON_PENDING;
	else if (err == -AX_EFAULT)
		result = PSCI_INVALID_ADDRESS;
	to_arm(vcpu)->regs.x[0] = (uint64_t)result;
}

void vcpu_refuse_hypercall(struct vcpu *vcpu)
{
	to_arm(vcpu)->regs.x[0] = (uint64_t)PSCI_NOT_SUPPORTED;
}

static bool psci_affinity_info(struct arm_vcpu *v, const uint64_t arg[3])
{
	static const int8_t answers[] = {
		[VCPU_POWER_ON] = 0,
		[VCPU_POWER_OFF] = 1,
		[VCPU_POWER_STARTING] = 2,
		[VCPU_POWER_NONE] = PSCI_INVALID_PARAMS,
	};

	/* PSCI 1.0 and later: only level 0 has to be supported. */
	if (arg[1] || (arg[0] & ~MPIDR_AFFINITY))
		return answer(v, PSCI_INVALID_PARAMS);
	return answer(v, answers[v->vcpu.ops->power(&v->vcpu, arg[0])]);
}

/* 2: no Trusted OS that would have to migrate. */
static bool psci_migrate_info_type(struct arm_vcpu *v, const uint64_t arg[3])
{
	return answer(v, 2);
}

static bool psci_system_off(struct arm_vcpu *v, const uint64_t arg[3])
{
	return leave(v, VCPU_EXIT_SYSTEM_DOWN);
}

static bool psci_system_reset(struct arm_vcpu *v, const uint64_t arg[3])
{
	return leave(v, VCPU_EXIT_SYSTEM_RESET);
}

static bool psci_system_reset2(struct arm_vcpu *v, const uint64_t arg[3])
{
	if ((uint32_t)arg[0] != 0) /* only the architectural warm reset */
		return answer(v, arg[0] & BIT(31) ? PSCI_NOT_SUPPORTED : PSCI_INVALID_PARAMS);
	return leave(v, VCPU_EXIT_SYSTEM_RESET);
}

static bool psci_features(struct arm_vcpu *v, const uint64_t arg[3]);

static bool smccc_version(struct arm_vcpu *v, const uint64_t arg[3])
{
	return answer(v, 1 << 16 | 1);
}

static bool smccc_arch_features(struct arm_vcpu *v, const uint64_t arg[3])
{
	bool known = (uint32_t)arg[0] == SMCCC_VERSION || (uint32_t)arg[0] == SMCCC_ARCH_FEATURES;

	return answer(v, known ? 0 : PSCI_NOT_SUPPORTED);
}

/* Every call that is known. @has_64: it exists as a 64-bit call too. */
static const struct call {
	uint32_t id;
	bool has_64;
	bool (*handler)(struct arm_vcpu *v, const uint64_t arg[3]);
} calls[] = {
	{ PSCI_VERSION, false, psci_version },
	{ PSCI_CPU_ON, true, psci_cpu_on },
	{ PSCI_CPU_OFF, false, psci_cpu_off },
	{ PSCI_CPU_SUSPEND, true, psci_cpu_suspend },
	{ PSCI_AFFINITY_INFO, true, psci_affinity_info },
	{ PSCI_MIGRATE_INFO_TYPE, false, psci_migrate_info_type },
	{ PSCI_SYSTEM_OFF, false, psci_system_off },
	{ PSCI_SYSTEM_RESET, false, psci_system_reset },
	{ PSCI_SYSTEM_RESET2, true, psci_system_reset2 },
	{ PSCI_FEATURES, false, psci_features },
	{ SMCCC_VERSION, false, smccc_version },
	{ SMCCC_ARCH_FEATURES, false, smccc_arch_features },
};

static const struct call *find_call(uint32_t id)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].id == id || (calls[i].has_64 && (calls[i].id | SMC_64BIT) == id))
			return &calls[i];
	return NULL;
}

/*
 * Flags 0: CPU_SUSPEND has the original parameter format and platform coordination. SMCCC_VERSION may be asked for as
 * well.
 */
static bool psci_features(struct arm_vcpu *v, const uint64_t arg[3])
{
	uint32_t id = (uint32_t)arg[0];

	return answer(v, find_call(id) && id != SMCCC_ARCH_FEATURES ? 0 : PSCI_NOT_SUPPORTED);
}

static bool handle_call(struct arm_vcpu *v, uint64_t esr, bool hvc)
{
	uint32_t id = (uint32_t)v->regs.x[0];
	const struct call *call;
	uint64_t arg[3];

	if (esr & 0xffff) /* SMCCC: the immediate is 0 */
		return answer(v, PSCI_NOT_SUPPORTED);
	if (!(id & SMC_FAST) && hvc) {
		v->exit->hypercall.nr = v->regs.x[0];
		for (unsigned i = 0; i < 6; i++)
			v->exit->hypercall.args[i] = v->regs.x[i + 1];
		return leave(v, VCPU_EXIT_HYPERCALL);
	}
	call = find_call(id);
	if (!call)
		return answer(v, PSCI_NOT_SUPPORTED);
	for (unsigned i = 0; i < 3; i++)
		arg[i] = id & SMC_64BIT ? v->regs.x[i + 1] : (uint32_t)v->regs.x[i + 1];
	return call->handler(v, arg);
}

bool arm_handle_hvc(struct arm_vcpu *v, uint64_t esr)
{
	return handle_call(v, esr, true);
}

bool arm_handle_smc(struct arm_vcpu *v, uint64_t esr)
{
	arm_skip(v, esr); /* a trapped SMC has not been executed, Arm ARM D1.3.5 */
	return handle_call(v, esr, false);
}
