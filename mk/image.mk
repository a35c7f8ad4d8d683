# SPDX-License-Identifier: Apache-2.0
##@ Hypervisor
.PHONY: axvisor size

axvisor: $(B)/axvisor.bin ## build the hypervisor (default)

# Configurations (and their images, if image_location = "memory") that are linked in: make VMS="configs/vms/a.toml b.toml".
VMS ?=
image-extra := $(if $(VMS),$(B)/obj/images.o)

$(B)/obj/images.S: $(VMS) tools/vmimages FORCE | $(guest-names:%=$(B)/guests/%.bin)
	$(Q)mkdir -p $(@D)
	$(Q)tools/vmimages --out $@.new --images $(B)/guests --images $(O)/guests/$(ARCH) $(VMS)
	$(Q)cmp -s $@.new $@ && rm $@.new || mv $@.new $@

$(B)/obj/images.o: $(B)/obj/images.S $(wildcard $(B)/guests/*.bin)
	$(call say,AS,$<)
	$(Q)$(CC) -c $(arch-cflags) -o $@ $<

$(B)/axvisor.elf: $(objects) $(image-extra) mk/image-$(ARCH).lds
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(arch-cflags) -o $@ $(objects) $(image-extra)

$(B)/axvisor.bin: $(B)/axvisor.elf tools/mkbin
	$(call say,OBJCOPY,$@)
	$(Q)tools/mkbin --objcopy $(OBJCOPY) $< $@

size: $(B)/axvisor.elf ## size of the binary, by module
	$(Q)$(SIZE) $<
	$(Q)for m in $(modules); do printf '%-14s ' $$m; \
		$(SIZE) -t $(B)/obj/$$m/*.o $(B)/obj/$$m/*/*.o 2>/dev/null | tail -n 1 | awk '{ print $$1, $$2, $$3 }'; done
