# SPDX-License-Identifier: Apache-2.0
# Physical frames (buddy) and the heap (slabs).
module  := axalloc
needs   := axstd axhal
sources := frame.c frame_buddy.c frame_init.c heap.c heap_debug.c
