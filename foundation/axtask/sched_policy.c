/* SPDX-License-Identifier: Apache-2.0 */
#include "sched_policy.h"
#include <axstd/util.h>
#include <string.h>

static const struct sched_policy *const policies[] = { &sched_fifo, &sched_rr, &sched_cfs };

const struct sched_policy *sched_policy_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(policies); i++) {
		if (!strcmp(name, policies[i]->name))
			return policies[i];
	}
	return NULL;
}

void sched_entity_set_weight(struct sched_entity *e, unsigned weight)
{
	e->weight = weight;
	e->inv_weight = (UINT64_C(1) << 32) / weight;
}
