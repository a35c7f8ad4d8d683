# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the boot tests. docs/testing.md describes them."""

import hashlib
import importlib.machinery
import importlib.util
import pathlib
import re
import subprocess
import sys

import pytest

REPO = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPO / "tools"))

import axqemu  # noqa: E402 (found through the line above)
import machine  # noqa: E402


def load_tool(name):
    """A program of tools/ as a module: their names have no .py."""
    loader = importlib.machinery.SourceFileLoader(name, str(REPO / "tools" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


def need(path, command):
    assert path.exists(), f"{path} does not exist: run `{command}`"


def pytest_collection_modifyitems(items):
    """A test or one of its cases marked with arch("aarch64") is not there on another architecture."""
    items[:] = [item for item in items if all(machine.ARCH in mark.args for mark in item.iter_markers("arch"))]


class Starter:
    """Starts machines and ends them."""

    def __init__(self, scratch, name):
        self.scratch = scratch
        self.log = machine.OUT / "tests" / re.sub(r"[^\w.-]+", "_", name)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.running = []

    def _start(self, command):
        log = self.log.with_name(f"{self.log.name}.{len(self.running)}.log")
        self.running.append(machine.Machine(command, log))
        return self.running[-1]

    def disk(self, contents):
        """An image with these files ({path: host file, text or bytes}); the same contents are made only once."""
        files = {}
        for path, content in contents.items():
            if not isinstance(content, pathlib.Path):
                data = content if isinstance(content, bytes) else content.encode()
                content = self.scratch / hashlib.sha256(data).hexdigest()
                content.write_bytes(data)
            files[pathlib.PurePosixPath(path)] = content
        key = "".join(f"{path}={file}\n" for path, file in sorted(files.items()))
        image = self.scratch / f"{hashlib.sha256(key.encode()).hexdigest()}.img"
        if not image.exists():
            load_tool("mkdisk").make_disk(image, files)
        return image

    def __call__(self, *vms, board=machine.TARGET.board, files=None, disk=None, append="", disk_as=None, reboot=False,
                 writable=False, binary=machine.BINARY, extra=(), **overrides):
        """Starts AxVisor with these machine.Vm on its disk.

        @files: further files on the disk; @disk: an image as it is, or False for none; @disk_as: "ramdisk";
        @writable: what is written stays on the disk; @append: boot arguments;
        @reboot: a reset starts again instead of ending QEMU; @binary: not the usual one; @extra: words for QEMU;
        @overrides: cpu, smp, gic, aia, memory and so on of the board.
        """
        need(binary, "make")
        if disk is None:
            contents = {}
            for vm in vms:
                contents |= vm.files()
            disk = self.disk(contents | (files or {}))
        chosen = axqemu.Board.load(board, disk=disk_as, **overrides)
        extra = [*extra, *([] if reboot else ["-no-reboot"])]
        return self._start(chosen.command(binary, disk or None, append, writable=writable, extra=extra))

    def device_tree(self, *edits, board=machine.TARGET.board, **overrides):
        """QEMU's device tree for a board, changed by fdtput: each edit is its words behind the name of the file."""
        chosen = axqemu.Board.load(board, **overrides)
        chosen.machine_options = [*chosen.machine_options, f"dumpdtb={(tree := self.scratch / 'board.dtb')}"]
        subprocess.run(chosen.command(machine.BINARY), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for option, *words in edits:
            subprocess.run(["fdtput", option, tree, *words], check=True)
        return tree

    def bare(self, kernel, append="", board=machine.TARGET.board, initrd=None, **overrides):
        """Starts a guest on the machine itself, without AxVisor."""
        chosen = axqemu.Board.load(board, **overrides)
        return self._start(chosen.command(kernel, append=append, initrd=initrd, extra=["-no-reboot"]))

    def bare_linux(self, **options):
        return self.bare(machine.GUESTS / "Image", machine.CMDLINE,
                         initrd=machine.GUESTS / "initramfs.cpio.gz", **options)

    def close(self):
        for each in self.running:
            each.close()


@pytest.fixture(scope="session")
def scratch(tmp_path_factory):
    need(machine.GUESTS / "Image", f"tools/guest --arch {machine.ARCH} --out {machine.GUESTS}")
    return tmp_path_factory.mktemp("disks")


@pytest.fixture
def boot(scratch, request):
    """Starts machines for one test."""
    starter = Starter(scratch, request.node.name)
    yield starter
    starter.close()


@pytest.fixture(scope="module")
def boot_shared(scratch, request):
    """Starts machines that the tests of one file share."""
    starter = Starter(scratch, request.module.__name__)
    yield starter
    starter.close()
