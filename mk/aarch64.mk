# SPDX-License-Identifier: Apache-2.0
# aarch64: ARMv8.0-A, no FP/SIMD registers in the hypervisor.
CROSS_COMPILE ?= aarch64-linux-gnu-
arch-cflags   := -march=armv8-a -mgeneral-regs-only -mstrict-align -mno-outline-atomics
# For code that runs only with the MMU on and works on normal memory: it may access words at any address.
unaligned-cflags := -mno-strict-align
# Code and data of the image lie within 1 MiB.
image-cflags  := -mcmodel=tiny
vcpu-module   := arm_vcpu
