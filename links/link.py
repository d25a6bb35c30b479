"""One link: where it listens, the connections through it, and the toxics that hold them."""

import asyncio
import logging
import random
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from chassis.lab.firings import Firing, Firings
from chassis.listening import MOST_PENDING, bound
from links.connection import DOWNSTREAM, UPSTREAM, Connection
from links.flow import PLAIN, Shape
from links.link_lab import LinkLab
from links.toxics import TOXICS, Down, ResetPeer, Timeout, Toxic

CONNECT_WITHIN_S = 10.0
AGAIN_AFTER_S = 0.1

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Address:
    """A host and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(eq=False)
class _Passing:
    """A connection through the link, and what holds it.

    Args:
        connection: it.
        seen: the arming of each toxic that has looked at it.
        held: the firing of each toxic that took hold of it.
        timers: what the toxics do to it later.
    """

    connection: Connection
    seen: dict[str, int] = field(default_factory=dict)
    held: dict[str, Firing] = field(default_factory=dict)
    timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)


class Link:
    """One link. Everything but its making is for the loop's thread, unless it says otherwise.

    Args:
        name: its two ends: the client's process and the server.
        listens_on: where its clients come in.
        upstream: where its server is.
        firings: records what the toxics do.

    `on_heeded` is called whenever what is on has changed, with whether anything is.
    """

    def __init__(self, name: str, listens_on: Address, upstream: Address, firings: Firings) -> None:
        self.name = name
        self.listens_on = listens_on
        self.upstream = upstream
        self.toxics = {kind.name: kind(self._changed) for kind in TOXICS}
        self.lab = LinkLab(self.toxics.values(), firings)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._passing: dict[Connection, _Passing] = {}
        self._listeners: list[socket.socket] = []
        self._is_listening = False
        self._tasks: set[asyncio.Task[None]] = set()
        self.on_heeded: Callable[[bool], object] = lambda _is_toxic: None
        self._draw = random.Random().uniform  # noqa: S311, it is no secret

    @property
    def connections(self) -> int:
        """Return how many connections there are through it. From any thread."""
        return len(self._passing)

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Listen. Raises SystemExit if the port is taken."""
        self._loop = loop
        self._listeners = bound(self.listens_on.host, self.listens_on.port)
        self._listen()

    def close(self) -> None:
        """Close all: its clients then find nobody."""
        self._stop_listening()
        for passing in list(self._passing.values()):
            passing.connection.end()

    def heed(self) -> None:
        """Act by what is on now, on the connections that are open too."""
        if self.toxics[Down.name].on:
            self._go_down()
        elif not self._is_listening:
            self._listen()
        for toxic in self.toxics.values():
            before = toxic.phase.fired
            for passing in list(self._passing.values()):
                self._hold(passing, toxic)
            if toxic.on and not toxic.standing:
                toxic.touched += toxic.phase.fired - before
        for passing in list(self._passing.values()):
            self._treat(passing)
        self.on_heeded(self.lab.armed)

    def _changed(self) -> None:
        """Have it heeded soon that a toxic has ended; from any thread."""
        if self._loop is not None:
            # The loop is closed when the process ends.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self.heed)

    def _listen(self) -> None:
        """Let clients in, at sockets that have their port already."""
        self._is_listening = True
        for listener in self._listeners:
            listener.setblocking(False)
            listener.listen(MOST_PENDING)
            self._of_loop.add_reader(listener, self._accept, listener)

    def _stop_listening(self) -> None:
        if self._is_listening:
            self._is_listening = False
            for listener in self._listeners:
                self._of_loop.remove_reader(listener)
                listener.close()

    def _go_down(self) -> None:
        """Cut all, and have the kernel refuse whoever comes: the port is ours, nobody listens."""
        if self._is_listening:
            self._stop_listening()
            self._listeners = bound(self.listens_on.host, self.listens_on.port)
        for passing in list(self._passing.values()):
            self.toxics[Down.name].touched += 1
            passing.connection.reset()

    def _accept(self, listener: socket.socket) -> None:
        try:
            client, _address = listener.accept()
        except BlockingIOError:
            return
        except OSError as error:
            # Too many open files: those that wait are let in when others have gone.
            log.warning("%s: no connection can be taken: %s", self.name, error)
            self._of_loop.remove_reader(listener)
            self._of_loop.call_later(AGAIN_AFTER_S, self._listen_again, listener)
            return
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        task = self._of_loop.create_task(self._serve(client))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _listen_again(self, listener: socket.socket) -> None:
        if self._is_listening and listener in self._listeners:
            self._of_loop.add_reader(listener, self._accept, listener)

    async def _serve(self, client: socket.socket) -> None:
        connection = Connection(self._of_loop, self._draw, self._gone)
        passing = self._passing[connection] = _Passing(connection)
        for toxic in self.toxics.values():
            self._hold(passing, toxic)
        self._treat(passing)
        try:
            await self._of_loop.connect_accepted_socket(lambda: connection.client, client)
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await self._of_loop.create_connection(
                    lambda: connection.server, self.upstream.host, self.upstream.port
                )
        except OSError as error:
            log.debug("%s: no connection: %s", self.name, error)
            connection.reset()

    @property
    def _of_loop(self) -> asyncio.AbstractEventLoop:
        assert self._loop is not None
        return self._loop

    def _hold(self, passing: _Passing, toxic: Toxic) -> None:
        """Let a toxic take hold of a connection that it has not looked at, or let go of it."""
        is_new = passing.seen.get(toxic.name) != toxic.arming
        if not toxic.on or is_new:
            self._let_go(passing, toxic.name)
        if not toxic.on or not is_new or toxic.standing:
            return
        passing.seen[toxic.name] = toxic.arming
        if firing := self.lab.fires(type(toxic)):
            passing.held[toxic.name] = firing
            self._set_timer(passing, toxic)

    def _let_go(self, passing: _Passing, name: str) -> None:
        if timer := passing.timers.pop(name, None):
            timer.cancel()
        if firing := passing.held.pop(name, None):
            firing.over()

    def _set_timer(self, passing: _Passing, toxic: Toxic) -> None:
        connection, after_s = passing.connection, toxic.number("timeout") / 1000
        if isinstance(toxic, Timeout) and after_s:
            passing.timers[toxic.name] = self._of_loop.call_later(after_s, connection.end)
        if isinstance(toxic, ResetPeer):
            stream = None if toxic.stream not in {UPSTREAM, DOWNSTREAM} else toxic.stream
            passing.timers[toxic.name] = self._of_loop.call_later(after_s, connection.reset, stream)

    def _treat(self, passing: _Passing) -> None:
        held = [self.toxics[name] for name in passing.held]
        for stream in (UPSTREAM, DOWNSTREAM):
            passing.connection.reshape(stream, shape_of(held, stream))

    def _gone(self, connection: Connection) -> None:
        if passing := self._passing.pop(connection, None):
            for name in list(passing.held):
                self._let_go(passing, name)


def shape_of(toxics: Sequence[Toxic], stream: str) -> Shape:
    """Return what several toxics together make of what goes one way."""
    shape = PLAIN
    for toxic in toxics:
        if toxic.acts_on(stream):
            shape = toxic.shaped(shape)
    # What changes nothing is passed on as it is.
    return PLAIN if shape == PLAIN else shape
