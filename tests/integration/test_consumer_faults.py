"""The switches of what consumes a queue: each armed, fired and cleared on the real stack."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pika.adapters.blocking_connection import BlockingChannel
from pymongo import MongoClient

from query_service.topology import DEAD_LETTERS, QUEUE
from stack.local import LocalStack
from tests.support import Client, agree, read_side, until, write_side
from tests.support.switches import all_clear, firings, set_switch, state_of


@pytest.fixture(autouse=True)
def clear(stack: LocalStack) -> Iterator[None]:
    until(lambda: agree(stack))
    yield
    all_clear(stack, "projector", "relay")
    until(lambda: agree(stack))


def on(stack: LocalStack, name: str, **setting: Any) -> None:
    assert set_switch(stack, "projector", name, on=True, **setting)["on"]


def held(stack: LocalStack, what: str) -> int:
    count: int = requests.get(f"{stack.urls.projector}/lab", timeout=60).json()["holds"][what]
    return count


def hops(stack: LocalStack, todo_id: int) -> list[str]:
    """Return the hops of a todo's creation, as far as web has heard of them."""
    told = requests.get(f"{stack.urls.web}/journeys?limit=50", timeout=60).json()["journeys"]
    found = [it["hops"] for it in told if (it["todo_id"], it["version"]) == (todo_id, 1)]
    return [hop["hop"] for journey in found for hop in journey]


def has_fired(stack: LocalStack, name: str, todo_id: int) -> bool:
    """Return whether a switch has acted on a todo once, at a line, and is over."""
    told = firings(stack, name, todo_id)
    assert len(told) <= 1, told
    return any(it["file"].startswith("query_service/") and it.get("ended") for it in told)


def ended(stack: LocalStack, name: str) -> tuple[int, str]:
    state = state_of(stack, "projector", name)
    return state["fired"], state["cleared"]


def parked(channel: BlockingChannel) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take a dead letter, and return the event and the headers in it; give it back to the queue."""
    letters: list[Any] = []

    def is_there() -> bool:
        _method, *letter = channel.basic_get(DEAD_LETTERS, auto_ack=True)
        letters.extend(letter)
        return letter[0] is not None

    until(is_there)
    properties, body = letters[-2:]
    channel.basic_publish("", QUEUE, body, properties)
    return json.loads(body), dict(properties.headers or {})


def test_the_broker_delivers_again_what_was_not_acked(stack: LocalStack, client: Client) -> None:
    on(stack, "redeliver", word="Twice")
    client.post("Once")
    todo_id = client.post("Twice").json()["id"]
    wanted = ["delivered", "delivered", "already-applied"]
    until(lambda: [hop for hop in hops(stack, todo_id) if hop in {*wanted}] == wanted)
    until(lambda: ended(stack, "redeliver") == (1, "count"))
    assert until(lambda: has_fired(stack, "redeliver", todo_id))


def test_an_event_is_overtaken_and_the_guard_leaves_it_without_effect(
    stack: LocalStack, client: Client
) -> None:
    on(stack, "reorder", word="Overtaken", events=2)
    todo_id = client.post("Overtaken").json()["id"]
    until(lambda: state_of(stack, "projector", "reorder")["fired"] == 1)
    client.read_after(client.post("Another todo overtakes nothing"))
    client.patch(todo_id, title="Second")
    until(lambda: read_side(stack).get(todo_id) == ("Second", False, 2))
    assert held(stack, "unacked") == 1
    client.patch(todo_id, title="Third")
    assert until(lambda: "already-applied" in hops(stack, todo_id))
    assert read_side(stack)[todo_id] == ("Third", False, 3)
    assert ended(stack, "reorder") == (1, "count")
    assert until(lambda: has_fired(stack, "reorder", todo_id))


def test_what_is_set_aside_comes_back_when_the_switch_ends(
    stack: LocalStack, client: Client
) -> None:
    on(stack, "reorder", word="Nobody overtakes", for_s=1)
    client.read_after(client.post("Nobody overtakes me"))
    until(lambda: ended(stack, "reorder") == (1, "time"))


def test_without_the_guard_the_last_to_arrive_wins(stack: LocalStack, client: Client) -> None:
    on(stack, "no-guard")
    on(stack, "reorder", word="Older")
    todo_id = client.post("Older").json()["id"]
    until(lambda: state_of(stack, "projector", "reorder")["fired"] == 1)
    client.patch(todo_id, title="Newer")
    until(lambda: read_side(stack).get(todo_id) == ("Older", False, 1))
    assert write_side(stack)[todo_id] == ("Newer", False, 2)
    set_switch(stack, "projector", "no-guard", on=False)
    # With the guard back on, the next event of the todo mends it.
    client.patch(todo_id, completed=True)
    until(lambda: agree(stack))


def test_without_the_guard_a_deleted_todo_comes_back(stack: LocalStack, client: Client) -> None:
    on(stack, "no-guard")
    on(stack, "reorder", word="Zombie")
    todo_id = client.post("Zombie").json()["id"]
    until(lambda: state_of(stack, "projector", "reorder")["fired"] == 1)
    client.delete(todo_id)
    try:
        until(lambda: todo_id in read_side(stack))
        assert todo_id not in write_side(stack)
    finally:
        with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
            tombstone = {"_id": todo_id, "version": 2, "deleted": True}
            todos = mongo.get_default_database()["todos"]
            todos.replace_one({"_id": todo_id}, tombstone, upsert=True)


@pytest.mark.parametrize(
    ("how", "reason", "attempts"),
    [("unreadable", "not JSON", 0), ("unknown-type", "CloudEvents", 0), ("always-fails", "lab", 5)],
)
def test_poison_is_parked_as_it_was_published_and_can_be_tried_again(
    stack: LocalStack,
    client: Client,
    channel: BlockingChannel,
    how: str,
    reason: str,
    attempts: int,
) -> None:
    on(stack, "poison", how=how, word="Poison")
    todo_id = client.post(f"Poison, {how}").json()["id"]
    after = client.post("Goes on")
    client.read_after(after)
    event, headers = parked(channel)
    assert event["data"]["title"] == f"Poison, {how}"
    assert reason in headers["x-reason"]
    assert headers["x-attempts"] == attempts
    # It was given back to the queue, and the fault is over.
    until(lambda: agree(stack))
    until(lambda: ended(stack, "poison") == (1, "count"))
    assert until(lambda: has_fired(stack, "poison", todo_id))


def test_what_fails_for_a_while_is_applied_in_the_end(stack: LocalStack, client: Client) -> None:
    on(stack, "poison", how="fails-then-works", failures=2, word="Later")
    created = client.post("Later")
    client.read_after(created)
    assert until(lambda: hops(stack, created.json()["id"]).count("retried") == 2)
    assert held(stack, "dead_letters") == 0


def test_fewer_attempts_park_what_would_have_worked(
    stack: LocalStack, client: Client, channel: BlockingChannel
) -> None:
    on(stack, "attempts", attempts=1)
    on(stack, "poison", how="fails-then-works", failures=2, word="Would work")
    client.post("Would work")
    _event, headers = parked(channel)
    assert headers["x-attempts"] == 1


def test_without_dead_letters_poison_blocks_all_others(stack: LocalStack, client: Client) -> None:
    on(stack, "no-dead-letters", instead="blocks")
    on(stack, "poison", how="fails-then-works", failures=8, word="In the way")
    first = client.post("In the way").json()["id"]
    until(lambda: state_of(stack, "projector", "no-dead-letters")["fired"] == 1)
    second = client.post("Behind it").json()["id"]
    until(lambda: held(stack, "unacked") == 2)
    assert not {first, second} & read_side(stack).keys()
    # It is tried more often than it would be with a place to go to.
    until(lambda: agree(stack))
    assert until(lambda: hops(stack, first).count("retried") == 8)
    assert held(stack, "dead_letters") == 0


def test_what_cannot_be_read_is_in_the_way_until_there_are_dead_letters_again(
    stack: LocalStack, client: Client, channel: BlockingChannel
) -> None:
    on(stack, "no-dead-letters", instead="blocks", for_s=2)
    on(stack, "poison", how="unreadable", word="Cannot be read")
    client.post("Cannot be read")
    until(lambda: state_of(stack, "projector", "no-dead-letters")["fired"] == 1)
    event, _headers = parked(channel)
    assert event["data"]["title"] == "Cannot be read"
    assert ended(stack, "no-dead-letters") == (1, "time")


def test_without_dead_letters_poison_may_be_lost(stack: LocalStack, client: Client) -> None:
    on(stack, "no-dead-letters", instead="drops")
    on(stack, "poison", how="always-fails", word="Lost")
    todo_id = client.post("Lost").json()["id"]
    client.read_after(client.post("Not lost"))
    until(lambda: held(stack, "unacked") == 0)
    assert todo_id not in read_side(stack)
    assert held(stack, "dead_letters") == 0
    assert "dead-lettered" not in hops(stack, todo_id)
    # Each event carries the whole state, so the next one mends it.
    client.patch(todo_id, completed=True)
    until(lambda: agree(stack))


def test_a_small_prefetch_leaves_the_others_in_the_queue(stack: LocalStack, client: Client) -> None:
    on(stack, "prefetch", messages=1)
    on(stack, "hold", at="before-write")
    for number in range(3):
        client.post(f"One at a time {number}")
    until(lambda: (held(stack, "unacked"), held(stack, "queue")) == (1, 2))
    set_switch(stack, "projector", "hold", on=False)
    set_switch(stack, "projector", "prefetch", on=False)
    until(lambda: agree(stack))


def test_without_a_tombstone_what_was_deleted_comes_back(stack: LocalStack, client: Client) -> None:
    on(stack, "no-tombstones")
    todo_id = client.post("Undead").json()["id"]
    until(lambda: read_side(stack).get(todo_id) == ("Undead", False, 1))
    on(stack, "reorder", todo=todo_id)
    client.patch(todo_id, title="Back again")
    until(lambda: state_of(stack, "projector", "reorder")["fired"] == 1)
    client.delete(todo_id)
    # The deletion was applied without a trace, and the change, which is older, is news then.
    until(lambda: read_side(stack).get(todo_id) == ("Back again", False, 2))
    assert todo_id not in write_side(stack)
    assert document(stack, todo_id)["version"] == 2
    # With a tombstone again, the same changes nothing.
    assert set_switch(stack, "projector", "no-tombstones", on=False)["cleared"] == "by-hand"
    other = client.post("Dead").json()["id"]
    until(lambda: other in read_side(stack))
    on(stack, "reorder", todo=other)
    client.patch(other, title="Never seen")
    until(lambda: state_of(stack, "projector", "reorder")["fired"] == 1)
    client.delete(other)
    until(lambda: ended(stack, "reorder") == (1, "count") and held(stack, "unacked") == 0)
    assert document(stack, other) == {"id": other, "version": 3, "deleted": True}
    url = f"{stack.urls.query_service}/lab/rebuild"
    rebuilt = requests.post(url, json={"model": "todos"}, headers=stack.lab_headers, timeout=60)
    assert rebuilt.ok, rebuilt.text
    until(lambda: agree(stack))


def test_the_nth_of_each_window_is_overtaken_by_whatever_comes_later(
    stack: LocalStack, client: Client
) -> None:
    setting = {"window": 3, "nth": 1, "events": 2, "times": 2, "by": "any-todo"}
    on(stack, "reorder", word="Windowed", **setting)
    order = [client.post(f"Windowed {number}").json()["id"] for number in range(6)]
    until(lambda: ended(stack, "reorder") == (2, "count"))
    until(lambda: agree(stack))
    told = requests.get(f"{stack.urls.web}/export", timeout=60).json()["firings"]
    of_these = [it["todo_id"] for it in told if it["fault"] == "reorder" and it["todo_id"] in order]
    assert of_these == [order[0], order[3]]


def document(stack: LocalStack, todo_id: int) -> Any:
    """Return a todo's document, its tombstone included, as the lab shows it."""
    url = f"{stack.urls.query_service}/lab/todos?after={todo_id - 1}&limit=1"
    found = requests.get(url, timeout=60).json()["todos"]
    return next((it for it in found if it["id"] == todo_id), None)


def test_a_consumer_that_dies_again_and_again_makes_the_broker_drop_nothing(
    stack: LocalStack, client: Client, channel: BlockingChannel
) -> None:
    # The default of RabbitMQ 4 is 20, and the event would be gone after that.
    times = 25
    stack.stop_program("projector")
    try:
        todo_id = client.post("Not its fault").json()["id"]
        counted = -1
        for _ in range(times):
            method, properties, _body = until(lambda: taken(channel))
            counted = (properties.headers or {}).get("x-delivery-count", 0)
            channel.basic_nack(method.delivery_tag, requeue=True)
        assert counted == times - 1
    finally:
        stack.start_program("projector")
    until(lambda: read_side(stack).get(todo_id) == ("Not its fault", False, 1))


def taken(channel: BlockingChannel) -> Any:
    """Return the next message of the projector's queue, if there is one."""
    message = channel.basic_get(QUEUE)
    return message if message[0] is not None else None
