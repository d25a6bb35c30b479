"""Crash and hold at each point: what the stores and queues hold then, and what comes of it."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from stack.local import LocalStack
from tests.support import Client, agree, read_side, rows, until, write_side
from tests.support.switches import (
    all_clear,
    firings,
    holding,
    let_go,
    paused,
    set_switch,
    state_of,
)

PROCESSES = ("command-service", "relay", "projector")


@pytest.fixture(autouse=True)
def clear(stack: LocalStack) -> Iterator[None]:
    until(lambda: agree(stack))
    yield
    all_clear(stack, *PROCESSES)
    until(lambda: agree(stack))


def is_in_outbox(stack: LocalStack, todo_id: int) -> bool:
    statement = "SELECT 1 FROM outbox JOIN events USING (position) WHERE todo_id = %s"
    return bool(rows(stack, statement, todo_id))


def projector_holds(stack: LocalStack, what: str) -> int:
    held: int = requests.get(f"{stack.urls.projector}/lab", timeout=60).json()["holds"][what]
    return held


def hops_of(stack: LocalStack, todo_id: int, name: str) -> list[dict[str, Any]]:
    journeys = requests.get(f"{stack.urls.web}/journeys?limit=50", timeout=60).json()["journeys"]
    return [
        hop
        for it in journeys
        if it["todo_id"] == todo_id
        for hop in it["hops"]
        if hop["hop"] == name
    ]


# Hold: what would be left behind


@pytest.mark.parametrize(
    ("process", "at", "in_outbox", "in_read_model"),
    [
        ("relay", "before-publish", True, False),
        ("relay", "after-publish", True, True),
        ("projector", "before-write", False, False),
        ("projector", "after-write", False, True),
        ("command-service", "after-commit", False, True),
    ],
)
def test_a_hold_stops_the_event_at_its_point_until_it_is_released(
    stack: LocalStack,
    client: Client,
    process: str,
    at: str,
    in_outbox: bool,
    in_read_model: bool,
) -> None:
    set_switch(stack, process, "hold", on=True, at=at, word="Stop here")
    asked = threading.Thread(target=client.post, args=(f"Stop here, {process} {at}",))
    asked.start()
    [held] = until(lambda: holding(stack, process))
    todo_id = held["todo"]
    assert (held["at"], held["title"]) == (at, f"Stop here, {process} {at}")
    assert todo_id in write_side(stack)
    if in_read_model:
        until(lambda: todo_id in read_side(stack))
    else:
        assert todo_id not in read_side(stack)
    until(lambda: is_in_outbox(stack, todo_id) == in_outbox)
    if process == "projector":
        assert projector_holds(stack, "unacked") == 1
    [firing] = until(lambda: firings(stack, "hold", todo_id))
    assert (firing["place"], firing["at"], "over_ms" in firing) == (process, at, False)
    assert firing["file"].startswith(("command_service/", "query_service/"))
    assert firing["event_id"] == held["event"]
    let_go(stack, process, "release")
    asked.join(60)
    until(lambda: agree(stack))
    state = state_of(stack, process, "hold")
    assert (state["fired"], state["cleared"], state["holding"]) == (1, "count", [])
    [firing] = until(lambda: [it for it in firings(stack, "hold", todo_id) if "over_ms" in it])
    assert firing["ended"] == "told"


def test_a_command_that_is_held_before_its_commit_has_its_place_and_its_lock(
    stack: LocalStack, client: Client
) -> None:
    todo_id = client.post("Locked").json()["id"]
    set_switch(stack, "command-service", "hold", on=True, at="before-commit", todo=todo_id)
    answers: list[int] = []

    def change(title: str) -> None:
        answers.append(Client(stack).patch(todo_id, title=title).status_code)

    first = threading.Thread(target=change, args=("First",))
    first.start()
    until(lambda: holding(stack, "command-service"))
    assert write_side(stack)[todo_id][0] == "Locked"
    # Another command for the same todo waits for the lock; one for another todo overtakes it.
    second = threading.Thread(target=change, args=("Second",))
    second.start()
    waiting = (
        "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'lock_todo'"
    )
    until(lambda: rows(stack, waiting))
    later = client.post("Overtakes").json()["id"]
    let_go(stack, "command-service", "release")
    for thread in (first, second):
        thread.join(60)
    assert answers == [200, 200]
    assert write_side(stack)[todo_id] == ("Second", False, 3)
    statement = "SELECT todo_id, version FROM events WHERE todo_id IN (%s, %s) ORDER BY position"
    assert rows(stack, statement, todo_id, later) == [
        (todo_id, 1),
        (todo_id, 2),
        (later, 1),
        (todo_id, 3),
    ]


def test_a_hold_matches_who_sent_the_command(stack: LocalStack, client: Client) -> None:
    set_switch(stack, "command-service", "hold", on=True, at="after-commit", sender="Ada L")
    client.post("By nobody")
    client.post("By Bob", baggage="sender=bob")
    asked = threading.Thread(
        target=client.post, args=("By Ada",), kwargs={"baggage": "room=1, sender=Ada%20L;p=1"}
    )
    asked.start()
    [held] = until(lambda: holding(stack, "command-service"))
    assert held["title"] == "By Ada"
    let_go(stack, "command-service", "release")
    asked.join(60)


def test_a_switch_ends_by_itself_when_nobody_is_there_any_more(
    stack: LocalStack, client: Client
) -> None:
    set_switch(stack, "projector", "hold", on=True, at="before-write", for_s=2)
    set_switch(stack, "relay", "pause", on=True, for_s=1)
    stack.stop_program("web")
    try:
        client.read_after(client.post("Goes on by itself"))
    finally:
        stack.start_program("web")
    for process, switch in (("projector", "hold"), ("relay", "pause")):
        assert until(lambda: state_of(stack, process, switch)["cleared"]) == "time"  # noqa: B023


def test_half_of_a_batch_is_written_at_its_middle(stack: LocalStack, client: Client) -> None:
    set_switch(stack, "projector", "hold", on=True, at="mid-batch")
    with paused(stack, "projector"):
        created = [client.post(f"In the batch {number}").json()["id"] for number in range(4)]
        until(lambda: projector_holds(stack, "queue") == 4)
    # What arrived together is taken together; what came later is another batch.
    until(lambda: holding(stack, "projector"))
    written = [todo_id for todo_id in created if todo_id in read_side(stack)]
    assert 0 < len(written) < 4
    let_go(stack, "projector", "kill")
    until(lambda: agree(stack))
    # Nobody was acked, so all of them came again.
    for todo_id in created:
        assert until(lambda: hops_of(stack, todo_id, "delivered")[-1]["redelivered"])  # noqa: B023
    assert until(lambda: hops_of(stack, written[0], "already-applied"))


# Crash: what is left behind, and mended


@pytest.mark.parametrize(
    ("process", "at"),
    [
        ("relay", "before-publish"),
        ("relay", "after-publish"),
        ("projector", "before-write"),
        ("projector", "after-write"),
    ],
)
def test_a_crash_at_its_point_loses_nothing(
    stack: LocalStack, client: Client, process: str, at: str
) -> None:
    pid = stack.pid(process)
    set_switch(stack, process, "crash", on=True, at=at, word="Crash here")
    client.post("Not this one")
    todo_id = client.post("Crash here").json()["id"]
    until(lambda: stack.pid(process) not in {None, pid})
    until(lambda: agree(stack))
    # The new process knows of no switch, and web knows what has happened.
    until(lambda: state_of(stack, process, "crash")["state"] == "off")
    [firing] = until(lambda: firings(stack, "crash", todo_id))
    assert (firing["place"], firing["at"]) == (process, at)
    twice = {
        ("relay", "before-publish"): "delivered",
        ("relay", "after-publish"): "already-applied",
        ("projector", "before-write"): "projected",
        ("projector", "after-write"): "already-applied",
    }[process, at]
    assert until(lambda: hops_of(stack, todo_id, twice))


@pytest.mark.parametrize(("at", "is_there"), [("before-commit", False), ("after-commit", True)])
def test_a_command_service_that_crashes_has_done_all_of_a_command_or_nothing(
    stack: LocalStack, client: Client, at: str, is_there: bool
) -> None:
    todo_id = client.post("Before").json()["id"]
    pid = stack.pid("command-service")
    set_switch(stack, "command-service", "crash", on=True, at=at)
    with pytest.raises(requests.ConnectionError):
        client.patch(todo_id, title="After")
    until(lambda: stack.pid("command-service") not in {None, pid})
    until(lambda: state_of(stack, "command-service", "crash")["state"] == "off")
    until(lambda: agree(stack))
    assert (write_side(stack)[todo_id][0] == "After") == is_there
    assert until(lambda: firings(stack, "crash", todo_id))[0]["at"] == at


def test_a_process_that_crashes_stays_away_for_as_long_as_it_was_told(
    stack: LocalStack, client: Client
) -> None:
    pid = stack.pid("projector")
    # Until the supervisor sees it end, which it does as soon as it is told to stop it.
    set_switch(stack, "projector", "crash", on=True, at="before-write", delay_ms=60_000)
    todo_id = client.post("Waits for the projector").json()["id"]
    until(lambda: "projector" in stack.unready())
    assert stack.pid("projector") == pid
    assert todo_id not in read_side(stack)
    stack.stop_program("projector")
    stack.start_program("projector")
    until(lambda: agree(stack))
