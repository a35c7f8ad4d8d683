# SPDX-License-Identifier: Apache-2.0
"""The Debian guest on the bare machine: when this fails, it is not AxVisor's fault."""

import pytest

from machine import TARGET


@pytest.mark.parametrize("board", TARGET.bare_boards)
def test_linux_boots_without_axvisor(boot, board):
    linux = boot.bare_linux(board=board)
    cpus, _ = linux.login()
    assert linux.guest("nproc").strip() == str(cpus)
    linux.interrupt_cat()
    linux.line("poweroff")
    linux.expect_end()
