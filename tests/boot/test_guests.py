# SPDX-License-Identifier: Apache-2.0
"""The bare-metal guests of guests/: each checks one part of the machine that AxVisor shows it."""

import itertools
import re

import pytest

from machine import ARCH, HOST_PROMPT, OUT, TARGET, Vm, each_irqchip, each_other_irqchip, riscv64_only
from targets import QEMU7_MACHINES

IMAGES = OUT / ARCH / "guests"
GUESTS = ("hello", "smp", "timer", "irq", "mmio", "memory", TARGET.firmware, TARGET.registers, "fp", "hostile")
SLOW = 120      # the limit for a guest on a busy machine


def guest(name, id=1, cpus=4, mib=16, cmdline="", base="", devices=""):
    toml = f"""\
[base]
id = {id}
name = "{name}"
cpu_num = {cpus}
{base}
[kernel]
kernel_path = "/guest/images/{name}.bin"
cmdline = "{cmdline}"
memory_regions = [[{TARGET.ram:#x}, {mib << 20:#x}, 0x7, 0]]
[devices]
{devices}
"""
    return Vm(name, toml, {f"/guest/images/{name}.bin": IMAGES / f"{name}.bin"})


def expect_pass(ax, name):
    """Waits for the verdict; a failure shows the checks that failed."""
    verdict = ax.expect(rf"(PASS|FAIL) {name} \d[^\r\n]*", timeout=SLOW)
    failed = re.findall(r"^(?:FAIL|  [a-z0-9/_-]+[ :]).*", ax.seen, re.MULTILINE)
    assert verdict[1] == "PASS", "\n".join(failed)


def stopped(ax, name):
    return any(vm["name"] == name and vm["status"].lower() == "stopped" for vm in ax.json("vm list"))


@each_irqchip
@pytest.mark.parametrize("name", GUESTS)
def test_guest_passes(boot, name, irqchip):
    ax = boot(guest(name), **irqchip)
    expect_pass(ax, name)
    ax.expect(HOST_PROMPT)
    ax.until(lambda: stopped(ax, name), "the VM stops")


@riscv64_only
@each_other_irqchip
@pytest.mark.parametrize("name", ["smp", "timer", "irq", "hostile"])
def test_guest_passes_with_another_interrupt_controller(boot, name, host, irqchip):
    ax = boot(guest(name, devices=f'interrupt_controller = "{irqchip}"'), **host)
    expect_pass(ax, name)


@pytest.mark.parametrize("machine", TARGET.register_machines.values(), ids=TARGET.register_machines)
def test_system_registers_of_other_cpus(boot, machine):
    ax = boot(guest(TARGET.registers), **machine)
    expect_pass(ax, TARGET.registers)


@riscv64_only
@pytest.mark.parametrize(("name", "machine"), [
    *itertools.product(["smp", "timer", "irq", "hostile"], QEMU7_MACHINES),
    ("mmio", "qemu7"),      # on one CPU QEMU makes a load and a store of an atomic operation
    ("mmio", "qemu7-aplic"),
])
def test_guest_passes_on_the_other_qemu(boot, name, machine):
    """Where faults come without htinst: AxVisor fetches the guest's instruction."""
    ax = boot(guest(name), **QEMU7_MACHINES[machine])
    expect_pass(ax, name)


@pytest.mark.parametrize("name", ["smp", "timer", "irq", "fp"])
def test_guest_passes_on_one_physical_cpu(boot, name):
    ax = boot(guest(name), smp=1)
    expect_pass(ax, name)


def test_guest_passes_with_eight_cpus(boot):
    ax = boot(guest("smp", cpus=8), smp=4)
    expect_pass(ax, "smp")


def test_reset_starts_again(boot):
    """What was there before does not matter: each time all memory is zero and the guest runs as for the first time."""
    ax = boot(guest(TARGET.firmware, cmdline="reset"))
    for _ in range(5):
        ax.expect(f"{TARGET.firmware}: reset")
    ax.shell()
    ax.run("vm stop 1")
    ax.until(lambda: stopped(ax, TARGET.firmware), "the VM stops")


def test_a_guest_that_ended_starts_again(boot):
    ax = boot(guest("memory"))
    expect_pass(ax, "memory")
    for _ in range(3):
        ax.expect(HOST_PROMPT)
        ax.until(lambda: stopped(ax, "memory"), "the VM stops")
        ax.run("vm start 1")
        ax.attach(1)
        expect_pass(ax, "memory")


@each_irqchip
def test_echo_receives_by_interrupt(boot, irqchip):
    ax = boot(guest("echo", cpus=1), **irqchip)
    ax.expect("echo ready")
    for text in ("a", "The quick brown fox jumps over the lazy dog.", "0123456789" * 20):
        ax.line(text)
        ax.expect(re.escape(text) + r"\r*\n")
    ax.send("\x04")
    expect_pass(ax, "echo")


def heartbeat(ax, name="spin"):
    """The number that the guest on the console says next."""
    return int(ax.expect(rf"{name} (\d+)")[1])


def host_memory(ax):
    """What the host has not spent on itself: what guests got when they touched it stays theirs after they stop."""
    mem = ax.json("mem")
    return mem["free"] + mem["owners"]["guest memory"] + mem["owners"]["guest page tables"]


@each_irqchip
@pytest.mark.parametrize("smp", [1, 4])
def test_a_hostile_guest_harms_nobody(boot, irqchip, smp):
    """Its neighbour and the host's shell go on while it runs and after it."""
    ax = boot(guest("spin", id=1, cpus=1), guest("hostile", id=2), smp=smp, **irqchip)
    before = heartbeat(ax)
    ax.shell()
    before_attack = host_memory(ax)
    ax.attach(2)
    expect_pass(ax, "hostile")
    ax.expect(HOST_PROMPT)
    ax.until(lambda: stopped(ax, "hostile"), "the VM stops")
    ax.attach(1)
    assert heartbeat(ax) > before
    heartbeat(ax)
    ax.shell()
    assert host_memory(ax) >= before_attack
    assert "spin" in ax.run("vm list")


def test_busy_neighbours_get_their_share(boot):
    """Two guests that never sleep on one CPU: time is shared, and the registers of the third are its own."""
    ax = boot(guest("fp", id=1, cpus=2), guest("spin", id=2, cpus=1, cmdline="busy"), smp=1)
    expect_pass(ax, "fp")
    ax.expect(HOST_PROMPT)
    ax.attach(2)
    first = heartbeat(ax)
    assert heartbeat(ax) > first


@each_irqchip
def test_all_guests_at_once(boot, irqchip):
    """Ten machines on four CPUs, started together. Each waits with its verdict until somebody has read it."""
    vms = [guest(name, id=number, cpus=2, cmdline="hold") for number, name in enumerate(GUESTS, 1)]
    ax = boot(*vms, **irqchip)
    for number, name in enumerate(GUESTS, 1):
        if number > 1:      # the first has the console
            ax.attach(number)
        expect_pass(ax, name)
        ax.send("x")
        ax.expect(HOST_PROMPT)
    ax.until(lambda: all(stopped(ax, name) for name in GUESTS), "all stop")
