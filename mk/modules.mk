# SPDX-License-Identifier: Apache-2.0
#
# The module rule. A module is a folder with a module.mk that sets
#
#   module            its name
#   needs             the modules (and third-party libraries) whose headers it may include
#   sources           its files; sources-$(ARCH) those of one architecture only
#   includes-$(ARCH)  further public include folders of one architecture; include/ is always one
#   archs             the architectures it exists for (default: all)
#   srcdir            where the sources are, if not beside module.mk (third-party libraries)
#   hot, hot-$(ARCH)  those of its files that are compiled for speed (-O2); all others are compiled for size (-Os)
#   cflags, includes  for the module itself; public-includes for its users (third-party libraries)
#
# A file sees the headers of the modules in its own module's needs, and no others.

module-files := $(sort $(wildcard foundation/*/module.mk hypervisor/*/module.mk third_party/*/module.mk))
modules :=

define module-load
module :=
needs :=
sources :=
sources-$(ARCH) :=
includes :=
includes-$(ARCH) :=
public-includes :=
archs := $(ARCH)
srcdir :=
cflags :=
hot :=
hot-$(ARCH) :=
include $(1)
$$(if $$(filter $(ARCH),$$(archs)),$$(eval $$(call module-store,$(patsubst %/,%,$(dir $(1))))))
endef

# Keep what module.mk said under the module's name. A module always may include its own headers and the C library's.
define module-store
modules += $(module)
$(module).dir := $(1)
$(module).src := $(or $(srcdir),$(1))
$(module).needs := $(needs)
$(module).sources := $(sources) $(sources-$(ARCH))
$(module).public := $(wildcard $(1)/include) $(addprefix $(1)/,$(includes-$(ARCH))) $(public-includes)
$(module).private := $(1) $(includes)
$(module).cflags := $(cflags)
$(module).hot := $(hot) $(hot-$(ARCH))
endef

$(foreach file,$(module-files),$(eval $(call module-load,$(file))))

# Every need exists, the foundation does not need the hypervisor, and there is no circle.
third-party-modules := $(foreach m,$(modules),$(if $(filter third_party/%,$($(m).dir)),$(m)))
foundation-modules  := $(foreach m,$(modules),$(if $(filter foundation/%,$($(m).dir)),$(m)))
$(foreach m,$(modules),$(foreach n,$($(m).needs),$(if $(filter $(n),$(modules)),,$(error $($(m).dir)/module.mk: unknown module "$(n)" in needs))))
$(foreach m,$(foundation-modules),$(foreach n,$(filter-out $(foundation-modules) $(third-party-modules),$($(m).needs)),$(error $($(m).dir)/module.mk: the foundation may not need "$(n)")))
module-order :=
define module-order-step
module-order += $(foreach m,$(filter-out $(module-order),$(modules)),$(if $(filter-out $(module-order),$($(m).needs)),,$(m)))
endef
$(foreach step,$(modules),$(eval $(module-order-step)))
$(if $(filter-out $(module-order),$(modules)),$(error circular needs among: $(filter-out $(module-order),$(modules))))

objects :=

# Code for speed is packed as tightly as code for size: padding to 16 bytes was 2 KB of the binary.
dense := -falign-functions=4 -falign-jumps=1 -falign-loops=1 -falign-labels=1

define module-rules
$(1).objects := $(addprefix $(B)/obj/$(1)/,$(addsuffix .o,$(basename $($(1).sources))))
objects += $$($(1).objects)
$(1).flags := $(addprefix -I,$($(1).private) $(filter-out third_party/%,$($(1).public) $(foreach n,$($(1).needs),$($(n).public)))) \
	$(addprefix -isystem ,$(filter third_party/%,$($(1).public) $(foreach n,$($(1).needs) libc,$($(n).public)))) $($(1).cflags)
$$($(1).objects): private optimize := -Os
$(addprefix $(B)/obj/$(1)/,$(addsuffix .o,$(basename $($(1).hot)))): private optimize := -O2 $(dense)
$(foreach f,$(filter-out $($(1).sources),$($(1).hot)),$$(error $($(1).dir)/module.mk: hot: "$(f)" is no source of the module))

$(B)/obj/$(1)/%.o: $($(1).src)/%.c $($(1).dir)/module.mk mk/modules.mk mk/$(ARCH).mk $(B)/flags | $(deps-stamp)
	$$(call say,CC,$$<)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(CC) $(CFLAGS) $(image-cflags) $$(optimize) -DLOG_MODULE='"$(1)"' $$($(1).flags) -MD -MP -c $$< -o $$@

$(B)/obj/$(1)/%.o: $($(1).src)/%.S $($(1).dir)/module.mk mk/modules.mk mk/$(ARCH).mk $(B)/flags | $(deps-stamp)
	$$(call say,AS,$$<)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(CC) $(CFLAGS) $$($(1).flags) -MD -MP -c $$< -o $$@
endef

$(foreach m,$(modules),$(eval $(call module-rules,$(m))))
