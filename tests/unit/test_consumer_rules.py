"""What the lab does to the messages in hand: what overtakes what, and what fails how often."""

import json
from collections.abc import Sequence

import pika
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.lab.lab import Lab
from query_service.aside import Aside, Kept
from query_service.deliveries import Delivery
from query_service.events import TodoEvent, parse_event
from query_service.faults import ALWAYS_FAILS, FAILS_THEN_WORKS, Poison
from query_service.idempotence import REFUSED
from query_service.projections import Todo
from query_service.spoilt import Failing, unreadable

EVENTS = st.lists(st.tuples(st.integers(1, 3), st.integers(1, 5)), max_size=30)


def event(todo_id: int, version: int) -> TodoEvent:
    todo = Todo(todo_id, "Milk", False, version)
    return TodoEvent("1.0", f"{todo_id}.{version}", "todo.renamed.v1", todo)


def delivery(of: TodoEvent) -> Delivery:
    data = {"id": of.todo.id, "title": "Milk", "completed": False, "version": of.todo.version}
    body = {"specversion": "1.0", "id": of.id, "type": of.type, "data": data}
    found = Delivery(1, "todo.renamed", pika.BasicProperties(), json.dumps(body).encode(), False)
    found.read()
    return found


@given(st.integers(1, 5), EVENTS)
def test_an_event_comes_back_once_so_many_later_ones_of_its_todo_are_applied(
    left: int, applied: Sequence[tuple[int, int]]
) -> None:
    kept, aside = event(1, 2), Aside()
    lab = Lab(Poison())
    lab.set("poison", {"on": True, "times": 1})
    firing = lab.fires(Poison)
    assert firing
    aside.keep(Kept(delivery(kept), kept, left, firing))
    came_back = [bool(aside.overtaken_by([delivery(event(*each))])) for each in applied]
    later = [todo_id == 1 and version > 2 for todo_id, version in applied]
    assert sum(came_back) == (sum(later) >= left)
    if any(came_back):
        assert sum(later[: came_back.index(True) + 1]) == left
    assert bool(aside) == (not any(came_back))


def test_what_came_before_it_does_not_overtake_it() -> None:
    kept, aside = delivery(event(1, 1)), Aside()
    lab = Lab(Poison())
    lab.set("poison", {"on": True})
    firing = lab.fires(Poison)
    assert firing
    assert kept.event
    kept.tag = 5
    aside.keep(Kept(kept, kept.event, 2, firing, by_any=True))
    others = [delivery(event(2, version)) for version in (1, 2, 3)]
    for other, tag in zip(others, (4, 6, 7), strict=True):
        other.tag = tag
    assert not aside.overtaken_by(others[:2])
    assert [it.delivery for it in aside.overtaken_by(others[2:])] == [kept]
    # It comes again, and has had its turn.
    assert [aside.comes_again(kept.event) for _ in range(2)] == [True, False]


@pytest.mark.parametrize(("how", "failed"), [(FAILS_THEN_WORKS, 2), (ALWAYS_FAILS, 5)])
def test_only_what_is_tried_alone_is_an_attempt(how: str, failed: int) -> None:
    failing, spoilt = Failing(), event(1, 1)
    lab = Lab(Poison())
    lab.set("poison", {"on": True})
    firing = lab.fires(Poison)
    assert firing
    failing.add(spoilt, how, 2, firing)
    assert failing.refuses(spoilt, alone=False)
    assert not failing.refuses(event(2, 1), alone=False)
    assert sum(failing.refuses(spoilt, alone=True) for _ in range(5)) == failed
    failing.settle([delivery(spoilt)])
    assert not failing
    assert lab[Poison].state()["cleared"] == "count"


@pytest.mark.parametrize("how", ["unreadable", "unknown-type"])
def test_a_message_that_is_read_badly_stays_as_it_was(how: str) -> None:
    found = delivery(event(1, 1))
    body = found.body
    reader = unreadable(how, parse_event)
    assert reader
    found.read(reader)
    assert (found.event, found.verdict, found.body) == (None, REFUSED, body)
    assert found.reason
