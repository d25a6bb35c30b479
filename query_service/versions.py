"""Events of a version that came after this service's: known, or tolerated. No I/O.

Version 2 of an event, which only the lab has the command service write, calls the title `text`.
Who knows it translates it into version 1, so nothing behind it has to know it. An upcaster goes the
other way: it lifts what an old event says into the newest version.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from query_service.events import BadEvent, TodoEvent

E = TypeVar("E", bound=TodoEvent)
# Returns the event in a message. Raises BadEvent.
Parse = Callable[[bytes], E]
# Returns the data of a newer event as version 1 has them. Raises ValueError and LookupError.
Understand = Callable[[int, dict[str, Any]], dict[str, Any]]

_NEWER = re.compile(r"(todo\.[a-z]+)\.v([0-9]{1,9})")


def knowing(parse: Parse[E]) -> Parse[E]:
    """Return a reader that knows version 2, too."""
    return _or_as(_translate, parse)


def tolerating(parse: Parse[E]) -> Parse[E]:
    """Return a reader that takes from an event of any version what it knows of it.

    What is not there, or has another name, is left empty: of a newer event, the title.
    Source: https://martinfowler.com/bliki/TolerantReader.html
    """
    return _or_as(_loosen, parse)


def _or_as(
    understand: Callable[[int, dict[str, Any]], dict[str, Any]], parse: Parse[E]
) -> Parse[E]:
    def parse_or_understand(body: bytes) -> E:
        try:
            return parse(body)
        except BadEvent as refused:
            try:
                event = msgspec.json.decode(body, type=dict[str, Any])
                kind, version = _kind_and_version(event)
                data = understand(version, event["data"])
            except (ValueError, LookupError, TypeError, RecursionError):
                # Whatever else it is, it is refused for what the older reader says.
                raise refused from None
            return parse(msgspec.json.encode({**event, "type": f"{kind}.v1", "data": data}))

    return parse_or_understand


def _kind_and_version(event: dict[str, Any]) -> tuple[str, int]:
    match = _NEWER.fullmatch(event["type"])
    if match is None or int(match[2]) < 2:
        raise ValueError(event["type"])
    return match[1], int(match[2])


def _translate(version: int, data: dict[str, Any]) -> dict[str, Any]:
    if version != 2:
        raise ValueError(version)
    return {"title": data["text"], **{name: it for name, it in data.items() if name != "text"}}


def _loosen(_version: int, data: dict[str, Any]) -> dict[str, Any]:
    return {"title": "", "completed": False, **data}
