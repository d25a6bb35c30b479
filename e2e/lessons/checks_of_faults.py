"""What stores, queues, log and traces hold at the ends of lessons 3, 5, 6, 7, 9, 12 and 14 to 16.

Each check looks past web and its facts, at the servers themselves. It runs once the claims of its
step have come true, so the run is at rest.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pika
import requests
from pymongo import MongoClient

from query_service.topology import DEAD_LETTERS, QUEUE
from stack.local import LocalStack
from tests.support.stores import agree, read_side, rows, write_side
from tests.support.waiting import until

Message = Mapping[str, Any]
Check = Callable[[LocalStack, Message], None]


def todo(message: Message, run: str, alias: str) -> int:
    """Return the id of a todo of a run, by the name that the lesson gives it."""
    todo_id: int = message["runs"][run]["todos"][alias]
    return todo_id


def outbox(stack: LocalStack) -> int:
    """Return how many rows wait in the outbox."""
    count: int = rows(stack, "SELECT count(*) FROM outbox")[0][0]
    return count


def ready(stack: LocalStack, queue: str) -> int:
    """Return how many messages of a queue nobody has in hand."""
    connection = pika.BlockingConnection(pika.URLParameters(stack.urls.rabbitmq_url))
    try:
        count: int = connection.channel().queue_declare(queue, passive=True).method.message_count
        return count
    finally:
        connection.close()


def document(stack: LocalStack, todo_id: int) -> dict[str, Any] | None:
    """Return a todo's whole document, its tombstone too."""
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as client:
        return client.get_default_database()["todos"].find_one({"_id": todo_id})


def log(stack: LocalStack, todo_id: int) -> list[dict[str, Any]]:
    """Return a todo's events, as the event feed has them."""
    feed = requests.get(f"{stack.urls.command_service}/events", timeout=60).text
    events = [json.loads(line) for line in feed.splitlines()]
    return [event for event in events if event["subject"] == str(todo_id)]


def hops(stack: LocalStack, todo_id: int, *names: str) -> list[tuple[str, int]]:
    """Return those hops of a todo's events, with the versions, in the order of their times."""
    told = requests.get(f"{stack.urls.web}/journeys?limit=500", timeout=60).json()["journeys"]
    found = [
        (hop["at_ms"], hop["hop"], journey["version"])
        for journey in told
        if journey.get("todo_id") == todo_id
        for hop in journey["hops"]
        if hop["hop"] in names
    ]
    return [(hop, version) for _at_ms, hop, version in sorted(found)]


def created(stack: LocalStack) -> int:
    """Return how many creations the counter has counted."""
    minutes = requests.get(f"{stack.urls.query_service}/counts", timeout=60).json()
    return sum(minute["created"] for minute in minutes)


# 3, the skipped row


def one_row_is_skipped(stack: LocalStack, message: Message) -> None:
    slow, quick = todo(message, "was", "slow"), todo(message, "was", "quick")
    assert {slow, quick} <= write_side(stack).keys()
    assert outbox(stack) == 1
    assert slow not in read_side(stack)
    assert quick in read_side(stack)


def no_row_is_skipped(stack: LocalStack, message: Message) -> None:
    assert until(lambda: agree(stack))
    assert todo(message, "now", "slow") in read_side(stack)


# 5, order


def the_older_title_stays(stack: LocalStack, message: Message) -> None:
    milk = todo(message, "was", "milk")
    assert write_side(stack)[milk] == ("Soy milk", False, 3)
    assert read_side(stack)[milk] == ("Oat milk", False, 2)
    written = [("projected", 1), ("projected", 3), ("projected", 2)]
    assert until(lambda: hops(stack, milk, "projected") == written)


def the_newer_title_stays(stack: LocalStack, message: Message) -> None:
    milk = todo(message, "now", "milk")
    assert write_side(stack)[milk] == read_side(stack)[milk] == ("Soy milk", False, 3)
    assert until(lambda: hops(stack, milk, "already-applied") == [("already-applied", 2)])


# 6, the undead


def a_deleted_todo_is_listed(stack: LocalStack, message: Message) -> None:
    milk = todo(message, "was", "milk")
    assert milk not in write_side(stack)
    assert read_side(stack)[milk] == ("Oat milk", False, 2)


def a_tombstone_is_left(stack: LocalStack, message: Message) -> None:
    milk = todo(message, "now", "milk")
    left = document(stack, milk)
    assert left is not None
    assert left["deleted"]
    assert left["version"] == 3
    assert "title" not in left


def the_log_has_the_title(stack: LocalStack, message: Message) -> None:
    milk = todo(message, "now", "milk")
    assert milk not in write_side(stack)
    assert milk not in read_side(stack)
    assert "Oat milk" in {event["data"]["title"] for event in log(stack, milk)}


# 7, poison


def all_wait_behind_one(stack: LocalStack, message: Message) -> None:
    assert len(write_side(stack)) == 13
    assert read_side(stack) == {}
    assert ready(stack, QUEUE) == 3
    assert ready(stack, DEAD_LETTERS) == 0


def one_is_set_aside(stack: LocalStack, message: Message) -> None:
    sour = todo(message, "now", "sour")
    assert len(read_side(stack)) == 12
    assert sour not in read_side(stack)
    assert ready(stack, DEAD_LETTERS) == 1


def the_dead_letter_has_landed(stack: LocalStack, message: Message) -> None:
    assert until(lambda: agree(stack))
    assert len(read_side(stack)) == 13
    assert ready(stack, DEAD_LETTERS) == 0


# 9, pressure


def all_is_there(stack: LocalStack, message: Message) -> None:
    assert until(lambda: agree(stack))
    assert len(read_side(stack)) == 200


# 12, lost update


def the_second_title_stays(stack: LocalStack, message: Message) -> None:
    bread = todo(message, "was", "bread")
    assert write_side(stack)[bread] == ("White bread", False, 3)
    titles = [event["data"]["title"] for event in log(stack, bread)]
    assert titles == ["Bread", "Rye bread", "White bread"]


def the_first_title_stays(stack: LocalStack, message: Message) -> None:
    bread = todo(message, "now", "bread")
    assert write_side(stack)[bread] == ("Rye bread", False, 2)


# 14, a new version


def a_newer_event_is_refused(stack: LocalStack, message: Message) -> None:
    bread = todo(message, "was", "bread")
    assert [event["type"] for event in log(stack, bread)] == ["todo.created.v2"]
    assert bread in write_side(stack)
    assert read_side(stack) == {}
    assert ready(stack, DEAD_LETTERS) == 1


def a_title_is_missing(stack: LocalStack, message: Message) -> None:
    milk = todo(message, "was", "milk")
    assert write_side(stack)[milk] == ("Milk", False, 1)
    assert read_side(stack) == {milk: ("", False, 1)}


def both_shapes_are_known(stack: LocalStack, message: Message) -> None:
    assert until(lambda: agree(stack))
    assert sorted(title for title, _done, _version in read_side(stack).values()) == [
        "Bread",
        "Milk",
    ]
    assert ready(stack, DEAD_LETTERS) == 0


# 15, two leaders


def it_is_published_and_counted_twice(stack: LocalStack, message: Message) -> None:
    milk = todo(message, "was", "milk")
    assert hops(stack, milk, "confirmed") == [("confirmed", 1)] * 2
    assert read_side(stack)[milk] == ("Milk", False, 1)
    assert outbox(stack) == 0
    # Bread was there before.
    assert created(stack) == 3


def it_is_published_twice_and_counted_once(stack: LocalStack, message: Message) -> None:
    milk = todo(message, "now", "milk")
    assert hops(stack, milk, "confirmed") == [("confirmed", 1)] * 2
    assert created(stack) == 2
    assert until(lambda: agree(stack))


# 16, the saga


def titles(stack: LocalStack) -> list[str]:
    """Return the titles that both stores have."""
    assert until(lambda: agree(stack))
    return sorted(title for title, _done, _version in write_side(stack).values())


def saga(stack: LocalStack) -> str:
    """Return how the newest saga stands."""
    state: str = rows(stack, "SELECT state FROM sagas ORDER BY id DESC LIMIT 1")[0][0]
    return state


def it_stays_half_done(stack: LocalStack, message: Message) -> None:
    assert titles(stack) == ["Book the flight"]
    assert saga(stack) == "half"


def it_is_undone(stack: LocalStack, message: Message) -> None:
    assert titles(stack) == []
    assert saga(stack) == "undone"


CHECKS: Mapping[tuple[str, int], Check] = {
    ("the-skipped-row", 3): one_row_is_skipped,
    ("the-skipped-row", 6): no_row_is_skipped,
    ("order", 3): the_older_title_stays,
    ("order", 6): the_newer_title_stays,
    ("the-undead", 3): a_deleted_todo_is_listed,
    ("the-undead", 6): a_tombstone_is_left,
    ("the-undead", 8): the_log_has_the_title,
    ("poison", 3): all_wait_behind_one,
    ("poison", 6): one_is_set_aside,
    ("poison", 8): the_dead_letter_has_landed,
    ("pressure", 3): all_is_there,
    ("pressure", 6): all_is_there,
    ("lost-update", 3): the_second_title_stays,
    ("lost-update", 6): the_first_title_stays,
    ("a-new-version", 3): a_newer_event_is_refused,
    ("a-new-version", 7): a_title_is_missing,
    ("a-new-version", 9): both_shapes_are_known,
    ("two-leaders", 3): it_is_published_and_counted_twice,
    ("two-leaders", 10): it_is_published_twice_and_counted_once,
    ("the-saga", 3): it_stays_half_done,
    ("the-saga", 6): it_is_undone,
}
