# SPDX-License-Identifier: Apache-2.0
module  := arm_vcpu
archs   := aarch64
needs   := axstd axhal axalloc axtask axaddrspace axvcpu
sources := vcpu.c
