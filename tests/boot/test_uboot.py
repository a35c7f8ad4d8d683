# SPDX-License-Identifier: Apache-2.0
"""U-Boot as a guest: a raw binary at a fixed address, with its device tree at the start of memory."""

import pathlib

import pytest

from machine import Vm

import axqemu

UBOOT = pathlib.Path("/usr/lib/u-boot/qemu_arm64/u-boot.bin")
TOML = axqemu.REPO / "configs/vms/u-boot-aarch64.toml"


@pytest.mark.parametrize("gic", [2, 3])
def test_uboot_reaches_its_prompt(boot, gic):
    ax = boot(Vm("u-boot", TOML.read_text(), {"/guest/images/u-boot.bin": UBOOT}), gic=gic)
    ax.expect(r"U-Boot 20\d\d\.\d\d")
    ax.expect("Hit any key")
    ax.send(" ")
    ax.expect("=> ")
    ax.line("bdinfo")
    ax.expect(r"(?s)DRAM bank.*start\s*= 0x0*40000000.*size\s*= 0x0*8000000.*=> ")
