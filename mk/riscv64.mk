# SPDX-License-Identifier: Apache-2.0
# riscv64: RV64IMAC, no FP or vector registers in the hypervisor; the H extension's instructions are written by hand.
CROSS_COMPILE ?= riscv64-linux-gnu-
arch-cflags   := -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mstrict-align -msmall-data-limit=0
unaligned-cflags :=
# Everything is reached relative to pc, without a global offset table: the image is linked as one, position independent.
image-cflags  := -fno-pie
vcpu-module   := riscv_vcpu
