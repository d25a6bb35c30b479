"""Properties of a message, whatever their sender put into them.

pika raises where a table of headers has a time after the year 9999, a number that is none, a type
that it does not know, or tables in tables in tables; it gives names and texts that are not UTF-8 as
bytes; and some of what it reads it cannot write. Each of these would end the connection, and
again when the broker delivers the message again. Such a table is kept as it came, in one header.
"""

import struct
from collections.abc import Iterator
from typing import Any

from pika import data, spec

# What a table that cannot be read or written is kept in, and why.
UNREADABLE, BECAUSE = "x-unreadable-headers", "x-unreadable-because"
# A frame has 128 KiB. What is kept of more leaves room for the headers that a dead letter gets.
MOST_HEADER_BYTES = 64 * 1024
KEPT_HEADER_BYTES = 48 * 1024
MOST_DEPTH = 16
# The fields before the headers, in their order (AMQP 0-9-1, 1.8.1).
_BEFORE = (spec.BasicProperties.FLAG_CONTENT_TYPE, spec.BasicProperties.FLAG_CONTENT_ENCODING)
_SHORT = (
    *("content_type", "content_encoding", "correlation_id", "reply_to", "expiration"),
    *("message_id", "type", "user_id", "app_id", "cluster_id"),
)


class AnyProperties(spec.BasicProperties):  # type: ignore[misc]  # pika has no types
    """Properties that can be read, and sent again, whatever their headers are."""

    def decode(self, encoded: bytes, offset: int = 0) -> "AnyProperties":
        """Read them as they came over the wire."""
        table = _table_of(encoded, offset)
        if table is None:
            super().decode(encoded, offset)
        else:
            at, length = table
            super().decode(encoded[:at] + bytes(4) + encoded[at + 4 + length :], offset)
            self.headers = _headers(encoded[at : at + 4 + length])
        for name in _SHORT:
            value = getattr(self, name)
            if isinstance(value, bytes):
                setattr(self, name, value.decode("utf-8", "backslashreplace")[:60])
        return self


def take_any_properties() -> None:
    """Have pika read properties so, in this process."""
    spec.props[spec.BasicProperties.INDEX] = AnyProperties


def _table_of(encoded: bytes, offset: int) -> tuple[int, int] | None:
    """Return where the table of headers begins, and how long it is; None if there is none."""
    (flags,) = struct.unpack_from(">H", encoded, offset)
    # No field has a place beyond the first word of flags.
    if not flags & spec.BasicProperties.FLAG_HEADERS or flags & 1:
        return None
    at = offset + 2
    for flag in _BEFORE:
        at += 1 + encoded[at] if flags & flag else 0
    return at, struct.unpack_from(">I", encoded, at)[0]


def _headers(table: bytes) -> dict[str, Any]:
    if len(table) > MOST_HEADER_BYTES:
        why = f"They have {len(table):,} bytes; the first {KEPT_HEADER_BYTES:,} are kept."
        return {UNREADABLE: table[:KEPT_HEADER_BYTES], BECAUSE: why}
    try:
        headers, _end = data.decode_table(table, 0)
        # Those of our own events have nothing else, and come by the thousand.
        if not all(type(it) is str for pair in headers.items() for it in pair):
            _check(headers)
            data.encode_table([], headers)
    except Exception as error:  # noqa: BLE001, whatever a driver raises at bytes of strangers
        why = f"They cannot be read: {type(error).__name__} {error}"
        return {
            UNREADABLE: table[:KEPT_HEADER_BYTES],
            BECAUSE: why[:200].encode("utf-8", "replace").decode(),
        }
    found: dict[str, Any] = headers
    return found


def _check(table: dict[Any, Any]) -> None:
    """Raise ValueError if a name is no text, or tables are in tables in tables."""
    if not all(isinstance(name, str) for name in _names(table, 0)):
        raise ValueError("a name is not UTF-8")


def _names(value: Any, depth: int) -> Iterator[Any]:
    if depth > MOST_DEPTH:
        raise ValueError(f"tables more than {MOST_DEPTH} deep")
    if isinstance(value, dict):
        yield from value
    inner = value.values() if isinstance(value, dict) else value
    if isinstance(value, (dict, list)):
        for each in inner:
            yield from _names(each, depth + 1)
