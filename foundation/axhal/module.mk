# SPDX-License-Identifier: Apache-2.0
# Boot, traps, MMU, CPUs, interrupt controllers, timers, consoles, power; platform discovery.
module  := axhal
needs   := axstd axconfig libfdt
sources := console.c cpu.c fdt_walk.c ipi.c irq.c mem.c mem_regions.c panic.c pgtable.c pgtable_change.c platform.c \
	platform_fdt.c time.c uart/cadence.c uart/ns16550.c uart/pl011.c
sources-aarch64 := aarch64/boot.S aarch64/vectors.S aarch64/context.S aarch64/cache.c aarch64/context_init.c \
	aarch64/early_map.c aarch64/el2.c aarch64/el2_stage1.c aarch64/fdt_arm.c aarch64/gic.c aarch64/gicv2.c \
	aarch64/gicv3.c aarch64/main.c aarch64/mmu.c aarch64/psci.c aarch64/timer.c aarch64/trap.c
includes-aarch64 := aarch64/include
sources-riscv64 := riscv64/boot.S riscv64/vectors.S riscv64/context.S riscv64/aplic.c riscv64/cache.c riscv64/context_init.c \
	riscv64/fdt_riscv.c riscv64/hart.c riscv64/hext.c riscv64/imsic.c riscv64/irq.c riscv64/isa.c riscv64/main.c riscv64/mmu.c riscv64/plic.c \
	riscv64/sbi.c riscv64/sv_format.c riscv64/timer.c riscv64/trap.c uart/sbi.c
includes-riscv64 := riscv64/include
hot     := ipi.c irq.c time.c
hot-riscv64 := console.c pgtable.c riscv64/aplic.c riscv64/cache.c riscv64/imsic.c riscv64/irq.c riscv64/plic.c \
	riscv64/timer.c uart/ns16550.c
hot-aarch64 := aarch64/cache.c aarch64/gic.c aarch64/gicv2.c aarch64/gicv3.c aarch64/timer.c
