# SPDX-License-Identifier: Apache-2.0
"""U-Boot as a guest: a raw binary at a fixed address, with its device tree at the start of memory."""

import pathlib

from machine import ARCH, TARGET, Vm, each_irqchip

import axqemu

UBOOT = pathlib.Path("/usr/lib/u-boot") / TARGET.uboot / "u-boot.bin"
TOML = axqemu.REPO / f"configs/vms/u-boot-{ARCH}.toml"


@each_irqchip
def test_uboot_reaches_its_prompt(boot, irqchip):
    ax = boot(Vm("u-boot", TOML.read_text(), {"/guest/images/u-boot.bin": UBOOT}), **irqchip)
    ax.expect(r"U-Boot 20\d\d\.\d\d")
    ax.expect("Hit any key")
    ax.send(" ")
    ax.expect("=> ")
    ax.line("bdinfo")
    ax.expect(rf"(?s)DRAM bank.*start\s*= 0x0*{TARGET.ram:x}.*size\s*= 0x0*8000000.*=> ")
