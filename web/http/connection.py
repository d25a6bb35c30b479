"""A client's connection, on which no read of a request and no write waits for ever."""

import io
import logging
import socket
import struct
import time
from contextlib import suppress
from typing import Any

import eventlet
from eventlet.support.greenlets import GreenletExit

# Of what a client has not taken yet, the kernel keeps this much, and doubles it. It would keep
# megabytes, and a browser that takes nothing would go unnoticed as long.
SEND_BUFFER_BYTES = 256 * 1024
# A client that sends faster than we read would never let the others have their turn.
READS_IN_A_TURN = 16
# Of a line whose reader sets no limit, which is one between chunks (RFC 9112, 7.1). eventlet would
# read on for as long as no end comes.
MOST_LINE_BYTES = 4096
# A page says over its WebSocket that it joins, and every 25 s that it is there. Whoever says more
# than this in a minute would keep the others from their turn.
MOST_SAID_BYTES = 16 * 1024
SAID_WITHIN_S = 60.0

log = logging.getLogger(__name__)


class ClientGone(GreenletExit):  # type: ignore[misc]  # eventlet has no types
    """Nobody takes the answer: what was about to give it ends, and there is nothing to report."""


class Connection:
    """A socket that gives up in time; whatever else a socket has is that of the one inside.

    Args:
        sock: a green socket of eventlet's.
        answer_s: how long the client may take nothing.

    Attributes:
        reads: how often it was read from.
        is_ended: whether the client has said that nothing more will come.
    """

    def __init__(self, sock: Any, answer_s: float) -> None:
        self._sock = sock
        self._answer_s = answer_s
        self._read_by_s: float | None = None
        self.reads = 0
        self.is_ended = False
        self._said_bytes = 0
        self._said_since_s = time.monotonic()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def read_within(self, seconds: float) -> None:
        """From now on, let reads of a request go on for that long, all of them together."""
        self._read_by_s = time.monotonic() + seconds

    def makefile(self, mode: str, buffer_bytes: int) -> io.BufferedReader | io.BufferedWriter:
        """Return the file that requests are read from, or that answers are written to."""
        if mode == "rb":
            return _Lines(_Incoming(self))
        return io.BufferedWriter(_Outgoing(self), buffer_bytes)

    def recv_into(self, buffer: memoryview) -> int:
        """Read part of a request. Raises TimeoutError."""
        left_s = None if self._read_by_s is None else max(0.0, self._read_by_s - time.monotonic())
        with eventlet.Timeout(left_s, TimeoutError("the request did not arrive in time")):
            self.reads += 1
            if self.reads % READS_IN_A_TURN == 0:
                eventlet.sleep(0)
            count: int = self._sock.recv_into(buffer)
        self.is_ended = count == 0
        return count

    def recv(self, most: int) -> bytes:
        """Read what a WebSocket says; nothing more once that is too much."""
        # Whoever never pauses would never let the others have their turn.
        eventlet.sleep(0)
        data: bytes = self._sock.recv(most)
        now_s = time.monotonic()
        if now_s - self._said_since_s > SAID_WITHIN_S:
            self._said_bytes, self._said_since_s = 0, now_s
        self._said_bytes += len(data)
        if self._said_bytes > MOST_SAID_BYTES:
            log.info("a browser says more than a page does, and is let go of")
            self.end()
            return b""
        return data

    def send(self, data: bytes | memoryview) -> int:
        """Write some bytes, and return how many.

        Raises TimeoutError if the client takes nothing in time; the connection has ended then, so
        whoever waits for it goes on as well.
        """
        count: int
        try:
            # Mostly there is room, and a timer would cost more than what it is for.
            count = self._sock.fd.send(data)
        except BlockingIOError:
            count = self._send_in_time(data)
        return count

    def _send_in_time(self, data: bytes | memoryview) -> int:
        try:
            with eventlet.Timeout(self._answer_s, TimeoutError("the client takes nothing")):
                count: int = self._sock.send(data)
        except TimeoutError:
            # A reset, or the kernel would go on for minutes to offer what is not taken.
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.end()
            log.info("a client takes nothing of what it is sent, and is let go of")
            raise
        return count

    def sendall(self, data: bytes) -> None:
        """Write all the bytes. Raises TimeoutError."""
        left = memoryview(data)
        while left:
            left = left[self.send(left) :]

    def shutdown(self, how: int) -> None:
        """End it one way or both ways, if it has not ended."""
        with suppress(OSError):
            self._sock.shutdown(how)

    def end(self) -> None:
        """End the connection, for whoever reads or writes it."""
        self.shutdown(socket.SHUT_RDWR)


class _Lines(io.BufferedReader):
    """What requests are read from, with lines that come to an end."""

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read a line. Raises ConnectionError if it has no limit and is too long."""
        if size is not None and size >= 0:
            return super().readline(size)
        line = super().readline(MOST_LINE_BYTES)
        if len(line) >= MOST_LINE_BYTES:
            raise ConnectionAbortedError("a line between two chunks does not end")
        return line


class _Incoming(io.RawIOBase):
    """What is read of a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._connection.recv_into(buffer)


class _Outgoing(io.RawIOBase):
    """What is written to a connection; raises ClientGone."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        try:
            return self._connection.send(data)
        except OSError as error:
            raise ClientGone from error
