# SPDX-License-Identifier: Apache-2.0
"""Machines without what virtualization needs: a message that says what, and a shell in which everything else works."""

from machine import HOST_PROMPT, aarch64_only, linux, riscv64_only


def expect_shell_alone(ax, reason):
    ax.expect(reason)
    ax.expect(HOST_PROMPT)
    assert ax.json("vm list") == []
    assert ax.json("mem")["free"] > 0
    assert "linux.toml" in ax.run("ls /guest/vm_default")
    assert "Error" in ax.run("vm create /guest/vm_default/linux.toml")
    ax.line("poweroff")
    ax.expect_end()


@aarch64_only
def test_a_gicv2_without_virtualization_is_named(boot):
    """Its device tree says nothing of GICH and GICV."""
    tree = boot.device_tree(["-tx", "/intc@8000000", "reg", *"0 8000000 0 10000 0 8010000 0 10000".split()], gic=2)
    expect_shell_alone(boot(linux(), gic=2, extra=["-dtb", str(tree)]), "no virtualization extensions")


@riscv64_only
def test_a_cpu_without_the_hypervisor_extension_is_named(boot):
    expect_shell_alone(boot(linux(), cpu="rv64,h=false"), r"(?i)hypervisor extension|extension H\b|H extension")


@riscv64_only
def test_an_unknown_interrupt_controller_is_named(boot):
    """Without interrupts there are no virtio devices, and what is typed is polled for."""
    tree = boot.device_tree(["-ts", "/soc/plic@c000000", "compatible", "acme,pic"])
    expect_shell_alone(boot(linux(), disk_as="ramdisk", extra=["-dtb", str(tree)]),
                       "interrupt controller acme,pic is not known")


@riscv64_only
def test_the_firmware_has_a_console_when_the_tree_has_none(boot):
    """The firmware takes the UART that it finds; stdout-path leads elsewhere."""
    board = "qemu10-virt-riscv64"
    tree = boot.device_tree(["-ts", "/chosen", "stdout-path", "/pmu"], board=board)
    ax = boot(board=board, extra=["-dtb", str(tree)])
    ax.expect("console SBI DBCN")
    ax.expect(HOST_PROMPT)
    assert "/pmu: stdout-path, but not a UART of a known kind" in ax.seen
    assert "timer" in ax.run("irq")
