# SPDX-License-Identifier: Apache-2.0
# ooFatFs: FAT12/16/32 volumes. Its sources are compiled through the two files here, which bring our configuration.
module  := oofatfs
sources := ff.c ffunicode.c
cflags  := $(third-party-cflags)
