"""The projector: RabbitMQ to the read model.

Takes what has arrived, folds it to the newest event per todo, writes that in one bulk, and acks
once MongoDB has journaled it. Whatever dies in between, the messages come again, and applying them
again changes nothing.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from functools import partial
from typing import Protocol

from chassis import mongo
from chassis.backoff import Backoff
from chassis.errors import ServerUnavailable
from chassis.http import one_at_a_time
from chassis.lab.clock import WrongClock
from chassis.lab.lab import Lab
from chassis.lab.parameters import LONGEST_S
from chassis.lab.points import Crash, Hold, Point
from chassis.lab.switches import Pause, Slow
from chassis.lifecycle import take_short_turns
from chassis.process import running
from chassis.rabbitmq import SERVER, Parameters, QueueDepths, connection_parameters, translated
from chassis.settings import Environment
from chassis.telemetry.scraped import Scraped
from query_service.aside import Kept
from query_service.dead_letters.opened import opened
from query_service.dead_letters.routes import THREADS, add_letter_routes
from query_service.deliveries import PREFETCH, BrokerConnection, Delivery, Parse
from query_service.errands import Errands
from query_service.events import TodoEvent, parse_event
from query_service.faults import NoGuard, NoTombstones, Priority, of_consumer
from query_service.hops import ProjectorHops
from query_service.idempotence import REFUSED, Fate
from query_service.idle import IdleQuestions, add_idle_route
from query_service.known_start import KnownStart, add_known_start
from query_service.meddling import Meddling
from query_service.points import AFTER_WRITE, BEFORE_WRITE, MID_BATCH, POINTS, subject, subjects
from query_service.poison import is_poison, park, try_alone
from query_service.read_model import ReadModel
from query_service.reader import Reader
from query_service.settings import ProjectorSettings
from query_service.spoilt import FAILS
from query_service.topology import DEAD_LETTERS, DISCARDED, PROJECTOR, EventQueue
from query_service.unguarded import Guardable

# While an event that cannot be read is in the way of all others.
LOOK_AGAIN_S = 0.5
DEPTHS = {
    "queue_ready_events": "Events in the queue.",
    "queue_unacked_events": "Events in the projector's hands.",
    "dead_letters": "Events in the dead-letter queue.",
}

log = logging.getLogger(__name__)


class Stopping(Exception):
    """The process has to end; what is in hand goes back to the queue."""


class Projection(Protocol):
    """A read model, as what keeps it up to date sees it."""

    def project(self, events: Sequence[TodoEvent]) -> Sequence[Fate]:
        """Apply events, and return what became of each.

        Raises ServerUnavailable if the outcome is unknown: then the same events come again.
        """


class Projector:
    """Keeps a read model up to date, until `stop` is set.

    Args:
        read_model: what the events are applied to.
        parameters: where the broker is.
        hops: records what becomes of each event.
        lab: its switches.
        stop: set when it has to end.
        queue: what it consumes.
        parse: reads the messages.
    """

    def __init__(
        self,
        read_model: Projection,
        parameters: Parameters,
        hops: ProjectorHops,
        lab: Lab,
        stop: threading.Event,
        queue: EventQueue = PROJECTOR,
        parse: Parse = parse_event,
    ) -> None:
        self._read_model = read_model
        self._parameters = parameters
        self._hops = hops
        self._lab = lab
        self._stop = stop
        self._depths = QueueDepths(parameters.direct, [queue.name, DEAD_LETTERS])
        self._queue = queue
        self._parse = parse
        self._broker: BrokerConnection | None = None
        self._arrived: deque[Delivery] = deque()
        self._in_hand = self._parked = 0
        self._meddling = Meddling(lab, parse)
        self._idle = IdleQuestions(self.wake)
        self._errands = Errands[BrokerConnection](self.wake)
        self._why_not = "not connected yet"
        parameters.on_change(self.wake)

    def check_broker(self) -> None:
        """Raise ServerUnavailable if there is no connection to the broker just now."""
        if self._why_not:
            raise ServerUnavailable(SERVER, self._why_not)

    def broker_version(self) -> str:
        """Return the version of the broker. Raises ServerUnavailable."""
        return self._depths.version()

    def holds(self) -> dict[str, int]:
        """Return what the lab shows of it. Raises ServerUnavailable."""
        depths = self._depths.with_consumers()
        waiting, (parked, looking) = depths[self._queue.name][0], depths[DEAD_LETTERS]
        # Whoever looks at the dead letters has them in hand meanwhile.
        self._parked = self._parked if looking else parked
        return {"queue": waiting, "unacked": self._in_hand, "dead_letters": self._parked}

    def depths(self) -> dict[str, float]:
        """Return what Prometheus is told of the queues. Raises ServerUnavailable."""
        return dict(zip(DEPTHS, self.holds().values(), strict=True))

    def idle(self) -> dict[str, bool | int | None]:
        """Return whether every event that had been published by now has reached its end.

        The dead letters are counted after that, as events on their way may end there.
        Raises ServerUnavailable.
        """
        # While it is busy or paused, nobody has to wait for the answer.
        if self._in_hand or self._lab[Pause].on or not self._idle.ask():
            return {"idle": False, "dead_letters": None}
        parked, looking = self._depths.with_consumers()[DEAD_LETTERS]
        # Whoever looks at them may send any of them again, so that it is under way.
        return {"idle": not looking, "dead_letters": None if looking else parked}

    def discard(self) -> dict[str, int]:
        """Throw away all messages, in the queue, in hand and parked; return how many there were.

        Raises TooBusy and ServerUnavailable.
        """
        self.check_broker()
        return self._errands.ask(self._discard)

    def _discard(self, broker: BrokerConnection) -> dict[str, int]:
        # What had arrived and was not handed over yet goes back to the queue with this.
        broker.consume(wanted=False)
        in_hand = self._in_hand
        self._forget_all()
        if in_hand:
            broker.ack_all()
        return {"unacked": in_hand, **broker.purge(dead_letters=DEAD_LETTERS, discarded=DISCARDED)}

    def wake(self) -> None:
        """Make it look at its switches, at what is asked and at `stop`. From any thread."""
        if broker := self._broker:
            broker.wake()

    def run(self) -> None:
        """Project until stopped; connect again after each loss of the broker."""
        backoff = Backoff()
        while not self._stop.is_set():
            try:
                with translated():
                    self._consume(backoff)
            except ServerUnavailable as error:
                self._why_not = error.reason
                if backoff.begins:
                    log.warning("waiting for %s", error)
                self._stop.wait(backoff.next_s())
            except Stopping:
                return

    def _consume(self, backoff: Backoff) -> None:
        way = self._parameters.way
        connection = BrokerConnection(self._parameters, self._on_delivery, self._queue, self._parse)
        with closing(connection) as broker:
            # Before the first look at `stop` and the switches, so that no wake is missed.
            self._broker = broker
            log.info("connected to rabbitmq")
            self._why_not = ""
            self._parameters.arrived(way)
            self._forget_all()
            # Each turn looks at `stop`, the switches and what is asked, and then does one thing.
            # Only a turn that found nothing to do waits. pika forgets a wake wherever it hands
            # messages over, in a batch's waits and in the look for an answer too, so that after
            # either of these all of it is looked at again. To start or to stop consuming hands
            # nothing over, and keeps the wake for the wait.
            while not self._stop.is_set():
                with self._lab.heeding():
                    # When paused, take nothing: events are then seen to wait in the queue.
                    is_paused = self._lab[Pause].on
                    moves = self._parameters.way != way
                    wanted = not is_paused and not moves
                    prefetch, priority = self._meddling.prefetch(), self._meddling.priority()
                    broker.consume(wanted=wanted, prefetch=prefetch, priority=priority)
                    if self._meddling.keeps_some:
                        self._give_back(self._meddling.no_longer_aside(), broker)
                if moves and not self._arrived:
                    return
                due_in_s = None if is_paused and not moves else self._due_in_s()
                if due_in_s == 0:
                    self._project(broker)
                    backoff.reset()
                elif not self._idle.answer(
                    lambda: broker.has_nothing_left() and self._in_hand == 0
                ) and not self._errands.run(broker):
                    broker.receive(due_in_s)

    def _due_in_s(self) -> float | None:
        """Return in how many seconds there is something to do; None if nothing has arrived."""
        return 0 if self._arrived else None

    def _due(self) -> int:
        """Return how much of what has arrived may be applied now, if anything has."""
        return len(self._arrived)

    def _on_delivery(self, delivery: Delivery) -> None:
        self._arrived.append(delivery)
        self._in_hand += 1
        if self._lab.armed:
            self._meddling.spoil(delivery)
        self._hops.delivered(delivery)

    def _project(self, broker: BrokerConnection) -> None:
        """Process what has arrived, and ack it once each event's outcome is certain."""
        batch = self._take(broker)
        self._hops.taken()
        if self._lab.armed and not (batch := self._meddling.set_aside(batch)):
            return
        self._stop_at(BEFORE_WRITE, batch, broker)
        self._apply(batch, broker)
        self._stop_at(AFTER_WRITE, batch, broker)
        if self._lab.armed and (firing := self._meddling.redelivery(batch)):
            with firing:
                self._forget_all()
                broker.drop_all()
            return
        self._hops.projected()
        lost = [it for it in filter(is_poison, batch) if not self._is_parked(it, broker)]
        self._hops.parked()
        self._ack(batch, broker)
        self._hops.acked([it for it in batch if it not in lost] if lost else batch)

    def _ack(self, batch: Sequence[Delivery], broker: BrokerConnection) -> None:
        self._in_hand -= len(batch)
        self._meddling.settle(batch)
        if self._meddling.keeps_some:
            broker.ack_alone(batch)
            self._give_back(self._meddling.overtaken_by(batch), broker)
        else:
            broker.ack_up_to(batch[-1])

    def _take(self, broker: BrokerConnection) -> list[Delivery]:
        size = 1 if self._lab[Slow].on else min(self._due(), PREFETCH)
        batch = [self._arrived.popleft() for _ in range(size)]
        slow = self._lab[Slow]
        if slow.on and (firing := self._lab.fires(Slow, subject(batch[0]))):
            with firing:
                broker.wait(slow.delay_s, lambda: self._stop.is_set() or not slow.on)
        return batch

    def _give_back(self, overtaken: Sequence[Kept], broker: BrokerConnection) -> None:
        for kept in overtaken:
            broker.give_back(kept.delivery)
            self._in_hand -= 1
            kept.firing.over()

    def _forget_all(self) -> None:
        """Forget what was in hand: it comes again."""
        self._arrived.clear()
        self._in_hand = 0
        self._meddling.forget_all()

    def _is_parked(self, delivery: Delivery, broker: BrokerConnection) -> bool:
        """Park what nothing can apply; return whether it was, which the lab may prevent."""
        meddling = self._meddling
        if meddling.tries_for_ever:
            with meddling.in_the_way(delivery):
                while meddling.tries_for_ever:
                    self._wait(LOOK_AGAIN_S, broker)
        if meddling.drops:
            with meddling.in_the_way(delivery):
                log.warning("lost, as the lab says: %s", delivery.reason)
            return False
        park(delivery, broker.parking, self._queue.name)
        return True

    def _stop_at(self, point: Point, batch: Sequence[Delivery], broker: BrokerConnection) -> None:
        """Crash or wait at a point, if the lab says so; then the batch is finished."""
        if self._lab.armed:
            self._lab.at(point, subjects(batch), partial(self._wait_until, broker=broker))

    def _apply(self, batch: Sequence[Delivery], broker: BrokerConnection) -> None:
        """Write a batch, and give each of its events a verdict."""
        readable = [(delivery, event) for delivery in batch if (event := delivery.event)]
        events = [event for _delivery, event in readable]
        write, wait = partial(self._write, broker=broker), partial(self._wait, broker=broker)
        if self._lab.armed and len(events) > 1 and self._lab.watches(MID_BATCH):
            half = len(events) // 2
            first = list(write(events[:half]))
            self._stop_at(MID_BATCH, batch, broker)
            found: Sequence[Fate] = [*first, *write(events[half:])]
        else:
            found = write(events)
        for (delivery, event), fate in zip(readable, found, strict=True):
            delivery.verdict = fate.verdict
            if fate.verdict == REFUSED:
                alone = partial(self._write, broker=broker, alone=True)
                most, retried = self._meddling.most_attempts, self._hops.retried
                with self._meddling.in_the_way(delivery):
                    try_alone(delivery, event, alone, retried, wait, most)

    def _write(
        self, events: Sequence[TodoEvent], broker: BrokerConnection, *, alone: bool = False
    ) -> Sequence[Fate]:
        """Apply events, but for those that the lab has fail."""
        failing = self._meddling.failing(events, alone=alone)
        if not failing:
            return self._insist(events, broker)
        applied = iter(self._insist([it for it in events if it.id not in failing], broker))
        refused = Fate(REFUSED, FAILS)
        return [refused if event.id in failing else next(applied) for event in events]

    def _insist(self, events: Sequence[TodoEvent], broker: BrokerConnection) -> Sequence[Fate]:
        """Apply events; while MongoDB is away, keep them and answer the broker's heartbeats."""
        backoff = Backoff()
        while events:
            try:
                return self._read_model.project(events)
            except ServerUnavailable as error:
                if backoff.begins:
                    log.warning("holding %d events, waiting for %s", self._in_hand, error)
                self._wait(backoff.next_s(), broker)
        return ()

    def _wait(self, seconds: float, broker: BrokerConnection) -> None:
        """Wait, and answer heartbeats. Raises Stopping if the process has to end."""
        broker.wait(seconds, self._stop.is_set)
        if self._stop.is_set():
            raise Stopping

    def _wait_until(self, ended: Callable[[], bool], broker: BrokerConnection) -> None:
        """Wait for what the lab holds to be let go, or for the end of the process."""
        broker.wait(LONGEST_S, lambda: ended() or self._stop.is_set())


def main() -> None:
    """Project until SIGTERM: `python -m query_service.projector`."""
    settings = ProjectorSettings.read(Environment.of_process())
    take_short_turns()
    with running(settings.process) as process:
        broker, store = map(process.routes.route, ("projector-rabbitmq", "projector-mongodb"))
        database = mongo.database(settings.mongodb_url, timeout_ms=2000, route=store)
        parameters = connection_parameters(settings.rabbitmq_url, settings.process.name, broker)
        process.routes.start(process.stop)
        tracer = process.tracer("query_service.projector")
        hops = ProjectorHops(tracer, process.clock, process.registry)
        no_guard, no_tombstones, reader = NoGuard(), NoTombstones(), Reader()
        stops = (Crash(*POINTS), Hold(*POINTS))
        cures = (no_guard, no_tombstones, Priority())
        others = (reader, WrongClock(process.clock))
        lab = process.new_lab(Pause(), Slow(), *stops, *of_consumer(), *cures, *others)
        read_model = Guardable(ReadModel(database), no_guard, no_tombstones)
        parse = reader.parse if settings.process.lab else parse_event
        projector = Projector(read_model, parameters, hops, lab, process.stop, parse=parse)
        checks = {"rabbitmq": projector.check_broker, "mongodb": lambda: mongo.check(database)}
        versions = {
            "rabbitmq": projector.broker_version,
            "mongodb": lambda: mongo.version(database),
        }
        ops = process.new_app(__name__, checks, lab, projector.holds, versions)
        process.registry.register(Scraped(DEPTHS, one_at_a_time("rabbitmq", projector.depths)))
        lab.on_change(projector.wake)
        process.on_stop(projector.wake)
        with ExitStack() as until_the_end:
            if settings.process.lab:
                add_idle_route(ops, projector.idle)
                add_known_start(ops, KnownStart(database), projector.discard)
                add_letter_routes(ops, until_the_end.enter_context(opened(settings.letters)))
            until_the_end.enter_context(process.serving(ops, THREADS))
            projector.run()


if __name__ == "__main__":
    main()
