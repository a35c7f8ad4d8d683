# SPDX-License-Identifier: Apache-2.0
module  := axvcpu
needs   := axstd axhal axtask
sources := vcpu.c
hot     := vcpu.c
