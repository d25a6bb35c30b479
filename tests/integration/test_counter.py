"""The counting read model: kept while it is wanted, right with its inbox and wrong without it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker
from pymongo import MongoClient

from query_service.counting import COUNTED, KINDS, by_second, document_of
from query_service.events import TimedEvent, parse_timed_event
from query_service.topology import COUNTER, DELIVERY_LIMIT, EXCHANGE
from query_service.versions import knowing
from stack.local import LocalStack
from tests.support import Client, agree, read_side, until
from tests.support.broker import listed
from tests.support.contracts import HttpContract
from tests.support.switches import set_switch

Totals = dict[str, int]


@pytest.fixture(autouse=True)
def alone(stack: LocalStack) -> Iterator[None]:
    """The counter, which nobody waited for when the stack started; off again at the end."""
    until(lambda: stack.accepts("counter"))
    yield
    until(lambda: stack.accepts("counter"))
    for name in ("hold", "crash", "no-inbox", "count"):
        set_switch(stack, "counter", name, on=False)
    until(lambda: answer_of(stack).status_code == 503)


@pytest.fixture
def counting(stack: LocalStack) -> None:
    """The counts are kept, and right."""
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
        mongo.get_default_database()["counts"].drop()
    set_switch(stack, "counter", "count", on=True)
    until(lambda: counted(stack) == in_the_log(stack))


def answer_of(stack: LocalStack) -> requests.Response:
    return requests.get(f"{stack.urls.query_service}/counts", timeout=60)


def counted(stack: LocalStack) -> Totals:
    answer = answer_of(stack)
    assert answer.status_code == 200, answer.text
    minutes = answer.json()
    return {kind: sum(minute[kind] for minute in minutes) for kind in KINDS}


def log_of(stack: LocalStack) -> list[dict[str, Any]]:
    answer = requests.get(f"{stack.urls.command_service}/events", timeout=60)
    return [json.loads(line) for line in answer.text.splitlines()]


def known_log_of(stack: LocalStack) -> list[TimedEvent]:
    """Return the log as who knows each version of its events reads it: others wrote newer ones."""
    parse = knowing(parse_timed_event)
    return [parse(json.dumps(event).encode()) for event in log_of(stack)]


def in_the_log(stack: LocalStack) -> Totals:
    happened = [COUNTED.get(event.type) for event in known_log_of(stack)]
    return {kind: happened.count(kind) for kind in KINDS}


def documents(stack: LocalStack) -> list[dict[str, Any]]:
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url, tz_aware=True) as mongo:
        return list(mongo.get_default_database()["counts"].find().sort("_id", 1))


def documents_of_the_log(stack: LocalStack) -> list[dict[str, Any]]:
    seconds = by_second(known_log_of(stack))
    return [document_of(second, events) for second, events in sorted(seconds.items())]


def depth(channel: BlockingChannel) -> int:
    return int(channel.queue_declare(COUNTER.name, passive=True).method.message_count)


def publish_again(stack: LocalStack, channel: BlockingChannel, todo_id: int, kind: str) -> None:
    """Send an event of the log through the exchange once more."""
    [event] = [
        it
        for it in log_of(stack)
        if it["subject"] == str(todo_id) and it["type"] == f"todo.{kind}.v1"
    ]
    channel.basic_publish(EXCHANGE, f"todo.{kind}", json.dumps(event).encode())


def outcomes(stack: LocalStack) -> dict[str, float]:
    """Return how many messages the counter has acked, by what became of them."""
    metrics = requests.get(f"{stack.urls.counter}/metrics", timeout=60).text.splitlines()
    found = [line for line in metrics if line.startswith("events_projected_total{")]
    return {line.split('"')[1]: float(line.rsplit(" ", 1)[1]) for line in found}


def already_applied(stack: LocalStack) -> float:
    return outcomes(stack).get("already-applied", 0.0)


def is_at_rest(stack: LocalStack) -> bool:
    """Return whether neither its queue nor the counter itself holds a message."""
    held = requests.get(f"{stack.urls.counter}/lab", timeout=60).json()["holds"]
    return (held["queue"], held["unacked"]) == (0, 0)


def test_while_it_is_off_there_is_no_queue_and_the_answer_says_so(
    stack: LocalStack, client: Client, channel: BlockingChannel
) -> None:
    answer = answer_of(stack)
    HttpContract("queries", stack.urls.query_service).check(answer)
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:eventually:problem:not-kept"
    assert "/lab/counter/switches/count" in answer.json()["detail"]
    assert requests.get(f"{stack.urls.counter}/readyz", timeout=60).status_code == 200
    with pytest.raises(ChannelClosedByBroker):
        depth(channel)


def test_it_counts_what_was_before_and_what_comes_and_its_documents_are_those_of_the_log(
    stack: LocalStack, client: Client, counting: None
) -> None:
    before = counted(stack)
    todo_id = client.post("Counted").json()["id"]
    client.patch(todo_id, title="Counted once", completed=True)
    client.delete(todo_id)
    until(lambda: counted(stack) == {kind: before[kind] + 1 for kind in KINDS})
    answer = answer_of(stack)
    HttpContract("queries", stack.urls.query_service).check(answer)
    again = requests.get(
        f"{stack.urls.query_service}/counts", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    assert documents(stack) == documents_of_the_log(stack)
    held = requests.get(f"{stack.urls.counter}/lab", timeout=60).json()["holds"]
    assert held["events"] == sum(held[kind] for kind in KINDS)
    # A reading of the log over what is there already changes nothing.
    set_switch(stack, "counter", "count", on=False)
    until(lambda: answer_of(stack).status_code == 503)
    client.post("While it was off")
    set_switch(stack, "counter", "count", on=True)
    until(lambda: documents(stack) == documents_of_the_log(stack))


def test_its_queue_has_the_same_care_as_the_projectors(stack: LocalStack, counting: None) -> None:
    queues = listed(stack, "queues", "name", "durable", "arguments")
    [queue] = [it for it in queues if it["name"] == COUNTER.name]
    assert queue["durable"]
    assert queue["arguments"] == {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "todo.dead-letters",
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
        "x-expires": COUNTER.expires_ms,
    }


def test_a_duplicate_counts_twice_without_the_inbox_and_the_todo_is_unharmed(
    stack: LocalStack, client: Client, channel: BlockingChannel, counting: None
) -> None:
    todo_id = client.post("Once").json()["id"]
    until(lambda: counted(stack) == in_the_log(stack))
    right, todos = counted(stack), read_side(stack)

    # What comes both by the log and by the queue is known as well.
    until(lambda: is_at_rest(stack))
    known = already_applied(stack)
    publish_again(stack, channel, todo_id, "created")
    until(lambda: already_applied(stack) == known + 1)
    assert counted(stack) == right

    set_switch(stack, "counter", "no-inbox", on=True)
    publish_again(stack, channel, todo_id, "created")
    until(lambda: counted(stack) == {**right, "created": right["created"] + 1})
    until(lambda: agree(stack))
    assert read_side(stack) == todos
    held = requests.get(f"{stack.urls.counter}/lab", timeout=60).json()["holds"]
    assert sum(held[kind] for kind in KINDS) == held["events"] + 1

    # What was counted meanwhile is known to the inbox that is put back.
    late = client.post("Without the inbox").json()["id"]
    until(lambda: counted(stack)["created"] == right["created"] + 2)
    set_switch(stack, "counter", "no-inbox", on=False)
    publish_again(stack, channel, late, "created")
    until(lambda: already_applied(stack) == known + 2)
    assert counted(stack)["created"] == right["created"] + 2


@pytest.mark.parametrize("inbox", [True, False])
def test_an_event_that_was_written_and_not_acked_comes_again_after_a_crash(
    stack: LocalStack, client: Client, counting: None, inbox: bool
) -> None:
    right = counted(stack)
    if not inbox:
        set_switch(stack, "counter", "no-inbox", on=True)
    pid = stack.pid("counter")
    set_switch(stack, "counter", "crash", on=True, at="after-write", word="crash here")
    client.post("crash here")
    until(lambda: stack.pid("counter") not in {None, pid})
    until(lambda: stack.accepts("counter"))
    # It is wanted as before, and so is what was done to its inbox: only the crash is gone.
    redelivered = {"already-applied": 1.0} if inbox else {"projected": 1.0}
    until(lambda: outcomes(stack) == redelivered)
    lab = requests.get(f"{stack.urls.counter}/lab", timeout=60).json()
    on = {name for name, switch in lab["switches"].items() if switch["on"]}
    assert on == ({"count"} if inbox else {"count", "no-inbox"})
    assert counted(stack) == {**right, "created": right["created"] + (1 if inbox else 2)}


def test_all_clear_lifts_it_too(stack: LocalStack, counting: None) -> None:
    set_switch(stack, "counter", "no-inbox", on=True)
    host = {"Authorization": f"Bearer {stack.host_key}"}
    told = requests.post(f"{stack.urls.web}/lab/all-clear", headers=host, timeout=120).json()
    assert told["agree"], told
    assert {*told["lifted"]["counter"]} == {"count", "no-inbox"}
    until(lambda: answer_of(stack).status_code == 503)


def test_a_known_start_says_nothing_of_whether_it_is_kept(
    stack: LocalStack, client: Client, counting: None
) -> None:
    def ask(method: str, path: str) -> None:
        host = {"Authorization": f"Bearer {stack.host_key}"}
        url = f"{stack.urls.web}/lab/{path}"
        answer = requests.request(method, url, json={"sure": True}, headers=host, timeout=120)
        assert answer.status_code == 200, answer.text

    ask("PUT", "known-start")
    set_switch(stack, "counter", "count", on=True)
    until(lambda: answer_of(stack).status_code == 200)
    client.post("After the start")
    ask("POST", "known-start/restore")
    until(lambda: answer_of(stack).status_code == 503)
    set_switch(stack, "counter", "count", on=True)
    until(lambda: counted(stack) == in_the_log(stack))
    assert documents(stack) == documents_of_the_log(stack)


def test_it_ends_by_itself_and_its_queue_goes(
    stack: LocalStack, client: Client, channel: BlockingChannel
) -> None:
    set_switch(stack, "counter", "count", on=True, for_s=3)
    until(lambda: answer_of(stack).status_code == 200)
    assert depth(channel) == 0
    until(lambda: answer_of(stack).status_code == 503)
    with pytest.raises(ChannelClosedByBroker):
        until(lambda: depth(channel) < 0)
    state = requests.get(f"{stack.urls.counter}/lab", timeout=60).json()["switches"]["count"]
    assert (state["state"], state["cleared"]) == ("cleared", "time")
