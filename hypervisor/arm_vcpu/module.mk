# SPDX-License-Identifier: Apache-2.0
module  := arm_vcpu
archs   := aarch64
needs   := axstd axhal axalloc axtask axaddrspace axvcpu
sources := vcpu.c switch.S abort.c debug.c inject.c psci.c s2_format.c state.c sysreg.c timer.c tlb.c
hot     := vcpu.c abort.c state.c sysreg.c timer.c
