# SPDX-License-Identifier: Apache-2.0
module  := axvcpu
needs   := axstd axhal axtask axaddrspace
sources := tag.c vcpu.c
hot     := vcpu.c
