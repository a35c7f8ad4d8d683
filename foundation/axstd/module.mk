# SPDX-License-Identifier: Apache-2.0
# Strings, logging, errors and the small containers that the C library does not have.
module  := axstd
needs   :=
sources := libc.c error.c log.c bitmap.c ring.c arena.c random.c sort.c
includes-aarch64 := aarch64/include
sources-riscv64 := riscv64/bits.c
includes-riscv64 := riscv64/include
hot-riscv64 := riscv64/bits.c
