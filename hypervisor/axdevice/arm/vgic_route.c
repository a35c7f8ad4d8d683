/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vCPUs by affinity, and where SPIs go.
 */
#include "vgic_internal.h"
#include <axalloc/heap.h>
#include <axstd/error.h>

/* Affinity as one number: Aff3.Aff2.Aff1.Aff0, from the places where MPIDR_EL1 and GICD_IROUTER<n> have it. */
uint32_t vgic_route_affinity(uint64_t route)
{
	return (uint32_t)(FIELD(route, 39, 32) << 24 | FIELD(route, 23, 0));
}

const struct vgic_cluster *vgic_find_cluster(const struct vgic *vgic, uint32_t key)
{
	unsigned low = 0, high = vgic->num_clusters;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		const struct vgic_cluster *cluster = &vgic->clusters[middle];

		if (cluster->key == key)
			return cluster;
		if (cluster->key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

struct vgic_cpu *vgic_find_cpu(const struct vgic *vgic, uint32_t affinity)
{
	const struct vgic_cluster *cluster = vgic_find_cluster(vgic, affinity >> 4);

	if (!cluster || !(cluster->present >> (affinity & 15) & 1))
		return NULL;
	return &vgic->cpus[cluster->cpu[affinity & 15]];
}

/* The cluster with @key, made if there is none. */
static struct vgic_cluster *cluster_for(struct vgic *vgic, uint32_t key)
{
	unsigned at = 0;

	while (at < vgic->num_clusters && vgic->clusters[at].key < key)
		at++;
	if (at < vgic->num_clusters && vgic->clusters[at].key == key)
		return &vgic->clusters[at];
	for (unsigned i = vgic->num_clusters++; i > at; i--)
		vgic->clusters[i] = vgic->clusters[i - 1];
	vgic->clusters[at] = (struct vgic_cluster){ .key = key };
	return &vgic->clusters[at];
}

int vgic_route_init(struct vgic *vgic)
{
	vgic->clusters = kcalloc(vgic->num_cpus, sizeof(vgic->clusters[0]));
	if (!vgic->clusters)
		return -AX_ENOMEM;
	for (unsigned i = 0; i < vgic->num_cpus; i++) {
		uint32_t affinity = vgic->cpus[i].affinity;
		struct vgic_cluster *cluster = cluster_for(vgic, affinity >> 4);

		if (cluster->present & BIT(affinity & 15))
			return -AX_EINVAL; /* two vCPUs with one number */
		cluster->present |= BIT(affinity & 15);
		cluster->cpu[affinity & 15] = (uint16_t)i;
	}
	return 0;
}

void vgic_irq_retarget(struct vgic *vgic, struct vgic_irq *irq)
{
	if (vgic->version == 3)
		irq->target = vgic_find_cpu(vgic, vgic_route_affinity(irq->route));
	else /* one of several targets: the first */
		irq->target = irq->route ? &vgic->cpus[__builtin_ctzll(irq->route)] : NULL;
}
