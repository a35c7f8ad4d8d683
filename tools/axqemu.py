# SPDX-License-Identifier: Apache-2.0
"""How a board of configs/boards is started in QEMU: the library behind tools/run and the boot tests."""

import dataclasses
import pathlib
import tomllib

import axapt

REPO = pathlib.Path(__file__).resolve().parent.parent
BOARDS = REPO / "configs/boards"

# Repeatable instruction counts: 1 instruction is 1 ns of virtual time.
ICOUNT = ["-icount", "shift=0,sleep=off", "-seed", "1", "-rtc", "base=2026-01-01,clock=vm"]


def qemu10_dir():
    """Where tools/qemu10 unpacks to."""
    return axapt.cache_dir() / "qemu10"


@dataclasses.dataclass
class Board:
    """One configs/boards/NAME.toml. What the machine itself fixes is left out there and stays None."""
    arch: str
    machine: str
    machine_options: list[str] = dataclasses.field(default_factory=list)
    gic: int | None = None          # aarch64
    aia: str | None = None          # riscv64: none, aplic or aplic-imsic
    aia_guests: int | None = None   # guest interrupt files of each hart, with aplic-imsic
    cpu: str | None = None
    smp: int | None = None
    memory: str = "2G"
    disk: str = "virtio-mmio"       # or "ramdisk": handed over by the boot loader
    qemu: int | None = None         # 10: the one of tools/qemu10; otherwise the one installed

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
        options = [f"{name}={value}" for name, value in
                   (("gic-version", self.gic), ("aia", self.aia), ("aia-guests", self.aia_guests)) if value is not None]
        return ",".join([self.machine, *self.machine_options, *options])

    def _program(self):
        name = f"qemu-system-{self.arch}"
        if self.qemu is None:
            return [name]
        if self.qemu != 10 or not (qemu10_dir() / name).exists():
            raise ValueError(f"qemu = {self.qemu}: there is only 10, for riscv64; `tools/qemu10` unpacks it")
        return [str(qemu10_dir() / name), "-L", str(qemu10_dir())]

    def _cpu(self):
        """QEMU's max for aarch64 computes pointer authentication slowly unless asked not to."""
        return f"{self.cpu},pauth-impdef=on" if (self.arch, self.cpu) == ("aarch64", "max") else self.cpu

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
        words = [*([qemu] if qemu else self._program()), "-M", self._machine(), "-m", self.memory, "-nodefaults",
                 "-display", "none", "-nic", "none", "-kernel", str(kernel)]
        if self.cpu:
            words += ["-cpu", self._cpu()]
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
