# SPDX-License-Identifier: Apache-2.0
# picolibc: strings, formatted output, sorting, queues and trees. picolibc.h is our configuration.
module  := libc
srcdir  := third_party/src/picolibc/newlib/libc
sources := string/memchr.c string/memcmp.c string/memcpy.c string/memmove.c string/memset.c string/strchr.c \
	string/strcmp.c string/strncmp.c string/strlen.c string/strnlen.c string/strrchr.c string/strstr.c \
	string/strcpy.c string/strncpy.c string/strlcpy.c string/strlcat.c string/strspn.c string/strcspn.c string/strpbrk.c \
	string/bzero.c string/explicit_bzero.c stdlib/arc4random.c string/strcasecmp.c string/strncasecmp.c string/strtok_r.c string/memrchr.c \
	ctype/ctype_.c ctype/tolower.c ctype/toupper.c search/qsort.c search/bsearch.c \
	tinystdio/snprintf.c tinystdio/vsnprintf.c tinystdio/vfiprintf.c tinystdio/filestrput.c \
	tinystdio/strtoul.c tinystdio/strtoull.c tinystdio/strtol.c tinystdio/strtoll.c
public-includes := third_party/libc/include third_party/src/picolibc/newlib/libc/tinystdio \
	third_party/src/picolibc/newlib/libc/include
includes := third_party/src/picolibc/newlib/libc/locale
cflags  := $(third-party-cflags) -fno-builtin -fno-tree-loop-distribute-patterns -Ddouble=long
hot     := string/memcmp.c string/memcpy.c string/memset.c string/strlen.c
