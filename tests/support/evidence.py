"""Evidence of what happened to events, from witnesses that know nothing of web's traces."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from pymongo import MongoClient

from stack.local import LocalStack
from tests.support import agree, another, rows, until
from tests.support.browsers import EVERY_HOP
from tests.support.taps import Amqp, Exchange, Http, Messages, Rows, Tap, Written

TODOS = 50
# Created, renamed and completed at once, deleted.
EVENTS = 4 * TODOS

# An event's todo and version.
Key = tuple[int, int]
Hops = dict[str, dict[str, Any]]


@dataclass
class Told:
    """What the client itself knows of one command."""

    asked_ms: float
    answered_ms: float
    heard: Exchange


@dataclass
class Wire:
    """What went over the wire, as the taps heard it."""

    base: str = ""
    commands: list[Exchange] = field(default_factory=list)
    written_ms: dict[Key, float] = field(default_factory=dict)
    picked_up_ms: dict[str, float] = field(default_factory=dict)
    messages: Messages = field(default_factory=Messages)
    reads: list[Exchange] = field(default_factory=list)


@dataclass
class Evidence:
    """What every witness says of the same events."""

    wire: Wire
    client: dict[Key, Told] = field(default_factory=dict)
    commits_ms: dict[Key, float] = field(default_factory=dict)
    absent_ms: dict[Key, float] = field(default_factory=dict)
    present_ms: dict[Key, float] = field(default_factory=dict)
    shown_ms: dict[Key, float] = field(default_factory=dict)
    journeys: dict[Key, dict[str, Any]] = field(default_factory=dict)

    def hops(self, key: Key) -> Hops:
        return {hop["hop"]: hop for hop in self.journeys[key]["hops"]}


def now_ms() -> float:
    return time.time_ns() / 1e6


@contextmanager
def tapped(stack: LocalStack) -> Iterator[Wire]:
    """Run relay, projector and web with a tap in front of each server that is a witness."""
    wire, ports = Wire(), stack.ports
    away = ("relay", "projector", "web")
    until(lambda: agree(stack))
    with (
        Tap(ports.postgresql, lambda: Rows(wire.picked_up_ms)) as database,
        Tap(ports.rabbitmq, lambda: Amqp(wire.messages)) as broker,
        Tap(ports.query_service, lambda: Http(wire.reads)) as queries,
        Tap(ports.command_service, lambda: Http(wire.commands)) as asked,
        Tap(ports.mongodb, lambda: Written(wire.written_ms)) as written,
    ):
        wire.base = f"http://127.0.0.1:{asked.port}"

        def through(url: str, port: int, tap: Tap) -> str:
            return url.replace(f":{port}", f":{tap.port}")

        rabbitmq_url = {"RABBITMQ_URL": through(stack.urls.rabbitmq_url, ports.rabbitmq, broker)}
        database_url = through(stack.urls.database_url, ports.postgresql, database)
        reads_url = through(stack.urls.query_service, ports.query_service, queries)
        mongodb_url = through(stack.urls.mongodb_url, ports.mongodb, written)
        of_projector = {"MONGODB_URL": mongodb_url, **rabbitmq_url}
        of_relay = {"DATABASE_URL": database_url, **rabbitmq_url}
        of_web = {"QUERY_SERVICE_URL": reads_url}
        for name in away:
            stack.stop_program(name)
        try:
            with (
                another(stack, "web", "web", ports.web, of_web),
                another(stack, "command_service.relay", "relay", ports.relay, of_relay),
                another(
                    stack, "query_service.projector", "projector", ports.projector, of_projector
                ),
            ):
                until(lambda: not stack.unready())
                yield wire
        finally:
            for name in away:
                stack.start_program(name)


@contextmanager
def watched(stack: LocalStack, evidence: Evidence) -> Iterator[None]:
    """Note for each version when a read last lacked it, and when one first showed it."""
    over = threading.Event()

    def watch() -> None:
        with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
            todos = mongo.get_default_database()["todos"]
            newest = todos.find_one(sort=[("_id", -1)])
            new = {"_id": {"$gt": newest["_id"] if newest else 0}}
            shown: dict[int, int] = {}
            last_asked_ms = now_ms()
            ready.set()
            # A moment for the taps, which are threads of this process, too.
            while not over.wait(0.001):
                asked_ms = now_ms()
                versions = {it["_id"]: it["version"] for it in todos.find(new, {"version": 1})}
                answered_ms = now_ms()
                for todo_id, version in versions.items():
                    for appeared in range(shown.get(todo_id, 0) + 1, version + 1):
                        evidence.absent_ms[todo_id, appeared] = last_asked_ms
                        evidence.present_ms[todo_id, appeared] = answered_ms
                shown, last_asked_ms = versions, asked_ms

    ready = threading.Event()
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        assert ready.wait(60)
        yield
    finally:
        over.set()
        watcher.join()


def commands(wire: Wire, read: Callable[[dict[Key, Told]], None]) -> dict[Key, Told]:
    """Send commands that write EVENTS events; deletions once all else has been read."""
    told: dict[Key, Told] = {}
    session = requests.Session()

    def send(versions: list[int], method: str, path: str, body: Any) -> int:
        asked_ms = now_ms()
        answer = session.request(method, wire.base + path, json=body, timeout=60)
        answered = Told(asked_ms, now_ms(), wire.commands[-1])
        assert answer.ok, answer.text
        todo_id: int = answer.json()["id"]
        told.update({(todo_id, version): answered for version in versions})
        return todo_id

    todo_ids = [send([1], "POST", "/todos", {"title": f"True {n}"}) for n in range(TODOS)]
    for todo_id in todo_ids:
        change = {"title": f"Truer {todo_id}", "completed": True}
        send([2, 3], "PATCH", f"/todos/{todo_id}", change)
    # From here on, a todo that a read does not show is gone; none is still to come.
    read(told)
    for todo_id in todo_ids:
        send([4], "DELETE", f"/todos/{todo_id}", None)
    read(told)
    return told


def journeys_since(stack: LocalStack, begin_ms: float) -> dict[Key, dict[str, Any]]:
    url = f"{stack.urls.base('web')}/journeys?limit=5000"
    found = requests.get(url, timeout=60).json()["journeys"]
    return {
        (it["todo_id"], it["version"]): it
        for it in found
        if min(hop["at_ms"] for hop in it["hops"]) >= begin_ms
    }


def gathered(stack: LocalStack, wire: Wire) -> Evidence:
    """Cause events, and ask every witness about them."""
    evidence = Evidence(wire)
    begin_ms = now_ms()

    def until_complete(told: dict[Key, Told]) -> None:
        def complete() -> bool:
            evidence.journeys = journeys_since(stack, begin_ms)
            missing = {
                key: EVERY_HOP - (evidence.hops(key).keys() if key in evidence.journeys else set())
                for key in told
            }
            assert not any(missing.values()), {key: hops for key, hops in missing.items() if hops}
            return True

        until(complete)

    del wire.reads[:]
    with watched(stack, evidence):
        evidence.client = commands(wire, until_complete)
        until(lambda: evidence.present_ms.keys() >= evidence.client.keys())
    log = rows(
        stack,
        "SELECT id::text, todo_id, version,"
        " extract(epoch FROM pg_xact_commit_timestamp(transaction_id::xid)) * 1000"
        " FROM events WHERE todo_id = ANY(%s)",
        sorted({todo_id for todo_id, _ in evidence.client}),
    )
    for event_id, todo_id, version, committed_ms in log:
        evidence.commits_ms[todo_id, version] = float(committed_ms)
        assert evidence.journeys[todo_id, version]["event_id"] == event_id
    add_what_reads_showed(evidence)
    return evidence


def add_what_reads_showed(evidence: Evidence) -> None:
    """Find the first answer that showed each version, or a later one."""
    answered: dict[str, Any] = {}
    for read in evidence.wire.reads:
        path, _, query = read.path.partition("?")
        asked = dict(pair.split("=") for pair in query.split("&") if pair)
        if path == "/todos" and asked.get("limit") != "1":
            # 304: the same answer as to the same request before.
            if read.status == 200:
                answered[read.path] = json.loads(read.body)
            if read.path not in answered:
                # Unchanged since before the first of these events.
                continue
            shown = {todo["id"]: todo for todo in answered[read.path]}
            covered = [it for it in evidence.client if it[0] > int(asked["after"])]
        elif path.startswith("/todos/"):
            todo_id = int(path.removeprefix("/todos/"))
            shown = {todo_id: json.loads(read.body)} if read.status == 200 else {}
            covered = [it for it in evidence.client if it[0] == todo_id]
        else:
            continue
        for todo_id, version in covered:
            if version_shown(evidence, read, todo_id, shown.get(todo_id)) >= version:
                evidence.shown_ms.setdefault((todo_id, version), read.answered_ms)


def version_shown(evidence: Evidence, read: Exchange, todo_id: int, shown: Any) -> int:
    if shown is None:
        return 4 if read.answered_ms > evidence.client[todo_id, 4].asked_ms else 0
    if shown["title"].startswith("True "):
        return 1
    return 3 if shown["completed"] else 2


def written_ms(wire: Wire, key: Key) -> float:
    """Return when MongoDB had written this version, or a later one into which it was folded."""
    todo_id, version = key
    return min(
        wire.written_ms[todo_id, each]
        for each in range(version, 5)
        if (todo_id, each) in wire.written_ms
    )


def deviations_ms(evidence: Evidence) -> dict[str, list[float]]:
    """Return how far each time is from its witness, event by event."""
    found: dict[str, list[float]] = {}
    wire = evidence.wire
    for key, told in evidence.client.items():
        hops, event_id = evidence.hops(key), evidence.journeys[key]["event_id"]
        at = {name: hop["at_ms"] for name, hop in hops.items()}
        for name, noted_ms, witnessed_ms in [
            ("received", at["received"], told.heard.asked_ms),
            ("acknowledged", at["acknowledged"], told.heard.answered_ms),
            ("committed", at["committed"], evidence.commits_ms[key]),
            ("picked-up", at["picked-up"], wire.picked_up_ms[event_id]),
            ("sent", hops["confirmed"]["start_ms"], wire.messages.published_ms[event_id]),
            ("confirmed", at["confirmed"], wire.messages.confirmed_ms[event_id]),
            ("delivered", at["delivered"], wire.messages.delivered_ms[event_id]),
            ("projected", at["projected"], written_ms(wire, key)),
            ("acked", at["acked"], wire.messages.acked_ms[event_id]),
            ("seen", at["seen"], evidence.shown_ms[key]),
        ]:
            found.setdefault(name, []).append(abs(noted_ms - witnessed_ms))
    return found
