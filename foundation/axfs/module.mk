# SPDX-License-Identifier: Apache-2.0
module  := axfs
needs   := axstd axconfig axhal axalloc axtask axdriver oofatfs
sources := vfs.c
