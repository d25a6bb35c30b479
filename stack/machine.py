"""What of this machine and this folder stands in the way, found before anything is installed.

Standard library only: `stack.bootstrap` asks before there is a `.venv`.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from chassis.settings import Environment
from stack.errors import StackError

# RabbitMQ stops taking messages below 50 MB, and PostgreSQL's write-ahead log takes its share.
LEAST_FREE_MB = 500

# pip keeps there what it downloads until all of it is installed.
LEAST_FREE_TEMPORARY_MB = 300

# The supervisor and the three servers hold some 300 at rest, and more with each client.
LEAST_OPEN_FILES = 1024

# Python makes no environment where there is a colon, since PATH could not hold it. RabbitMQ asks a
# shell for the free space at its path, without quotes. The supervisor's configuration cannot
# express the rest.
FORBIDDEN = (*":'\"`$&|;<>\\\n\r", " #")

# What MongoDB needs of a CPU, as /proc/cpuinfo names it, by the architecture.
# https://www.mongodb.com/docs/manual/administration/production-notes/#platform-support
CPU_NEEDS = {"x86_64": ("avx", "AVX"), "aarch64": ("atomics", "ARMv8.2-A")}


def check(folder: Path, environment: Mapping[str, str], *, installs_mb: int = 0) -> None:
    """Raise if the stack cannot run here.

    Args:
        folder: the clone, where everything goes.
        environment: the variables that the stack would be started with.
        installs_mb: the size of what is yet to be installed.

    Raises:
        StackError: what is in the way, and what to do about it.
    """
    check_path(folder)
    check_host_key(environment)
    check_modes(folder)
    check_room(folder, LEAST_FREE_MB + installs_mb)
    if installs_mb:
        check_room(Path(tempfile.gettempdir()), LEAST_FREE_TEMPORARY_MB)
    check_open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    if sys.platform == "linux" and not shutil.which("mongod"):
        check_cpu(Path("/proc/cpuinfo").read_text(errors="replace"), platform.machine())


def check_path(folder: Path) -> None:
    """Raise if a path is one that the tools below cannot be told."""
    path = str(folder)
    found = [part for part in FORBIDDEN if part in path]
    if not _is_utf8(path):
        what = "bytes that are not UTF-8"
    elif found:
        what = " and ".join(repr(part) for part in found)
    else:
        return
    shown = path.encode("utf-8", "backslashreplace").decode()
    raise StackError(
        f"The path {shown} has {what} in it, which the programs that run here cannot take. "
        "Move the clone to another folder."
    )


def check_host_key(environment: Mapping[str, str]) -> None:
    """Raise if the host key that is given cannot be sent by every client."""
    try:
        Environment(environment).key("HOST_KEY")
    except SystemExit as error:
        raise StackError(str(error)) from None


def check_modes(folder: Path) -> None:
    """Raise if we may not write here, or the disk does not keep who may read a file."""
    try:
        kept = _keeps_modes(folder)
    except PermissionError as error:
        raise StackError(
            f"This user may not write into {folder}, where everything goes. Clone as this user."
        ) from error
    if not kept:
        raise StackError(
            f"The disk that holds {folder} keeps no file modes, and PostgreSQL and RabbitMQ refuse "
            "data that everybody may read. Clone into a folder on a disk of this system: under "
            "WSL, into your home folder and not below /mnt."
        )


def check_room(folder: Path, least_mb: int) -> None:
    """Raise if the disk of a folder is (nearly) full."""
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    if free_mb < least_mb:
        raise StackError(
            f"The disk that holds {folder} is full: {free_mb} MB are free, {least_mb} MB are "
            "needed. Make room, then try again."
        )


def check_open_files(most: int) -> None:
    """Raise if too few files may be open at a time.

    Args:
        most: the hard limit of this process, which the supervisor raises the soft one to.
    """
    if most != resource.RLIM_INFINITY and most < LEAST_OPEN_FILES:
        raise StackError(
            f"A process may open {most} files here, and {LEAST_OPEN_FILES} are needed. Raise the "
            f"limit (`ulimit -Hn`; it is set in /etc/security/limits.conf, or by what started "
            "this shell), then try again."
        )


def check_cpu(cpuinfo: str, architecture: str) -> None:
    """Raise if the CPU is too old for MongoDB.

    Args:
        cpuinfo: what /proc/cpuinfo has.
        architecture: as `uname -m` names it.
    """
    flag, name = CPU_NEEDS.get(architecture, ("", ""))
    lines = [line for line in cpuinfo.splitlines() if line.startswith(("flags", "Features"))]
    if not lines or not flag or flag in lines[0].split():
        return
    raise StackError(
        f"MongoDB needs a CPU with {name}, which this one has not, or hides: a virtual machine "
        "has to pass its host's CPU through (QEMU: -cpu host). Use another machine."
    )


def _keeps_modes(folder: Path) -> bool:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".modes-") as file:
        path = Path(file.name)
        path.chmod(0o600)
        return path.stat().st_mode & 0o777 == 0o600


def _is_utf8(text: str) -> bool:
    # Bytes of a path that could not be decoded are surrogates, which UTF-8 does not encode.
    try:
        os.fsencode(text).decode()
    except UnicodeError:
        return False
    return True
