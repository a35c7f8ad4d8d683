# SPDX-License-Identifier: Apache-2.0
"""What guests are loaded from, and where to: packed, raw, linked in; a user's device tree, identical memory."""

import gzip
import re
import struct
import subprocess

import pytest

import conftest
import machine
from machine import ARCH, CMDLINE, GUESTS, HOST_PROMPT, OUT, TARGET, Vm, linux
from test_guests import IMAGES, expect_pass, guest, stopped
from test_lifecycle import used

FOLDER = "/guest/tests"     # not where VMs would be started from
HELLO = "/guest/images/hello.bin"
PAGE, MIB = 1 << 12, 1 << 20

# The board that AxVisor shows its guests, as a user would write it down.
TREE = (conftest.REPO / f"tests/boot/board-{ARCH}.dts").read_text()


def tree(text=TREE):
    dtc = ["dtc", "-I", "dts", "-O", "dtb"]
    return subprocess.run(dtc, input=text.encode(), check=True, capture_output=True).stdout


def hello(id=1, name="hello", kernel="", image=None, path=HELLO, gpa=TARGET.ram, size=16 * MIB, map_type=0, cpus=1,
          files=None):
    """The guest that tells where it and its device tree lie; @kernel: further lines of that table."""
    toml = f"""\
[base]
id = {id}
name = "{name}"
cpu_num = {cpus}
[kernel]
kernel_path = "{path}"
memory_regions = [[{gpa:#x}, {size:#x}, 0x7, {map_type}]]
{kernel}
"""
    return Vm(name, toml, {path: IMAGES / "hello.bin" if image is None else image} | (files or {}))


def raw_hello():
    """hello.bin without a header that could be recognised: behind a page of zeros."""
    return bytes(PAGE) + (IMAGES / "hello.bin").read_bytes()


def place(ax):
    """Where hello says that it and its device tree lie."""
    match = ax.expect(r"image (0x\w+), device tree (0x\w+)\r")
    return int(match[1], 16), int(match[2], 16)


def cpio(name, text):
    archive = conftest.load_tool("guest").Cpio()
    archive.add_file(name, text.encode(), 0o644)
    return archive.pack()


def test_a_packed_kernel_is_unpacked_and_a_ramdisk_is_not(boot):
    """A RAM disk of several archives, each packed for itself, reaches the guest whole and where the file says."""
    vm = linux(cpus=1, mib=256, kernel=f"ramdisk_load_addr = {TARGET.at(0xa00_0000)}")
    ramdisk = (GUESTS / "initramfs.cpio.gz").read_bytes() + gzip.compress(cpio("extra.txt", "second archive\n"))
    vm.images = {"/guest/images/Image": gzip.compress((GUESTS / "Image").read_bytes(), 1),
                 "/guest/images/initramfs.cpio.gz": ramdisk}
    ax = boot(vm)
    assert ax.login()[0] == 1
    assert ax.guest("cat /extra.txt") == "second archive\n"
    ax.guest("dt=/proc/device-tree/chosen/linux,initrd")
    words = ax.guest("cat $dt-start $dt-end | od -An -v -tx1").split()
    start, end = struct.unpack(">QQ", bytes.fromhex("".join(words)))
    assert (start, end - start) == (TARGET.ram + 0xa00_0000, len(ramdisk))


def test_linux_on_a_users_device_tree(boot):
    """What the VM's file says is put into the tree; everything else is as the user wrote it."""
    vm = linux(cpus=2, mib=256, kernel='dtb_path = "/guest/user.dtb"')
    ax = boot(vm, files={"/guest/user.dtb": tree()})
    cpus, kib = ax.login()      # its RAM disk says so
    assert cpus == 2
    assert 180 << 10 < kib <= 256 << 10
    assert ax.guest("cat /proc/device-tree/model").strip("\0\n") == "user's board"
    assert ax.guest("cat /proc/cmdline").strip() == CMDLINE
    assert re.findall(r"/(\w+@\w+)", ax.guest("echo /proc/device-tree/cpus/cpu@*")) == ["cpu@0", "cpu@1"]
    assert re.findall(r"/(\w+@\w+)", ax.guest("echo /proc/device-tree/memory@*")) == [f"memory@{TARGET.ram:x}"]


def test_a_device_tree_lies_where_the_file_says(boot):
    vm = hello(cpus=2, kernel=f'dtb_path = "/user.dtb"\ndtb_load_addr = {TARGET.at(0xc0_0000)}',
               files={"/user.dtb": tree()})
    ax = boot(vm)
    assert place(ax) == (TARGET.ram + TARGET.kernel, TARGET.ram + 0xc0_0000)
    expect_pass(ax, "hello")


def test_a_raw_binary_is_entered_where_the_file_says(boot):
    vm = hello(image=raw_hello(),
               kernel=f"kernel_load_addr = {TARGET.at(0x10_0000)}\nentry_point = {TARGET.at(0x10_1000)}")
    ax = boot(vm)
    assert place(ax)[0] == TARGET.ram + 0x10_1000
    expect_pass(ax, "hello")


# A file of the original project, with its device tree at the start of memory and the kernel 2 MiB above.
ORIGINAL = f"""\
[base]
id = 1
name = "hello"
vm_type = 1
cpu_num = 1
phys_cpu_ids = [0]

[kernel]
entry_point = {TARGET.original + 0x20_0000:#x}
image_location = "fs"
kernel_path = "/guest/images/hello.bin"
kernel_load_addr = {TARGET.original + 0x20_0000:#x}
dtb_load_addr = {TARGET.original:#x}
memory_regions = [
  [{TARGET.original:#x}, 0x1000_0000, 0x7, 1], # System RAM 256M MAP_IDENTICAL
]

[devices]
emu_devices = []
passthrough_devices = [["/"]]
excluded_devices = []
interrupt_mode = "passthrough"
"""


@pytest.mark.parametrize("mib, free", [(2048, True), (TARGET.small, False)])
def test_identical_memory(boot, tmp_path, mib, free):
    """QEMU's memory stands in a file, where the guest's image has to lie at the address that the guest sees."""
    ram = tmp_path / "ram"
    ax = boot(Vm("hello", ORIGINAL, {HELLO: IMAGES / "hello.bin"}), memory=f"{mib}M",
              extra=["-M", "memory-backend=ram",
                     "-object", f"memory-backend-file,id=ram,size={mib}M,mem-path={ram},share=on"])
    image, dtb = place(ax)
    assert image - dtb == 0x20_0000
    assert (dtb == TARGET.original) == free
    assert dtb >= TARGET.host_ram and dtb + 0x1000_0000 <= TARGET.host_ram + mib * MIB
    expect_pass(ax, "hello")
    expected = (IMAGES / "hello.bin").read_bytes()[:PAGE]
    with open(ram, "rb") as file:
        file.seek(image - TARGET.host_ram)
        assert file.read(PAGE) == expected
    ax.expect(HOST_PROMPT)
    ax.until(lambda: stopped(ax, "hello"), "the VM stops")


def test_vms_linked_into_the_binary_need_no_disk(boot):
    ax = boot(disk=False, binary=OUT / ARCH / "builtin/axvisor.bin")
    expect_pass(ax, "hello")
    ax.send("x")
    ax.expect(HOST_PROMPT)
    vm, = ax.json("vm list")
    assert (vm["name"], vm["vcpu"]) == ("builtin", 2)
    ax.until(lambda: stopped(ax, "builtin"), "the VM stops")


def test_vms_linked_in_start_beside_those_of_the_disk(boot):
    ax = boot(guest("spin", id=7, cpus=1), hello(name="again"), binary=OUT / ARCH / "builtin/axvisor.bin")
    expect_pass(ax, "hello")
    ax.send("x")
    ax.expect(HOST_PROMPT)
    assert [vm["name"] for vm in ax.json("vm list")] == ["builtin", "spin"]
    assert re.search(r"/again\.toml:2:\d+: base\.id: there is a VM 1 already", ax.seen)


def packed(damage, size=2 * MIB):
    """hello, filled up to @size and packed; @damage changes the result."""
    data = bytearray(gzip.compress((IMAGES / "hello.bin").read_bytes().ljust(size, b"\1")))
    return bytes(damage(data))


def flipped(data, at):
    data[at] ^= 0x55
    return data


def big_bss():
    """image_size, 16 bytes into the header: the file fits, its bss does not."""
    data = bytearray((IMAGES / "hello.bin").read_bytes())
    data[16:24] = struct.pack("<Q", 16 * MIB)
    return bytes(data)


EMPTY_TREE = "/dts-v1/; / { #address-cells = <2>; #size-cells = <2>; };"
DTB = 'dtb_path = "/user.dtb"\n'
RAMDISK = 'ramdisk_path = "/ramdisk"\n'

# Name, VM, key and text of the one message. A file of text is a device tree.
REFUSED = [
    ("cut", dict(path="/cut.gz", image=lambda: packed(lambda data: data[:len(data) // 2])),
     "kernel_path", r"/cut\.gz: the gzip data end too early"),
    ("cut-sum", dict(path="/sum.gz", image=lambda: packed(lambda data: data[:-4])),
     "kernel_path", r"/sum\.gz: the gzip data end too early"),
    ("damaged", dict(path="/bad.gz", image=lambda: packed(lambda data: flipped(data, 1000))),
     "kernel_path", r"/bad\.gz: the gzip data are damaged"),
    ("damaged-sum", dict(path="/crc.gz", image=lambda: packed(lambda data: flipped(data, -8))),
     "kernel_path", r"/crc\.gz: the gzip data are damaged \(incorrect data check\)"),
    ("damaged-head", dict(path="/head.gz", image=lambda: packed(lambda data: flipped(data, 2))),
     "kernel_path", r"/head\.gz: the gzip data are damaged"),
    ("empty", dict(path="/empty", image=lambda: b""), "kernel_path", r"/empty: the file is empty"),
    ("bss", dict(path="/bss.bin", image=big_bss), "kernel_path", r"/bss\.bin: .*with its bss"),
    ("raw-nowhere", dict(path="/raw.bin", image=raw_hello), "kernel_path", r"/raw\.bin: .*kernel_load_addr"),
    ("raw-at-the-end", dict(path="/raw.bin", image=raw_hello, kernel=f"kernel_load_addr = {TARGET.at(0xff_f000)}"),
     "kernel_path", rf"/raw\.bin: at {TARGET.at(0xff_f000)} it does not fit"),
    ("no-cpu", dict(cpus=4, kernel=DTB, files={"/user.dtb": TREE}),
     "dtb_path", r"/user\.dtb: vCPU 3 has no node in /cpus with reg = 0x3"),
    ("same-cpu-twice", dict(cpus=3, kernel=DTB, files={"/user.dtb": TREE.replace("reg = <2>", "reg = <1>")}),
     "dtb_path", r"vCPU 2 has no node in /cpus"),
    ("no-cpus", dict(kernel=DTB, files={"/user.dtb": EMPTY_TREE}),
     "dtb_path", r"vCPU 0 has no node in /cpus"),
    ("cells", dict(kernel=DTB, files={"/user.dtb": EMPTY_TREE.replace("<2>", "<3>")}),
     "dtb_path", r"/user\.dtb: not a usable device tree: FDT_ERR_BADNCELLS"),
    ("large-tree", dict(kernel=DTB, files={"/user.dtb": bytes(65 << 10)}),
     "dtb_path", r"/user\.dtb: has 0x\w+ bytes, a device tree may have 0x10000"),
    ("tree-on-kernel", dict(kernel=f"dtb_load_addr = {TARGET.at(TARGET.kernel + PAGE)}"),
     "dtb_load_addr", rf"meets the kernel at {TARGET.at(TARGET.kernel)}"),
    ("large-ramdisk", dict(kernel=RAMDISK, files={"/ramdisk": bytes(16 * MIB)}),
     "ramdisk_path", r"/ramdisk: no room for 0x1000000 bytes"),
    ("ramdisk-at-the-end", dict(kernel=RAMDISK + f"ramdisk_load_addr = {TARGET.at(0xff_f000)}\n"
                                f"dtb_load_addr = {TARGET.at(0x80_0000)}", files={"/ramdisk": b"x" * 5000}),
     "ramdisk_path", rf"/ramdisk: at {TARGET.at(0xff_f000)} it does not fit"),
    ("ramdisk-on-kernel", dict(kernel=RAMDISK + f"ramdisk_load_addr = {TARGET.at(TARGET.kernel - PAGE)}",
                               files={"/ramdisk": b"x" * 5000}),
     "ramdisk_path", rf"/ramdisk: {TARGET.at(TARGET.kernel - PAGE)}\.\.0x\w+ meets the kernel"),
    ("not-linked-in", dict(kernel='image_location = "memory"'),
     "kernel_path", r"hello\.bin: not linked into this binary"),
]


SAME = (40, 41)     # VMs that want identical memory at the same place


@pytest.fixture(scope="module")
def ax(boot_shared):
    """One machine with a guest that runs, and the files of all VMs that are created from the shell."""
    files = {f"{FOLDER}/good.toml": hello(id=9, name="good", kernel='cmdline = "hold"').toml,
             f"{FOLDER}/twin.toml": hello(id=7, name="twin").toml, HELLO: IMAGES / "hello.bin"}
    for id in SAME:
        files[f"{FOLDER}/same{id}.toml"] = hello(id=id, name=f"same{id}", gpa=TARGET.original, map_type=1).toml
    for number, (name, options, _, _) in enumerate(REFUSED, 10):
        image, own = options.get("image"), options.get("files", {})
        own_path = {path: f"/{name}{path}" for path in own}     # each test's file has a name of its own
        vm = hello(**options | {"id": number, "name": name, "image": image() if image else None, "files": own})
        toml = vm.toml
        for path, new in own_path.items():
            toml = toml.replace(f'"{path}"', f'"{new}"')
        for path, content in vm.images.items():
            files[own_path.get(path, path)] = tree(content) if isinstance(content, str) else content
        files[f"{FOLDER}/{name}.toml"] = toml
    started = boot_shared(guest("spin", id=7, cpus=1), files=files)
    started.expect(r"spin \d+")
    started.shell()
    started.run("log error")        # a log line in the middle of an echo would confuse us
    for name in ("good", *(case[0] for case in REFUSED)):   # slabs and caches grow once
        started.run(f"vm create {FOLDER}/{name}.toml")
    started.run("vm delete 9")
    for id in SAME:
        started.run(f"vm create {FOLDER}/same{id}.toml")
    started.run(f"vm delete {SAME[0]} {SAME[1]}")
    return started


@pytest.mark.parametrize(("name", "key", "text"), [(name, key, text) for name, _, key, text in REFUSED],
                         ids=[case[0] for case in REFUSED])
def test_what_cannot_be_loaded_is_refused(ax, name, key, text):
    before = used(ax)
    lines = ax.run(f"vm create {FOLDER}/{name}.toml").splitlines()
    assert len(lines) == 1
    assert re.search(rf"{FOLDER}/{name}\.toml:\d+:\d+: kernel\.{key}: .*{text}", lines[0])
    assert used(ax) == before
    assert [vm["name"] for vm in ax.json("vm list")] == ["spin"]


def test_an_id_is_taken_once(ax):
    before = used(ax)
    answer = ax.run(f"vm create {FOLDER}/twin.toml")
    assert re.search(r"twin\.toml:2:\d+: base\.id: there is a VM 7 already", answer)
    assert used(ax) == before


def test_a_second_vm_comes_and_goes_beside_the_first(ax):
    before = used(ax)
    for _ in range(3):
        assert "VM 9 good: created" in ax.run(f"vm create {FOLDER}/good.toml")
        ax.run("vm start 9")
        ax.attach(9)
        expect_pass(ax, "hello")
        ax.send("x")
        ax.expect(HOST_PROMPT)
        ax.until(lambda: stopped(ax, "good"), "the VM stops")
        ax.run("vm start --detach 9")
        ax.run("vm stop 9")
        assert "VM 9 good: deleted" in ax.run("vm delete 9")
        assert used(ax) == before
    ax.attach(7)
    ax.expect(r"spin \d+")
    ax.shell()


@pytest.mark.parametrize("order", [SAME, SAME[::-1]])
def test_identical_memory_is_had_by_one_at_a_time(ax, order):
    """The first has it where its file says, the second elsewhere; both come back."""
    before = used(ax)
    places = []
    for id in order:
        assert "created" in ax.run(f"vm create {FOLDER}/same{id}.toml")
        places += [int(base, 16) for base in re.findall(r"(0x\w+)\.\.\w+ rwx", ax.run(f"vm show --full {id}"))]
    first, second = places
    assert first == TARGET.original
    assert abs(second - first) >= 16 * MIB
    ax.run(f"vm start --detach {order[1]}")
    ax.until(lambda: stopped(ax, f"same{order[1]}"), "the VM stops")
    ax.run(f"vm delete {order[0]} {order[1]}")
    assert used(ax) == before
