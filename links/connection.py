"""One connection through a link: its two ends, and the two ways between them."""

import asyncio
import os
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from links.flow import Flow, Shape

# More than this is not taken in while it cannot go on; the sender then has to wait.
MOST_WAITING_BYTES = 64 * 1024
LEAST_WAIT_S = 0.001
UPSTREAM, DOWNSTREAM = "upstream", "downstream"
# l_onoff and l_linger of SO_LINGER: a close is then a reset. Source: socket(7).
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)


class Connection:
    """A connection of a client through a link.

    Args:
        loop: runs it.
        draw: a number between two others, for the jitter.
        on_gone: called once both ends are gone.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        draw: Callable[[float, float], float],
        on_gone: Callable[["Connection"], None],
    ) -> None:
        self._on_gone = on_gone
        self._is_over = False
        upstream, downstream = Way(loop, draw, self), Way(loop, draw, self)
        self.ways = {UPSTREAM: upstream, DOWNSTREAM: downstream}
        self.client = End(self, sends=upstream, gets=downstream)
        self.server = End(self, sends=downstream, gets=upstream)

    def reshape(self, stream: str, shape: Shape) -> None:
        """Treat what goes one way in another manner from now on."""
        if not self._is_over:
            self.ways[stream].reshape(shape)

    def end(self) -> None:
        """Close both ends, after what has been passed on; what waits is gone."""
        if not self._is_over:
            self._is_over = True
            self.client.close()
            self.server.close()
            self._look_whether_gone()

    def reset(self, stream: str | None = None) -> None:
        """Reset one end and close the other; both are reset if no stream is named.

        Args:
            stream: the stream that leads to the end that is reset.
        """
        if self._is_over:
            return
        self._is_over = True
        for end, its_stream in ((self.client, DOWNSTREAM), (self.server, UPSTREAM)):
            if stream in {None, its_stream}:
                end.reset()
            else:
                end.close()
        self._look_whether_gone()

    def way_ended(self) -> None:
        """Close both ends once neither sends any more."""
        if all(way.has_ended for way in self.ways.values()):
            self.end()

    def end_gone(self) -> None:
        """Note that one end is gone."""
        self._look_whether_gone()

    def _look_whether_gone(self) -> None:
        if self.client.is_gone and self.server.is_gone:
            self._is_over = True
            for way in self.ways.values():
                way.stop()
            self._on_gone(self)


class Way:
    """What goes from one end of a connection to the other."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        draw: Callable[[float, float], float],
        connection: Connection,
    ) -> None:
        self.has_ended = False
        self._loop = loop
        self._flow = Flow(draw)
        self._connection = connection
        self._source: End | None = None
        self._target: End | None = None
        self._is_target_full = False
        self._broke = False
        self._timer: asyncio.TimerHandle | None = None

    def begin_at(self, source: "End") -> None:
        """Note where its bytes come from."""
        self._source = source

    def lead_to(self, target: "End") -> None:
        """Note where its bytes go, and pass on what is there."""
        self._target = target
        self.pump()

    def reshape(self, shape: Shape) -> None:
        """Treat what has not gone on, and all that comes, in another manner."""
        self._flow.reshape(shape, time.monotonic())
        self.pump()

    def take(self, data: bytes) -> None:
        """Take bytes in, and pass on what may go on."""
        if self._target is not None and self._flow.is_open:
            self._target.write(data)
            return
        self._flow.push(data, time.monotonic())
        self.pump()

    def end(self, *, broke: bool = False) -> None:
        """Take in the sender's end, which may be that its connection broke."""
        self._broke = broke
        self._flow.end(time.monotonic())
        self.pump()

    def fill(self, *, is_full: bool) -> None:
        """Note whether the target takes no more for now."""
        self._is_target_full = is_full
        if is_full:
            self._regulate()
        else:
            self.pump()

    def stop(self) -> None:
        """Pass on nothing more."""
        self.has_ended = True
        if self._timer is not None:
            self._timer.cancel()

    def pump(self) -> None:
        """Pass on what may go on now, and come again when more may."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._target is not None and not self._is_target_full and not self.has_ended:
            pulled = self._flow.pull(time.monotonic())
            if pulled.data:
                self._target.write(pulled.data)
            if pulled.is_cut:
                self._connection.end()
                return
            if pulled.is_end:
                self._pass_end_on(self._target)
                return
            if not pulled.data:
                if pulled.again_at is not None:
                    # The loop's own clock is coarser, and may be behind.
                    left_s = max(pulled.again_at - time.monotonic(), LEAST_WAIT_S)
                    self._timer = self._loop.call_later(left_s, self.pump)
                break
        self._regulate()

    def _pass_end_on(self, target: "End") -> None:
        self.has_ended = True
        if self._broke:
            self._connection.reset()
        else:
            target.write_end()
            self._connection.way_ended()

    def _regulate(self) -> None:
        if self._source is not None:
            waits = self._is_target_full or self._flow.waiting_bytes >= MOST_WAITING_BYTES
            self._source.read(paused=waits)


class End(asyncio.Protocol):
    """One end of a connection: the client's, or the server's."""

    def __init__(self, connection: Connection, sends: Way, gets: Way) -> None:
        self.is_gone = False
        self._connection = connection
        self._sends = sends
        self._gets = gets
        self._transport: asyncio.Transport | None = None
        self._is_paused = False
        self._is_to_be_reset = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to pass on."""
        self._transport = cast("asyncio.Transport", transport)
        if self.is_gone:
            # The connection was over before this end was there.
            if self._is_to_be_reset:
                self._reset(self._transport)
            else:
                self._transport.close()
            return
        self._sends.begin_at(self)
        self._gets.lead_to(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes in."""
        self._sends.take(data)

    def eof_received(self) -> bool:
        """Take in that no more bytes come; the other way stays open."""
        self._sends.end()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Take in that this end is gone."""
        was_gone, self.is_gone = self.is_gone, True
        # Nobody is there any more to get the rest.
        self._gets.stop()
        if not was_gone and not self._sends.has_ended:
            self._sends.end(broke=True)
        else:
            self._connection.end()
        self._connection.end_gone()

    def pause_writing(self) -> None:
        """Have the other end wait."""
        self._gets.fill(is_full=True)

    def resume_writing(self) -> None:
        """Let the other end go on."""
        self._gets.fill(is_full=False)

    def write(self, data: bytes) -> None:
        """Send bytes."""
        if self._transport is not None and not self.is_gone:
            self._transport.write(data)

    def write_end(self) -> None:
        """Send that no more bytes come."""
        if self._transport is not None and not self.is_gone:
            with suppress(OSError, RuntimeError):
                self._transport.write_eof()

    def read(self, *, paused: bool) -> None:
        """Read on, or let the sender wait."""
        if paused == self._is_paused or self._transport is None or self.is_gone:
            return
        self._is_paused = paused
        with suppress(RuntimeError):
            if paused:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def close(self) -> None:
        """Close it, after what has been written."""
        if self._transport is None:
            self.is_gone = True
        else:
            self._transport.close()

    def reset(self) -> None:
        """Close it with a reset."""
        if self._transport is None:
            self.is_gone = self._is_to_be_reset = True
        elif not self.is_gone:
            self._reset(self._transport)

    def _reset(self, transport: asyncio.Transport) -> None:
        descriptor = transport.get_extra_info("socket").fileno()
        with suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as same:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
        transport.abort()
