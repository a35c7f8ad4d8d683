# SPDX-License-Identifier: Apache-2.0
"""How a board of configs/boards is started in QEMU: the library behind tools/run and the boot tests."""

import dataclasses
import pathlib
import tomllib

REPO = pathlib.Path(__file__).resolve().parent.parent
BOARDS = REPO / "configs/boards"

# Repeatable instruction counts: 1 instruction is 1 ns of virtual time.
ICOUNT = ["-icount", "shift=0,sleep=off", "-seed", "1", "-rtc", "base=2026-01-01,clock=vm"]


@dataclasses.dataclass
class Board:
    """One configs/boards/NAME.toml. What the machine itself fixes is left out there and stays None."""
    arch: str
    machine: str
    machine_options: list[str] = dataclasses.field(default_factory=list)
    gic: int | None = None
    cpu: str | None = None
    smp: int | None = None
    memory: str = "2G"
    disk: str = "virtio-mmio"       # or "ramdisk": handed over by the boot loader

    @classmethod
    def load(cls, name, **overrides):
        """Reads a board by name or path; an override that is None changes nothing."""
        path = BOARDS / f"{name}.toml"
        with open(path if path.exists() else name, "rb") as file:
            values = tomllib.load(file)
        values |= {key: value for key, value in overrides.items() if value is not None}
        try:
            return cls(**values)
        except TypeError as error:
            raise ValueError(f"{path}: {error}") from None

    def _machine(self):
        options = list(self.machine_options)
        if self.gic:
            options.append(f"gic-version={self.gic}")
        return ",".join([self.machine, *options])

    def _disk(self, disk, writable):
        if self.disk == "ramdisk":
            return ["-initrd", str(disk)]
        if self.disk != "virtio-mmio":
            raise ValueError(f"disk = \"{self.disk}\": expected virtio-mmio or ramdisk")
        snapshot = "off" if writable else "on"
        return ["-global", "virtio-mmio.force-legacy=false",
                "-drive", f"if=none,id=disk,format=raw,file={disk},snapshot={snapshot}",
                "-device", "virtio-blk-device,drive=disk"]

    def command(self, kernel, disk=None, append="", *, qemu=None, icount=False, interactive=False, writable=False,
                initrd=None, extra=()):
        """The QEMU command line. The console is on stdin and stdout, where Ctrl+C goes to the machine.

        @interactive: Ctrl+] leads to QEMU (Ctrl+] x ends it)
        @writable:    keep what is written to the disk
        @initrd:      a file handed over like a boot loader does (a bare Linux boot, for comparison)
        """
        words = [qemu or f"qemu-system-{self.arch}", "-M", self._machine(), "-m", self.memory, "-nodefaults",
                 "-display", "none", "-nic", "none", "-kernel", str(kernel)]
        if self.cpu:
            words += ["-cpu", f"{self.cpu},pauth-impdef=on" if self.cpu == "max" else self.cpu]
        if self.smp:
            words += ["-smp", str(self.smp)]
        if disk:
            words += self._disk(disk, writable)
        if initrd:
            words += ["-initrd", str(initrd)]
        if append:
            words += ["-append", append]
        if icount:
            words += ICOUNT
        words += ["-chardev", f"stdio,id=console,signal=off,mux={'on' if interactive else 'off'}",
                  "-serial", "chardev:console"]
        words += ["-mon", "chardev=console", "-echr", "0x1d"] if interactive else ["-monitor", "none"]
        return words + list(extra)
