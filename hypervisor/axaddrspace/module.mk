# SPDX-License-Identifier: Apache-2.0
# Guest-physical address spaces: regions, the stage-2 table, checked access to guest memory.
module  := axaddrspace
needs   := axstd axhal axalloc
sources := aspace.c region.c memory.c guest_access.c info.c
