"""Messages that no consumer of events can apply, each bad in one way."""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pika
from hypothesis import strategies as st
from pika.spec import BasicProperties

_DEEP = 10_000


class RawHeaders(BasicProperties):  # type: ignore[misc]  # pika has no types
    """Properties whose headers are bytes of AMQP, so that they can hold what no driver would send.

    Source: AMQP 0-9-1, 4.2.5 and 4.2.6.1.
    """

    def __init__(self, headers: bytes, message_id: bytes) -> None:
        super().__init__(message_id=message_id.decode("utf-8", "backslashreplace")[:60])
        self._raw = headers, message_id

    def encode(self) -> list[bytes]:
        headers, message_id = self._raw
        flags = self.FLAG_HEADERS | self.FLAG_DELIVERY_MODE | self.FLAG_MESSAGE_ID
        return [
            struct.pack(">HI", flags, len(headers)),
            headers,
            b"\x02",
            bytes([len(message_id)]),
            message_id,
        ]


@dataclass(frozen=True)
class Bad:
    """A message, and how it is told from others."""

    what: str
    body: bytes
    properties: BasicProperties

    @property
    def text(self) -> str:
        """Return its body as it is shown."""
        return self.body.decode("utf-8", "backslashreplace")


def event(**changes: Any) -> dict[str, Any]:
    """Return an event as the command service writes it, but for these changes."""
    todo = {"id": 2**40, "title": "Foreign", "completed": False, "version": 1}
    return {
        "specversion": "1.0",
        "id": str(uuid4()),
        "source": "/command-service",
        "type": "todo.created.v1",
        "subject": str(2**40),
        "time": "2026-11-23T09:15:00.123456Z",
        "datacontenttype": "application/json",
        "sequence": "1",
        "sequencetype": "Integer",
        "traceparent": f"00-{'a' * 32}-{'b' * 16}-01",
        "position": "740-1",
        "data": todo | changes.pop("todo", {}),
        **changes,
    }


def _without(name: str) -> dict[str, Any]:
    return {it: value for it, value in event().items() if it != name}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def bad_bodies() -> Mapping[str, bytes]:
    """Return bodies that are no event of ours, by what is wrong with them."""
    plain = _json(event())
    wrong: Mapping[str, Any] = {
        "an id that is a number": event(id=5),
        "an id that is longer than any": event(id="i" * 100_000),
        "a type that is not known": event(type="todo.archived.v1"),
        "a version from the future": event(type="todo.created.v3"),
        "a version from far away": event(type=f"todo.created.v{'9' * 5000}"),
        "a type with markup and escapes": event(type="\x1b]0;owned\x07<b>{{7*7}}</b>"),
        "another specversion": event(specversion="0.3"),
        "an envelope of somebody else": {"specversion": "1.0", "id": "1", "type": "order.paid"},
        "data that are a list": event(data=[]),
        "data that are nothing": event(data=None),
        "an id of zero": event(todo={"id": 0}),
        "a negative version": event(todo={"version": -1}),
        "an enormous id": event(todo={"id": 2**63}),
        "a more enormous id": event(todo={"id": 10**4000}),
        "an id that is a float": event(todo={"id": 1.5}),
        "an id that is an operator": event(todo={"id": {"$gt": 0}}),
        "an id that is true": event(todo={"id": True}),
        "a title that is an operator": event(todo={"title": {"$ne": None}}),
        "an enormous title": event(todo={"title": "t" * 100_000}),
        "a title that no todo can have": event(todo={"title": "t" * 201}),
        "completed in words": event(todo={"completed": "yes"}),
        "no data": _without("data"),
        "no id": _without("id"),
        "a list": [event()],
        "a string": "todo.created.v1",
        "null": None,
    }
    return {
        **{what: _json(value) for what, value in wrong.items()},
        "nothing": b"",
        "half an event": plain[: len(plain) // 2],
        "an event and more": plain + b"{}",
        "not UTF-8": plain.replace(b"Foreign", b"\xff\xfe\x80"),
        "UTF-16": plain.decode().encode("utf-16"),
        "a lone surrogate": plain.replace(b"Foreign", b"\\ud800"),
        "NaN": plain.replace(b'"version": 1', b'"version": NaN'),
        "infinity": plain.replace(b'"version": 1', b'"version": 1e999'),
        "deep lists": b"[" * _DEEP,
        "a deep value": plain[:-1] + b', "x": ' + b"[" * _DEEP + b"]" * _DEEP + b"}",
        "escapes for a terminal": b"\x1b[2J\x1b]0;owned\x07\xc2\x9b31m\r\n\x00",
        "gzip": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00",
        "large": b"\x00" * 200_000,
    }


def _field(name: bytes, kind: bytes, value: bytes) -> bytes:
    return bytes([len(name)]) + name + kind + value


def _nested(depth: int) -> bytes:
    table = b""
    for _ in range(depth):
        inner = struct.pack(">I", len(table)) + table
        table = _field(b"n", b"F", inner)
    return table


def bad_headers() -> Mapping[str, bytes]:
    """Return tables of headers, as bytes of AMQP, that few drivers expect."""

    def text(name: bytes, value: bytes) -> bytes:
        return _field(name, b"S", struct.pack(">I", len(value)) + value)

    death = _field(b"queue", b"I", struct.pack(">i", 5)) + text(b"reason", b"made up")
    deaths = b"F" + struct.pack(">I", len(death)) + death
    return {
        "a time after the year 9999": _field(b"at", b"T", struct.pack(">Q", 2**62)),
        "a double that is no 64-bit integer": _field(b"much", b"d", struct.pack(">d", 1e300)),
        "a fraction": _field(b"half", b"d", struct.pack(">d", 0.5)),
        "a decimal with many places": _field(b"tiny", b"D", struct.pack(">Bi", 255, 7)),
        "deep tables": _nested(2_000),
        "nearly a whole frame": text(b"long", b"h" * 130_900),
        "many names": b"".join(text(b"%d" % it, b"") for it in range(12_000)),
        "a name that is not UTF-8": text(b"\xff\xfe", b"v") + text(b"plain", b"\xff"),
        "bytes": _field(b"raw", b"x", struct.pack(">I", 4) + b"\x00\x1b\xff\n"),
        "a death made up": _field(b"x-death", b"A", struct.pack(">I", len(deaths)) + deaths),
        "a death that is a word": text(b"x-death", b"never"),
        "what the consumer itself says": b"".join(
            _field(it, b"I", struct.pack(">i", 7))
            for it in (b"x-reason", b"x-queue", b"x-first-failed-at", b"x-retries", b"traceparent")
        ),
        "a delivery count": _field(b"x-delivery-count", b"S", struct.pack(">I", 1) + b"9"),
    }


def bad_properties() -> Mapping[str, BasicProperties]:
    """Return properties that say what no event of ours does."""
    return {
        "another type of content": BasicProperties(content_type="text/html"),
        "a coding": BasicProperties(content_encoding="gzip"),
        "a priority": BasicProperties(priority=255),
        "somebody to answer to": BasicProperties(reply_to="amq.rabbitmq.reply", correlation_id="1"),
        "a time": BasicProperties(timestamp=2**63),
        "not to be kept": BasicProperties(delivery_mode=1),
        "a type for a terminal": BasicProperties(type="\x1b[31m", app_id="\x1b[2J"),
        "other receivers": BasicProperties(headers={"CC": ["todo.renamed"], "BCC": ["todo.x"]}),
        "an end at once": BasicProperties(expiration="0"),
    }


def drawn() -> st.SearchStrategy[bytes]:
    """Return bodies by chance: none of them is an event of ours."""
    plain = _json(event())
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from([*event(), "x", "$set"]), inner, max_size=4)
        ),
        max_leaves=12,
    )
    names = st.sampled_from(["specversion", "id", "type", "data"])
    return st.one_of(
        st.binary(max_size=300),
        st.integers(0, len(plain) - 1).map(lambda end: plain[:end]),
        st.tuples(names, st.integers() | st.floats() | st.lists(st.none(), max_size=2)).map(
            lambda it: _json(event() | {it[0]: it[1]})
        ),
        anything.filter(lambda it: not isinstance(it, dict) or "data" not in it).map(_json),
    )


def all_bad(bodies: Sequence[bytes]) -> list[Bad]:
    """Return each kind of bad message once, and one for each of these bodies."""
    named = [Bad(what, body, _named()) for what, body in bad_bodies().items()]
    named += [
        Bad(what, f"not an event, with {what}".encode(), RawHeaders(table, str(uuid4()).encode()))
        for what, table in bad_headers().items()
    ]
    for what, each in (("not UTF-8", b"\xff" * 16), ("for a terminal", b"\x1b[2J\r\n\xc2\x9b31m")):
        named.append(Bad(f"an id that is {what}", b"no event", RawHeaders(b"", each)))
    named += [
        Bad(what, f"not an event, with {what}".encode(), _named(properties))
        for what, properties in bad_properties().items()
    ]
    return named + [Bad("by chance", body, _named()) for body in bodies]


def _named(properties: BasicProperties | None = None) -> BasicProperties:
    properties = properties or pika.BasicProperties(delivery_mode=2)
    properties.message_id = str(uuid4())
    return properties
