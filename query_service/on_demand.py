"""A read model that is kept only while a switch wants it.

While nobody wants it there is no queue, and the process sleeps. Once it is wanted, its queue is
declared and bound first, and then it is filled from the log of all events: what happens meanwhile
waits in the queue, and what comes both ways changes nothing. When it is wanted no longer, its queue
goes; what it holds stays, and gets older.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import Any, Generic, TypeVar

import pika
from pymongo.database import Database

from chassis import mongo, rabbitmq
from chassis.backoff import Backoff
from chassis.errors import ServerUnavailable
from chassis.lab.lab import Lab
from chassis.lab.switches import Switch
from chassis.process import Process
from chassis.rabbitmq import translated
from query_service.events import BadEvent, TodoEvent
from query_service.feed import Feed, FeedUnavailable
from query_service.idle import add_idle_route
from query_service.projections import Document
from query_service.projector import Projector
from query_service.standings import Standings
from query_service.topology import EventQueue, declare

E = TypeVar("E", bound=TodoEvent)
log = logging.getLogger(__name__)


class OnDemand(Generic[E]):
    """Keeps a read model while its switch is on, until `stop` is set.

    Args:
        read_model: its name among the standings.
        wanted: the switch.
        further: switches whose settings outlive the process, as that of `wanted` does.
        lab: all switches of the process.
        standings: how it stands.
        new_feed: returns the log, from its beginning.
        fill: applies events of the log, some of them perhaps again. Raises ServerUnavailable.
        queue: its queue.
        parameters: where the broker is.
        stop: set when the process has to end.
    """

    def __init__(
        self,
        read_model: str,
        wanted: Switch,
        further: Sequence[Switch],
        lab: Lab,
        standings: Standings,
        new_feed: Callable[[], Feed[E]],
        fill: Callable[[Sequence[E]], None],
        queue: EventQueue,
        parameters: Sequence[pika.URLParameters],
        stop: threading.Event,
    ) -> None:
        self._read_model = read_model
        self._wanted = wanted
        self._lasting = (wanted, *further)
        self._lab = lab
        self._standings = standings
        self._new_feed = new_feed
        self._fill = fill
        self._queue = queue
        self._parameters = parameters
        self._stop = stop
        # The projector's own `stop`.
        self.ending = threading.Event()
        self._woken = threading.Event()
        self._projector: Projector | None = None
        self._remembered: dict[str, Any] = {}
        self._is_recalled = self._is_gone = False

    @property
    def is_wanted(self) -> bool:
        """Return whether it is kept, or about to be."""
        return self._wanted.on and not self._stop.is_set()

    def wake(self) -> None:
        """Look at the switches and at `stop`. From any thread."""
        self._remember()
        self._woken.set()
        if not self.is_wanted:
            self.ending.set()
        if self._projector:
            self._projector.wake()

    def forget(self) -> None:
        """Do not take up the switches that were on when an earlier process died."""
        self._is_recalled = True

    def run(self, projector: Projector) -> None:
        """Keep it whenever it is wanted, until stopped.

        Args:
            projector: takes its events from its queue until `ending` is set.
        """
        self._projector = projector
        backoff = Backoff()
        while not self._stop.is_set():
            self._woken.clear()
            self.ending.clear()
            try:
                if not self._is_recalled:
                    self._recall()
                with self._lab.heeding():
                    is_wanted = self.is_wanted
                if is_wanted:
                    self._keep(projector)
                else:
                    self._leave()
                    self._woken.wait()
                backoff.reset()
            except (ServerUnavailable, FeedUnavailable, BadEvent) as error:
                if backoff.begins:
                    log.warning("waiting: %s", error)
                self._woken.wait(backoff.next_s())

    def _keep(self, projector: Projector) -> None:
        self._is_gone = False
        with translated(), closing(pika.BlockingConnection(self._parameters)) as connection:
            declare(connection.channel(), self._queue)
        self._standings.note(self._read_model, "filling")
        began_s, feed = time.monotonic(), self._new_feed()
        for events in feed.chunks_up_to_now():
            if not self.is_wanted:
                return
            self._fill(events)
        took_s = time.monotonic() - began_s
        log.info("filled with %d events of the log in %.1f s", feed.read, took_s)
        self._standings.note(self._read_model, "kept")
        # It ends by itself if `ending` was set meanwhile.
        projector.run()

    def _leave(self) -> None:
        """Let the broker forget the queue, so that nothing gathers there."""
        if self._is_gone:
            return
        with translated(), closing(pika.BlockingConnection(self._parameters)) as connection:
            connection.channel().queue_delete(self._queue.name)
        if self._standings.of(self._read_model).state != "off":
            self._standings.note(self._read_model, "off")
            log.info("no longer kept")
        self._is_gone = True

    def _remember(self) -> None:
        """Remember how the switches are set, if that has changed."""
        now = {switch.name: _setting_of(switch) for switch in self._lasting if switch.on}
        if self._is_recalled and now != self._remembered:
            try:
                self._standings.remember(self._read_model, now)
                self._remembered = now
            except ServerUnavailable as error:
                log.warning("the switches would not outlive this process: %s", error)

    def _recall(self) -> None:
        """Set the switches as they were when the process died, for what is left of their time."""
        remembered = self._standings.remembered(self._read_model)
        for switch in self._lasting:
            was = remembered.get(switch.name)
            left_s = math.ceil(was["until_ms"] / 1000 - time.time()) if was else 0
            if was and left_s > 0 and not switch.on:
                # The clock of the machine may have been set back meanwhile.
                for_s = min(left_s, was["values"]["for_s"])
                self._lab.set(switch.name, {"on": True, **was["values"], "for_s": for_s})
                log.info("%s is on as before, for %d s", switch.name, for_s)
        self._is_recalled = True
        self._remember()


def serve(
    process: Process,
    on_demand: OnDemand[Any],
    projector: Projector,
    lab: Lab,
    database: Database[Document],
    contents: Callable[[], Mapping[str, Any]],
) -> None:
    """Run the process of a read model on demand until it has to end.

    While it is not wanted, nobody who asks the process makes it ask a server.

    Args:
        process: the process.
        on_demand: when the read model is kept.
        projector: keeps it.
        lab: the switches.
        database: where the read model is.
        contents: returns what the read model holds. Raises ServerUnavailable.
    """

    def check_broker() -> None:
        if on_demand.is_wanted:
            projector.check_broker()

    def check_mongodb() -> None:
        if on_demand.is_wanted:
            mongo.check(database)

    def holds() -> Mapping[str, Any]:
        return {**projector.holds(), **contents()} if on_demand.is_wanted else {}

    checks = {rabbitmq.SERVER: check_broker, mongo.SERVER: check_mongodb}
    ops = process.new_app(__name__, checks, lab, holds)
    if process.settings.lab:
        add_idle_route(ops, projector.idle)
    else:
        # Nobody could switch it off again.
        on_demand.forget()
    lab.on_change(on_demand.wake)
    process.on_stop(on_demand.wake)
    with process.serving(ops):
        on_demand.run(projector)


def _setting_of(switch: Switch) -> dict[str, Any]:
    values = {each.name: switch.value(each.name) for each in switch.all_parameters}
    values = {name: value for name, value in values.items() if value is not None}
    return {"values": values, "until_ms": switch.state()["until_ms"]}
