"""What an unclean end leaves behind, and a folder that is in use."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import leftovers
from stack.errors import StackError
from stack.programs import MARK


@pytest.fixture
def orphan(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-c", "print('up', flush=True); import signal; signal.pause()"],
        env={**os.environ, MARK: str(tmp_path)},
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        process.stdout.readline()
        yield process
        process.kill()


def test_a_process_of_this_folder_is_found_and_ended(
    tmp_path: Path, orphan: subprocess.Popen[bytes]
) -> None:
    found = leftovers.find(tmp_path)
    assert [process.pid for process in found] == [orphan.pid]
    leftovers.end(found)
    assert orphan.poll() is not None
    assert leftovers.find(tmp_path) == []


def test_a_process_of_another_folder_is_left_alone(
    tmp_path: Path, orphan: subprocess.Popen[bytes]
) -> None:
    assert leftovers.find(tmp_path / "other") == []
    assert orphan.poll() is None


def test_a_folder_is_used_by_one_at_a_time(tmp_path: Path) -> None:
    with leftovers.lock(tmp_path), pytest.raises(StackError, match=f"runs \\(pid {os.getpid()}\\)"):
        leftovers.lock(tmp_path)
    leftovers.lock(tmp_path).close()
