# SPDX-License-Identifier: Apache-2.0
module  := axalloc
needs   := axstd axhal
sources := frame.c slab.c
