# SPDX-License-Identifier: Apache-2.0
# ooFatFs: FAT12/16/32 volumes. ffconf_axvisor.h is our configuration.
module  := oofatfs
srcdir  := third_party/src/oofatfs
sources := ff.c ffunicode.c
public-includes := third_party/src/oofatfs third_party/oofatfs/include
cflags  := $(third-party-cflags)
