# SPDX-License-Identifier: Apache-2.0
module  := riscv_vcpu
archs   := riscv64
needs   := axstd axhal axalloc axtask axaddrspace axvcpu
sources := vcpu.c switch.S csr.c decode.c fault.c fence.c fetch.c fp.c fp_regs.S g_format.c guest_load.S inject.c \
	sbi.c sbi_base.c sbi_console.c sbi_hsm.c sbi_legacy.c state.c timer.c tlb.c
hot     := vcpu.c csr.c decode.c fault.c fence.c sbi.c state.c timer.c
