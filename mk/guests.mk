# SPDX-License-Identifier: Apache-2.0
#
# Bare-metal test guests: guests/NAME/*.[cS] and guests/NAME/$(ARCH)/*.[cS] on guests/runtime become $(B)/guests/NAME.bin.
# A guest that has neither neutral sources nor a folder for this architecture is not built.

guest-runtime := $(wildcard guests/runtime/*.c guests/runtime/$(ARCH)/*.[cS])
guest-names   := $(sort $(foreach file,$(wildcard guests/*/*.[cS] guests/*/$(ARCH)/*.[cS]),$(word 2,$(subst /, ,$(file)))))
guest-names   := $(filter-out runtime,$(guest-names))
guest-flags    = -DLOG_MODULE='"guest"' -Iguests/runtime -Iguests/runtime/$(ARCH) -Iguests/$(word 2,$(subst /, ,$<)) $(addprefix -isystem ,$(libc.public) $(libfdt.public))
guest-object   = $(patsubst guests/%,$(B)/obj/guests/%.o,$(1))
guest-sources  = $(wildcard guests/$(1)/*.[cS] guests/$(1)/$(ARCH)/*.[cS])

$(B)/obj/guests/%.o: guests/% mk/guests.mk $(B)/flags | $(deps-stamp)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(guest-flags) -MMD -MP -MF $(@:.o=.d) -c $< -o $@

define guest-rules
$(B)/guests/$(1).elf: $(call guest-object,$(call guest-sources,$(1)) $(guest-runtime)) $(libc.objects) $(libfdt.objects) \
		guests/runtime/image.lds guests/runtime/$(ARCH)/header.lds
	$$(call say,LD,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(CC) -nostdlib -static-pie -Lguests/runtime/$(ARCH) -Wl,-T,guests/runtime/image.lds -Wl,--gc-sections -Wl,--build-id=none \
		-Wl,-z,noexecstack -Wl,--no-warn-rwx-segments $(arch-cflags) -o $$@ $$(filter %.o,$$^)
guest-objects += $(call guest-object,$(call guest-sources,$(1)))
endef

guest-objects := $(call guest-object,$(guest-runtime))
$(foreach name,$(guest-names),$(eval $(call guest-rules,$(name))))

$(B)/guests/%.bin: $(B)/guests/%.elf
	$(call say,OBJCOPY,$@)
	$(Q)$(OBJCOPY) -O binary $< $@

##@ Guests
.PHONY: guests
guests: $(guest-names:%=$(B)/guests/%.bin) ## build the bare-metal test guests

-include $(guest-objects:.o=.d)

# For tests/bench: a program that the Linux guest runs at its marker.
ifneq ($(wildcard tests/bench/$(ARCH)/counter.c),)
guests: $(B)/guests/counter

$(B)/guests/counter: tests/bench/$(ARCH)/counter.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu17 -O2 $(warnings) $(arch-cflags) -ffreestanding -fno-stack-protector -static -nostdlib -s \
		-Wl,--build-id=none -Wl,-z,max-page-size=4096 -o $@ $<
endif
