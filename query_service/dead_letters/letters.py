"""Letters: what a dead letter says, which belong together, and what a retry carries. No I/O."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from query_service.events import BadEvent, parse_event
from query_service.topology import (
    ATTEMPTS,
    BECAUSE,
    COPIES,
    COUNTS,
    DEAD_LETTERS,
    DISCARDED_AT,
    DISCARDED_BECAUSE,
    FIRST_FAILED_AT,
    FIRST_TRACEPARENT,
    LAST_FAILED_AT,
    ORIGIN,
    REASON,
    RETRIED_AT,
    RETRIES,
    ROUTING_KEY,
)

Headers = Mapping[str, Any]

# The broker's account of a letter that it has dead-lettered itself, and its counts. A retry leaves
# them behind: a count would end it at once, and the rest is about the failure before.
# Source: https://www.rabbitmq.com/docs/dlx#effects
_OF_BROKER = re.compile(r"x-(death|delivery-count|acquired-count|(first|last)-death-.*)|B?CC")
_OF_FAILURE = frozenset({REASON, ATTEMPTS, ORIGIN, LAST_FAILED_AT})
_OF_TRACE = frozenset({"traceparent", "tracestate", "baggage"})
_OF_DISCARDING = frozenset({DISCARDED_AT, DISCARDED_BECAUSE})
# The extension attribute of an edited event that names the one in whose place it comes.
CORRECTS = "corrects"
_EDITED = UUID("0b4a3ac4-6d3c-4d0c-9c5e-7a8d9a1f6a55")
_VARIES = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\d+")


class Unfit(ValueError):
    """What was asked for cannot be done with this letter; the text says why."""


@dataclass(frozen=True)
class Letter:
    """A dead letter, and what can be read of it.

    Args:
        id: names this letter; the same wherever it is looked at.
        event_id, type, todo_id, version: of its event, as far as they can be read.
        reason: why it was parked.
        attempts: how often it was tried; None if nobody counted.
        first_failed_at, last_failed_at: RFC 3339, UTC; None if nobody noted it.
        origin: the queue that it comes from; None if nothing says it.
        origin_from: the header that says so.
        retries: how often somebody has retried it by hand.
        because: what was said when it was retried or discarded last.
        discarded_at: when it was discarded; None if it was not.
        traceparent: the context of what sent it last.
        first_traceparent: that of the command, if it was retried since.
        headers: all of them, as JSON can hold them.
        body: the event as it went over the wire.
    """

    id: str
    event_id: str | None
    type: str | None
    todo_id: int | None
    version: int | None
    reason: str
    attempts: int | None
    first_failed_at: str | None
    last_failed_at: str | None
    origin: str | None
    origin_from: str | None
    retries: int
    because: str | None
    discarded_at: str | None
    traceparent: str | None
    first_traceparent: str | None
    routing_key: str
    message_id: str | None
    headers: Headers
    body: bytes

    @property
    def error(self) -> str:
        """Return the reason without what differs from one letter to the next."""
        return _VARIES.sub("…", self.reason)

    @property
    def text(self) -> str:
        """Return the body as text; bytes that are not UTF-8 are escaped."""
        return self.body.decode("utf-8", "backslashreplace")


def read_letter(
    routing_key: str, message_id: str | None, headers: Headers, body: bytes, said_type: str | None
) -> Letter:
    """Return what a message in the dead-letter queue says."""
    said, plain = _said(body), {name: _plain(headers[name]) for name in sorted(headers)}
    data = said.get("data")
    told = data if isinstance(data, dict) else {}
    origin, origin_from = _origin(headers)
    reason = headers.get(REASON)
    return Letter(
        id=_id_of(routing_key, message_id, plain, body),
        event_id=_text(said.get("id")) or message_id,
        type=_text(said.get("type")) or said_type,
        todo_id=_number(told.get("id")) or _number(said.get("subject")),
        version=_number(told.get("version")) or _number(said.get("sequence")),
        reason=_text(reason) or _reason_of_broker(headers),
        attempts=_count(headers.get(ATTEMPTS)),
        first_failed_at=_text(headers.get(FIRST_FAILED_AT)) or _died_at(headers, -1),
        last_failed_at=_text(headers.get(LAST_FAILED_AT)) or _died_at(headers, 0),
        origin=origin,
        origin_from=origin_from,
        retries=_count(headers.get(RETRIES)) or 0,
        because=_text(headers.get(DISCARDED_BECAUSE)) or _text(headers.get(BECAUSE)),
        discarded_at=_text(headers.get(DISCARDED_AT)),
        traceparent=_text(headers.get("traceparent")) or _text(said.get("traceparent")),
        first_traceparent=_text(headers.get(FIRST_TRACEPARENT)),
        routing_key=_text(headers.get(ROUTING_KEY)) or routing_key,
        message_id=message_id,
        headers=plain,
        body=body,
    )


@dataclass(frozen=True)
class Filter:
    """Which letters are meant: those that fit all that is given.

    Args:
        reason: a part of the reason, in any case.
        type: the event's type; its version, or that and its kind, may be left out.
        todo_id: the todo.
    """

    reason: str | None = None
    type: str | None = None
    todo_id: int | None = None

    def fits(self, letter: Letter) -> bool:
        """Return whether a letter is meant."""
        if self.reason is not None and self.reason.casefold() not in letter.reason.casefold():
            return False
        if self.type is not None and not _is_of_type(letter.type or "", self.type):
            return False
        return self.todo_id is None or letter.todo_id == self.todo_id

    @property
    def says(self) -> bool:
        """Return whether it leaves any letter out."""
        return self != Filter()


def grouped(letters: Iterable[Letter]) -> list[tuple[str, str, list[Letter]]]:
    """Return error, event type and letters of each group; the largest group first."""
    groups: dict[tuple[str, str], list[Letter]] = {}
    for letter in letters:
        groups.setdefault((letter.error, letter.type or "unknown type"), []).append(letter)
    largest = sorted(groups.items(), key=lambda it: (-len(it[1]), it[0]))
    return [(error, kind, found) for (error, kind), found in largest]


def target_of(letter: Letter) -> str:
    """Return the queue that a retry goes to: the one it came from. Raises Unfit."""
    if letter.origin is None:
        raise Unfit("nothing says which queue it came from")
    if letter.origin == DEAD_LETTERS:
        raise Unfit("it came from the dead-letter queue itself")
    return letter.origin


def headers_of_retry(
    letter: Letter, headers: Headers, traceparent: str, at: str, because: str | None
) -> dict[str, Any]:
    """Return the headers of a retry: without what ended the letter, and with what it was.

    Args:
        letter: what is retried.
        headers: its headers as the broker gave them.
        traceparent: the context of the retry.
        at: when, as in RFC 3339.
        because: why, in the words of whoever retries it.
    """
    kept = {
        name: value
        for name, value in headers.items()
        if name not in _OF_FAILURE | _OF_TRACE | _OF_DISCARDING and not _OF_BROKER.fullmatch(name)
    }
    first = letter.first_traceparent or letter.traceparent
    return {
        **kept,
        RETRIES: letter.retries + 1,
        RETRIED_AT: at,
        ROUTING_KEY: letter.routing_key,
        "traceparent": traceparent,
        **({FIRST_FAILED_AT: letter.first_failed_at} if letter.first_failed_at else {}),
        **({FIRST_TRACEPARENT: first} if first else {}),
        **({BECAUSE: because} if because else {}),
    }


def headers_of_discarding(
    letter: Letter, headers: Headers, at: str, because: str | None
) -> dict[str, Any]:
    """Return the headers of a letter that is discarded: all it had, when, and why."""
    kept = {name: it for name, it in headers.items() if not _stays_behind(name)}
    said = {DISCARDED_BECAUSE: because} if because else {}
    return {**kept, ROUTING_KEY: letter.routing_key, DISCARDED_AT: at, **said}


def headers_of_restoring(headers: Headers) -> dict[str, Any]:
    """Return the headers that a letter had before it was discarded."""
    return {n: it for n, it in headers.items() if n not in _OF_DISCARDING and not _stays_behind(n)}


def edited(letter: Letter, text: str, traceparent: str) -> tuple[bytes, str]:
    """Return the event that comes in the place of a letter's, and its id. Raises Unfit.

    The id follows from the letter and the text: the same edit, made again because the first try was
    cut short, is the same event.

    Args:
        letter: what is edited.
        text: the whole event, as JSON.
        traceparent: the context of the retry.
    """
    try:
        event = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unfit(f"it is not JSON: {error}") from error
    if not isinstance(event, dict):
        raise Unfit("it is not a JSON object")
    if text.strip() == letter.text.strip():
        raise Unfit("nothing was changed: then it can simply be retried")
    new_id = str(uuid5(_EDITED, f"{letter.id} {json.dumps(event, sort_keys=True)}"))
    event |= {"id": new_id, "traceparent": traceparent}
    if letter.event_id:
        event[CORRECTS] = letter.event_id
    body = json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        todo = parse_event(body).todo
    except BadEvent as error:
        raise Unfit(str(error)) from error
    event |= {"subject": str(todo.id), "sequence": str(todo.version)}
    return json.dumps(event, ensure_ascii=False).encode(), new_id


def shown(letter: Letter) -> dict[str, Any]:
    """Return a letter as JSON shows it."""
    return {
        "id": letter.id,
        "event_id": letter.event_id,
        "type": letter.type,
        "todo_id": letter.todo_id,
        "version": letter.version,
        "reason": letter.reason,
        "error": letter.error,
        "attempts": letter.attempts,
        "first_failed_at": letter.first_failed_at,
        "last_failed_at": letter.last_failed_at,
        "origin": letter.origin,
        "origin_from": letter.origin_from,
        "retries": letter.retries,
        "because": letter.because,
        "discarded_at": letter.discarded_at,
        "traceparent": letter.traceparent,
        "routing_key": letter.routing_key,
        "headers": dict(letter.headers),
        "body": letter.text,
    }


def named(wanted: Sequence[str], letters: Iterable[Letter]) -> list[Letter]:
    """Return the letters with these ids, each once, in the order in which they were asked for."""
    by_id = {letter.id: letter for letter in letters}
    return [by_id[each] for each in dict.fromkeys(wanted) if each in by_id]


def _said(body: bytes) -> dict[str, Any]:
    """Return what a body says, however little of an event it is."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _id_of(routing_key: str, message_id: str | None, headers: Headers, body: bytes) -> str:
    lasting = {
        name: it
        for name, it in headers.items()
        if name not in _OF_DISCARDING and not _stays_behind(name)
    }
    # A letter that is moved keeps its key in a header, since the default exchange uses its own.
    key = lasting.pop(ROUTING_KEY, routing_key)
    said = json.dumps([key, message_id, lasting], sort_keys=True).encode()
    return hashlib.sha256(said + b"\0" + body).hexdigest()[:12]


def _stays_behind(name: str) -> bool:
    return name in COUNTS | COPIES


def _deaths(headers: Headers) -> list[Mapping[str, Any]]:
    """Return what the broker says of how it dead-lettered the message, the latest first."""
    deaths = headers.get("x-death")
    return [it for it in deaths if isinstance(it, dict)] if isinstance(deaths, list) else []


def _origin(headers: Headers) -> tuple[str | None, str | None]:
    for death in _deaths(headers):
        if _text(death.get("queue")):
            return str(death["queue"]), "x-death"
    origin = _text(headers.get(ORIGIN))
    return origin, ORIGIN if origin else None


def _reason_of_broker(headers: Headers) -> str:
    for death in _deaths(headers):
        return f"the broker dead-lettered it: {_text(death.get('reason')) or 'it does not say why'}"
    return "nothing says why"


def _died_at(headers: Headers, which: int) -> str | None:
    deaths = _deaths(headers)
    at = deaths[which].get("time") if deaths else None
    return _text(_plain(at)) if at is not None else None


def _is_of_type(found: str, wanted: str) -> bool:
    return found == wanted or found.startswith(f"{wanted.rstrip('.')}.")


def _plain(value: Any) -> Any:
    """Return a header's value as JSON can hold it."""
    if isinstance(value, dict):
        return {str(name): _plain(it) for name, it in value.items()}
    if isinstance(value, list):
        return [_plain(it) for it in value]
    if value is None or isinstance(value, (str, bool, float)):
        return value
    # The driver has integers of its own, and times that may lack a zone, which is UTC.
    if isinstance(value, int):
        return int(value)
    return _as_text(value)


def _as_text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).isoformat()
    return str(value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        value = int(value)
    is_one = isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63
    return value if is_one and isinstance(value, int) else None


def _count(value: object) -> int | None:
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else None
