# SPDX-License-Identifier: Apache-2.0
"""Files and volumes, from the shell: what is written stays, and others can read it."""

import hashlib
import subprocess

import pytest

from machine import HOST_PROMPT

BIG = bytes(range(256)) * 4096 * 8  # 8 MiB


@pytest.fixture(scope="module")
def image(boot_shared):
    return boot_shared.disk({"/hello.txt": "hello\n", "/big": BIG, "/dir/inner/deep.txt": "deep\n"})


def start(boot, image, **options):
    machine = boot(disk=image, **options)
    machine.expect(HOST_PROMPT)
    return machine


def mtools(command, image, *args):
    return subprocess.run([command, "-i", str(image), *args], check=True, capture_output=True).stdout


def test_what_is_written_stays_and_the_volume_is_clean(boot, image):
    ax = start(boot, image, writable=True)
    ax.run("mkdir -p /new/a/b")
    ax.run("echo first > '/new/a/A long file name.text'")
    ax.run("echo second >> '/new/a/A long file name.text'")
    assert ax.run("cp -r /dir /new/a/b") == ""
    assert ax.run("cp /big /new/big") == ""
    assert ax.run("mv /new/big /new/big2") == ""
    assert ax.run("rm -r /dir") == ""
    ax.line("poweroff")
    ax.expect_end()
    subprocess.run(["fsck.fat", "-n", str(image)], check=True, capture_output=True)
    assert mtools("mtype", image, "::/new/a/A long file name.text") == b"first\nsecond\n"
    assert hashlib.sha256(mtools("mtype", image, "::/new/big2")).digest() == hashlib.sha256(BIG).digest()

    ax = start(boot, image)
    assert ax.run("cat '/new/a/A long file name.text'") == "first\nsecond\n"
    assert ax.run("ls /new/a/b/dir/inner") == "deep.txt\n"
    assert "not found" in ax.run("ls /dir")


def test_memory_and_devices_stand_beside_the_disk(boot, image):
    ax = start(boot, image)
    assert ax.run("ls -a /tmp") == "./\n../\n"
    assert ax.run("cp /hello.txt /tmp") == ""
    assert ax.run("cd /tmp") == ""
    assert ax.run("cat hello.txt") == "hello\n"
    assert ax.run("cat /dev/null") == ""
    assert "vda" in ax.run("ls -l /dev")
    assert "read-only" in ax.run("echo x > /dev/vda")
    assert "no space left" in ax.run("cp /dev/zero /tmp/zero")
    assert ax.run("ls /tmp") == "hello.txt\n"


def test_a_ramdisk_is_a_boot_volume_too(boot, image):
    ax = start(boot, image, disk_as="ramdisk")
    assert "ram0" in ax.seen
    assert ax.run("cat /hello.txt") == "hello\n"
    ax.run("echo changed > /hello.txt")
    assert ax.run("cat /hello.txt") == "changed\n"


@pytest.mark.parametrize("offset, data, reason", [
    (13, b"\x03", "3 sectors per cluster"),
    (32, b"\xff\xff\xff\x7f", "truncated FAT volume"),
    (510, b"\0\0", "no boot signature"),
])
def test_a_damaged_volume_is_named_with_the_reason(boot, image, tmp_path, offset, data, reason):
    damaged = tmp_path / "damaged.img"
    subprocess.run(["cp", "--sparse=always", str(image), str(damaged)], check=True)
    with open(damaged, "r+b") as file:
        file.seek(offset)
        file.write(data)
    ax = start(boot, damaged)
    assert "vda: " in ax.seen and reason in ax.seen
    assert ax.run("echo alive") == "alive\n"
    assert ax.run("ls /") == "dev/\ntmp/\n"
