# SPDX-License-Identifier: Apache-2.0
#
# Host programs made of product sources: unit tests (gcc, sanitizers, cmocka) and fuzz targets.
#
# The first line of tests/unit/test_X.c names the product sources it stands on, relative to foundation/ or hypervisor/:
#   /* unit: axalloc/frame.c axhal/pgtable.c +libfdt */
# and the first line of tests/fuzz/fuzz_X.c likewise with `fuzz:`.

H        := $(O)/host
HOST_CC  ?= gcc
FUZZ_CC  ?= clang
TIME     ?= 60
sanitize := -fsanitize=address,undefined -fno-sanitize-recover=all

host-includes := -Itests/unit/host/include -I$(H)/include $(sort $(foreach file,$(module-files),\
	$(addprefix -I,$(wildcard $(dir $(file))include)))) -Ihypervisor/arm_vcpu/include -Ihypervisor/axdevice/arm/include -Ifoundation/axhal/aarch64/include \
	-Ihypervisor/riscv_vcpu/include -Ihypervisor/axdevice/riscv/include -Ifoundation/axhal/riscv64/include \
	-Ihypervisor/axvm/riscv64/private \
	-Ithird_party/src/libfdt -Ithird_party/src/zlib
host-includes := $(filter-out -Ithird_party/libc/include,$(host-includes))
HOST_CFLAGS = -std=gnu17 -O1 -g $(sanitize) $(warnings) -fno-omit-frame-pointer -DAX_HOST_TEST -DAX_DEBUG -DZ_SOLO \
	-DAXVISOR_VERSION='"$(VERSION)"' -DLOG_MODULE='"$(firstword $(subst /, ,$(patsubst hypervisor/%,%,$(patsubst foundation/%,%,$<))))"' \
	-DTOP='"$(CURDIR)"' -Itests/unit -Itests/unit/host/include $(host-arch) $(host-includes) -I$(dir $<) -MMD -MP

# libc headers that glibc lacks or has in an older form.
host-queue := $(H)/include/sys/queue.h $(H)/include/sys/tree.h
$(host-queue): $(H)/include/sys/%.h: | $(deps-stamp)
	$(Q)mkdir -p $(@D)
	$(Q)ln -sf $(CURDIR)/third_party/src/picolibc/newlib/libc/include/sys/$*.h $@

unit-tests  := $(patsubst tests/unit/%.c,%,$(sort $(wildcard tests/unit/test_*.c)))
fuzz-tests  := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
host-common := $(sort $(wildcard tests/unit/host/*.c))

# Words of the first line of a test: sources, and +libraries.
host-words   = $(shell sed -n '1s,^/\* [a-z]*: \(.*\) \*/$$,\1,p' $(1))
host-path    = $(firstword $(wildcard foundation/$(1) hypervisor/$(1) tests/unit/$(1)) missing/$(1))
host-sources = $(foreach w,$(filter-out +%,$(call host-words,$(1))),$(call host-path,$(w)))
host-libs    = $(foreach w,$(patsubst +%,%,$(filter +%,$(call host-words,$(1)))),$(addprefix $($(w).src)/,$($(w).sources)))
host-libdirs = $(foreach w,$(patsubst +%,%,$(filter +%,$(call host-words,$(1)))),$(addprefix -I,$($(w).public) $($(w).private)))
host-object  = $(patsubst %.c,$(H)/obj/%.o,$(1))

# Where architectures have headers of one name, aarch64's are seen, but by what belongs to riscv64.
host-riscv64 := -Ifoundation/axhal/riscv64/include
$(H)/obj/foundation/axhal/riscv64/%.o: private host-arch := $(host-riscv64)

# Test files see the private headers of the folders their sources are in.
define unit-rules
$(H)/$(1): private extra := $(sort $(addprefix -I,$(dir $(call host-sources,tests/unit/$(1).c)))) $(call host-libdirs,tests/unit/$(1).c)
$(H)/obj/tests/unit/$(1).o: private host-arch := $(if $(findstring axhal/riscv64/,$(call host-words,tests/unit/$(1).c)),$(host-riscv64))
$(H)/obj/tests/unit/$(1).o: private extra := $(sort $(addprefix -I,$(dir $(call host-sources,tests/unit/$(1).c)))) $(call host-libdirs,tests/unit/$(1).c)
$(H)/$(1): $(call host-object,tests/unit/$(1).c $(call host-sources,tests/unit/$(1).c) $(call host-libs,tests/unit/$(1).c) $(host-common))
	$$(call say,LD,$$@)
	$$(Q)$(HOST_CC) $(sanitize) -o $$@ $$^ -lcmocka
host-objects += $(call host-object,tests/unit/$(1).c $(call host-sources,tests/unit/$(1).c))
endef

host-objects :=
$(foreach t,$(unit-tests),$(eval $(call unit-rules,$(t))))

$(H)/obj/third_party/%.o: third_party/%.c | $(deps-stamp) $(host-queue)
	$(call say,HOSTCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOST_CC) -std=gnu17 -O1 -g -w -fsanitize=address -DZ_SOLO $(host-third-party-flags) $(host-includes) -Ithird_party/oofatfs/include -c $< -o $@

$(H)/obj/%.o: %.c | $(deps-stamp) $(host-queue)
	$(call say,HOSTCC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_CFLAGS) $(extra) -c $< -o $@

##@ Tests
.PHONY: unit fuzz fuzz-corpus
unit: $(addprefix run-,$(or $(T),$(unit-tests))) ## unit tests on the host (T=test_NAME: one)

.PHONY: $(addprefix run-,$(unit-tests))
$(addprefix run-,$(unit-tests)): run-%: $(H)/%
	$(call say,TEST,$*)
	$(Q)ASAN_OPTIONS=detect_leaks=1 $< > $(H)/$*.log 2>&1 || { cat $(H)/$*.log; false; }
	$(Q)tail -n 1 $(H)/$*.log

run-test_platform run-test_platform_riscv: $(board-trees)

define fuzz-rules
$(H)/$(1): tests/fuzz/$(1).c $(call host-sources,tests/fuzz/$(1).c) $(call host-libs,tests/fuzz/$(1).c) $(host-common) | $(deps-stamp) $(host-queue)
	$$(call say,FUZZCC,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(FUZZ_CC) -std=gnu17 -O1 -g -w -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -DAX_HOST_TEST -DZ_SOLO \
		-DAX_FUZZ -DAXVISOR_VERSION='"$(VERSION)"' -DTOP='"$(CURDIR)"' $(host-includes) \
		$(sort $(addprefix -I,$(dir $(call host-sources,tests/fuzz/$(1).c)))) $(call host-libdirs,tests/fuzz/$(1).c) \
		-o $$@ $$(filter %.c,$$^)
$(H)/replay_$(1): $(call host-object,tests/fuzz/$(1).c tests/fuzz/replay.c $(call host-sources,tests/fuzz/$(1).c) $(call host-libs,tests/fuzz/$(1).c) $(host-common))
	$$(call say,LD,$$@)
	$$(Q)$(HOST_CC) $(sanitize) -o $$@ $$^
$(H)/obj/tests/fuzz/$(1).o: private extra := -Wno-missing-prototypes $(sort $(addprefix -I,$(dir $(call host-sources,tests/fuzz/$(1).c)))) $(call host-libdirs,tests/fuzz/$(1).c)
host-objects += $(call host-object,tests/fuzz/$(1).c)
endef
$(foreach t,$(fuzz-tests),$(eval $(call fuzz-rules,$(t))))

# What fuzzing found is added to the corpus by hand; new finds stay in the build folder.
fuzz: $(addprefix fuzz-run-,$(or $(T),$(fuzz-tests))) ## fuzz targets, TIME=60 seconds each (T=fuzz_NAME: one)

.PHONY: $(addprefix fuzz-run-,$(fuzz-tests)) $(addprefix replay-,$(fuzz-tests))
$(addprefix fuzz-run-,$(fuzz-tests)): fuzz-run-%: $(H)/%
	$(Q)mkdir -p $(H)/corpus/$* tests/fuzz/corpus/$(patsubst fuzz_%,%,$*)
	$(Q)$< -max_total_time=$(TIME) -timeout=10 -rss_limit_mb=2048 -artifact_prefix=$(H)/ $(H)/corpus/$* tests/fuzz/corpus/$(patsubst fuzz_%,%,$*)

fuzz-corpus: $(addprefix replay-,$(fuzz-tests)) ## replay the corpus of every fuzz target
$(addprefix replay-,$(fuzz-tests)): replay-%: $(H)/replay_%
	$(call say,REPLAY,$*)
	$(Q)$< $(wildcard tests/fuzz/corpus/$(patsubst fuzz_%,%,$*)/*)

-include $(host-objects:.o=.d) $(patsubst %.c,$(H)/obj/%.d,$(host-common))
