"""The event feed, and the read model rebuilt from it."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import requests
from pymongo import MongoClient
from pymongo.collection import Collection

from chassis.errors import ServerUnavailable
from query_service.counting import by_second, document_of
from query_service.counts import Counts
from query_service.events import parse_event, parse_timed_event
from query_service.rebuild.models import Todos
from query_service.rebuild.shadow import shadow_of
from query_service.versions import knowing
from stack.local import LocalStack
from tests.support import Client, agree, rows, until
from tests.support.contracts import event_validator
from tests.support.taps import Tap

SHADOW = shadow_of("todos")
ROOT = Path(__file__).parents[2]


def feed(stack: LocalStack, after: str | None = None) -> list[dict[str, Any]]:
    answer = requests.get(
        f"{stack.urls.command_service}/events", params={"after": after} if after else {}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    # Not the text's lines: a title may have a separator in it that Python takes for the end of one.
    return [json.loads(line) for line in answer.content.splitlines()]


def rebuild(stack: LocalStack, *arguments: str, **settings: str) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "COMMAND_SERVICE_URL": stack.urls.command_service,
        "MONGODB_URL": stack.urls.mongodb_url,
        **settings,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "query_service.rebuild", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.fixture
def todos(stack: LocalStack) -> Iterator[Collection[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
        yield mongo.get_default_database()["todos"]


def test_the_feed_has_every_event_in_order_and_can_be_resumed(
    stack: LocalStack, client: Client
) -> None:
    todo_id = client.post("In the log").json()["id"]
    client.patch(todo_id, title="Still in the log", completed=True)
    client.delete(todo_id)

    log = until(lambda: [event for event in feed(stack) if event["subject"] == str(todo_id)])
    kinds = ["created", "renamed", "completed", "deleted"]
    assert [event["type"] for event in log] == [f"todo.{kind}.v1" for kind in kinds]
    for kind, event in zip(kinds, log, strict=True):
        event_validator(kind).validate(event)
    assert feed(stack, log[-1]["position"]) == []
    after_first = feed(stack, log[0]["position"])
    assert [event["id"] for event in after_first] == [event["id"] for event in log[1:]]


def test_the_feed_ends_before_any_event_an_open_transaction_could_add(
    stack: LocalStack, client: Client
) -> None:
    last = feed(stack)[-1]["position"] if feed(stack) else None
    late = psycopg2.connect(stack.urls.database_url)
    try:
        with late.cursor() as cursor:
            cursor.execute(
                "INSERT INTO events (id, kind, todo_id, version, title, completed, traceparent)"
                " VALUES (gen_random_uuid(), 'todo.created', 1, 4711, 'late', false, '')"
                " RETURNING position"
            )
            todo_id = client.post("Early").json()["id"]
            held_back = requests.get(
                f"{stack.urls.command_service}/events", params={"after": last} if last else {}
            )
            assert held_back.text == ""
            settled = int(held_back.headers["Log-Settled-Before"])
            assert settled < int(held_back.headers["Log-Next-Transaction"])
        late.rollback()
    finally:
        late.close()
    assert [event["subject"] for event in feed(stack, last)] == [str(todo_id)]


def test_the_log_is_in_numeric_order_and_not_in_alphabetical_order(stack: LocalStack) -> None:
    insert = (
        "INSERT INTO events"
        " (transaction_id, id, kind, todo_id, version, title, completed, traceparent)"
        " VALUES (%s::text::xid8, gen_random_uuid(), 'todo.created', 1, %s, 'Old', false, '')"
    )
    for transaction, version in (("10", 4711), ("9", 4712)):
        rows(stack, insert, transaction, version)
    try:
        old = [event["position"].split("-")[0] for event in feed(stack)[:2]]
        assert old == ["9", "10"]
    finally:
        rows(stack, "DELETE FROM events WHERE version >= 4711")


@pytest.mark.parametrize("query", ["after=x", "after=1", "after=1-", "after=-1-1", "before=1-1"])
def test_a_position_that_cannot_be_read_is_refused(stack: LocalStack, query: str) -> None:
    answer = requests.get(f"{stack.urls.command_service}/events?{query}")
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:eventually:problem:bad-parameter"


def test_the_read_model_is_rebuilt_while_commands_and_reads_go_on(
    stack: LocalStack, client: Client, todos: Collection[dict[str, Any]]
) -> None:
    until(lambda: agree(stack))
    victim = client.read_after(client.post("Forgotten by MongoDB"))[0]["id"]
    todos.delete_one({"_id": victim})
    stop, failures = threading.Event(), []

    def go_on() -> None:
        mine = Client(stack)
        while not stop.is_set():
            todo_id = mine.post("Meanwhile").json()["id"]
            mine.patch(todo_id, completed=True)
            if mine.get("/todos?limit=1").status_code != 200:
                failures.append("a read failed")

    worker = threading.Thread(target=go_on)
    worker.start()
    try:
        status, _out, words = finished(rebuild(stack))
    finally:
        stop.set()
        worker.join()
    assert status == 0, words
    assert "rebuilt" in words
    assert not failures
    until(lambda: agree(stack))
    assert client.get(f"/todos/{victim}").status_code == 200
    assert SHADOW not in todos.database.list_collection_names()


def test_a_dry_run_prints_the_differences_and_switches_nothing(
    stack: LocalStack, client: Client, todos: Collection[dict[str, Any]]
) -> None:
    until(lambda: agree(stack))
    assert finished(rebuild(stack, "--dry-run"))[0] == 0
    missing, stale = (client.post(title).json()["id"] for title in ("Missing", "Stale"))
    client.read_after(client.patch(missing, completed=True), client.patch(stale, completed=True))
    todos.delete_one({"_id": missing})
    todos.update_one({"_id": stale}, {"$set": {"version": 1, "completed": False}})
    ghost = 2**41
    todos.insert_one({"_id": ghost, "title": "Ghost", "completed": False, "version": 1})

    status, told, _words = finished(rebuild(stack, "--dry-run"))
    assert status == 1
    assert told.splitlines() == [
        f'todo {missing}: the log says "Missing", done (v2), MongoDB nothing',
        f'todo {stale}: the log says "Stale", done (v2), MongoDB "Stale", to do (v1)',
        f'todo {ghost}: the log says nothing, MongoDB "Ghost", to do (v1)',
    ]
    assert todos.count_documents({"_id": ghost}) == 1
    assert finished(rebuild(stack))[0] == 0
    assert todos.count_documents({"_id": ghost}) == 0
    until(lambda: agree(stack))


def test_a_rebuild_never_puts_fewer_todos_in_place_than_the_write_side_has(
    stack: LocalStack, client: Client, todos: Collection[dict[str, Any]]
) -> None:
    client.read_after(client.post("In the log"))
    until(lambda: agree(stack))
    before = list(todos.find().sort("_id"))
    # As if the log had been cut: a todo of which it has no event.
    [(lost,)] = rows(stack, "INSERT INTO todos (title) VALUES ('Not in the log') RETURNING id")
    try:
        for arguments in ((), ("--dry-run",)):
            status, _out, words = finished(rebuild(stack, *arguments))
            assert status == 2
            alive = sum(not it.get("deleted") for it in before)
            assert f"The log gives {alive} todos, and the write side has {alive + 1}." in words
            assert list(todos.find().sort("_id")) == before
            assert SHADOW not in todos.database.list_collection_names()
    finally:
        rows(stack, "DELETE FROM todos WHERE id = %s", lost)
    status, _out, words = finished(rebuild(stack))
    assert (status, f"{alive} todos, where there were {alive}." in words) == (0, True), words


def test_a_rebuild_ends_when_mongodb_refuses_a_document(
    todos: Collection[dict[str, Any]], stack: LocalStack
) -> None:
    shadow = todos.database[SHADOW]
    new = [{"_id": number, "title": "x" * 200, "completed": False} for number in (1, 2)]
    try:
        Todos(todos.database, SHADOW).insert(new)
        assert list(shadow.find()) == new
        with pytest.raises(ServerUnavailable, match="duplicate key"):
            Todos(todos.database, SHADOW).insert(new)
    finally:
        shadow.drop()


class HeldUp:
    """Delays the answers on one connection, so that its client stays in the middle of its work."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.go_on = threading.Event()

    def from_client(self, data: bytes, at_ms: float) -> None:
        pass

    def from_server(self, data: bytes, at_ms: float) -> None:
        self.answers.set()
        self.go_on.wait()


def test_a_killed_rebuild_leaves_the_read_model_as_it_was(
    stack: LocalStack, client: Client, todos: Collection[dict[str, Any]]
) -> None:
    until(lambda: agree(stack))
    client.read_after(client.post("There before the rebuild"))
    before = list(todos.find().sort("_id", 1))
    held_up = HeldUp()
    with Tap(stack.ports.command_service, lambda: held_up) as tap:
        killed = rebuild(stack, COMMAND_SERVICE_URL=f"http://127.0.0.1:{tap.port}")
        try:
            assert held_up.answers.wait(60)
            assert SHADOW in todos.database.list_collection_names()
            killed.kill()
            killed.communicate()
        finally:
            held_up.go_on.set()
    assert killed.returncode == -signal.SIGKILL, "it was not done before"
    assert list(todos.find().sort("_id", 1)) == before
    assert finished(rebuild(stack))[0] == 0
    assert SHADOW not in todos.database.list_collection_names()
    until(lambda: agree(stack))


def test_a_rebuild_that_crashes_before_the_swap_leaves_the_old_read_model_to_be_read(
    stack: LocalStack, client: Client, todos: Collection[dict[str, Any]]
) -> None:
    client.read_after(client.post("There before the crash"))
    before = list(todos.find().sort("_id", 1))
    crashed = rebuild(stack, "--crash-at", "before-swap", TRACES_URL=stack.urls.web)
    assert finished(crashed)[0] == -signal.SIGKILL
    assert list(todos.find().sort("_id", 1)) == before
    # The new one is whole, and is thrown away by the next rebuild.
    assert todos.database[SHADOW].count_documents({}) == len(before)
    told = requests.get(f"{stack.urls.web}/export", timeout=60).json()["firings"]
    fired = [(it["fault"], it["at"]) for it in told if it["place"] == "rebuild"]
    assert ("crash", "before-swap") in fired
    assert finished(rebuild(stack))[0] == 0
    assert SHADOW not in todos.database.list_collection_names()


def test_a_rebuild_that_is_held_before_the_swap_goes_on_at_enter(
    stack: LocalStack, client: Client, todos: Collection[dict[str, Any]]
) -> None:
    held = rebuild(stack, "--hold-at", "before-swap")
    says = held.stderr
    assert says
    until(lambda: "Held before the swap" in says.readline())
    # What comes meanwhile goes to the old read model, and is in the new one after the swap.
    client.read_after(client.post("While it is held"))
    assert SHADOW in todos.database.list_collection_names()
    assert held.poll() is None
    held.communicate("\n", timeout=60)
    assert held.returncode == 0
    assert SHADOW not in todos.database.list_collection_names()
    until(lambda: agree(stack))


def test_an_unreachable_server_is_reported_in_a_sentence(stack: LocalStack) -> None:
    nowhere = "127.0.0.1:9"
    status, _out, words = finished(rebuild(stack, COMMAND_SERVICE_URL=f"http://{nowhere}"))
    assert status == 2
    assert "The event feed cannot be read" in words
    assert "Traceback" not in words
    url = f"mongodb://{nowhere}/eventually?timeoutMS=500"
    status, _out, words = finished(rebuild(stack, MONGODB_URL=url))
    assert status == 2
    assert "The read model cannot be written" in words
    assert "Traceback" not in words


def test_a_rebuilt_read_model_keeps_deletions_as_tombstones(
    stack: LocalStack, client: Client, todos: Collection[dict[str, Any]]
) -> None:
    todo_id = client.post("Deleted before the rebuild").json()["id"]
    client.read_after(client.delete(todo_id))
    assert finished(rebuild(stack))[0] == 0
    assert todos.find_one({"_id": todo_id}, {"batch": 0}) == {
        "_id": todo_id,
        "version": 2,
        "deleted": True,
    }
    assert rows(stack, "SELECT count(*) FROM todos WHERE id = %s", todo_id) == [(0,)]


def test_the_consumer_reads_the_position_of_an_event(stack: LocalStack, client: Client) -> None:
    client.post("Positioned")
    lines = requests.get(f"{stack.urls.command_service}/events").content.splitlines()
    assert "-" in parse_event(lines[-1]).position


def test_the_counts_are_rebuilt_into_the_very_same_documents(
    stack: LocalStack, client: Client, todos: Collection[dict[str, Any]]
) -> None:
    counts = todos.database["counts"]
    counts.drop()
    todo_id = client.post("Counted").json()["id"]
    client.patch(todo_id, completed=True)
    client.read_after(client.delete(todo_id))
    status, _out, words = finished(rebuild(stack, "--model", "counts"))
    assert status == 0, words
    assert "The counting read model is rebuilt" in words
    parse = knowing(parse_timed_event)
    log = [parse(json.dumps(event).encode()) for event in feed(stack)]
    expected = [document_of(second, events) for second, events in by_second(log).items()]
    for document in expected:
        # As MongoDB gives it back.
        document["_id"] = document["_id"].replace(tzinfo=None)
    expected.sort(key=itemgetter("_id"))
    assert list(counts.find().sort("_id", 1)) == expected

    # What was counted as it came, in another order and in other batches, is the same.
    counts.delete_many({})
    for event in reversed(log):
        Counts(counts.database).count([event])
    assert list(counts.find().sort("_id", 1)) == expected
    assert finished(rebuild(stack, "--model", "counts", "--dry-run"))[0] == 0

    [last] = [event for event in log if event.todo.id == todo_id and event.todo.version == 3]
    Counts(counts.database).count([last], inbox=False)
    status, told, words = finished(rebuild(stack, "--model", "counts", "--dry-run"))
    assert (status, "1 seconds differ." in words) == (1, True), words
    assert "1 deleted" in told
    assert "2 deleted" in told
    assert finished(rebuild(stack, "--model", "counts"))[0] == 0
    assert list(counts.find().sort("_id", 1)) == expected
    counts.drop()
