# SPDX-License-Identifier: Apache-2.0
module  := axtask
needs   := axstd axconfig axhal axalloc
sources := task.c
