# SPDX-License-Identifier: Apache-2.0
module  := riscv_vcpu
archs   := riscv64
needs   := axstd axhal axalloc axtask axaddrspace axvcpu
sources := vcpu.c switch.S csr.c decode.c fault.c fence.c fetch.c fp.c fp.S g_format.c inject.c sbi.c sbi_hsm.c sbi_legacy.c \
	sbi_table.c state.c timer.c tlb.c
hot     := vcpu.c csr.c decode.c fault.c fence.c sbi.c state.c timer.c
