"""What web tells of 200 events is held against witnesses that know nothing of its traces.

All run on one host, so all clocks are the same clock. How exact each witness is:

- The client (this test) brackets what the command service says of itself, received and
  acknowledged, by the moments before the request and after its answer. To 5 ms where HTTP over
  loopback takes less.
- PostgreSQL's pg_xact_commit_timestamp is taken as the commit record is made, a flush of the
  write-ahead log before the client is told. It cannot be later than `committed`.
- The broker: a queue of our own gets each message as it is routed. It comes here after the relay
  began to send it, by one hop over loopback.
- MongoDB is read again and again: what one answer did not show and the next one does was applied
  between the question of the one and the answer to the other, some ms apart. Only then can it be
  journaled, which is what `projected` tells.
- No server tells when the relay saw a row, when the broker's confirm or a delivery arrived in a
  process, or what the poller saw. Those times have to lie between the times of witnesses.

An order that cannot be otherwise is asserted for every event. That a time is right to 5 ms is
asserted of three quarters of the events of a round: whoever notes a wrong moment does so every
time, and a busy machine, which lets a process wait between what happens and what it notes, only at
times.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pika
import pytest
import requests
from pymongo import MongoClient

from stack.local import LocalStack
from tests.integration.test_web import EVERY_HOP
from tests.support import Client, agree, rows, until

RIGHT_TO_MS = 5.0
SHARE = 0.75
ROUNDS = 5
EVENTS = 200

# Title, completion, and the id and times of the event, by the todo's id and version.
Key = tuple[int, int]
Hops = dict[str, dict[str, Any]]


@dataclass
class Told:
    """What the client itself knows of one command."""

    asked_ms: float
    answered_ms: float


@dataclass
class Evidence:
    """What everyone tells of the same events."""

    client: dict[Key, Told] = field(default_factory=dict)
    commits_ms: dict[Key, float] = field(default_factory=dict)
    broker_ms: dict[Key, float] = field(default_factory=dict)
    absent_ms: dict[Key, float] = field(default_factory=dict)
    present_ms: dict[Key, float] = field(default_factory=dict)
    journeys: dict[Key, dict[str, Any]] = field(default_factory=dict)

    def hops(self, key: Key) -> Hops:
        return {hop["hop"]: hop for hop in self.journeys[key]["hops"]}


def now_ms() -> float:
    return time.time_ns() / 1e6


@contextmanager
def a_queue_of_our_own(stack: LocalStack, seen_ms: dict[str, float]) -> Iterator[None]:
    """Note when the broker hands each message to us, by the event's id."""
    connection = pika.BlockingConnection(pika.URLParameters(stack.urls.rabbitmq_url))
    channel = connection.channel()
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(queue, "todo.events", "#")

    def note(_channel: Any, _method: Any, properties: pika.BasicProperties, _body: bytes) -> None:
        seen_ms.setdefault(str(properties.message_id), now_ms())

    channel.basic_consume(queue, note, auto_ack=True)
    over = threading.Event()

    def consume() -> None:
        while not over.is_set():
            connection.process_data_events(time_limit=0.05)
        connection.close()

    consumer = threading.Thread(target=consume)
    consumer.start()
    try:
        yield
    finally:
        over.set()
        consumer.join()


@contextmanager
def watched(stack: LocalStack, evidence: Evidence) -> Iterator[None]:
    """Note for each version when MongoDB was last asked without showing it, and first showed it."""
    over = threading.Event()

    def watch() -> None:
        with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
            todos = mongo.get_default_database()["todos"]
            newest = todos.find_one(sort=[("_id", -1)])
            new = {"_id": {"$gt": newest["_id"] if newest else 0}}
            shown: dict[int, int] = {}
            last_asked_ms = now_ms()
            ready.set()
            while not over.is_set():
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
        assert ready.wait(20)
        yield
    finally:
        over.set()
        watcher.join()


def commands(client: Client) -> dict[Key, Told]:
    """Send commands that write EVENTS events, one after the other: each todo has four."""
    told: dict[Key, Told] = {}

    def send(versions: list[int], method: str, path: str, body: Any) -> int:
        asked_ms = now_ms()
        answer = client.command(method, path, body)
        answered = Told(asked_ms, now_ms())
        assert answer.ok, answer.text
        todo_id: int = answer.json()["id"]
        told.update({(todo_id, version): answered for version in versions})
        return todo_id

    while len(told) < EVENTS:
        todo_id = send([1], "POST", "/todos", {"title": f"True {len(told)}"})
        change = {"title": f"Truer {len(told)}", "completed": True}
        send([2, 3], "PATCH", f"/todos/{todo_id}", change)
        send([4], "DELETE", f"/todos/{todo_id}", None)
    return told


def journeys_since(stack: LocalStack, begin_ms: float) -> dict[Key, dict[str, Any]]:
    url = f"{stack.urls.base('web')}/journeys?limit=5000"
    found = requests.get(url, timeout=30).json()["journeys"]
    return {
        (it["todo_id"], it["version"]): it
        for it in found
        if min(hop["at_ms"] for hop in it["hops"]) >= begin_ms
    }


def gathered(stack: LocalStack, client: Client) -> Evidence:
    """Cause events, and ask everyone about them."""
    evidence, by_id = Evidence(), dict[str, float]()
    begin_ms = now_ms()
    with a_queue_of_our_own(stack, by_id), watched(stack, evidence):
        evidence.client = commands(client)
        until(lambda: agree(stack))
        until(lambda: evidence.present_ms.keys() >= evidence.client.keys())

    def complete() -> bool:
        evidence.journeys = journeys_since(stack, begin_ms)
        missing = {
            key: EVERY_HOP - (evidence.hops(key).keys() if key in evidence.journeys else set())
            for key in evidence.client
        }
        assert not any(missing.values()), {key: hops for key, hops in missing.items() if hops}
        return True

    until(complete)
    log = rows(
        stack,
        "SELECT id::text, todo_id, version,"
        " extract(epoch FROM pg_xact_commit_timestamp(transaction_id::xid)) * 1000"
        " FROM events WHERE todo_id = ANY(%s)",
        sorted({todo_id for todo_id, _ in evidence.client}),
    )
    for event_id, todo_id, version, committed_ms in log:
        evidence.commits_ms[todo_id, version] = float(committed_ms)
        evidence.broker_ms[todo_id, version] = by_id[event_id]
        assert evidence.journeys[todo_id, version]["event_id"] == event_id
    return evidence


def assert_possible(evidence: Evidence, key: Key) -> None:
    """Assert the orders that cannot be otherwise, to the microsecond that web rounds to."""
    told, hops = evidence.client[key], evidence.hops(key)
    committed_ms, broker_ms = evidence.commits_ms[key], evidence.broker_ms[key]
    absent_ms, present_ms = evidence.absent_ms[key], evidence.present_ms[key]
    at = {name: hop["at_ms"] for name, hop in hops.items()}
    sent_ms = hops["confirmed"]["start_ms"]
    orders = [
        [told.asked_ms, at["received"], committed_ms, at["committed"], at["acknowledged"],
         told.answered_ms],
        [committed_ms, at["picked-up"], sent_ms, at["confirmed"]],
        [sent_ms, broker_ms],
        [sent_ms, at["delivered"], at["projected"], at["acked"]],
        [absent_ms, at["projected"]],
        [at["delivered"], present_ms],
        [absent_ms, at["seen"]],
    ]  # fmt: skip
    for order in orders:
        for earlier_ms, later_ms in pairwise(order):
            assert earlier_ms <= later_ms + 0.002, (order, hops)


def deviations_ms(evidence: Evidence) -> dict[str, list[float]]:
    """Return by how much each time differs from its witness, where that one is exact enough."""
    found: dict[str, list[float]] = {}
    for key, told in evidence.client.items():
        hops = evidence.hops(key)
        for name, deviation_ms in {
            "received": hops["received"]["at_ms"] - told.asked_ms,
            "acknowledged": told.answered_ms - hops["acknowledged"]["at_ms"],
            "committed": hops["committed"]["at_ms"] - evidence.commits_ms[key],
            "sent": evidence.broker_ms[key] - hops["confirmed"]["start_ms"],
            "projected": abs(hops["projected"]["at_ms"] - evidence.present_ms[key]),
        }.items():
            found.setdefault(name, []).append(deviation_ms)
    return found


def test_no_journey_is_missing_none_is_invented_and_every_time_is_right(
    stack: LocalStack, client: Client
) -> None:
    late: dict[str, float] = {}
    for _ in range(ROUNDS):
        until(lambda: agree(stack))
        evidence = gathered(stack, client)
        assert len(evidence.client) == EVENTS
        assert evidence.journeys.keys() == evidence.client.keys() == evidence.commits_ms.keys()
        for key in evidence.client:
            assert len(evidence.journeys[key]["hops"]) == len(EVERY_HOP)
            assert_possible(evidence, key)
        found = deviations_ms(evidence)
        late = {name: sorted(all_ms)[round(SHARE * EVENTS) - 1] for name, all_ms in found.items()}
        if max(late.values()) <= RIGHT_TO_MS:
            return
    pytest.fail(f"three quarters of the events were told within these ms: {late}")


def test_what_web_was_not_told_stays_unknown(stack: LocalStack, client: Client) -> None:
    def hops_of(todo_id: int) -> set[str]:
        journey = journeys_since(stack, 0).get((todo_id, 1), {"hops": []})
        return {hop["hop"] for hop in journey["hops"]}

    def one_more_waits_in_the_queue() -> int:
        todo_id: int = client.post("Half of it is told").json()["id"]
        holds = requests.get(f"{stack.urls.projector}/lab", timeout=10).json()["holds"]
        return todo_id if holds["queue"] >= 3 else 0

    switch = f"{stack.urls.projector}/lab/switches/pause"
    requests.put(switch, json={"on": True}, timeout=10).raise_for_status()
    try:
        untraced = client.post("Nobody tells", traceparent=f"00-{'ab' * 16}-{'cd' * 8}-00")
        todo_id = until(one_more_waits_in_the_queue)
        until(lambda: "confirmed" in hops_of(todo_id) and "acknowledged" in hops_of(todo_id))
        # Forgets what it was told; the journey goes on while it is away.
        stack.stop_program("web")
    finally:
        stack.start_program("web")
        requests.put(switch, json={"on": False}, timeout=10).raise_for_status()
    client.read_after(untraced)

    until(lambda: hops_of(todo_id) >= {"projected", "acked"})
    forgotten = {"received", "committed", "acknowledged", "picked-up", "confirmed"}
    assert not forgotten & hops_of(todo_id)
    half = journeys_since(stack, 0)[todo_id, 1]
    assert (half["title"], half["completed"]) == (None, None)
    told = {it["todo_id"] for it in journeys_since(stack, 0).values()}
    assert untraced.json()["id"] not in told
