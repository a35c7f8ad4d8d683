#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What AxVisor costs, in instructions, beside the goals.

QEMU counts: with -icount shift=0 one instruction takes one nanosecond of virtual time, so the guests' counters tell
instructions, and the same binary gives the same numbers on every machine. make bench builds what is needed and sets
AXVISOR_OUT and AXVISOR_BIN (docs/testing.md).
"""

import argparse
import dataclasses
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
import targets  # noqa: E402

IMAGES = machine.OUT / machine.ARCH / "guests"
BUILT_IN = machine.OUT / machine.ARCH / "bench/axvisor.bin"
LOADED = r"\[ *(\d+\.\d+) \S+ axvm:\d+\] vm linux: kernel 0x"
RESULT = r"BENCH linux-boot (\d+)\s"
LIMIT = 300     # seconds of the host


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is measured on one architecture."""
    columns: dict           # {title: machine, as in tests/boot/targets.py}
    linux: str              # the column of the boot of Linux
    linux_limit: int        # what the boot may cost, in percent of a direct one
    linux_parameters: str   # of the kernel, in both boots
    kept_nodes: tuple       # beginnings of the names of those of QEMU's devices that guests have too
    firmware: bool          # something runs before AxVisor, and before a kernel that is started directly
    operations: list        # [(name in the guest's output, what it is, goal)]


PLANS = {
    "aarch64": Plan(
        columns={"GICv2": {"gic": 2}, "GICv3": {"gic": 3}},
        linux="GICv3",
        linux_limit=101,
        linux_parameters="nokaslr",
        kept_nodes=("memory", "cpus", "psci", "timer", "intc", "pl011", "apb-pclk", "chosen", "aliases"),
        firmware=False,
        operations=[
            ("hvc-psci-version", "null hypercall (PSCI_VERSION by HVC)", 170),
            ("smc-psci-version", "the same by SMC", None),
            ("gicd-typer-read", "interrupt controller read (GICD_TYPER)", 200),
            ("gicd-isenabler-write-0", "GICD_ISENABLER write of 0", 300),
            ("pl011-fr-read", "emulated UART status read", 350),
            ("ipi-self", "self IPI, send + take + EOI", 900),
            ("timer-virtual", "virtual timer, expiry to first handler instruction", 190),
            ("id-register-read", "ID register read", None),
            ("cntp-ctl-read", "physical timer register read", None),
        ],
    ),
    "riscv64": Plan(
        columns={"PLIC": {"board": targets.QEMU7}, "PLIC, no Sstc": {"board": targets.QEMU7, "cpu": "rv64,sstc=off"},
                 "APLIC": {"board": targets.QEMU7, "aia": "aplic"}, "IMSIC": {"board": targets.QEMU10}},
        linux="PLIC",
        linux_limit=105,
        # The self-tests of its cryptography run in threads beside /init: how much of them comes before the marker is
        # a matter of luck, the letters of a parameter that nobody knows make 46 M instructions of 970 M, also directly.
        linux_parameters="nokaslr cryptomgr.notests",
        kept_nodes=("memory", "cpus", "soc", "plic", "clint", "serial", "chosen", "aliases"),
        firmware=True,
        operations=[
            ("sbi_null", "null SBI call (get_spec_version)", 200),
            ("sbi_set_timer", "SBI set_timer", 300),
            ("sbi_legacy_set_timer", "the same by the legacy call", None),
            ("intc_read", "interrupt controller read", 250),
            ("intc_enable", "interrupt controller enable write", None),
            ("uart_read", "emulated UART status read", 350),
            ("ipi_self", "self IPI by SBI, send + take", None),
            ("ipi_self_imsic", "self IPI by IMSIC, send + take", None),
            ("vtimer", "virtual timer, expiry to first handler instruction", None),
            ("vtimer_sbi", "the same, set by SBI", None),
            ("stimecmp_write", "stimecmp write", None),
            ("cycle_read", "cycle counter read", None),
        ],
    ),
}
PLAN = PLANS[machine.ARCH]
CMDLINE = f"{machine.CMDLINE} {PLAN.linux_parameters}"


class Bench:
    def __init__(self, scratch):
        self.starter = conftest.Starter(scratch, "bench")
        self.scratch = scratch
        self.missed = 0

    @staticmethod
    def board(machine_under_test, **overrides):
        values = {"board": machine.TARGET.board, "smp": 1} | machine_under_test | overrides
        return axqemu.Board.load(values.pop("board"), **values)

    def start(self, vm, machine_under_test):
        board = self.board(machine_under_test)
        disk = self.starter.disk(vm.files())
        return self.starter._start(board.command(machine.BINARY, disk, icount=True, extra=["-no-reboot"]))

    def operations(self, machine_under_test):
        """The numbers that the guest `bench` prints."""
        toml = f"""\
[base]
id = 1
name = "bench"
cpu_num = 1
[kernel]
kernel_path = "/guest/images/bench.bin"
memory_regions = [[{machine.TARGET.ram:#x}, 0x0100_0000, 0x7, 0]]
"""
        vm = machine.Vm("bench", toml, {"/guest/images/bench.bin": IMAGES / "bench.bin"})
        guest = self.start(vm, machine_under_test)
        guest.expect(r"(PASS|FAIL) bench \d", timeout=LIMIT)
        numbers = {name: int(number) for name, number in re.findall(r"BENCH (\S+) (\d+)", guest.seen)}
        guest.expect(machine.HOST_PROMPT)
        numbers["start"] = int(re.search(r"last start: (\d+) ns", guest.run("vm show 1"))[1])
        guest.close()
        return numbers

    def reset(self, machine_under_test, binary=BUILT_IN):
        """From reset to the first instruction of a guest that is linked into the binary, or is the binary."""
        board = self.board(machine_under_test)
        guest = self.starter._start(board.command(binary, icount=True, extra=["-no-reboot"]))
        count = int(guest.expect(r"BENCH reset-to-guest (\d+)\s", timeout=LIMIT)[1])
        guest.close()
        return count

    def firmware(self, machine_under_test):
        """What runs before the first instruction of a kernel that the machine starts itself."""
        return self.reset(machine_under_test, IMAGES / "bench.bin") if PLAN.firmware else 0

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

    def small_board(self, board, seeded):
        """QEMU's device tree without what AxVisor's guests do not have: Linux would spend a while on those devices.

        Without a seed in its device tree it would make random numbers from the timer's jitter, 30 M instructions on
        aarch64, 140 M on riscv64, where QEMU puts a seed into every tree: a guest without one is at a disadvantage.
        """
        dtb = self.scratch / "board.dtb"
        command = board.command(machine.GUESTS / "Image", append=CMDLINE, extra=["-seed", "1"])
        command[command.index("-M") + 1] += f",dumpdtb={dtb}"
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def nodes(path):
            out = subprocess.run(["fdtget", "-l", dtb, path], check=True, capture_output=True, text=True).stdout
            return [f"{path.rstrip('/')}/{name}" for name in out.split()]

        for node in nodes("/") + (nodes("/soc") if "/soc" in nodes("/") else []):
            if not node.rpartition("/")[2].startswith(PLAN.kept_nodes):
                subprocess.run(["fdtput", "-r", dtb, node], check=True)
        for seed in () if seeded else ("rng-seed", "kaslr-seed"):   # where there is one
            subprocess.run(["fdtput", "-d", dtb, "/chosen", seed], check=False, stderr=subprocess.DEVNULL)
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
        column = PLAN.columns[PLAN.linux]
        guest = self.start(vm, column)
        loaded = float(guest.expect(LOADED, timeout=LIMIT)[1])
        end = int(guest.expect(RESULT, timeout=LIMIT)[1])
        guest.expect(machine.GUEST_PROMPT)
        seeded = "seed" in guest.guest("ls /proc/device-tree/chosen")
        guest.close()
        board = self.board(column, memory="512M")
        board.machine_options = []
        firmware = self.firmware(column | {"memory": "512M", "machine_options": []})
        full = self.boot_directly(board, initramfs) - firmware
        small = self.boot_directly(board, initramfs, ["-dtb", str(self.small_board(board, seeded))]) - firmware
        return full, small, end - int(loaded * 1e9)

    def single(self, what, value, goal=None):
        """A row with a number in the column of Linux only."""
        self.row(what, [value if title == PLAN.linux else "" for title in PLAN.columns], goal)

    def row(self, what, values, goal):
        texts = [f"{value:,}" if isinstance(value, int) else value for value in values]
        missed = isinstance(goal, int) and any(isinstance(value, int) and value > goal for value in values)
        self.missed += missed
        goal = "" if goal is None else goal if isinstance(goal, str) else f"<= {goal:,}"
        print(f"  {what:<54}" + "".join(f"{text:>14}" for text in texts) + f"{goal:>16}{'  missed' if missed else ''}",
              flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--no-linux", action="store_true", help="leave the boot of Linux out")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(pathlib.Path(scratch))
        try:
            numbers = [bench.operations(column) for column in PLAN.columns.values()]
            print(f"  {'instructions':<54}" + "".join(f"{title:>14}" for title in PLAN.columns) + f"{'goal':>16}")
            for name, what, goal in PLAN.operations:
                bench.row(what, [n.get(name, "-") for n in numbers], goal)
            resets = [bench.reset(column) - bench.firmware(column) for column in PLAN.columns.values()]
            bench.row("reset to first guest instruction, image built in", resets, 1_000_000)
            bench.row("vm start to first guest instruction", [n["start"] for n in numbers], None)
            if not args.no_linux:
                full, direct, guest = bench.linux()
                bench.single("Linux boot, directly on QEMU's board", full)
                bench.single("Linux boot, directly, with a device tree like the guest's", direct)
                bench.single("Linux boot, guest", guest, direct * PLAN.linux_limit // 100)
                bench.single("", f"{100 * (guest / direct - 1):+.2f}%", f"<= +{PLAN.linux_limit - 100} %")
            bench.single("size of the binary, bytes", machine.BINARY.stat().st_size, 256 << 10)
        finally:
            bench.starter.close()
    print(f"  {bench.missed} goals missed" if bench.missed else "  all goals reached")
    return 0


if __name__ == "__main__":
    sys.exit(main())
