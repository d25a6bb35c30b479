"""What an unclean end leaves behind, and a folder that is in use."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from stack import leftovers
from stack.errors import StackError
from stack.programs import MARK
from tests.support import until


@pytest.fixture
def orphan(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    program = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit('ended in order'));"
        "print('up', flush=True); signal.pause()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env={**os.environ, MARK: str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
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


def test_a_frozen_process_is_ended_in_order_too(
    tmp_path: Path, orphan: subprocess.Popen[bytes]
) -> None:
    orphan.send_signal(signal.SIGSTOP)
    until(lambda: psutil.Process(orphan.pid).status() == psutil.STATUS_STOPPED)
    leftovers.end(leftovers.find(tmp_path))
    assert orphan.stdout
    assert orphan.stdout.read() == b"ended in order\n"


def test_a_process_of_another_folder_is_left_alone(
    tmp_path: Path, orphan: subprocess.Popen[bytes]
) -> None:
    assert leftovers.find(tmp_path / "other") == []
    assert orphan.poll() is None


def test_a_folder_is_used_by_one_at_a_time(tmp_path: Path) -> None:
    with leftovers.lock(tmp_path), pytest.raises(StackError, match=f"runs \\(pid {os.getpid()}\\)"):
        leftovers.lock(tmp_path)
    leftovers.lock(tmp_path).close()
