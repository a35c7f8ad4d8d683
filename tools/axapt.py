# SPDX-License-Identifier: Apache-2.0
"""Files from Debian's archive, without root and without touching the machine's own apt.

Every (suite, architecture) pair gets a private apt root in the cache folder: its own lists, status and sources. The
archive's address is asked from the machine's apt at run time. Files that were fetched and checked stay in the cache
folder (AXVISOR_CACHE, else XDG_CACHE_HOME/axvisor, else ~/.cache/axvisor); what is there needs no network.
"""

import contextlib
import fcntl
import functools
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

KEYRING = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")
REPO = pathlib.Path(__file__).resolve().parent.parent


class FetchError(Exception):
    """Something could not be fetched; the text says what and what to do."""


def say(text):
    print(f"  {text}", flush=True)


def run_main(main):
    """Runs a tool's main(), turns the errors a user can act on into one line and an exit code."""
    try:
        return main()
    except (FetchError, OSError, subprocess.CalledProcessError) as error:
        print(f"{sys.argv[0]}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        print(f"{sys.argv[0]}: interrupted; start it again to go on", file=sys.stderr)
    return 1


def cache_dir():
    base = os.environ.get("AXVISOR_CACHE")
    if not base:
        base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "axvisor"
    path = pathlib.Path(base)
    path.mkdir(parents=True, exist_ok=True)
    return path


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def cache_lock():
    """One tool at a time works in the cache: `make -j` and two shells may start several."""
    with open(cache_dir() / "lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_file(path, data, mode=0o644):
    """Writes a file whole or not at all."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temp = path.with_name(path.name + ".tmp")
    temp.write_bytes(data if isinstance(data, bytes) else data.encode())
    temp.chmod(mode)
    temp.replace(path)


@contextlib.contextmanager
def replacing_dir(dest):
    """Gives an empty folder that takes the place of dest when the block ends well."""
    dest = pathlib.Path(dest)
    dest.parent.mkdir(parents=True, exist_ok=True)
    for stale in dest.parent.glob(f".{dest.name}.*"):  # of a run that was killed
        shutil.rmtree(stale, ignore_errors=True)
    temp = pathlib.Path(tempfile.mkdtemp(prefix=f".{dest.name}.", dir=dest.parent))
    try:
        temp.chmod(0o755)
        yield temp
        shutil.rmtree(dest, ignore_errors=True)
        temp.rename(dest)
    finally:
        shutil.rmtree(temp, ignore_errors=True)


def _archive_uri(extra=()):
    """The address of the Debian archive that the machine's own apt uses, or None if apt has no lists yet."""
    out = subprocess.run(["apt-get", *extra, "indextargets", "--format", "$(CODENAME) $(REPO_URI)",
                          "Created-By: Packages"], capture_output=True, text=True, check=False).stdout
    uris = [line.split(" ", 1) for line in out.splitlines()]
    # bookworm, not bookworm-updates or bookworm-security (which some mirrors keep elsewhere)
    return next((uri for codename, uri in uris if "-" not in codename and uri), None)


@functools.cache
def apt_root(suite, arch):
    return AptRoot(suite, arch)


class AptRoot:
    """A private apt root for one suite and one architecture ("source" for source packages)."""

    def __init__(self, suite, arch):
        self.suite, self.arch = suite, arch
        self.base = cache_dir() / "apt" / f"{suite}-{arch}"
        self.updated = False

    def _options(self):
        arch = "amd64" if self.arch == "source" else self.arch
        pairs = {
            "Dir::State": self.base / "state",
            "Dir::State::lists": self.base / "lists",
            "Dir::State::status": self.base / "status",
            "Dir::Cache": self.base / "cache",
            "Dir::Etc::sourcelist": self.base / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "Dir::Etc::preferencesparts": "-",
            "APT::Architecture": arch,
            "APT::Architectures": arch,
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }
        return [arg for key, value in pairs.items() for arg in ("-o", f"{key}={value}")]

    def _machine_uri(self):
        uri = _archive_uri()
        if not uri:  # a machine that never ran `apt-get update`: read its sources into lists of our own
            base = cache_dir() / "apt" / "machine"
            (base / "lists/partial").mkdir(parents=True, exist_ok=True)
            options = ["-o", f"Dir::State::lists={base}/lists", "-o", f"Dir::Cache={base}", "-o",
                       "APT::Sandbox::User=root"]
            subprocess.run(["apt-get", *options, "-q", "update"], check=False)
            uri = _archive_uri(options)
        if not uri:
            raise FetchError("apt knows no Debian archive: check /etc/apt/sources.list*, then run `apt-get update`")
        return uri

    def update(self):
        """Fetches the suite's index once per run."""
        if self.updated:
            return
        for folder in ("state", "lists/partial", "cache/archives/partial"):
            (self.base / folder).mkdir(parents=True, exist_ok=True)
        (self.base / "status").touch()
        kind, arch = ("deb-src", "") if self.arch == "source" else ("deb", f"arch={self.arch}")
        signed = f"signed-by={KEYRING}" if KEYRING.exists() else ""
        options = " ".join(filter(None, (arch, signed)))
        line = f"{kind} [{options}] {self._machine_uri()} {self.suite} main\n"
        write_file(self.base / "sources.list", line.replace(" []", ""))
        say(f"reading the index of Debian {self.suite} ({self.arch})")
        result = subprocess.run(["apt-get", *self._options(), "-q", "update"], stdout=subprocess.DEVNULL,
                                stderr=subprocess.PIPE, text=True, check=False)
        if result.returncode:
            raise FetchError(f"index of Debian {self.suite} ({self.arch}): {result.stderr.strip()}")
        self.updated = True

    def resolve(self, meta):
        """The package that a meta-package (linux-image-arm64) stands for today."""
        self.update()
        out = subprocess.run(["apt-cache", *self._options(), "depends", "--important", meta], capture_output=True,
                             text=True, check=False).stdout
        names = [line.split()[-1].split(":")[0] for line in out.splitlines() if line.startswith("  Depends:")]
        if len(names) != 1:
            raise FetchError(f"{meta}: expected one dependency in Debian {self.suite} ({self.arch}), found {names}")
        return names[0]

    def fetch(self, package, wanted=None, digest=None):
        """Fetches a source tarball or a binary package into the cache; returns the path of the checked file."""
        self.update()
        partial = cache_dir() / "partial" / package
        partial.mkdir(parents=True, exist_ok=True)
        say(f"fetching {wanted or package} (Debian {self.suite}, {self.arch})")
        if self.arch == "source":
            command = ["source", "--download-only", "--tar-only", f"{package}/{self.suite}"]
        else:
            command = ["download", package]
        progress = [] if sys.stdout.isatty() else ["-qq"]
        result = subprocess.run(["apt-get", *self._options(), *progress, *command], cwd=partial,
                                stderr=subprocess.PIPE, text=True, check=False)
        found = sorted((p for p in partial.iterdir() if p.is_file()), key=lambda p: p.stat().st_mtime)
        file = next((p for p in reversed(found) if wanted in (None, p.name)), None)
        if result.returncode or not file:
            other = f" (it has {found[-1].name})" if found and not result.returncode else ""
            raise FetchError(f"{wanted or package}: Debian {self.suite} ({self.arch}) did not give it{other}\n"
                             f"{result.stderr}"
                             f"If you have the file, put it into {cache_dir() / 'files'} and start again.")
        if digest and sha256(file) != digest:
            actual = sha256(file)
            file.unlink()
            raise FetchError(f"{wanted}: sha256 is {actual}, third_party/lock says {digest}")
        dest = cache_dir() / "files" / file.name
        dest.parent.mkdir(exist_ok=True)
        file.replace(dest)
        shutil.rmtree(partial, ignore_errors=True)
        return dest


def source_file(package, suite, name, digest):
    """A pinned upstream tarball: from the cache, else from the archive."""
    path = cache_dir() / "files" / name
    if path.exists():
        if sha256(path) == digest:
            return path
        say(f"{name}: damaged in the cache, fetching it again")
        path.unlink()
    return apt_root(suite, "source").fetch(package, name, digest)


def binary_package(package, suite, arch, meta=False, update=False):
    """A binary package of today's archive: what was fetched once is used until update is asked for.

    @meta: the package is only a name for the one that it depends on (kernels change theirs with each update).
    """
    note = cache_dir() / "packages" / f"{package}_{suite}_{arch}"
    if note.exists() and not update:
        path = cache_dir() / "files" / note.read_text().strip()
        if path.exists():
            return path
    root = apt_root(suite, arch)
    path = root.fetch(root.resolve(package) if meta else package)
    write_file(note, path.name + "\n")
    return path


def package_files(deb, wanted):
    """Yields (path, bytes) of the regular files of a binary package for which wanted(path) holds."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as proc:
        with tarfile.open(fileobj=proc.stdout, mode="r|") as tar:
            for member in tar:
                path = member.name.removeprefix("./")
                if member.isreg() and wanted(path):
                    yield path, tar.extractfile(member).read()
        proc.stdout.read()
    if proc.returncode:
        raise FetchError(f"{deb}: dpkg-deb failed")
