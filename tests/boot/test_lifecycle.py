# SPDX-License-Identifier: Apache-2.0
"""Create, start, pause, reset, stop, delete, again and again: memory comes back to the byte, and nothing hangs."""

import itertools

import pytest

from machine import HOST_PROMPT, TARGET
from test_guests import guest

# One ends by itself, one never sleeps and has its interrupts masked, one sleeps, one resets itself all the time.
GUESTS = {
    1: guest("hello", id=1, cpus=2),
    2: guest("spin", id=2, cpus=2, cmdline="busy"),
    3: guest("smp", id=3, cpus=4),
    4: guest(TARGET.firmware, id=4, cpus=2, cmdline="reset"),
}
FOLDER = "/guest/tests"     # not where they would be started from


@pytest.fixture(params=[2, 4])
def ax(boot, request):
    files = {}
    for vm in GUESTS.values():
        files |= vm.images | {f"{FOLDER}/{vm.name}.toml": vm.toml}
    machine = boot(files=files, smp=request.param)
    machine.expect(HOST_PROMPT)
    machine.run("log error")        # a log line in the middle of an echo would confuse us
    return machine


def create(ax, vm):
    assert "created" in ax.run(f"vm create {FOLDER}/{GUESTS[vm].name}.toml")


def start(ax, vm):
    assert "started" in ax.run(f"vm start --detach {vm}")


def used(ax):
    """Memory, settled: tasks that have ended are freed by the idle tasks a moment later."""
    last = None
    for _ in range(50):
        now = ax.json("mem")
        if now == last:
            break
        last = now
    return {key: now[key] for key in ("free", "heap_blocks", "heap_used", "owners")}


def status(ax, vm):
    return next(each["status"] for each in ax.json("vm list --all") if each["id"] == vm)


def round_trip(ax, number):
    """Every guest once, taken away in another state each time."""
    for vm in GUESTS:
        create(ax, vm)
        start(ax, vm)
    if number % 3 == 1:
        ax.run("vm pause 2 3 4")
    elif number % 3 == 2:
        ax.run("vm stop 1 2 3 4")
    assert ax.run("vm delete --force 1 2 3 4").count("deleted") == len(GUESTS)


def test_cycles_give_back_all_memory(ax):
    round_trip(ax, 0)       # tables and slabs grow once
    before = used(ax)
    for number in range(9):
        round_trip(ax, number)
    assert used(ax) == before


def test_resets_keep_memory(ax):
    for vm in GUESTS:
        create(ax, vm)
        start(ax, vm)
    for number in range(12):
        assert ax.run("vm reset 1 2 3 4").count("reset") >= len(GUESTS)
        if number % 3 == 0:
            ax.run("vm pause 2")
            assert status(ax, 2) == "Paused"
            ax.run("vm resume 2")
    assert status(ax, 2) == "Running"
    ax.run("vm stop 1 2 3 4")
    before = used(ax)
    ax.run("vm start --detach 2")
    ax.run("vm reset 2")
    ax.run("vm stop 2")
    assert used(ax) == before


def test_commands_race_with_what_guests_do(ax):
    """Guests power off and reset while they are stopped, reset and started; each state is one that can be left."""
    for vm in (1, 4):
        create(ax, vm)
    commands = itertools.cycle(["vm start -d 1 4", "vm stop 4 1", "vm start -d 4 1", "vm reset 4 1", "vm pause 4 1",
                                "vm resume 1 4", "vm stop 1 4"])
    for _ in range(28):
        ax.run(next(commands))
    ax.run("vm stop 1 4")
    for vm in (1, 4):
        assert status(ax, vm) == "Stopped"
        start(ax, vm)
    ax.until(lambda: status(ax, 1) == "Stopped", "the guest powers off")
    assert status(ax, 4) == "Running"
    assert ax.run("vm delete --force 1 4").count("deleted") == 2
