# SPDX-License-Identifier: Apache-2.0
# libfdt: device trees, read and written.
module  := libfdt
srcdir  := third_party/src/libfdt
sources := fdt.c fdt_addresses.c fdt_check.c fdt_empty_tree.c fdt_ro.c fdt_rw.c fdt_strerror.c fdt_sw.c fdt_wip.c
public-includes := third_party/src/libfdt
cflags  := $(third-party-cflags) $(unaligned-cflags)
hot     := fdt.c
