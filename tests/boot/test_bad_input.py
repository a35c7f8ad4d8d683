# SPDX-License-Identifier: Apache-2.0
"""Broken configurations and disks: one clear message, that VM is not created, everything else goes on."""

import re

import pytest

from machine import HOST_PROMPT, TARGET, Vm, linux

GOOD = linux(id=1, name="good", cpus=1, mib=128)

# Name, what is replaced in the good file by what, and what the one message must say besides file:line:column.
CASES = [
    ("no-such-key", "cpu_num", "cpu_nmu", r"cpu_nmu"),
    ("wrong-type", "cpu_num = 1", 'cpu_num = "one"', r"cpu_num"),
    ("syntax", "cpu_num = 1", "cpu_num = ", r""),
    ("no-cpus", "cpu_num = 1", "cpu_num = 0", r"cpu_num"),
    ("too-many-cpus", "cpu_num = 1", "cpu_num = 65", r"cpu_num"),
    ("no-such-cpu", "cpu_num = 1", "cpu_num = 1\nphys_cpu_ids = [0x7777]", r"(?i)0x7777"),
    ("no-such-cpu-in-set", "cpu_num = 1", "cpu_num = 1\nphys_cpu_sets = [0x8000_0000]", r"phys_cpu_sets"),
    ("overlap", f"[[{TARGET.at(0)},", f"[[{TARGET.at(0)}, 0x400_0000, 7, 0], [{TARGET.at(0)},", r"(?i)overlap"),
    ("not-aligned", f"[[{TARGET.at(0)},", f"[[{TARGET.at(0x1000)},", r"(?i)align|multiple|2 ?MiB"),
    ("memory-too-large", "0x8000000,", "0x10_0000_0000,", r"(?i)memory"),
    ("no-image", "/guest/images/Image", "/guest/images/nothing", r"/guest/images/nothing"),
    ("image-too-large", "0x8000000,", "0x20_0000,", r"(?i)image|kernel|memory"),
    ("bad-image", "/guest/images/Image", "/notes.txt", r"/notes\.txt"),
    ("no-ramdisk", "initramfs.cpio.gz", "nothing.gz", r"nothing\.gz"),
    ("entry-outside", "[kernel]", "[kernel]\nentry_point = 0x1000", r"entry"),
    ("truncated-dtb", "[kernel]", '[kernel]\ndtb_path = "/cut.dtb"', r"/cut\.dtb"),
    ("same-id", "id = ID", "id = 1", r"\b1\b"),
]
FILES = {
    "/notes.txt": "no kernel\n" * 20,
    "/cut.dtb": bytes.fromhex("d00dfeed00001000000000380000000000000028000000110000001000000000"),
}


def broken(number, name, old, new):
    """The good VM under another name and with one thing wrong."""
    toml = GOOD.toml.replace("id = 1", "id = ID").replace('"good"', f'"{name}"')
    assert old in toml
    return Vm(name, toml.replace(old, new, 1).replace("ID", str(number)), GOOD.images)


BROKEN = [(broken(number, *change), text) for number, (*change, text) in enumerate(CASES, 10)]


@pytest.fixture(scope="module")
def ax(boot_shared):
    """One machine with all the broken VMs and the good one, which has booted."""
    machine = boot_shared(GOOD, *(vm for vm, _ in BROKEN), files=FILES)
    machine.login()
    machine.shell()
    return machine


@pytest.mark.parametrize(("vm", "text"), BROKEN, ids=[vm.name for vm, _ in BROKEN])
def test_broken_vm_is_reported_and_left_out(ax, vm, text):
    lines = [line for line in ax.seen.splitlines() if f"/{vm.name}.toml" in line and re.search(r"\.toml:\d+:\d+", line)]
    assert len(lines) == 1, f"one message with {vm.name}.toml:line:column, found: {lines}"
    assert re.search(text, lines[0].split(f"{vm.name}.toml", 1)[1]), lines[0]
    assert vm.name not in ax.run("vm list")


def test_the_good_vm_runs_beside_the_broken_ones(ax):
    assert [vm["name"] for vm in ax.json("vm list")] == ["good"]
    ax.attach(1)
    assert ax.guest("nproc").strip() == "1"
    ax.shell()


def test_broken_vms_cost_no_memory(boot):
    def free(*vms):
        ax = boot(GOOD, *vms, files=FILES)
        ax.login()
        ax.shell()
        return ax.json("mem")["free"]

    assert free(*(vm for vm, _ in BROKEN)) == free()


def reaches_the_shell(ax):
    ax.expect(HOST_PROMPT)
    assert ax.run("vm list").count("\n") <= 2


def test_missing_disk_leads_to_the_shell(boot):
    ax = boot(disk=False)
    reaches_the_shell(ax)


def test_empty_disk_leads_to_the_shell(boot, tmp_path):
    disk = tmp_path / "empty.img"
    disk.write_bytes(bytes(16 << 20))
    reaches_the_shell(boot(disk=disk))


@pytest.mark.parametrize("damage", ["fat", "root", "tail"])
def test_damaged_volume_leads_to_the_shell(boot, tmp_path, damage):
    """Both file allocation tables, the root directory, or all data behind the first files is overwritten."""
    image = bytearray(boot.disk(GOOD.files()).read_bytes())
    sectors = {name: int.from_bytes(image[at:at + size], "little") for name, at, size in
               (("per_cluster", 13, 1), ("reserved", 14, 2), ("fats", 16, 1), ("per_fat", 36, 4))}
    fat = sectors["reserved"] * 512
    data = fat + sectors["fats"] * sectors["per_fat"] * 512
    start, end = {"fat": (fat, data), "root": (data, data + 8192), "tail": (data + 8192, len(image))}[damage]
    image[start:end] = b"\xa5" * (end - start)
    disk = tmp_path / "damaged.img"
    disk.write_bytes(image)
    reaches_the_shell(boot(disk=disk))
