"""Loss is said only if it is proved: nothing under way could mend what differs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pika
import pytest
import requests
from pymongo import MongoClient

from query_service.topology import DEAD_LETTERS, QUEUE
from stack.local import LocalStack
from tests.support import Client, agree, until
from tests.support.evidence import journeys_since
from tests.support.switches import paused


@pytest.fixture(autouse=True)
def at_rest(stack: LocalStack) -> None:
    until(lambda: agree(stack))


def look(stack: LocalStack, limit: int = 200) -> Any:
    answer = requests.get(f"{stack.urls.web}/truths?limit={limit}", timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def proved(stack: LocalStack, limit: int = 200) -> list[int]:
    proof = look(stack, limit)["proof"]
    return list(proof["todos"]) if proof else []


@contextmanager
def lost(stack: LocalStack, todo_id: int) -> Iterator[None]:
    """Take a todo out of MongoDB by hand, and put it back."""
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
        todos = mongo.get_default_database()["todos"]
        document = todos.find_one_and_delete({"_id": todo_id})
        assert document
        try:
            yield
        finally:
            # An event may have brought it back.
            todos.update_one({"_id": todo_id}, {"$setOnInsert": document}, upsert=True)


def test_a_lost_todo_is_proved_to_be_and_a_new_event_takes_the_proof_back(
    stack: LocalStack, client: Client
) -> None:
    todo_id = client.post("Soon lost").json()["id"]
    until(lambda: agree(stack))
    assert look(stack)["proof"] is None
    with lost(stack, todo_id):
        until(lambda: proved(stack) == [todo_id])
        proof = look(stack)["proof"]
        assert proof["settled_ms"] <= proof["at_ms"]
        with paused(stack, "relay"):
            client.patch(todo_id, title="An event that mends it")
            until(lambda: look(stack)["postgresql"]["todos"][-1]["version"] == 2)
            assert proved(stack) == []
        until(lambda: not look(stack)["since"])


@pytest.mark.parametrize("process", ["relay", "projector"])
def test_nothing_is_proved_while_an_event_waits(
    stack: LocalStack, client: Client, process: str
) -> None:
    todo_id = client.post("Lost while others wait").json()["id"]
    until(lambda: agree(stack))
    with lost(stack, todo_id):
        until(lambda: proved(stack) == [todo_id])
        with paused(stack, process):
            waiting = client.post("Waiting").json()["id"]
            until(lambda: set(look(stack)["since"]) == {str(todo_id), str(waiting)})
            for _ in range(4):
                assert proved(stack) == []
        until(lambda: proved(stack) == [todo_id])


def test_nothing_is_proved_while_another_consumer_may_have_an_event_in_hand(
    stack: LocalStack, client: Client
) -> None:
    todo_id = client.post("Lost beside another consumer").json()["id"]
    until(lambda: agree(stack))
    parameters = pika.URLParameters(stack.urls.rabbitmq_url)
    with lost(stack, todo_id):
        until(lambda: proved(stack) == [todo_id])
        # A projector whose connection broke looks like this to the broker until it notices.
        with pika.BlockingConnection(parameters) as connection:
            channel = connection.channel()
            channel.basic_qos(prefetch_count=1)
            channel.basic_consume(QUEUE, lambda *_: None)
            until(lambda: proved(stack) == [])
            for _ in range(4):
                assert proved(stack) == []
        until(lambda: proved(stack) == [todo_id])


def test_a_dead_letter_could_be_sent_again_so_nothing_is_proved(
    stack: LocalStack, client: Client
) -> None:
    todo_id = client.post("Lost beside a dead letter").json()["id"]
    until(lambda: agree(stack))
    parameters = pika.URLParameters(stack.urls.rabbitmq_url)
    with lost(stack, todo_id), pika.BlockingConnection(parameters) as connection:
        until(lambda: proved(stack) == [todo_id])
        channel = connection.channel()
        channel.basic_publish(DEAD_LETTERS, "todo.created", b"{}")
        try:
            until(lambda: proved(stack) == [])
            for _ in range(4):
                assert proved(stack) == []
        finally:
            channel.queue_purge(DEAD_LETTERS)
        until(lambda: proved(stack) == [todo_id])


def test_older_todos_are_proved_too_and_counted(stack: LocalStack, client: Client) -> None:
    older = [client.post(f"Older {number}").json()["id"] for number in range(4)]
    until(lambda: agree(stack))
    with lost(stack, older[0]), lost(stack, older[1]):
        until(lambda: proved(stack, limit=2) == older[:2])
        # The proof stands while nothing is written, whatever a look has read again.
        for _ in range(6):
            seen = look(stack, limit=2)
            assert (seen["proof"]["todos"], seen["older"]["lost"]) == (older[:2], 2)
            assert seen["older"]["ghosts"] == 0


def test_events_under_load_are_never_proved_lost(stack: LocalStack, client: Client) -> None:
    done = threading.Event()

    def write() -> None:
        for number in range(150):
            todo_id = client.post(f"Under load {number}").json()["id"]
            if number % 3 == 0:
                client.patch(todo_id, title="Changed")
            if number % 5 == 0:
                client.delete(todo_id)
        done.set()

    writing = threading.Thread(target=write)
    writing.start()
    seen = []
    while not done.is_set():
        seen += proved(stack)
    writing.join()
    assert seen == []


def test_since_when_a_todo_differs_does_not_change_while_it_does(
    stack: LocalStack, client: Client
) -> None:
    with paused(stack, "projector"):
        todo_ids = [client.post(f"Behind {number}").json()["id"] for number in range(4)]
        oldest = str(todo_ids[2])

        def acknowledged_ms() -> list[float]:
            found = journeys_since(stack, 0)
            hops = [found[todo_id, 1]["hops"] for todo_id in todo_ids if (todo_id, 1) in found]
            at_ms = [it["at_ms"] for hop in hops for it in hop if it["hop"] == "acknowledged"]
            return at_ms if len(at_ms) == len(todo_ids) else []

        # Web notices a difference, and may be told only then since when there has been one.
        acked_ms = until(acknowledged_ms)

        def is_since_the_answers() -> bool:
            seen = look(stack, limit=2)
            assert seen["older"]["differing"] == 2
            told = [seen["older"]["oldest_ms"], seen["since"].get(oldest, 0)]
            assert told == pytest.approx([acked_ms[0], acked_ms[2]], abs=0.01)
            return True

        until(is_since_the_answers)
        before = look(stack, limit=2)
        client.post("One more")
        until(lambda: look(stack, limit=2)["older"]["differing"] == 3)
        after = look(stack, limit=2)["older"]
        assert after["oldest_ms"] == before["older"]["oldest_ms"]
        assert [it["id"] for it in after["todos"]] == todo_ids[:3]


@pytest.mark.parametrize("since", ["", "1", "a:b:", "1:1:;"])
def test_a_log_since_no_snapshot_is_refused(stack: LocalStack, since: str) -> None:
    answer = requests.get(
        f"{stack.urls.command_service}/lab/log", params={"since": since}, timeout=60
    )
    assert answer.status_code == 400
