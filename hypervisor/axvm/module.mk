# SPDX-License-Identifier: Apache-2.0
# A virtual machine: resources, images, life cycle, exit dispatch. The machine it looks like is the architecture's.
module  := axvm
needs   := axstd axconfig axhal axalloc axtask axfs axaddrspace axvcpu axdevice axvmconfig libfdt zlib $(vcpu-module)
sources := create.c devices.c error.c life.c list.c run.c image.c stream.c console.c info.c fdt.c
sources-aarch64 := aarch64/machine.c
sources-riscv64 := riscv64/machine.c riscv64/fdt_cpus.c
includes := hypervisor/axvm/$(ARCH)/private
hot     := run.c
