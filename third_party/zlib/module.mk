# SPDX-License-Identifier: Apache-2.0
# zlib's inflate: gzip-compressed kernels. Its tables are made when they are first needed: 4 KB less in the binary.
module  := zlib
srcdir  := third_party/src/zlib
sources := inflate.c inftrees.c inffast.c adler32.c crc32.c zutil.c
public-includes := third_party/src/zlib
cflags  := $(third-party-cflags) -DZ_SOLO -DBUILDFIXED -DDYNAMIC_CRC_TABLE
hot     := inffast.c
