"""The saga: two todos, both or none, on the real stack, whatever dies in between."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
import requests

from stack.local import LocalStack
from tests.support import agree, until, write_side
from tests.support.stores import rows
from tests.support.switches import all_clear, holding, let_go, set_switch

PLACE = "coordinator"


@pytest.fixture(autouse=True)
def clear(stack: LocalStack) -> Iterator[None]:
    # A start of the stack does not wait for it.
    until(lambda: stack.accepts(PLACE))
    yield
    all_clear(stack, PLACE)
    until(lambda: agree(stack))


def begin(stack: LocalStack, first: str, second: str) -> None:
    set_switch(stack, PLACE, "book", on=True, first=first, second=second)


def titles(stack: LocalStack, *wanted: str) -> list[str]:
    """Return which of these titles PostgreSQL has, as often as it has them."""
    return sorted(title for title, _done, _version in write_side(stack).values() if title in wanted)


def state(stack: LocalStack, first: str) -> str:
    found = rows(stack, "SELECT state FROM sagas WHERE first = %s ORDER BY id DESC LIMIT 1", first)
    return str(found[0][0]) if found else ""


def test_both_todos_are_created(stack: LocalStack) -> None:
    begin(stack, "Flight A", "Hotel A")
    assert until(lambda: state(stack, "Flight A") == "done")
    assert titles(stack, "Flight A", "Hotel A") == ["Flight A", "Hotel A"]


def test_what_is_half_done_is_undone_in_time(stack: LocalStack) -> None:
    set_switch(stack, PLACE, "crash", on=True, at="between")
    set_switch(stack, PLACE, "book", on=True, first="Flight B", second="Hotel B")
    assert until(lambda: state(stack, "Flight B") == "undone")
    assert titles(stack, "Flight B", "Hotel B") == []


def test_without_a_time_limit_it_stays_half_done(stack: LocalStack) -> None:
    set_switch(stack, PLACE, "no-timeout", on=True)
    set_switch(stack, PLACE, "hold", on=True, at="between")
    begin(stack, "Flight C", "Hotel C")
    assert until(lambda: holding(stack, PLACE))
    # The process dies before it can answer.
    with suppress(requests.ConnectionError):
        let_go(stack, PLACE, "kill")
    # Another process has taken its place.
    assert until(lambda: holding(stack, PLACE) == [])
    # What is begun later, with a time limit, is undone before it could be.
    set_switch(stack, PLACE, "crash", on=True, at="between")
    begin(stack, "Flight D", "Hotel D")
    assert until(lambda: state(stack, "Flight D") == "undone")
    assert state(stack, "Flight C") == "half"
    assert titles(stack, "Flight C", "Hotel C", "Flight D", "Hotel D") == ["Flight C"]


def test_a_second_that_is_refused_takes_the_first_back(stack: LocalStack) -> None:
    begin(stack, "Flight E", " ")
    assert until(lambda: state(stack, "Flight E") == "undone")
    assert titles(stack, "Flight E") == []
