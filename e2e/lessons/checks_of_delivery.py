"""What lessons 0, 1, 2, 4, 8, 10, 11 and 13 have to leave in stores, queues and traces."""

from collections import Counter
from typing import Any

import requests
from pymongo import MongoClient

from stack.local import LocalStack
from tests.support import read_side, rows, until, write_side

State = dict[str, Any]


def written(stack: LocalStack) -> Counter[str]:
    """Return how many todos PostgreSQL has of each title."""
    return Counter(title for title, *_ in write_side(stack).values())


def listed(stack: LocalStack) -> Counter[str]:
    """Return how many todos MongoDB has of each title."""
    return Counter(title for title, *_ in read_side(stack).values())


def logged(stack: LocalStack, title: str) -> int:
    """Return how many events of the log have this title."""
    told = requests.get(f"{stack.urls.command_service}/events", timeout=60).text
    return sum(f'"{title}"' in line for line in told.splitlines())


def hops(stack: LocalStack, state: State, alias: str, side: str) -> list[dict[str, Any]]:
    """Return the hops of all events of a todo of the run, as the page is told of them."""
    todo_id = state["runs"][side]["todos"][alias]
    told = requests.get(f"{stack.urls.web}/journeys?limit=200", timeout=60).json()["journeys"]
    return [hop for it in told if it["todo_id"] == todo_id for hop in it["hops"]]


def redelivered_to_the_counter(stack: LocalStack, state: State, side: str) -> list[bool]:
    """Return each delivery of Milk to the counter: whether the broker called it a redelivery."""
    found = hops(stack, state, "milk", side)
    return [bool(it["redelivered"]) for it in found if it["hop"] == "counter-delivered"]


def counted(stack: LocalStack) -> tuple[int, int]:
    """Return how many todos the counter has counted, and how many different events that were."""
    holds = requests.get(f"{stack.urls.counter}/lab", timeout=60).json()["holds"]
    return holds["created"], holds["events"]


def nothing_waits(stack: LocalStack) -> None:
    """Check that neither the outbox nor a queue has anything left."""
    assert rows(stack, "SELECT count(*) FROM outbox") == [(0,)]
    holds = requests.get(f"{stack.urls.projector}/lab", timeout=60).json()["holds"]
    assert (holds["queue"], holds["unacked"], holds["dead_letters"]) == (0, 0, 0)


def right(state: State, number: int) -> Any:
    """Return the right answer to a question, as it was measured."""
    return state["steps"][number]["right"]


def page_stopped(stack: LocalStack, state: State) -> None:
    assert right(state, 1) == "postgresql"
    assert written(stack) == Counter(["Bread", "Milk", "Eggs"])
    assert listed(stack) == Counter(["Bread", "Milk"])


def page_went_on(stack: LocalStack, _state: State) -> None:
    assert listed(stack) == written(stack) == Counter(["Bread", "Milk", "Eggs"])


def window_measured(stack: LocalStack, state: State) -> None:
    assert listed(stack).total() == written(stack).total() == 50
    nothing_waits(stack)
    side = "now" if state["facts"]["now"] else "was"
    curve = state["facts"][side]["curve"]["value"]
    known = [share for share in curve if share is not None]
    assert known == sorted(known, reverse=True)
    assert known[-1] == 0


def written_twice(stack: LocalStack, state: State) -> None:
    assert (right(state, 1), right(state, 2)) == ("postgresql", "mongodb")
    assert written(stack) == Counter(["Milk", "Tea"])
    assert listed(stack) == Counter(["Tea", "Eggs"])
    # Only the log still knows of Milk, and nothing knows of Eggs but MongoDB.
    assert (logged(stack, "Milk"), logged(stack, "Eggs")) == (1, 0)
    nothing_waits(stack)


def written_once(stack: LocalStack, _state: State) -> None:
    assert listed(stack) == written(stack) == Counter(["Milk", "Tea"])
    assert (logged(stack, "Milk"), logged(stack, "Eggs")) == (1, 0)
    nothing_waits(stack)


def counted_twice(stack: LocalStack, state: State) -> None:
    assert right(state, 1) == "two"
    assert counted(stack) == (2, 1)
    assert listed(stack) == written(stack) == Counter(["Milk"])
    assert redelivered_to_the_counter(stack, state, "was") == [False, True]


def counted_once(stack: LocalStack, state: State) -> None:
    assert right(state, 6) == "twice-one"
    assert counted(stack) == (1, 1)
    assert redelivered_to_the_counter(stack, state, "now") == [False, True]
    of_counter = [it["hop"] for it in hops(stack, state, "milk", "now")]
    assert of_counter.count("counter-already-applied") == 1


def broker_away(stack: LocalStack, state: State) -> None:
    assert (right(state, 1), right(state, 2)) == ("refused", "never")
    assert written(stack) == Counter(["Bread", "Tea", "Rice", "Salt"])
    assert listed(stack) == Counter(["Bread", "Salt"])
    assert (logged(stack, "Milk"), logged(stack, "Tea")) == (0, 1)
    nothing_waits(stack)
    commands = {it["alias"]: it["status"] for it in state["runs"]["was"]["commands"]}
    assert commands == {"milk": 503, "eggs": 503, "tea": 201, "rice": 201, "salt": 201}


def broker_away_with_an_outbox(stack: LocalStack, state: State) -> None:
    assert listed(stack) == written(stack)
    assert written(stack) == Counter(["Bread", "Milk", "Eggs", "Tea", "Rice", "Salt"])
    nothing_waits(stack)
    assert all(it["status"] == 201 for it in state["runs"]["now"]["commands"])
    [relay] = {it["process"] for it in hops(stack, state, "tea", "now") if it["hop"] == "confirmed"}
    assert relay == "relay"


def asked_twice(stack: LocalStack, state: State) -> None:
    assert right(state, 1) == "two"
    assert listed(stack) == written(stack) == Counter({"Bread": 1, "Milk": 2})
    assert [it["status"] for it in state["runs"]["was"]["commands"]] == [None, 201]
    assert rows(stack, "SELECT count(*) FROM idempotency_keys") == [(0,)]


def asked_twice_with_a_key(stack: LocalStack, state: State) -> None:
    assert listed(stack) == written(stack) == Counter(["Bread", "Milk"])
    first, second = state["runs"]["now"]["commands"]
    assert (first["status"], second["status"]) == (None, 201)
    assert first["headers"] == second["headers"]
    assert rows(stack, "SELECT count(*) FROM idempotency_keys") == [(1,)]


def went_back(stack: LocalStack, state: State) -> None:
    assert right(state, 1) == "often"
    assert listed(stack) == written(stack) == Counter(["Bread", "Milk"])
    facts = state["facts"]["was"]
    # It lacked what had been saved as often as what had been seen, but for what came before.
    assert 0 < facts["monotonic"]["value"] <= facts["hers"]["value"] == 3
    assert (facts["in-order"]["value"], facts["after"]["value"]) == (0, 0)


def waited(stack: LocalStack, state: State) -> None:
    assert right(state, 6) == "once"
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
        replica = mongo.get_default_database()["replica"]
        late = {it["_id"] for it in replica.find({"deleted": {"$exists": False}})}
    assert late == set(write_side(stack))
    facts = state["facts"]["now"]
    kept = ("shrank", "hers", "monotonic", "in-order", "after", "ben-shrank", "ben-late")
    assert {name: facts[name]["value"] for name in kept} == dict.fromkeys(kept, 0)


def sent_again(stack: LocalStack, state: State) -> None:
    assert (right(state, 1), right(state, 2)) == ("old", "six")
    assert listed(stack) == written(stack)
    created, events = counted(stack)
    assert created == events + 3
    # Milk never came by the queue: only the log had it.
    found = {it["hop"] for it in hops(stack, state, "milk", "was")}
    assert "delivered" in found
    assert not found & {"projected", "already-applied", "dead-lettered"}


def made_again(stack: LocalStack, _state: State) -> None:
    assert listed(stack) == written(stack)
    created, events = until(lambda: counted(stack))
    assert created == events == written(stack).total()


CHECKS = {
    ("the-page", 3): page_stopped,
    ("the-page", 4): page_went_on,
    ("the-window", 3): window_measured,
    ("the-window", 7): window_measured,
    ("dual-write", 4): written_twice,
    ("dual-write", 8): written_once,
    ("twice", 3): counted_twice,
    ("twice", 7): counted_once,
    ("the-broker-is-gone", 4): broker_away,
    ("the-broker-is-gone", 8): broker_away_with_an_outbox,
    ("did-it-work", 3): asked_twice,
    ("did-it-work", 7): asked_twice_with_a_key,
    ("going-back-in-time", 3): went_back,
    ("going-back-in-time", 7): waited,
    ("replay", 4): sent_again,
    ("replay", 7): made_again,
}
