"""Answers that are made piece by piece."""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chassis.serving.answer import close
from chassis.serving.turns import Turns

if TYPE_CHECKING:
    from chassis.serving.connection import Connection

log = logging.getLogger(__name__)


class Pieces:
    """Sends pieces as fast as the client takes them; each is made in a turn of its own.

    Args:
        pieces: makes them.
        turns: whose threads make them.
        connection: where they go.
        is_chunked: whether the client is told where they end (RFC 9112, 7.1).
    """

    def __init__(
        self, pieces: Iterator[bytes], turns: Turns, connection: "Connection", *, is_chunked: bool
    ) -> None:
        self._pieces = pieces
        self._turns = turns
        self._connection = connection
        self._is_chunked = is_chunked

    def go_on(self) -> None:
        """Make and send the next one; in the loop's thread."""
        self._turns.give(self._end if self._connection.is_gone else self._make)

    def _make(self) -> None:
        try:
            piece = next(self._pieces, None)
        except Exception:
            log.exception("an answer was broken off")
            self._end()
            self._connection.in_loop(self._connection.abort)
            return
        if piece is None:
            self._end()
        self._connection.in_loop(self._send, piece)

    def _send(self, piece: bytes | None) -> None:
        if piece is None:
            self._connection.write(b"0\r\n\r\n" if self._is_chunked else b"")
            self._connection.end_answer()
            return
        if piece:
            self._connection.write(
                b"%x\r\n%b\r\n" % (len(piece), piece) if self._is_chunked else piece
            )
        self._connection.when_writable(self.go_on)

    def _end(self) -> None:
        close(self._pieces)
