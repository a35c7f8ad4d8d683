# SPDX-License-Identifier: Apache-2.0
#
# AxVisor. `make help` lists what can be made.

ARCH   ?= aarch64
O      ?= out
BOARD  ?= qemu-virt-$(ARCH)
PYTHON ?= /usr/bin/python3
Q      := $(if $(V),,@)
B      := $(O)/$(ARCH)

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.DEFAULT_GOAL := axvisor

say = $(if $(V),,@printf '  %-8s %s\n' '$(1)' '$(2)')

deps-stamp := third_party/src/.stamp
board-trees := third_party/src/dtbs/.stamp
# Without frame pointers: backtraces go on with whoever called into the library.
third-party-cflags := -w -fomit-frame-pointer

include mk/$(ARCH).mk
include mk/flags.mk
include mk/modules.mk
include mk/guests.mk
include mk/image.mk
include mk/host.mk
include mk/run.mk
include mk/selftest.mk

.PHONY: help clean distclean deps check

##@ General
help: ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nVariables: ARCH=%s O=%s BOARD=%s VMS="a.toml" (link VMs in) V=1 (print commands) DEBUG=1 (allocator checks)\n' $(ARCH) $(O) $(BOARD)

clean: ## remove what was built
	rm -rf $(O)

distclean: clean ## remove also the fetched third-party sources (downloads stay in the cache)
	rm -rf third_party/src

deps: $(deps-stamp) ## fetch the pinned third-party sources

$(deps-stamp): third_party/lock tools/deps
	$(Q)tools/deps
	$(Q)touch $@

# Sources that are not there yet come with the stamp.
third_party/src/%: | $(deps-stamp) ;
.PRECIOUS: third_party/src/%

# Device trees of real boards, for the unit tests of discovery.
$(board-trees): third_party/lock tools/deps
	$(Q)tools/deps dtbs
	$(Q)touch $@

check: $(deps-stamp) ## formatting, static analysis, structure
	$(Q)tools/check

-include $(objects:.o=.d)
