# SPDX-License-Identifier: Apache-2.0
CC      := $(CROSS_COMPILE)gcc
OBJCOPY := $(CROSS_COMPILE)objcopy
SIZE    := $(CROSS_COMPILE)size
NM      := $(CROSS_COMPILE)nm

VERSION := 0.1.0

warnings := -Wall -Wextra -Werror -Wvla -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wno-unused-parameter -Wno-missing-field-initializers -Wno-override-init
# picolibc's sys/tree.h warns that it may go; our copy is pinned.
warnings += -D__PERMIT_DEPRECATED_SYS_TREE_H

# -fbuiltin: without a hosted C library, but with the compiler's knowledge of memcpy and friends.
CFLAGS := -std=gnu17 -O2 -g $(warnings) $(arch-cflags) \
	-ffreestanding -fbuiltin -fno-builtin-printf -nostdinc -idirafter $(shell $(CC) -print-file-name=include 2>/dev/null) \
	-fPIE -fvisibility=hidden -fno-common -fno-strict-aliasing -fno-delete-null-pointer-checks \
	-fno-asynchronous-unwind-tables -fno-stack-protector -ffunction-sections -fdata-sections \
	-ffile-prefix-map=$(CURDIR)/= -DAXVISOR_VERSION='"$(VERSION)"' $(if $(DEBUG),-DAX_DEBUG)

LDFLAGS := -nostdlib -static-pie -Wl,-T,mk/image.lds -Wl,--gc-sections -Wl,--build-id=none \
	-Wl,-z,noexecstack -Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments

# Objects depend on this file: other flags, other objects.
$(B)/flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(subst ','\'',$(CC) $(CFLAGS))' | cmp -s - $@ || echo '$(subst ','\'',$(CC) $(CFLAGS))' > $@

.PHONY: FORCE
FORCE:
