# SPDX-License-Identifier: Apache-2.0
module  := axdriver
needs   := axstd axconfig axhal axalloc axtask
sources := block.c driver.c ramdisk.c virtio.c virtio_mmio.c virtqueue.c virtio_blk.c
