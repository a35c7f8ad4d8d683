# SPDX-License-Identifier: Apache-2.0
module  := axdriver
needs   := axstd axconfig axhal axalloc axtask
sources := block.c
