"""One real server: the part of the stack's promises that is quick to check."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from command_service.database import KNOWN
from stack import leftovers, running
from stack.errors import StackError
from stack.local import LocalStack
from stack.ports import Ports
from stack.programs import ROOT, SERVERS
from tests.support import rows, until

ONLY = ("postgresql",)


@pytest.fixture
def local(tmp_path: Path) -> Iterator[LocalStack]:
    made = LocalStack(tmp_path / "stack", Ports.free(), only=ONLY)
    yield made
    made.stop()
    made.remove()


def test_a_stop_keeps_the_data_and_ends_every_process(local: LocalStack) -> None:
    with local:
        rows(local, "CREATE TABLE kept (id int)")
    assert leftovers.find(local.folder) == []
    with local:
        assert rows(local, "SELECT count(*) FROM kept") == [(0,)]


def test_a_stack_that_is_older_than_its_data_is_refused_with_the_reason(local: LocalStack) -> None:
    with local:
        rows(local, "UPDATE alembic_version SET version_num = '0099'")
    why = f"database has version 0099 .* knows {KNOWN:04d} at most"
    with pytest.raises(StackError, match=why):
        local.start()
    assert leftovers.find(local.folder) == []


def test_a_program_that_is_killed_comes_back_and_one_that_is_stopped_does_not(
    local: LocalStack,
) -> None:
    with local:
        dead = local.kill_program("postgresql")
        until(lambda: local.pid("postgresql") not in {None, dead})
        until(lambda: local.accepts("postgresql"))
        local.stop_program("postgresql")
        assert local.pid("postgresql") is None
        local.start_program("postgresql")
        assert local.accepts("postgresql")


def test_the_servers_start_in_an_unusual_folder_that_is_closed_to_others(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        made = LocalStack(tmp_path / "its 50%cut café ☃" / ".stack", Ports.free(), only=SERVERS)
        with made:
            assert made.unready() == {}
        made.remove()
    finally:
        os.umask(before)


def test_a_folder_in_use_is_refused(local: LocalStack) -> None:
    with local, pytest.raises(StackError, match="already runs"):
        LocalStack(local.folder, Ports.free(), only=ONLY).start()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals a parent's death")
def test_nothing_is_left_when_the_process_that_started_it_is_killed(local: LocalStack) -> None:
    program = (
        "import pathlib, signal, sys; from stack.local import LocalStack;"
        "from stack.ports import Ports;"
        "LocalStack(pathlib.Path(sys.argv[1]), Ports.free(), only=('postgresql',)).start();"
        "print('up', flush=True); signal.pause()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(local.folder)], cwd=ROOT, stdout=subprocess.PIPE
    ) as starter:
        assert starter.stdout
        assert starter.stdout.readline() == b"up\n"
        left = leftovers.find(local.folder)
        assert left
        starter.send_signal(signal.SIGKILL)
    until(lambda: not any(process.is_running() for process in left))


def test_the_next_start_ends_processes_that_a_killed_supervisor_left(
    local: LocalStack,
) -> None:
    local.start()
    server = psutil.Process(local.pid("postgresql"))
    for process in leftovers.find(local.folder):
        if "stack.supervised" in process.cmdline():
            process.kill()
    local.wait()
    assert server.is_running()
    local.release()
    said: list[str] = []
    again = LocalStack(local.folder, local.ports, only=ONLY)
    again.start(said.append)
    again.stop()
    assert any("not shut down cleanly" in line for line in said)
    assert not server.is_running()


def test_a_supervisor_that_refuses_says_why_and_not_only_how_to_use_it(tmp_path: Path) -> None:
    words = tmp_path / "supervisord.err"
    words.write_text("Error: the port is odd\nFor help, use /x/python -h\n")
    assert "'Error: the port is odd'" in running.last_words(words)
