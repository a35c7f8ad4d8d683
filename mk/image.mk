# SPDX-License-Identifier: Apache-2.0
##@ Hypervisor
.PHONY: axvisor size

axvisor: $(B)/axvisor.bin ## build the hypervisor (default)

# Configurations, and their images if image_location = "memory", that are linked in: make VMS="a.toml b.toml".
VMS ?=

# The object with the files of configurations (a folder; the configurations). images.d names what it was made of.
define linked-in-rules
$(1)/images.S: $(2) tools/vmimages FORCE | $(if $(strip $(2)),$(guest-names:%=$(B)/guests/%.bin))
	$$(Q)mkdir -p $$(@D)
	$$(Q)tools/vmimages --out $$@ --images $(B)/guests --images $(O)/guests/$(ARCH) $(2)

$(1)/images.o: $(1)/images.S
	$$(call say,AS,$$<)
	$$(Q)$(CC) -c $(arch-cflags) -o $$@ $$<

-include $(1)/images.d

$(1)/axvisor.elf: $(objects) $(1)/images.o mk/image.lds
	$$(call say,LD,$$@)
	$$(Q)$(CC) $(LDFLAGS) $(arch-cflags) -o $$@ $(objects) $(1)/images.o

$(1)/axvisor.bin: $(1)/axvisor.elf tools/mkbin
	$$(call say,OBJCOPY,$$@)
	$$(Q)tools/mkbin --objcopy $(OBJCOPY) $$< $$@
endef

$(eval $(call linked-in-rules,$(B),$(VMS)))

# For tests/boot and tests/bench: the same hypervisor with other guests linked in.
define linked-in-test
$(2): $(B)/$(1)/axvisor.bin
$(eval $(call linked-in-rules,$(B)/$(1),$(3)))
endef

.PHONY: bench-image
$(foreach file,$(wildcard tests/boot/builtin-$(ARCH).toml),$(eval $(call linked-in-test,builtin,boot,$(file))))
$(foreach file,$(wildcard tests/bench/start-$(ARCH).toml),$(eval $(call linked-in-test,bench,bench-image,$(file))))

size: $(B)/axvisor.elf ## size of the binary, by module
	$(Q)$(SIZE) $<
	$(Q)for m in $(modules); do printf '%-14s ' $$m; \
		$(SIZE) -t $(B)/obj/$$m/*.o $(B)/obj/$$m/*/*.o 2>/dev/null | tail -n 1 | awk '{ print $$1, $$2, $$3 }'; done
