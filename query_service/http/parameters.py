"""What a query asks for. Parameters are read strictly: none is guessed, and none is ignored."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl

from chassis.numbers import whole_number
from chassis.problems import Problem

MOST_TODOS = 1000
MOST_MINUTES = 1000
_MAX_ID = 2**63 - 1


@dataclass(frozen=True)
class WantedPage:
    """The page that a query asks for: todos with a larger id than `after`, at most `limit`."""

    completed: bool | None
    limit: int
    after: int


# A room asks for the same few pages again and again.
@lru_cache(maxsize=256)
def wanted_page(query: bytes) -> WantedPage:
    """Return the page that a query string asks for. Raises Problem."""
    given = parameters(query, {"completed", "limit", "after"})
    completed = given.get("completed")
    if completed not in {None, "true", "false"}:
        raise _bad_parameter("completed has to be true or false.")
    return WantedPage(
        None if completed is None else completed == "true",
        _number(given, "limit", least=1, most=MOST_TODOS, default=MOST_TODOS),
        _number(given, "after", least=0, most=_MAX_ID, default=0),
    )


def wanted_minutes(query: bytes) -> int:
    """Return how many of the newest minutes a query string asks for. Raises Problem."""
    given = parameters(query, {"limit"})
    return _number(given, "limit", least=1, most=MOST_MINUTES, default=MOST_MINUTES)


def parameters(query: bytes, known: Collection[str]) -> dict[str, str]:
    """Return the parameters of a query string. Raises Problem if one is unknown or repeated."""
    given: dict[str, str] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name not in known:
            raise _bad_parameter(f"There is no parameter {name[:40]!r} here.")
        if name in given:
            raise _bad_parameter(f"The parameter {name} is there twice.")
        given[name] = value
    return given


def parse_id(text: str) -> int | None:
    """Return the todo's id in a path, or None if no todo can have it."""
    if not re.fullmatch(r"[1-9][0-9]{0,18}", text) or int(text) > _MAX_ID:
        return None
    return int(text)


def _number(given: Mapping[str, str], name: str, *, least: int, most: int, default: int) -> int:
    value = given.get(name)
    if value is None:
        return default
    number = whole_number(value)
    if number is None or not least <= number <= most:
        raise _bad_parameter(f"{name} has to be a whole number from {least} to {most}.")
    return number


def _bad_parameter(detail: str) -> Problem:
    return Problem(400, "bad-parameter", "A parameter cannot be used.", detail)
