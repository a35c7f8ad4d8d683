# SPDX-License-Identifier: Apache-2.0
module  := axhal
needs   := axstd axconfig libfdt
sources := pgtable.c pgtable_change.c
sources-aarch64 := aarch64/boot.S aarch64/context.S aarch64/context.c
includes-aarch64 := aarch64/include
