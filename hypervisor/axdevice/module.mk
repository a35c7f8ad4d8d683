# SPDX-License-Identifier: Apache-2.0
module  := axdevice
needs   := axstd axhal axalloc axtask axaddrspace axvcpu libfdt $(vcpu-module)
sources := common/bus.c
includes-aarch64 := arm/include
sources-aarch64 := common/pl011.c arm/vgic.c arm/vgic_cpu.c arm/vgic_dist.c arm/vgic_fdt.c arm/vgic_host.c arm/vgic_irq.c arm/vgic_lr.c \
	arm/vgic_redist.c arm/vgic_regs.c arm/vgic_route.c arm/vgic_sgi.c arm/vgic_v2_hw.c arm/vgic_v3_hw.c
hot     := common/bus.c
hot-aarch64 := arm/vgic_cpu.c arm/vgic_dist.c arm/vgic_irq.c arm/vgic_lr.c arm/vgic_regs.c arm/vgic_route.c arm/vgic_sgi.c \
	arm/vgic_v2_hw.c arm/vgic_v3_hw.c
includes-riscv64 := riscv/include
sources-riscv64 := common/ns16550.c riscv/vplic.c riscv/vaia.c riscv/vaia_fdt.c riscv/vaia_file.c riscv/vaia_host.c \
	riscv/vaplic.c riscv/vimsic.c
hot-riscv64 := common/ns16550.c riscv/vplic.c riscv/vaia_file.c riscv/vaplic.c riscv/vimsic.c
