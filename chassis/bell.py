"""A bell: what ends a wait on sockets, from any thread and from a signal handler."""

import signal
import socket
from contextlib import suppress
from typing import Self


class Bell:
    """Makes `fileno()` readable when it is rung, until it is muted. A context manager."""

    def __init__(self) -> None:
        self._heard, self._rung = socket.socketpair()
        self._heard.setblocking(False)
        self._rung.setblocking(False)
        self._by_signals = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._by_signals:
            signal.set_wakeup_fd(-1)
        self._heard.close()
        self._rung.close()

    def ring(self) -> None:
        """Ring. It never waits; a bell that rings already goes on ringing."""
        with suppress(OSError):
            self._rung.send(b"\0")

    def ring_on_signals(self) -> None:
        """Ring at each signal that this process handles. For the main thread.

        Source: https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd
        """
        self._by_signals = True
        signal.set_wakeup_fd(self._rung.fileno(), warn_on_full_buffer=False)

    def mute(self) -> None:
        """Stop ringing."""
        with suppress(BlockingIOError):
            while self._heard.recv(4096):
                pass

    def fileno(self) -> int:
        """Return what to wait on."""
        return self._heard.fileno()
