# SPDX-License-Identifier: Apache-2.0
module  := axdevice
needs   := axstd axhal axalloc axvcpu libfdt $(vcpu-module)
sources := common/bus.c common/pl011.c
includes-aarch64 := arm/include
sources-aarch64 := arm/vgic.c
