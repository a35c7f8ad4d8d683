# SPDX-License-Identifier: Apache-2.0
"""Unmodified Debian under AxVisor: CPU models, interrupt controllers, machines and boot media."""

import pytest

from machine import HOST_PROMPT, TARGET, each_irqchip, each_other_irqchip, linux, riscv64_only
from targets import QEMU10


def check_linux(ax, cpus):
    """What a healthy guest shows: its CPUs work, its timer ticks, its kernel has nothing to complain about."""
    assert ax.login()[0] == cpus
    for cpu in range(cpus):
        assert ax.guest(f"taskset {1 << cpu:x} echo on {cpu}").strip() == f"on {cpu}"
    ax.guest("sleep 0.2")
    assert ax.guest("dmesg -r | grep -E '^<[0-3]>'").strip() == ""


@each_irqchip
@pytest.mark.parametrize("cpus", [1, 2, 4])
def test_debian_boots_to_a_prompt(boot, irqchip, cpus):
    ax = boot(linux(cpus=cpus), **irqchip)
    check_linux(ax, cpus)


@pytest.mark.parametrize("machine", TARGET.machines.values(), ids=TARGET.machines)
def test_debian_boots_on_another_machine(boot, machine):
    ax = boot(linux(), **machine)
    check_linux(ax, 2)


@riscv64_only
@each_other_irqchip
def test_a_guest_chooses_its_interrupt_controller(boot, host, irqchip):
    ax = boot(linux(devices=f'interrupt_controller = "{irqchip}"'), **host)
    check_linux(ax, 2)
    name = {"plic": "PLIC", "aplic": "APLIC-DIRECT", "aia": "APLIC-MSI"}[irqchip]
    assert name in ax.guest("grep ttyS0 /proc/interrupts")


@riscv64_only
def test_two_vms_share_too_few_guest_interrupt_files(boot):
    """One of the two vCPUs on each hart has its interrupts in a file, the other's are emulated; so they may change."""
    vms = [linux(id=n, name=f"linux{n}", mib=256) for n in (1, 2)]
    ax = boot(*vms, board=QEMU10, aia_guests=1, smp=2)
    check_linux(ax, 2)
    ax.shell()
    ax.attach(2)
    ax.line("")
    ax.expect("guest:~# ")
    assert "APLIC-MSI" in ax.guest("grep ttyS0 /proc/interrupts")
    assert ax.guest("nproc").strip() == "2"


def test_debian_boots_from_a_ramdisk(boot):
    ax = boot(linux(), disk_as="ramdisk")
    check_linux(ax, 2)


def test_debian_boots_on_one_physical_cpu(boot):
    ax = boot(linux(cpus=2), smp=1)
    check_linux(ax, 2)


def test_linux_sees_the_memory_of_its_configuration(boot):
    ax = boot(linux(mib=256, cpus=1))
    _, kib = ax.login()
    assert 180 << 10 < kib <= 256 << 10


def test_poweroff_stops_the_vm_only(boot):
    ax = boot(linux())
    ax.login()
    ax.line("poweroff")
    ax.expect("reboot: Power down")
    ax.expect(HOST_PROMPT)
    ax.until(lambda: ax.json("vm list")[0]["status"].lower() == "stopped", "the VM stops")


def test_a_stopped_vm_starts_again(boot):
    ax = boot(linux())
    ax.login()
    ax.shell()
    ax.run("vm stop 1")
    ax.until(lambda: ax.json("vm list")[0]["status"].lower() == "stopped", "the VM stops")
    ax.run("vm start 1")
    ax.attach(1)
    check_linux(ax, 2)


def test_two_vms_share_one_cpu(boot):
    vms = [linux(id=n, name=f"linux{n}", cpus=1, mib=256, base="phys_cpu_sets = [0x2]") for n in (1, 2)]
    ax = boot(*vms, smp=2)
    ax.login()
    ax.shell()
    for vm in (2, 1):
        ax.attach(vm)
        ax.line("")
        ax.expect("guest:~# ")
        ax.guest(f"echo {vm}00 > id")
        ax.shell()
    for vm in (1, 2):
        ax.attach(vm)
        assert ax.guest("cat id").strip() == f"{vm}00"
        ax.shell()
    assert [vm["name"] for vm in ax.json("vm list")] == ["linux1", "linux2"]


def test_poweroff_of_the_host_ends_the_machine(boot):
    ax = boot(linux())
    ax.login()
    ax.shell()
    ax.line("poweroff")
    ax.expect_end()


def test_reboot_of_the_host_starts_again(boot):
    ax = boot(linux(), reboot=True)
    ax.login()
    ax.shell()
    ax.line("reboot")
    assert ax.login()[0] == 2


def test_debian_boots_beside_a_busy_shell(boot):
    """The shell answers while the guest boots, and taking the console from the guest costs it nothing."""
    ax = boot(linux())
    ax.expect(r"linux")
    ax.shell()
    for _ in range(5):
        assert "linux" in ax.run("vm list")
    ax.attach(1)
    ax.line("")
    ax.expect("guest:~# ")
    assert ax.guest("nproc").strip() == "2"
    ax.shell()
    ax.send("\r")
    ax.expect(HOST_PROMPT)
