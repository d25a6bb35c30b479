"""Stops, starts, kills and freezes single programs of a running stack from another terminal."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg2
import pytest
import requests

from stack import leftovers, running
from stack.local import LocalStack
from stack.ports import Ports
from tests.support import Client, rows, until
from tests.support.commands import stack_command


def run(stack: LocalStack, *arguments: str) -> str:
    code, said = stack_command(stack.folder, *arguments)
    assert code == 0, said
    return said


def states(stack: LocalStack) -> dict[str, str]:
    _head, *lines = run(stack, "status").splitlines()
    return {line.split()[0]: line.split()[1] for line in lines}


@contextmanager
def started_at_the_end(stack: LocalStack, name: str) -> Iterator[None]:
    try:
        yield
    finally:
        run(stack, "start", name)


def holds(stack: LocalStack, process: str, what: str) -> int:
    held: int = requests.get(f"{stack.urls.base(process)}/lab", timeout=60).json()["holds"][what]
    return held


def test_an_event_waits_in_the_outbox_while_the_broker_is_stopped(
    stack: LocalStack, client: Client
) -> None:
    with started_at_the_end(stack, "rabbitmq"):
        said = run(stack, "stop", "rabbitmq")
        assert said.startswith("rabbitmq is stopped.")
        assert states(stack)["rabbitmq"] == "stopped"
        created = client.post("Wait for the broker")
        assert created.status_code == 201
        waiting = "SELECT count(*) FROM outbox JOIN events USING (position) WHERE todo_id = %s"
        assert rows(stack, waiting, created.json()["id"]) == [(1,)]
        assert client.get(f"/todos/{created.json()['id']}").status_code == 404
    assert states(stack)["rabbitmq"] == "running"
    until(lambda: client.read_after(created))


def test_a_stopped_program_stays_stopped_although_the_supervisor_restarts_dead_ones(
    stack: LocalStack,
) -> None:
    with started_at_the_end(stack, "query-service"):
        run(stack, "stop", "query_service")
        dead = stack.pid("relay")
        assert f"relay was killed (pid {dead})" in run(stack, "kill", "relay")
        until(lambda: stack.pid("relay") not in {None, dead} and stack.accepts("relay"))
        until(lambda: states(stack)["relay"] == "running")
        assert states(stack)["query-service"] == "stopped"
        assert "was stopped already" in run(stack, "stop", "query-service")


def test_events_wait_in_the_queue_while_the_projector_is_frozen(
    stack: LocalStack, client: Client
) -> None:
    pid = stack.pid("projector")
    with started_at_the_end(stack, "projector"):
        assert "projector is frozen" in run(stack, "freeze", "projector")
        assert states(stack)["projector"] == "frozen"
        created = client.post("Wait for the projector")
        todo_id = created.json()["id"]
        until(lambda: holds(stack, "relay", "outbox") == 0)
        assert client.get(f"/todos/{todo_id}").status_code == 404
    assert stack.pid("projector") == pid, "it goes on where it was"
    assert client.read_after(created)[0]["title"] == "Wait for the projector"


def test_status_lists_every_program_with_its_pid_and_port(stack: LocalStack) -> None:
    until(lambda: set(states(stack).values()) == {"running"})
    lines = [line.split() for line in run(stack, "status").splitlines()[1:]]
    ports = stack.ports.by_name()
    assert {name: (int(pid), int(port)) for name, _state, pid, port in lines} == {
        name: (stack.pid(name), ports[name]) for name in states(stack)
    }


def test_settings_open_the_stores_to_a_shell(stack: LocalStack) -> None:
    printed = run(stack, "settings")
    look = 'import os; print(os.environ["DATABASE_URL"], os.environ["MONGODB_URL"])'
    shell = f"{printed}\n{shlex.quote(sys.executable)} -c {shlex.quote(look)}"
    told = subprocess.run(
        ["/bin/sh", "-c", shell], capture_output=True, text=True, check=True
    ).stdout
    assert told.split() == [stack.urls.database_url, stack.urls.mongodb_url]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[LocalStack]:
    """A stack of PostgreSQL only."""
    made = LocalStack(tmp_path / "stack", Ports.free(), only=("postgresql",))
    yield made
    made.stop()
    made.remove()


def family(stack: LocalStack) -> list[psutil.Process]:
    server = psutil.Process(stack.pid("postgresql"))
    return [server, *server.children(recursive=True)]


def log_of(stack: LocalStack) -> str:
    return (stack.log_folder / "postgresql.log").read_text()


def test_a_server_is_frozen_with_its_children_and_goes_on_where_it_was(small: LocalStack) -> None:
    with small, psycopg2.connect(small.urls.database_url) as connection:
        before = family(small)
        assert len(before) > 2
        run(small, "freeze", "postgres")
        until(lambda: {each.status() for each in before} == {psutil.STATUS_STOPPED})
        assert not small.accepts("postgresql")
        run(small, "start", "postgres")
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchall() == [(1,)]
        assert small.pid("postgresql") == before[0].pid


def test_a_frozen_server_that_is_killed_comes_back(small: LocalStack) -> None:
    with small:
        dead = family(small)
        run(small, "freeze", "postgresql")
        run(small, "kill", "postgresql")
        until(lambda: small.pid("postgresql") not in {None, dead[0].pid})
        until(lambda: small.accepts("postgresql"), within_s=60)
        until(lambda: not any(each.is_running() for each in dead))


def test_a_frozen_server_is_stopped_in_order(small: LocalStack) -> None:
    with small:
        run(small, "freeze", "postgresql")
        run(small, "stop", "postgresql")
        assert "database system is shut down" in log_of(small)
        run(small, "start", "postgresql")
        assert rows(small, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("command", ["stop", "freeze"])
def test_a_stack_with_a_stopped_or_frozen_server_still_ends_in_order(
    small: LocalStack, command: str
) -> None:
    with small:
        run(small, command, "postgresql")
    assert leftovers.find(small.folder) == []
    assert "database system is shut down" in log_of(small)
    assert stack_command(small.folder, "status")[0] == 1


def test_a_process_finishes_before_the_frozen_server_it_waits_for_ends(tmp_path: Path) -> None:
    parts = ("postgresql", "rabbitmq", "relay")
    stack = LocalStack(tmp_path / "stack", Ports.free(), only=parts)
    with stack:
        until(lambda: holds(stack, "relay", "leader"))
        run(stack, "freeze", "postgresql")
    log = (stack.log_folder / "supervisord.log").read_text()
    stack.remove()
    assert "stopped: relay (exit status 0)" in log, log


@pytest.mark.parametrize("command", ["freeze", "kill"])
def test_a_program_that_is_not_running_cannot_be_frozen_or_killed(
    small: LocalStack, command: str
) -> None:
    with small:
        run(small, "stop", "postgresql")
        assert stack_command(small.folder, command, "postgresql") == (
            1,
            "postgresql does not run.",
        )


def test_a_command_for_a_program_outside_this_stack_names_it(small: LocalStack) -> None:
    with small:
        code, said = stack_command(small.folder, "stop", "mongo")
    assert (code, said) == (1, f"The stack in {small.folder} runs without mongodb.")


def test_a_frozen_server_that_a_killed_supervisor_left_is_ended_in_order(
    small: LocalStack,
) -> None:
    small.start()
    run(small, "freeze", "postgresql")
    left = leftovers.find(small.folder)
    for process in left:
        if "stack.supervised" in process.cmdline():
            process.kill()
    small.wait()
    small.release()
    assert stack_command(small.folder, "status")[0] == 1
    again = LocalStack(small.folder, small.ports, only=("postgresql",))
    with again:
        assert not any(process.is_running() for process in left)
        # The next server's log says how it found the data. (The last one could not log any more.)
        assert log_of(small).count("database system was shut down at") == 2


@pytest.mark.parametrize("arguments", [("status",), ("stop", "rabbitmq"), ("start", "web")])
def test_a_command_says_so_if_no_stack_is_running(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    code, said = stack_command(tmp_path, *arguments)
    assert (code, said) == (1, f"No stack runs in {tmp_path}. Start it with `make up`.")


def test_the_note_on_how_to_reach_a_stack_is_for_its_user_only(tmp_path: Path) -> None:
    running.note(tmp_path, Ports.default(), "secret")
    assert (tmp_path / running.NOTE).stat().st_mode & 0o077 == 0


def test_one_unknown_name_stops_the_whole_command(stack: LocalStack) -> None:
    code, said = stack_command(stack.folder, "stop", "relay", "rely")
    assert (code, said) == (1, "The stack has no program called rely. Did you mean relay?")
    assert stack.pid("relay") is not None
