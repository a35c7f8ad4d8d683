# SPDX-License-Identifier: Apache-2.0
"""The bare-metal guests of guests/: each checks its machine and prints a verdict. They pass without AxVisor as well."""

import pytest

import axqemu
from machine import HOST_PROMPT, TEST_GUESTS, c_guest

# What these do is up to the test.
NO_VERDICT = {"runtime", "bench", "echo", "spin"}
NAMES = sorted({path.name for path in (axqemu.REPO / "guests").iterdir() if path.is_dir()} - NO_VERDICT)


def expect_pass(ax, name):
    verdict = ax.expect(rf"(PASS|FAIL) {name}\b[^\r\n]*")
    failed = [line for line in ax.seen.splitlines() if "FAIL" in line]
    assert verdict[1] == "PASS", "\n".join(failed)


@pytest.mark.parametrize("gic", [2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_guest_passes_on_the_bare_machine(boot, name, gic):
    machine = boot.bare(TEST_GUESTS / f"{name}.bin", "bare", machine_options=[], gic=gic, memory="128M")
    expect_pass(machine, name)


@pytest.mark.parametrize("gic", [2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_guest_passes_under_axvisor(boot, name, gic):
    ax = boot(c_guest(name, cpus=4), gic=gic)
    expect_pass(ax, name)


@pytest.mark.parametrize("gic", [2, 3])
def test_neighbour_of_a_hostile_guest_goes_on(boot, gic):
    ax = boot(c_guest("hostile", id=1, base="phys_cpu_sets = [1]"), c_guest("spin", id=2, base="phys_cpu_sets = [1]"),
              gic=gic)
    expect_pass(ax, "hostile")
    ax.shell()
    ax.attach(2)
    beat = int(ax.expect(r"spin (\d+)")[1])
    ax.expect(rf"spin {beat + 2}\b")
    ax.shell()
    assert [vm["status"].lower() for vm in ax.json("vm list")] == ["stopped", "running"]


def test_echo_guest_receives_by_interrupt(boot):
    ax = boot(c_guest("echo"))
    ax.expect("echo ready")
    for text in ("hello", "a longer line than the receive buffer of a PL011 holds"):
        ax.line(text)
        ax.expect(text)
    ax.send("\x04")
    expect_pass(ax, "echo")


def test_a_busy_guest_does_not_keep_the_shell_from_answering(boot):
    ax = boot(c_guest("spin", cmdline="busy"), smp=1)
    ax.expect("spin 1")
    ax.shell()
    assert "spin" in ax.run("vm list")
    ax.run("vm stop 1")
    ax.until(lambda: ax.json("vm list")[0]["status"].lower() == "stopped", "the VM stops")
    ax.line("")
    ax.expect(HOST_PROMPT)
