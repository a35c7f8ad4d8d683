# SPDX-License-Identifier: Apache-2.0
"""What differs between the architectures in the boot tests: tests ask machine.TARGET.

A "machine" here is what Starter.__call__ takes beside the VMs: a board of configs/boards and what differs from it.
"""

import dataclasses
import itertools

QEMU10 = "qemu10-virt-riscv64"
QEMU7 = "qemu7-virt-riscv64"
# QEMU 7.2 loses timer interrupts of guests when it has Sstc and several CPUs (docs/testing.md).
QEMU7_MACHINES = {
    "qemu7": {"board": QEMU7, "cpu": "rv64,sstc=off"},
    "qemu7-aplic": {"board": QEMU7, "cpu": "rv64,sstc=off", "aia": "aplic"},
    "qemu7-sstc": {"board": QEMU7, "smp": 1},
}


@dataclasses.dataclass(frozen=True)
class Target:
    board: str              # where tests run that do not say another one
    bare_boards: tuple      # where the Debian guest is started without AxVisor
    host_ram: int           # where the memory of that board begins
    ram: int                # where the memory of guests begins
    kernel: int             # where in it Images of guests/ ask to lie
    console: str            # Linux's name of it
    original: int           # where guests of the original project have their memory
    small: int              # MiB of a machine that has no room for it there, but elsewhere
    uboot: str              # of Debian's u-boot-qemu
    firmware: str           # the guest that checks calls to the firmware
    registers: str          # the guest that checks system registers
    irqchips: dict          # one machine for each interrupt controller
    machines: dict          # further machines that Debian has to boot on
    register_machines: dict     # further machines for the guests that look at the CPU closely

    guest_irqchips: tuple = ()      # values of devices.interrupt_controller, in the order of irqchips

    def other_irqchips(self):
        """{name: (machine, interrupt controller of its guest)} where the guest's is not like the host's."""
        return {f"{guest}-on-{host}": (self.irqchips[host], guest)
                for host, own in zip(self.irqchips, self.guest_irqchips)
                for guest in self.guest_irqchips if guest != own}

    def at(self, offset):
        """An address in a guest's memory, as text."""
        return f"{self.ram + offset:#x}"


GICS = {"gicv2": {"gic": 2}, "gicv3": {"gic": 3}}

TARGETS = {
    "aarch64": Target(
        board="qemu-virt-aarch64",
        bare_boards=("qemu-virt-aarch64", "xlnx-versal-virt"),
        host_ram=0x4000_0000,
        ram=0x4000_0000,
        kernel=0x8_0000,
        console="ttyAMA0",
        original=0x8000_0000,
        small=640,
        uboot="qemu_arm64",
        firmware="psci",
        registers="sysregs",
        irqchips=GICS,
        machines={
            "cortex-a53": {"cpu": "cortex-a53"},
            "max": {"cpu": "max"},
            "versal": {"board": "xlnx-versal-virt"},
        },
        register_machines={f"{cpu}-{name}": gic | {"cpu": cpu} for cpu, (name, gic) in
                           itertools.product(("cortex-a53", "max"), GICS.items())},
    ),
    "riscv64": Target(
        board="qemu-virt-riscv64",
        bare_boards=("qemu-virt-riscv64", QEMU7, QEMU10),
        host_ram=0x8000_0000,
        ram=0x8000_0000,
        kernel=0x20_0000,
        console="ttyS0",
        original=0x9000_0000,
        small=384,
        uboot="qemu-riscv64_smode",
        firmware="sbi",
        registers="csrs",
        irqchips={
            "plic": {"aia": "none"},
            "aplic": {"aia": "aplic"},
            "imsic": {"board": QEMU10},
        },
        guest_irqchips=("plic", "aplic", "aia"),
        machines={
            "plic-no-sstc": {"cpu": "rv64,sstc=off"},
            "aplic-no-sstc": {"cpu": "rv64,sstc=off", "aia": "aplic"},
            "imsic-no-sstc": {"board": QEMU10, "cpu": "max,sstc=off"},
            "vector": {"cpu": "rv64,v=true"},
            "paging": {"cpu": "rv64,svinval=true,svnapot=true,svpbmt=true"},
            "max-plic": {"board": QEMU10, "aia": "none"},
            "sv39": {"board": QEMU10, "cpu": "max,sv48=off,sv57=off"},
            "imsic-no-files": {"board": QEMU10, "aia_guests": 0},
            "imsic-one-file": {"board": QEMU10, "aia_guests": 1},
            **QEMU7_MACHINES,
        },
        register_machines={
            "no-sstc": {"cpu": "rv64,sstc=off"},
            "vector": {"cpu": "rv64,v=true"},
            "max-plic": {"board": QEMU10, "aia": "none"},
            "imsic-no-files": {"board": QEMU10, "aia_guests": 0},
            **QEMU7_MACHINES,
        },
    ),
}
