"""Taps: proxies between one process and one server that note what goes over the wire, and when.

A tap notes the time when bytes arrive, before it passes them on: not before their sender sent
them, and before their receiver can have them.
"""

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import bson
from pika import spec
from pika.frame import Header, Method, decode_frame


class Listener(Protocol):
    """Hears both sides of one connection."""

    def from_client(self, data: bytes, at_ms: float) -> None: ...

    def from_server(self, data: bytes, at_ms: float) -> None: ...


class Tap:
    """A proxy in front of a server. A context manager.

    Args:
        server: the server's loopback port.
        listener: makes the listener of each connection.
    """

    def __init__(self, server: int, listener: Callable[[], Listener]) -> None:
        self._server = server
        self._listener = listener
        self._accepting = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.port: int = self._accepting.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in [self._accepting, *self._open]:
            _end(each)

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._accepting.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server))
            self._open += [client, server]
            listener = self._listener()
            for source, target, hear in [
                (client, server, listener.from_client),
                (server, client, listener.from_server),
            ]:
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=_pass_on, args=(source, target, hear), daemon=True).start()


def _pass_on(
    source: socket.socket, target: socket.socket, hear: Callable[[bytes, float], None]
) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            at_ms = time.time_ns() / 1e6
            # Listen first, so that an answer is never heard before its question.
            hear(data, at_ms)
            target.sendall(data)
    _end(target)


def _end(opened: socket.socket) -> None:
    # With only close(), a thread that waits in accept() or recv() would go on waiting.
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)
    opened.close()


class Asked:
    """Counts a client's questions to PostgreSQL: the messages that wait for an answer.

    A simple query is one message `Q`, whatever statements are in it: one round trip.
    Source: https://www.postgresql.org/docs/15/protocol-message-formats.html
    """

    def __init__(self, asked: list[bytes]) -> None:
        self._asked = asked
        self._heard = bytearray()
        self._started = False

    def from_client(self, data: bytes, at_ms: float) -> None:
        self._heard += data
        # SSL and GSS requests and the start-up message have a length and no type.
        while len(self._heard) >= 8:
            begin = 1 if self._started else 0
            end = begin + int.from_bytes(self._heard[begin : begin + 4])
            if len(self._heard) < end:
                return
            if self._started and self._heard[:1] == b"Q":
                self._asked.append(bytes(self._heard[5:end]))
            self._started = self._started or self._heard[4:8] == (196608).to_bytes(4)
            del self._heard[:end]

    def from_server(self, data: bytes, at_ms: float) -> None:
        pass


class Rows:
    """Notes when PostgreSQL's answers first named each event."""

    def __init__(self, named_ms: dict[str, float]) -> None:
        self._named_ms = named_ms
        self._rest = b""

    def from_client(self, data: bytes, at_ms: float) -> None:
        pass

    def from_server(self, data: bytes, at_ms: float) -> None:
        heard = self._rest + data
        for event_id in _UUID.findall(heard):
            self._named_ms.setdefault(event_id.decode(), at_ms)
        # An id may arrive in two pieces.
        self._rest = heard[-35:]


_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass
class Messages:
    """When each message went over the wire, by its id."""

    published_ms: dict[str, float] = field(default_factory=dict)
    confirmed_ms: dict[str, float] = field(default_factory=dict)
    delivered_ms: dict[str, float] = field(default_factory=dict)
    acked_ms: dict[str, float] = field(default_factory=dict)


class Amqp:
    """Notes each message that is published, confirmed, delivered and acked.

    Source: https://www.rabbitmq.com/docs/specification#protocol (0-9-1, 2.3.5 and 4.2)
    """

    def __init__(self, messages: Messages) -> None:
        self._by_client = _Side(messages.published_ms, messages.acked_ms)
        self._by_server = _Side(messages.delivered_ms, messages.confirmed_ms)

    def from_client(self, data: bytes, at_ms: float) -> None:
        self._by_client.heard += data
        self._hear(self._by_client, self._by_server, at_ms)

    def from_server(self, data: bytes, at_ms: float) -> None:
        self._by_server.heard += data
        self._hear(self._by_server, self._by_client, at_ms)

    @staticmethod
    def _hear(speaker: "_Side", other: "_Side", at_ms: float) -> None:
        for frame in speaker.frames():
            if isinstance(frame, Header):
                # A delivery carries its tag; the tag of a publication is its number.
                tag = speaker.tag or len(speaker.unsettled_or_settled) + 1
                speaker.unsettled_or_settled[tag] = str(frame.properties.message_id)
                speaker.sent_ms.setdefault(str(frame.properties.message_id), at_ms)
            if not isinstance(frame, Method):
                continue
            if isinstance(frame.method, spec.Basic.Deliver):
                speaker.tag = frame.method.delivery_tag
            if isinstance(frame.method, spec.Basic.Ack):
                for message_id in other.settled_by(frame.method):
                    speaker.settled_ms.setdefault(message_id, at_ms)


@dataclass
class _Side:
    """One side of an AMQP connection: the messages that it sends, and its acks of the other's."""

    sent_ms: dict[str, float]
    settled_ms: dict[str, float]
    heard: bytearray = field(default_factory=bytearray)
    tag: int = 0
    unsettled_or_settled: dict[int, str] = field(default_factory=dict)
    settled_up_to: int = 0

    def frames(self) -> Iterator[Any]:
        while True:
            length, frame = decode_frame(bytes(self.heard))
            if frame is None:
                return
            del self.heard[:length]
            yield frame

    def settled_by(self, ack: Any) -> list[str]:
        first = ack.delivery_tag
        if ack.multiple:
            first, self.settled_up_to = self.settled_up_to + 1, ack.delivery_tag
        return [self.unsettled_or_settled[tag] for tag in range(first, ack.delivery_tag + 1)]


@dataclass(frozen=True)
class Exchange:
    """One request and its answer."""

    path: str
    asked_ms: float
    answered_ms: float
    status: int
    body: bytes


class Http:
    """Notes each request over a kept connection, with its answer."""

    def __init__(self, exchanges: list[Exchange]) -> None:
        self._exchanges = exchanges
        self._path = ""
        self._asked_ms = 0.0
        self._heard = b""

    def from_client(self, data: bytes, at_ms: float) -> None:
        if data.startswith((b"GET ", b"POST ", b"PATCH ", b"DELETE ")):
            self._path, self._asked_ms, self._heard = data.split(b" ", 2)[1].decode(), at_ms, b""

    def from_server(self, data: bytes, at_ms: float) -> None:
        self._heard += data
        head, end, body = self._heard.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if end and len(body) >= (int(length[1]) if length else 0):
            status = int(head.split(b" ", 2)[1])
            self._exchanges.append(Exchange(self._path, self._asked_ms, at_ms, status, body))


class Written:
    """Notes when MongoDB answered the first write of each version of a todo.

    Source: https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/#op_msg
    """

    def __init__(self, written_ms: dict[tuple[int, int], float]) -> None:
        self._written_ms = written_ms
        self._heard = {"client": bytearray(), "server": bytearray()}
        self._asked: dict[int, list[tuple[int, int]]] = {}

    def from_client(self, data: bytes, at_ms: float) -> None:
        for message in self._messages("client", data):
            request_id = int.from_bytes(message[4:8], "little")
            self._asked[request_id] = [found for it in _documents(message) for found in _todos(it)]

    def from_server(self, data: bytes, at_ms: float) -> None:
        for message in self._messages("server", data):
            for written in self._asked.pop(int.from_bytes(message[8:12], "little"), []):
                self._written_ms.setdefault(written, at_ms)

    def _messages(self, side: str, data: bytes) -> Iterator[bytes]:
        heard = self._heard[side]
        heard += data
        while len(heard) >= 16 and len(heard) >= (size := int.from_bytes(heard[:4], "little")):
            message = bytes(heard[:size])
            del heard[:size]
            yield message


_OP_MSG = 2013
# The kinds of sections in OP_MSG: one document, or a named sequence of documents.
_SEQUENCE = 1


def _documents(message: bytes) -> Iterator[Any]:
    if int.from_bytes(message[12:16], "little") != _OP_MSG:
        return
    at = 20
    while at < len(message):
        kind, size = message[at], int.from_bytes(message[at + 1 : at + 5], "little")
        begin = message.index(b"\0", at + 5) + 1 if kind == _SEQUENCE else at + 1
        end = at + 1 + size
        yield from bson.decode_all(message[begin:end])
        at = end


def _todos(value: Any) -> Iterator[tuple[int, int]]:
    """Find the todos anywhere in a command."""
    if isinstance(value, dict):
        if isinstance(value.get("_id"), int) and isinstance(value.get("version"), int):
            yield value["_id"], value["version"]
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _todos(each)


_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
