# SPDX-License-Identifier: Apache-2.0
"""The foundation without guests: tasks on all CPUs under every policy (tests/target/selftest.c)."""

import machine
import pytest


@pytest.mark.parametrize("policy, options", [
    ("cfs", {"gic": 3}),
    ("cfs", {"gic": 2, "smp": 2}),
    ("rr", {"gic": 2}),
    ("fifo", {"gic": 3}),
    ("cfs", {"smp": 1}),
])
def test_tasks_keep_their_promises(boot, policy, options):
    board = boot.bare(machine.OUT / machine.ARCH / "selftest.bin", f"sched={policy}", **options)
    board.expect(rf"{options.get('smp', 4)} CPUs, {policy}")
    board.expect(r"selftest:\d+\] passed")
    board.expect_end()
