# SPDX-License-Identifier: Apache-2.0
"""A machine under test: QEMU with its console, and the virtual machines that are put on its disk."""

import dataclasses
import json
import os
import pathlib
import re
import shlex
import time

import pexpect
import pytest

import axqemu
import targets

OUT = pathlib.Path(os.environ.get("AXVISOR_OUT") or axqemu.REPO / "out").resolve()
ARCH = os.environ.get("AXVISOR_ARCH", "aarch64")
TARGET = targets.TARGETS[ARCH]
BINARY = pathlib.Path(os.environ.get("AXVISOR_BIN") or OUT / ARCH / "axvisor.bin").resolve()
GUESTS = OUT / "guests" / ARCH
TIMEOUT = float(os.environ.get("AXVISOR_TIMEOUT", "90"))

HOST_PROMPT = r"axvisor:[^ \r\n]*\$ "
GUEST_PROMPT = r"guest:~# "
READY = r"AXVISOR-GUEST-READY cpus=(\d+) mem=(\d+)kB"
PANIC = r"(?i)\bpanic(?: on cpu|:)[^\r\n]*|Kernel panic - not syncing[^\r\n]*"

ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>78]")
PARTIAL_ESCAPE = re.compile(r"\x1b(\[[0-?]*[ -/]*|[()])?\Z")
# One test for each interrupt controller: those get what `boot` takes, by the name of the machine.
each_irqchip = pytest.mark.parametrize("irqchip", TARGET.irqchips.values(), ids=TARGET.irqchips)
each_other_irqchip = pytest.mark.parametrize(("host", "irqchip"), TARGET.other_irqchips().values(),
                                             ids=TARGET.other_irqchips())
aarch64_only = pytest.mark.arch("aarch64")
riscv64_only = pytest.mark.arch("riscv64")

LOG_LINE = re.compile(r"^\[ *\d+\.\d+ +\d+:\S+ +\S+:\d+\].*\n?", re.MULTILINE)


@dataclasses.dataclass
class Vm:
    """One file of /guest/vm_default and the images that it names, as {path on the disk: host file or text}."""
    name: str
    toml: str
    images: dict = dataclasses.field(default_factory=dict)

    def files(self):
        return {f"/guest/vm_default/{self.name}.toml": self.toml} | self.images


CMDLINE = f"console={TARGET.console} quiet"


def linux(id=1, name="linux", cpus=2, mib=512, cmdline=CMDLINE, base="", kernel="", devices=""):
    """The Debian guest of tools/guest. The last three are further lines of these tables."""
    toml = f"""\
[base]
id = {id}
name = "{name}"
cpu_num = {cpus}
{base}
[kernel]
kernel_path = "/guest/images/Image"
ramdisk_path = "/guest/images/initramfs.cpio.gz"
cmdline = "{cmdline}"
memory_regions = [[{TARGET.ram:#x}, {mib << 20:#x}, 0x7, 0]]
{kernel}
[devices]
{devices}
"""
    images = {f"/guest/images/{file}": GUESTS / file for file in ("Image", "initramfs.cpio.gz")}
    return Vm(name, toml, images)


class Console(pexpect.spawn):
    """A process on a terminal whose text comes without escape sequences. Everything raw goes to a log file."""

    def __init__(self, command, log):
        self.raw_log = open(log, "w", encoding="utf-8", errors="replace")
        self.raw_log.write(shlex.join(command) + "\n")
        self.held_back = ""
        self.seen = ""
        super().__init__(command[0], command[1:], encoding="utf-8", codec_errors="replace", echo=False,
                         dimensions=(50, 200), maxread=65536)
        self.delaybeforesend = None

    def read_nonblocking(self, size=1, timeout=-1):
        text = super().read_nonblocking(size, timeout)
        self.raw_log.write(text)
        self.raw_log.flush()
        text = self.held_back + text
        partial = PARTIAL_ESCAPE.search(text)
        self.held_back = partial[0] if partial else ""
        text = ESCAPES.sub("", text[:len(text) - len(self.held_back)])
        self.seen += text
        return text

    def close(self, force=True):
        super().close(force)
        self.raw_log.close()


class Machine:
    """A running QEMU. All waiting is for text, with a limit; a failure shows what the console said last."""

    def __init__(self, command, log):
        self.console = Console(command, log)
        self.log = log

    @property
    def seen(self):
        """All that the console has said up to the last text waited for."""
        return self.console.seen.replace("\r", "")

    def expect(self, pattern, timeout=TIMEOUT):
        """Waits for a regular expression (or one of a list); returns the match object."""
        __tracebackhide__ = True  # pytest shows the test's line
        patterns = pattern if isinstance(pattern, list) else [pattern]
        index = self.console.expect([*patterns, PANIC, pexpect.EOF, pexpect.TIMEOUT], timeout=timeout)
        if index < len(patterns):
            return self.console.match
        reason = ("panic", "QEMU ended", f"nothing for {timeout:g} s")[index - len(patterns)]
        if reason == "panic":  # let the register dump come
            self.console.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=2)
        last = "\n".join(self.seen.splitlines()[-40:])
        raise AssertionError(f"waiting for {' or '.join(map(repr, patterns))}: {reason}\n"
                             f"--- end of {self.log} ---\n{last}")

    def expect_end(self, timeout=TIMEOUT):
        """Waits until QEMU ends; its exit code must be 0."""
        index = self.console.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=timeout)
        last = "\n".join(self.seen.splitlines()[-40:])
        assert index == 0, f"QEMU still runs after {timeout:g} s\n--- end of {self.log} ---\n{last}"
        self.console.close()
        assert self.console.exitstatus == 0, f"QEMU's exit code: {self.console.exitstatus}"

    def send(self, text):
        self.console.send(text)

    def line(self, text):
        """Types a line."""
        self.send(text + "\r")

    def _command(self, command, prompt, timeout):
        """Types a command at a prompt and returns what it printed."""
        self.line(command)
        match = self.expect(re.escape(command) + r"[ \r]*\n((?s:.*?))" + prompt, timeout)
        return match[1].replace("\r", "")

    def guest(self, command, timeout=TIMEOUT):
        """Runs a command in the Linux guest that has the console, at its prompt."""
        return self._command(command, GUEST_PROMPT, timeout)

    def interrupt_cat(self):
        """Ends a program in the Linux guest with Ctrl+C, once its answer shows that it runs."""
        self.line("echo on; cat")
        self.expect(r"\non\r")  # the shell no longer edits the line: what is typed now goes to cat
        self.line("hello")
        self.expect(r"hello\s+hello")
        self.send("\x03")
        self.expect(GUEST_PROMPT)

    def login(self, timeout=TIMEOUT):
        """Waits for a Linux guest; returns (CPUs, memory in KiB) as it sees them."""
        match = self.expect(READY, timeout)
        self.expect(GUEST_PROMPT, timeout)
        return int(match[1]), int(match[2])

    def shell(self):
        """Takes the console from whichever guest has it."""
        self.send("\x18h")
        self.expect(HOST_PROMPT)

    def attach(self, vm):
        """From AxVisor's shell to the console of a guest."""
        self.line(f"vm console {vm}")

    def run(self, command, timeout=TIMEOUT):
        """Runs a command in AxVisor's shell; log lines that come in between are left out."""
        return LOG_LINE.sub("", self._command(command, HOST_PROMPT, timeout))

    def json(self, command):
        """What a command prints with --format json."""
        text = self.run(f"{command} --format json")
        try:
            return json.loads(text)
        except ValueError as error:
            raise AssertionError(f"{command} --format json: {error}\n{text}") from None

    def until(self, condition, what, timeout=TIMEOUT):
        """Asks again until condition() holds: for states that no text announces."""
        end = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < end, f"{what}: not within {timeout:g} s\n{self.seen[-3000:]}"
            time.sleep(0.1)

    def close(self):
        self.console.close()
