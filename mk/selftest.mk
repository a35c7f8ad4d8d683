# SPDX-License-Identifier: Apache-2.0
#
# A program on the foundation alone that tests it on the machine.

selftest-modules := $(foundation-modules) $(third-party-modules)

$(B)/selftest.o: tests/target/selftest.c $(B)/flags | $(deps-stamp)
	$(call say,CC,$<)
	$(Q)$(CC) $(CFLAGS) -DLOG_MODULE='"selftest"' $(foreach m,$(foundation-modules),$(addprefix -I,$($(m).public))) \
		$(addprefix -isystem ,$(libc.public)) -MMD -MP -c $< -o $@

$(B)/selftest.elf: $(B)/selftest.o $(foreach m,$(selftest-modules),$($(m).objects)) mk/image.lds
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) $(arch-cflags) -o $@ $(filter %.o,$^)

$(B)/selftest.bin: $(B)/selftest.elf
	$(call say,OBJCOPY,$@)
	$(Q)tools/mkbin --objcopy $(OBJCOPY) $< $@

.PHONY: selftest
selftest: $(B)/selftest.bin ## the program that tests the foundation on the machine (tests/boot runs it)

boot: $(B)/selftest.bin

-include $(B)/selftest.d
