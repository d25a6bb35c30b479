"""What stands in the way on a machine is said before anything is installed."""

import os
import resource
from pathlib import Path

import pytest

from stack import machine
from stack.errors import StackError

CPU = "processor\t: 0\nflags\t\t: fpu vme sse4_2 {}\n"


def test_this_machine_can_run_the_stack(tmp_path: Path) -> None:
    machine.check(tmp_path, {"HOST_KEY": "open sesame"}, installs_mb=1)


@pytest.mark.parametrize("name", ["a b", "50%", "café ☃", "a (1)", "x" * 200])
def test_an_unusual_path_is_no_reason_to_stop(name: str) -> None:
    machine.check_path(Path("/clones") / name)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("co:lon", "':'"),
        ("it's", '"\'"'),
        ('a"b', "'\"'"),
        ("a`b", "'`'"),
        ("a&b", "'&'"),
        ("a #b", "' #'"),
        ("two\nlines", r"'\\n'"),
        (os.fsdecode(b"caf\xe9"), "not UTF-8"),
    ],
)
def test_a_path_that_cannot_be_is_refused_with_the_reason(name: str, what: str) -> None:
    with pytest.raises(StackError, match=f"{what} in it.*Move the clone"):
        machine.check_path(Path("/clones") / name)


@pytest.mark.parametrize(
    "key", ["schlüssel", "鍵", " k", "k ", "k\n", "a'b", 'a"b', "a ;b", "a\\b"]
)
def test_a_host_key_that_not_every_client_can_send_is_refused(key: str) -> None:
    with pytest.raises(StackError, match="HOST_KEY may have"):
        machine.check_host_key({"HOST_KEY": key})


def test_a_disk_without_modes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As on /mnt/c under WSL: every file is open to everybody, and a change has no effect.
    machine.check_modes(tmp_path)
    chmod = Path.chmod
    monkeypatch.setattr(Path, "chmod", lambda path, _mode: chmod(path, 0o777))
    with pytest.raises(StackError, match=r"keeps no file modes.*home folder"):
        machine.check_modes(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"is full: \d+ MB are free, 900000000 MB are needed"):
        machine.check_room(tmp_path, 900_000_000)


def test_few_open_files_are_refused() -> None:
    machine.check_open_files(resource.RLIM_INFINITY)
    with pytest.raises(StackError, match="may open 512 files here, and 1024 are needed"):
        machine.check_open_files(512)


def test_a_cpu_that_mongodb_cannot_use_is_refused() -> None:
    machine.check_cpu(CPU.format("avx avx2"), "x86_64")
    machine.check_cpu(CPU.format(""), "riscv64")
    with pytest.raises(StackError, match="MongoDB needs a CPU with AVX"):
        machine.check_cpu(CPU.format("avx2"), "x86_64")
    with pytest.raises(StackError, match=r"with ARMv8\.2-A"):
        machine.check_cpu("Features\t: fp asimd\n", "aarch64")
