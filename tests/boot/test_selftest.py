# SPDX-License-Identifier: Apache-2.0
"""The foundation without guests: tasks on all CPUs under every policy (tests/target/selftest.c)."""

import pytest

import machine
from machine import each_irqchip


@pytest.mark.parametrize(("policy", "options"), [
    ("cfs", {}),
    ("cfs", {"smp": 2}),
    ("cfs", {"smp": 1}),
    ("rr", {}),
    ("fifo", {}),
])
@each_irqchip
def test_tasks_keep_their_promises(boot, irqchip, policy, options):
    board = boot.bare(machine.OUT / machine.ARCH / "selftest.bin", f"sched={policy}", **irqchip, **options)
    board.expect(rf"{options.get('smp', 4)} CPUs, {policy}")
    board.expect(r"selftest:\d+\] passed")
    board.expect_end()
