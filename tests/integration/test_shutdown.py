"""SIGTERM ends each process with its work in hand finished, or, after a while, as it is."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import psycopg2
import pytest
import requests
import socketio
from pika.adapters.blocking_connection import BlockingChannel

from query_service.topology import COUNTER, PROJECTOR, REPLICA, EventQueue
from stack.local import LocalStack
from stack.ports import Ports
from stack.programs import ROOT
from tests.support import Client, agree, another, read_side, rows, until, write_side
from tests.support.switches import all_clear, holding, set_switch

TOO_MANY = "too-many-waiting"


@pytest.fixture(autouse=True)
def cleared(stack: LocalStack) -> Iterator[None]:
    """Whatever a test switched on, however it ended."""
    yield
    all_clear(stack, "relay", "projector", "counter", "replica", "coordinator")


@contextmanager
def ended(stack: LocalStack, process: str) -> Iterator[None]:
    """Have a process of the stack ended by SIGTERM while what is in the block is looked at."""
    stack.stop_program(process)
    try:
        yield
    finally:
        stack.start_program(process)
        all_clear(stack, process)
        until(lambda: agree(stack))


def held_at(stack: LocalStack, process: str, at: str) -> int:
    """Create a todo, have a process stop with it at a point, and return its id."""
    until(lambda: agree(stack))
    set_switch(stack, process, "hold", on=True, at=at)
    created: int = Client(stack).post(f"In the hands of {process}").json()["id"]
    until(lambda: holding(stack, process))
    return created


def depth(channel: BlockingChannel, queue: EventQueue) -> int:
    return int(channel.queue_declare(queue.name, passive=True).method.message_count)


@pytest.mark.parametrize("at", ["before-commit", "after-commit"])
def test_a_command_under_way_is_committed_and_answered(stack: LocalStack, at: str) -> None:
    port = Ports.free().command_service
    base = f"http://127.0.0.1:{port}"
    todo_id = Client(stack).post("As it was").json()["id"]
    with another(stack, "command_service", "command-service", port) as process:
        until(lambda: requests.get(f"{base}/readyz").ok)
        hold = {"on": True, "at": at, "todo": todo_id}
        url = f"{base}/lab/switches/hold"
        requests.put(url, json=hold, headers=stack.lab_headers).raise_for_status()
        answers: list[requests.Response] = []

        def change() -> None:
            answers.append(requests.patch(f"{base}/todos/{todo_id}", json={"completed": True}))

        asked = threading.Thread(target=change)
        asked.start()
        until(lambda: requests.get(f"{base}/lab").json()["switches"]["hold"]["holding"])
        process.send_signal(signal.SIGTERM)
        asked.join(60)
        assert [answer.status_code for answer in answers] == [200]
        assert process.wait(60) == 0
    assert write_side(stack)[todo_id] == ("As it was", True, 2)


def test_what_cannot_be_finished_is_given_up_and_undone(stack: LocalStack) -> None:
    port = Ports.free().command_service
    base = f"http://127.0.0.1:{port}"
    todo_id = Client(stack).post("Locked by another").json()["id"]
    soon = {"SHUTDOWN_WITHIN_S": "1"}
    with (
        another(stack, "command_service", "command-service", port, soon) as process,
        closing(psycopg2.connect(stack.urls.database_url)) as locks,
    ):
        until(lambda: requests.get(f"{base}/readyz").ok)
        locks.cursor().execute("SELECT FROM todos WHERE id = %s FOR UPDATE", (todo_id,))

        def change() -> None:
            with suppress(requests.RequestException):
                requests.patch(f"{base}/todos/{todo_id}", json={"completed": True})

        asked = threading.Thread(target=change)
        asked.start()
        waiting = (
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'lock_todo'"
        )
        until(lambda: rows(stack, waiting))
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        asked.join(60)
    told = (stack.log_folder / "another-command-service.log").read_text()
    assert "1 connections are cut off before they were done" in told
    assert write_side(stack)[todo_id] == ("Locked by another", False, 1)


@pytest.mark.parametrize("at", ["before-publish", "after-publish"])
def test_what_the_relay_has_in_hand_is_published_and_removed(stack: LocalStack, at: str) -> None:
    todo_id = held_at(stack, "relay", at)
    with ended(stack, "relay"):
        assert rows(stack, "SELECT count(*) FROM outbox") == [(0,)]
        until(lambda: todo_id in read_side(stack))


@pytest.mark.parametrize("at", ["before-write", "after-write"])
def test_the_projectors_batch_is_written_and_acked(
    stack: LocalStack, channel: BlockingChannel, at: str
) -> None:
    todo_id = held_at(stack, "projector", at)
    with ended(stack, "projector"):
        assert todo_id in read_side(stack)
        assert depth(channel, PROJECTOR) == 0


@pytest.mark.parametrize(
    ("process", "keep", "queue"), [("counter", "count", COUNTER), ("replica", "replicate", REPLICA)]
)
def test_so_is_that_of_a_process_on_demand(
    stack: LocalStack, channel: BlockingChannel, process: str, keep: str, queue: EventQueue
) -> None:
    values = {"lag_ms": 0} if process == "replica" else {}
    set_switch(stack, process, keep, on=True, **values)
    url = f"{stack.urls.base(process)}/lab"
    until(lambda: (requests.get(url).json()["holds"] or {}).get("queue") == 0)
    held_at(stack, process, "after-write")
    with ended(stack, process):
        assert depth(channel, queue) == 0


def test_the_coordinator_ends_the_saga_that_it_is_at(stack: LocalStack) -> None:
    until(lambda: agree(stack))
    set_switch(stack, "coordinator", "hold", on=True, at="between")
    set_switch(stack, "coordinator", "book", on=True, first="Out", second="And back")
    until(lambda: holding(stack, "coordinator"))
    with ended(stack, "coordinator"):
        newest = "SELECT state FROM sagas ORDER BY id DESC LIMIT 1"
        assert rows(stack, newest) == [("done",)]


def test_a_rebuild_that_is_ended_leaves_the_read_model_and_says_so(stack: LocalStack) -> None:
    before = read_side(stack)
    urls = stack.urls
    settings = {"COMMAND_SERVICE_URL": urls.command_service, "MONGODB_URL": urls.mongodb_url}
    with subprocess.Popen(
        [sys.executable, "-m", "query_service.rebuild", "--hold-at", "before-swap"],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr
        said = ""
        while "Enter" not in said:
            letter = running.stderr.read(1)
            assert letter, said
            said += letter
        running.send_signal(signal.SIGTERM)
        said += running.stderr.read()
    assert running.returncode == 2
    assert "Interrupted. The read model is as it was." in said
    assert read_side(stack) == before


def test_a_read_that_waits_is_answered_with_what_there_is(stack: LocalStack) -> None:
    port = Ports.free().query_service
    url = f"http://127.0.0.1:{port}/todos"
    client = Client(stack)
    created = client.post("Not changed so far")
    client.read_after(created)
    wants = {"Consistency-Token": f"{created.json()['id']}.2", "Prefer": "wait=10"}
    one = {"MAX_WAITING_READS": "1"}
    with another(stack, "query_service", "query-service", port, one) as process:
        until(lambda: requests.get(f"http://127.0.0.1:{port}/readyz").ok)
        answers: list[requests.Response] = []

        def read() -> None:
            # The look below may have been in the one place.
            while TOO_MANY in (answer := requests.get(url, headers=wants)).text:
                pass
            answers.append(answer)

        asked = threading.Thread(target=read)
        asked.start()
        # It waits when there is no room for another.
        at_once = {**wants, "Prefer": "wait=0"}
        until(lambda: TOO_MANY in requests.get(url, headers=at_once).text)
        process.send_signal(signal.SIGTERM)
        asked.join(60)
        assert [answer.status_code for answer in answers] == [503]
        assert answers[0].json()["type"].endswith(":read-model-behind")
        assert process.wait(60) == 0


def test_web_ends_while_browsers_are_connected(stack: LocalStack) -> None:
    port = Ports.free().web
    left = threading.Event()
    browser = socketio.Client(reconnection=False)
    browser.on("disconnect", left.set)
    with another(stack, "web", "web", port) as process:
        until(lambda: requests.get(f"http://127.0.0.1:{port}/readyz").ok)
        browser.connect(f"http://127.0.0.1:{port}", transports=["polling"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert left.wait(60)
