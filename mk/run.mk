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

# Boards with `qemu = 10` (configs/boards) run on this one; it lies in the cache, not in $(O).
.PHONY: qemu10
qemu10:
	$(Q)tools/qemu10

needs-qemu10 := $(if $(filter riscv64,$(ARCH)),qemu10)

$(DISK): tools/mkdisk $(VM) $(GUESTS)/Image
	$(Q)tools/mkdisk --out $@ --images $(GUESTS) $(addprefix --vm ,$(VM))

##@ Running
.PHONY: run run-here disk setup
run: setup ## Debian under AxVisor in QEMU (ARCH=, BOARD=, VM="a.toml b.toml", ARGS="--gic 2 --cpu max")
	@$(MAKE) --no-print-directory run-here

run-here: $(B)/axvisor.bin $(DISK) $(needs-qemu10)
	tools/run --board $(BOARD) --bin $(B)/axvisor.bin --disk $(DISK) $(ARGS)

disk: $(DISK) ## make the disk image with the guest's configuration and files

setup: ## install missing Debian packages
	$(Q)tools/setup

.PHONY: test test-here boot bench
test: setup ## unit tests, fuzz corpus, boot tests of all architectures (ARCHS=riscv64: of that one)
	@$(MAKE) --no-print-directory test-here

# What `make test` covers; `make test ARCH=riscv64` means that one only.
ARCHS ?= $(if $(filter command,$(firstword $(origin ARCH))),$(ARCH),aarch64 riscv64)

# One after the other, so that the boot tests have the machine for themselves and their summary comes last.
test-here:
	@$(MAKE) --no-print-directory check
	@$(MAKE) --no-print-directory unit fuzz-corpus
	@set -e; for arch in $(ARCHS); do $(MAKE) --no-print-directory ARCH=$$arch boot; done

boot-env := AXVISOR_ARCH=$(ARCH) AXVISOR_OUT=$(abspath $(O)) AXVISOR_BIN=$(abspath $(B)/axvisor.bin)

boot: $(B)/axvisor.bin $(GUESTS)/Image guests $(needs-qemu10) ## boot tests in QEMU (T="expression": those that match)
	$(Q)$(boot-env) $(PYTHON) -m pytest -p no:cacheprovider -q tests/boot $(if $(T),-k "$(T)")

bench: setup ## instruction counts of the guests' operations, beside the goals
	@$(MAKE) --no-print-directory bench-here

.PHONY: bench-here
bench-here: $(B)/axvisor.bin $(GUESTS)/Image guests bench-image $(needs-qemu10)
	$(Q)$(boot-env) $(PYTHON) tests/bench/bench.py
