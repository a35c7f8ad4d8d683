#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What AxVisor costs, in instructions, beside the goals.

QEMU counts: with -icount shift=0 one instruction takes one nanosecond of virtual time, so the guests' counters tell
instructions, and the same binary gives the same numbers on every machine. make bench builds what is needed and sets
AXVISOR_OUT and AXVISOR_BIN (docs/testing.md).
"""

import argparse
import gzip
import pathlib
import re
import subprocess
import sys
import tempfile

REPO = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPO / "tools"), str(REPO / "tests/boot")]

import axqemu  # noqa: E402 (found through the line above)
import conftest  # noqa: E402
import machine  # noqa: E402

BOARD = {"aarch64": "qemu-virt-aarch64"}[machine.ARCH]
IMAGES = machine.OUT / machine.ARCH / "guests"
BUILT_IN = machine.OUT / machine.ARCH / "bench/axvisor.bin"
LOADED = r"\[ *(\d+\.\d+) \S+ axvm:\d+\] vm linux: kernel 0x"
RESULT = r"BENCH linux-boot (\d+)\s"
CMDLINE = "console=ttyAMA0 quiet nokaslr"
KEPT_NODES = ("memory", "cpus", "psci", "timer", "intc", "pl011", "apb-pclk", "chosen", "aliases")
LIMIT = 300     # seconds of the host

# Name in the guest's output, what it is, goal.
OPERATIONS = [
    ("hvc-psci-version", "null hypercall (PSCI_VERSION by HVC)", 170),
    ("smc-psci-version", "the same by SMC", None),
    ("gicd-typer-read", "interrupt controller read (GICD_TYPER)", 200),
    ("gicd-isenabler-write-0", "GICD_ISENABLER write of 0", 300),
    ("pl011-fr-read", "emulated UART status read", 350),
    ("ipi-self", "self IPI, send + take + EOI", 900),
    ("timer-virtual", "virtual timer, expiry to first handler instruction", 190),
    ("id-register-read", "ID register read", None),
    ("cntp-ctl-read", "physical timer register read", None),
]


class Bench:
    def __init__(self, scratch):
        self.starter = conftest.Starter(scratch, "bench")
        self.scratch = scratch
        self.missed = 0

    def start(self, vm, **overrides):
        board = axqemu.Board.load(BOARD, smp=1, **overrides)
        disk = self.starter.disk(vm.files())
        return self.starter._start(board.command(machine.BINARY, disk, icount=True, extra=["-no-reboot"]))

    def operations(self, gic):
        """The numbers that the guest `bench` prints."""
        toml = f"""\
[base]
id = 1
name = "bench"
cpu_num = 1
[kernel]
kernel_path = "/guest/images/bench.bin"
memory_regions = [[0x4000_0000, 0x0100_0000, 0x7, 0]]
"""
        guest = self.start(machine.Vm("bench", toml, {"/guest/images/bench.bin": IMAGES / "bench.bin"}), gic=gic)
        guest.expect(r"(PASS|FAIL) bench \d", timeout=LIMIT)
        numbers = {name: int(number) for name, number in re.findall(r"BENCH (\S+) (\d+)", guest.seen)}
        guest.expect(machine.HOST_PROMPT)
        numbers["start"] = int(re.search(r"last start: (\d+) ns", guest.run("vm show 1"))[1])
        guest.close()
        return numbers

    def reset(self, gic):
        """From reset to the first instruction of a guest that is linked into the binary."""
        board = axqemu.Board.load(BOARD, smp=1, gic=gic)
        guest = self.starter._start(board.command(BUILT_IN, icount=True, extra=["-no-reboot"]))
        count = int(guest.expect(r"BENCH reset-to-guest (\d+)\s", timeout=LIMIT)[1])
        guest.close()
        return count

    def initramfs(self):
        """The Linux guest's, with a program added that tells the time when /init has printed its marker."""
        guest = conftest.load_tool("guest")
        init = re.sub(r"(?m)^(echo \"AXVISOR-GUEST-READY.*)$", r"\1\n/counter", (REPO / "tools/guest-init").read_text())
        cpio = guest.Cpio()
        cpio.add_file("init", init.encode(), 0o755)
        cpio.add_file("counter", (IMAGES / "counter").read_bytes(), 0o755)
        path = self.scratch / "initramfs.cpio"      # not compressed: that is not what we measure
        path.write_bytes(gzip.decompress((machine.GUESTS / "initramfs.cpio.gz").read_bytes()) + cpio.pack())
        return path

    def small_board(self, board):
        """QEMU's device tree without what AxVisor's guests do not have: Linux would spend a while on those devices."""
        dtb = self.scratch / "board.dtb"
        command = board.command(machine.GUESTS / "Image")
        command[command.index("-M") + 1] += f",dumpdtb={dtb}"
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        nodes = subprocess.run(["fdtget", "-l", dtb, "/"], check=True, capture_output=True, text=True).stdout.split()
        for node in nodes:
            if not node.startswith(KEPT_NODES):
                subprocess.run(["fdtput", "-r", dtb, f"/{node}"], check=True)
        return dtb

    def boot_directly(self, board, initramfs, extra=()):
        command = board.command(machine.GUESTS / "Image", append=CMDLINE, initrd=initramfs, icount=True, extra=extra)
        direct = self.starter._start(command)
        count = int(direct.expect(RESULT, timeout=LIMIT)[1])
        direct.close()
        return count

    def linux(self):
        """Instructions of a quiet boot to the marker: on QEMU's board, on one like the guest's, under AxVisor."""
        initramfs = self.initramfs()
        vm = machine.linux(cpus=1, cmdline=CMDLINE)
        vm.images["/guest/images/initramfs.cpio.gz"] = initramfs
        guest = self.start(vm, gic=3)
        loaded = float(guest.expect(LOADED, timeout=LIMIT)[1])
        end = int(guest.expect(RESULT, timeout=LIMIT)[1])
        guest.expect(machine.GUEST_PROMPT)
        seeded = "seed" in guest.guest("ls /proc/device-tree/chosen")
        guest.close()
        board = axqemu.Board.load(BOARD, smp=1, gic=3, memory="512M", machine_options=[])
        full = self.boot_directly(board, initramfs)
        # Linux without a seed in its device tree makes random numbers from the timer's jitter: 30 M instructions.
        board.machine_options = [f"dtb-randomness={'on' if seeded else 'off'}"]
        small = self.boot_directly(board, initramfs, ["-dtb", str(self.small_board(board))])
        return full, small, end - int(loaded * 1e9)

    def row(self, what, values, goal, unit=""):
        texts = [f"{value:,}" if isinstance(value, int) else value for value in values]
        missed = goal is not None and any(isinstance(value, (int, float)) and value > goal for value in values)
        self.missed += missed
        goal = "" if goal is None else f"<= {goal:,}{unit}"
        print(f"  {what:<54}" + "".join(f"{text:>14}" for text in texts) + f"{goal:>16}{'  missed' if missed else ''}",
              flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-linux", action="store_true", help="leave the boot of Linux out")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(pathlib.Path(scratch))
        try:
            numbers = [bench.operations(gic) for gic in (2, 3)]
            print(f"  {'instructions':<54}{'GICv2':>14}{'GICv3':>14}{'goal':>16}")
            for name, what, goal in OPERATIONS:
                bench.row(what, [n.get(name, "-") for n in numbers], goal)
            bench.row("reset to first guest instruction, image built in", [bench.reset(gic) for gic in (2, 3)], 1_000_000)
            bench.row("vm start to first guest instruction", [n["start"] for n in numbers], None)
            if not args.no_linux:
                full, direct, guest = bench.linux()
                bench.row("Linux boot, directly on QEMU's board", ["", full], None)
                bench.row("Linux boot, directly, with a device tree like the guest's", ["", direct], None)
                bench.row("Linux boot, guest", ["", guest], direct * 101 // 100)
                print(f"  {'':54}{'':14}{100 * (guest / direct - 1):>+13.2f}%{'<= +1 %':>16}")
            bench.row("size of the binary, bytes", ["", machine.BINARY.stat().st_size], 256 << 10)
        finally:
            bench.starter.close()
    print(f"  {bench.missed} goals missed" if bench.missed else "  all goals reached")
    return 0


if __name__ == "__main__":
    sys.exit(main())
