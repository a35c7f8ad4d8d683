# SPDX-License-Identifier: Apache-2.0
"""The shell and the console multiplexer."""

import pytest

from machine import ARCH, HOST_PROMPT, linux

COMMANDS = ("help", "ls", "cat", "log", "uname", "mem", "ps", "irq", "vm", "poweroff", "reboot", "exit", "clear")


@pytest.fixture(scope="module")
def ax(boot_shared):
    machine = boot_shared(linux(), files={"/notes.txt": "first line\nsecond line\n", "/A long name.txt": "x\n"})
    machine.login()
    machine.shell()
    return machine


def test_help_names_every_command(ax):
    text = ax.run("help")
    assert [name for name in COMMANDS if name not in text] == []


def test_help_explains_a_configuration_key(ax):
    assert "cpu_num" in ax.run("help config base.cpu_num")


def test_ls_and_cat_show_the_disk(ax):
    listing = ax.run("ls /")
    assert "notes.txt" in listing and "A long name.txt" in listing
    assert ax.run("cat /notes.txt") == "first line\nsecond line\n"
    assert ax.run('cat "/A long name.txt"') == "x\n"


def test_cat_of_a_missing_file_names_it(ax):
    assert "/missing" in ax.run("cat /missing")


def test_unknown_command_is_named(ax):
    assert "frobnicate" in ax.run("frobnicate")


def test_vm_list_has_the_columns_users_know(ax):
    head = ax.run("vm list").splitlines()[0]
    assert [column for column in ("VM ID", "NAME", "STATUS", "VCPU", "MEMORY", "VCPU STATE") if column not in head] == []
    vm, = ax.json("vm list")
    assert vm["name"] == "linux" and vm["status"].lower() == "running"


def test_vm_show_describes_a_vm(ax):
    text = ax.run("vm show 1")
    assert "linux" in text


def test_line_editing(ax):
    ax.send("Xname -m\x01\x1b[3~u\x05\r")            # ^A, Delete, insert, ^E
    ax.expect(ARCH)
    ax.expect(HOST_PROMPT)
    ax.send("garbage\x15uname -m\r")                  # ^U
    ax.expect(ARCH)
    ax.expect(HOST_PROMPT)
    ax.send("uname -m nonsense\x17\r")                # ^W
    ax.expect(ARCH)
    ax.expect(HOST_PROMPT)


def test_history_and_completion(ax):
    ax.run("uname -m")
    ax.send("\x1b[A\r")                               # up: again
    ax.expect(ARCH)
    ax.expect(HOST_PROMPT)
    ax.send("unam\t-m\r")
    ax.expect(ARCH)
    ax.expect(HOST_PROMPT)


def test_ctrl_c_drops_the_line(ax):
    ax.send("poweroff\x03")
    ax.expect(HOST_PROMPT)
    assert "linux" in ax.run("vm list")


def test_ctrl_c_reaches_the_guest(ax):
    ax.attach(1)
    ax.line("")
    ax.expect("guest:~# ")
    ax.interrupt_cat()
    ax.shell()


def test_a_guest_that_never_stops_writing_can_be_left(ax):
    ax.attach(1)
    ax.line("cat /dev/zero | tr '\\0' y")
    for _ in range(3):
        ax.expect("y{200}")
        ax.send("\x18h")
        ax.expect("y" + HOST_PROMPT + "|\n" + HOST_PROMPT, timeout=20)
        assert "Running" in ax.run("vm list")
        ax.attach(1)
    ax.send("\x03")
    ax.expect("guest:~# ")
    ax.shell()


def test_memory_and_task_reports(ax):
    mem = ax.json("mem")
    assert 0 < mem["free"] < mem["total"]
    assert "idle" in ax.run("ps").lower()
    assert ax.run("irq").strip()


def test_the_boot_volume_configures_the_system(boot):
    ax = boot(files={"/axvisor.toml": 'sched = "cfs"\ncpus = 2\n'}, smp=4)
    ax.expect(r"2 of 2 CPUs online, scheduler cfs")
    ax.expect(HOST_PROMPT)


def test_boot_arguments_come_before_the_boot_volume(boot):
    ax = boot(files={"/axvisor.toml": 'sched = "cfs"\n'}, smp=2, append="sched=fifo")
    ax.expect(r"2 of 2 CPUs online, scheduler fifo")


def test_a_wrong_system_configuration_is_named_and_ignored(boot):
    ax = boot(files={"/axvisor.toml": 'cpus = 2\nsched = "best"\n'}, smp=2)
    ax.expect(r"/axvisor\.toml:2:9: sched")
    ax.expect(r"2 of 2 CPUs online, scheduler rr")
    ax.expect(HOST_PROMPT)
