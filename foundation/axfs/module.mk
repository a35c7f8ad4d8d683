# SPDX-License-Identifier: Apache-2.0
module  := axfs
needs   := axstd axconfig axhal axalloc axtask axdriver oofatfs
sources := path.c vfs.c mount.c file.c init.c ramfs.c devfs.c fat.c fat_file.c fat_disk.c fat_probe.c
