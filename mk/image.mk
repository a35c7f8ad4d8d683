# SPDX-License-Identifier: Apache-2.0
##@ Hypervisor
.PHONY: axvisor size

axvisor: $(B)/axvisor.bin ## build the hypervisor (default)

$(B)/axvisor.elf: $(objects) $(image-extra) mk/image-$(ARCH).lds
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(arch-cflags) -o $@ $(objects) $(image-extra)

$(B)/axvisor.bin: $(B)/axvisor.elf
	$(call say,OBJCOPY,$@)
	$(Q)$(OBJCOPY) -O binary $< $@

size: $(B)/axvisor.elf ## size of the binary, by module
	$(Q)$(SIZE) $<
	$(Q)for m in $(modules); do printf '%-14s ' $$m; \
		$(SIZE) -t $(B)/obj/$$m/*.o $(B)/obj/$$m/*/*.o 2>/dev/null | tail -n 1 | awk '{ print $$1, $$2, $$3 }'; done
