/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's side: which virtual CPU interface there is, and its maintenance interrupt.
 */
#include "vgic_internal.h"
#include <axhal/arch/gic.h>
#include <axhal/arch/sysreg.h>
#include <axhal/irq.h>
#include <axstd/error.h>
#include <axstd/log.h>

#define CNTV_CTL_ALL      7 /* ENABLE, IMASK, ISTATUS */
#define CNTV_CTL_ASSERTED 5

#define MIN_LRS 2 /* fewer would keep the underflow interrupt raised for ever */

/*
 * It interrupts the guest; the reason goes away while the list registers are looked at. On the way out of the guest,
 * or, when it comes late, while nobody holds a lock: locks are taken with interrupts off.
 */
static enum irq_result maintenance(unsigned irq, void *arg)
{
	vgic_maintenance();
	return IRQ_DONE;
}

/* The only linked private interrupt is the virtual timer. */
bool vgic_host_line(unsigned host_irq)
{
	if (host_irq != timer_info()->el1_virt_irq)
		return true;
	return (sysreg_read(CNTV_CTL_EL0) & CNTV_CTL_ALL) == CNTV_CTL_ASSERTED;
}

int vgic_host_init(void)
{
	const struct gic_info *info = gic_info();
	const struct vgic_hw *hw = NULL;
	int err;

	if (info->version == 3)
		hw = vgic_v3_hw_init();
	else if (info->version == 2 && info->gich && info->gicv)
		hw = vgic_v2_hw_init();
	if (!hw || hw->nr_lrs < MIN_LRS) {
		log_error("no virtual machines: the interrupt controller has no virtual CPU interface");
		return -AX_ENODEV;
	}
	if (!info->maintenance_irq) {
		log_error("no virtual machines: the hardware description names no GIC maintenance interrupt");
		return -AX_ENODEV;
	}
	err = irq_register(info->maintenance_irq, IRQ_LEVEL_HIGH, maintenance, NULL, "vgic maintenance");
	if (err) {
		log_error("no virtual machines: maintenance interrupt %u: %s", info->maintenance_irq, error_text(err));
		return -AX_ENODEV;
	}
	vgic_hw = hw;
	log_info("GICv%u virtual CPU interface: %u list registers, %u preemption bits", info->version, hw->nr_lrs,
		 hw->pre_bits);
	return 0;
}

void vgic_host_init_cpu(void)
{
	if (!vgic_hw)
		return;
	if (gic_info()->version == 3)
		vgic_v3_hw_init_cpu();
	vgic_hw->write_hcr(0);
	for (unsigned i = 0; i < vgic_hw->nr_lrs; i++)
		vgic_hw->write_lr(i, 0);
	irq_unmask(gic_info()->maintenance_irq);
}
