# SPDX-License-Identifier: Apache-2.0
#
# Running and testing. `make run` and `make test` install what is missing first, and then call make again: what this file
# asks the compilers when it is read may not have been there before.

GUESTS := $(O)/guests/$(ARCH)
DISK   := $(B)/disk.img
VM     ?= configs/vms/linux-$(ARCH).toml

$(GUESTS)/Image: tools/guest tools/guest-init tools/axapt.py
	$(Q)tools/guest --arch $(ARCH) --out $(GUESTS)
	$(Q)touch $@

$(DISK): tools/mkdisk $(VM) $(GUESTS)/Image
	$(Q)tools/mkdisk --out $@ --images $(GUESTS) $(addprefix --vm ,$(VM))

##@ Running
.PHONY: run run-here disk setup
run: setup ## Debian under AxVisor in QEMU (BOARD=..., VM="a.toml b.toml", ARGS="--gic 2 --cpu max")
	@$(MAKE) --no-print-directory run-here

run-here: $(B)/axvisor.bin $(DISK)
	tools/run --board $(BOARD) --bin $(B)/axvisor.bin --disk $(DISK) $(ARGS)

disk: $(DISK) ## make the disk image with the guest's configuration and files

setup: ## install missing Debian packages
	$(Q)tools/setup

.PHONY: test test-here boot bench
test: setup ## unit tests, fuzz corpus, boot tests
	@$(MAKE) --no-print-directory test-here

# One after the other, so that the boot tests have the machine for themselves and their summary comes last.
test-here:
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory unit fuzz-corpus
	@$(MAKE) --no-print-directory boot

boot-env := AXVISOR_ARCH=$(ARCH) AXVISOR_OUT=$(abspath $(O)) AXVISOR_BIN=$(abspath $(B)/axvisor.bin)

boot: $(B)/axvisor.bin $(GUESTS)/Image guests ## boot tests in QEMU (T="expression": those that match)
	$(Q)$(boot-env) $(PYTHON) -m pytest -p no:cacheprovider -q tests/boot $(if $(T),-k "$(T)")

bench: setup ## instruction counts of the guests' operations, beside the goals
	@$(MAKE) --no-print-directory bench-here

.PHONY: bench-here
bench-here: $(B)/axvisor.bin $(GUESTS)/Image guests bench-image
	$(Q)$(boot-env) $(PYTHON) tests/bench/bench.py
