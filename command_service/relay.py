"""The relay: outbox to RabbitMQ.

Takes the oldest events, publishes them in order, and removes each once the broker has confirmed
it. If anything dies in between, the row is still there and is published again: at least once.
Source of the pattern: https://microservices.io/patterns/data/transactional-outbox.html
"""

import logging
import threading
import time
from collections.abc import Callable

from chassis import postgres, rabbitmq
from chassis.backoff import Backoff
from chassis.bell import Bell
from chassis.errors import ServerUnavailable
from chassis.http import one_at_a_time
from chassis.lab.clock import WrongClock
from chassis.lab.lab import Lab
from chassis.lab.parameters import LONGEST_S
from chassis.lab.points import Crash, Hold
from chassis.lab.switches import Pause, Slow
from chassis.lifecycle import take_short_turns
from chassis.process import running
from chassis.publisher import ConfirmingPublisher, Outgoing
from chassis.rabbitmq import connection_parameters
from chassis.settings import Environment
from chassis.telemetry.scraped import Scraped
from command_service.database import write_database
from command_service.events import EXCHANGE, Event
from command_service.hops import RelayHops
from command_service.messages import declare_exchange, message_of
from command_service.outbox import PREPARED, Outbox
from command_service.points import AFTER_PUBLISH, BEFORE_PUBLISH, subject, subjects
from command_service.settings import RelaySettings
from command_service.switches import HowToRead, NoConfirms, PublishAgain

BATCH = 500
SHORTEST_WAIT_S = 0.001
LONGEST_WAIT_S = 0.02
# Even if no notice comes: a restore can fill the outbox without one.
LOOK_EVERY_S = 1.0
STAND_BY_S = 0.25
BACKLOG = {
    "outbox_events": "Events that are committed and not yet published.",
    "outbox_oldest_age_seconds": "For how long the oldest of them has waited.",
}

log = logging.getLogger(__name__)


class Relay:
    """Moves events from the outbox to the broker, as long as it leads, until it has to stop."""

    def __init__(
        self,
        outbox: Outbox,
        publisher: ConfirmingPublisher,
        hops: RelayHops,
        lab: Lab,
        stop: threading.Event,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._hops = hops
        self._lab = lab
        self._stop = stop
        self._look_every_s = look_every_s
        self._leads = False
        # Only the lab has the relay read by it: the largest position that it has published.
        self._cursor = 0
        self._skipped: set[int] = set()

    def run(self) -> None:
        """Lead, or stand by until it can; go on after each loss of a server."""
        backoff = Backoff()
        while not self._stop.is_set():
            try:
                if not self._leads:
                    self._wait_for_lead()
                self._relay_until_stopped(backoff)
                if self._outbox.has_to_move:
                    self._outbox.move()
                    self._set_leads(leads=False)
            except ServerUnavailable as error:
                if backoff.begins:
                    log.warning("waiting for %s", error)
                if error.server == postgres.SERVER:
                    # The lock went with the connection; another relay may lead by now.
                    self._set_leads(leads=False)
                self._publisher.wait(backoff.next_s())

    def holds(self) -> dict[str, int | bool]:
        """Return what the lab shows of it. Raises ServerUnavailable."""
        return {"outbox": self._outbox.backlog(), "leader": self._leads}

    def backlog(self) -> dict[str, float]:
        """Return what Prometheus is told of the outbox. Raises ServerUnavailable."""
        return dict(zip(BACKLOG, self._outbox.backlog_and_age(), strict=True))

    def _wait_for_lead(self) -> None:
        while not self._stop.is_set():
            if self._outbox.try_to_lead():
                self._set_leads(leads=True)
                log.info("leads: this relay publishes, others stand by")
                return
            self._publisher.wait(STAND_BY_S)

    def _relay_until_stopped(self, backoff: Backoff) -> None:
        wait_s = SHORTEST_WAIT_S
        published: list[Event] = []
        while not self._stop.is_set():
            # It may take a wake that was meant for what is looked at below.
            self._publisher.take_way()
            if self._outbox.has_to_move:
                break
            with self._lab.heeding():
                limit = self._how_many()
            events = self._remove_published_and_take(published, limit)
            if (events and published) or not limit:
                # There is more to do at once, or nothing may be done: spare the commits the notice.
                self._outbox.wake_up()
            if events:
                self._publish(events)
                wait_s = SHORTEST_WAIT_S
            elif not limit or self._outbox.may_wait:
                self._publisher.check()
                self._publisher.wait(self._look_every_s, self._outbox.fileno())
            elif not self._outbox.asleep and not self._outbox.fall_asleep():
                # A command is about to commit.
                self._publisher.wait(wait_s)
                wait_s = min(wait_s * 1.5, LONGEST_WAIT_S)
            published = events
            backoff.reset()
        self._outbox.remove_published(published)

    def _how_many(self) -> int:
        """Return how many events may be taken now."""
        # Take nothing that cannot be published: it is safe where it waits.
        if self._lab[Pause].on or not self._publisher.ready:
            return 0
        return 1 if self._lab[Slow].on else BATCH

    def _publish(self, events: list[Event]) -> None:
        """Publish events, and return when the broker has confirmed all of them.

        Raises ServerUnavailable if it does not; the confirmed ones are removed even then.
        """
        self._hops.picked_up(events)
        self._wait_slowly(events)
        if self._lab.armed:
            self._lab.at(BEFORE_PUBLISH, subjects(events), self._wait_until)
        messages = [message_of(event) for event in events]
        self._send(messages)
        sent = list(zip(events, messages, strict=True))
        self._hops.settled(sent)
        if self._lab.armed:
            confirmed = [event for event, message in sent if not message.error]
            self._publish_again(confirmed)
            self._lab.at(AFTER_PUBLISH, subjects(confirmed), self._wait_until)
        if errors := {message.error for message in messages if message.error}:
            self._outbox.remove_published([event for event, message in sent if not message.error])
            raise ServerUnavailable(rabbitmq.SERVER, f"not confirmed: {', '.join(errors)}")

    def _send(self, messages: list[Outgoing]) -> None:
        """Send messages, and wait for the broker's answers, unless the lab says not to."""
        if self._lab.armed and self._lab[NoConfirms].on:
            self._publisher.send(messages)
        else:
            self._publisher.publish(messages)

    def _publish_again(self, events: list[Event]) -> None:
        """Publish those events again that the lab wants to come twice."""
        again = self._lab[PublishAgain]
        for event in events:
            if again.on and (firing := self._lab.fires(PublishAgain, subject(event))):
                with firing:
                    for _ in range(again.number("copies")):
                        message = message_of(event)
                        self._publisher.publish([message])
                        self._hops.settled([(event, message)])

    def _remove_published_and_take(self, published: list[Event], limit: int) -> list[Event]:
        """Remove what is published, and take the oldest of what is there."""
        outbox = self._outbox
        if published:
            self._cursor = max(self._cursor, published[-1].position)
        if not (self._lab.armed and self._lab[HowToRead].on):
            return outbox.remove_published_and_take_oldest(published, limit)
        events = outbox.remove_published_and_take_after(self._cursor, published, limit)
        self._tell_of_skipped()
        return events

    def _tell_of_skipped(self) -> None:
        """Record each event once that the cursor has passed by: a relay would not even know."""
        skipped = self._outbox.skipped(self._cursor, BATCH)
        for event in skipped:
            if event.position not in self._skipped:
                log.warning("the cursor skips todo %d v%d", event.todo_id, event.version)
                if firing := self._lab.fires(HowToRead, subject(event)):
                    firing.over()
        self._skipped = {event.position for event in skipped}

    def _wait_slowly(self, events: list[Event]) -> None:
        slow = self._lab[Slow]
        if slow.on and (firing := self._lab.fires(Slow, next(subjects(events)))):
            with firing:
                self._wait_until(lambda: not slow.on, slow.delay_s)

    def _wait_until(self, ended: Callable[[], bool], seconds: float = LONGEST_S) -> None:
        """Wait for that, or for the end of the process, and let the connection work."""
        until_s = time.monotonic() + seconds
        while not ended() and not self._stop.is_set():
            left_s = until_s - time.monotonic()
            if left_s <= 0:
                return
            self._publisher.wait(left_s)

    def _set_leads(self, *, leads: bool) -> None:
        self._leads = leads
        self._hops.leads(leads=leads)


def main() -> None:
    """Relay until SIGTERM: `python -m command_service.relay`."""
    settings = RelaySettings.read(Environment.of_process())
    take_short_turns()
    with running(settings.process) as process, Bell() as bell:
        bell.ring_on_signals()
        store, broker = map(process.routes.route, ("relay-postgresql", "relay-rabbitmq"))
        database = write_database(settings.database_url, PREPARED, store)
        store.on_change(bell.ring)
        # The lab's look is not broken together with the link.
        outbox = Outbox(database, looks=write_database(settings.database_url, ""))
        parameters = connection_parameters(settings.rabbitmq_url, settings.process.name, broker)
        process.routes.start(process.stop)
        publisher = ConfirmingPublisher(parameters, EXCHANGE, declare_exchange, bell)
        tracer = process.tracer("command_service.relay")
        hops = RelayHops(tracer, process.clock, process.registry)
        points = (BEFORE_PUBLISH, AFTER_PUBLISH)
        lab = process.new_lab(
            Pause(),
            Slow(),
            Crash(*points),
            Hold(*points),
            HowToRead(),
            NoConfirms(),
            PublishAgain(),
            WrongClock(process.clock),
        )
        lab.on_change(bell.ring)
        relay = Relay(outbox, publisher, hops, lab, process.stop)
        checks = {"postgresql": database.check, "rabbitmq": publisher.check}
        versions = {"postgresql": database.version, "rabbitmq": publisher.version}
        ops = process.new_app(__name__, checks, lab, relay.holds, versions)
        process.registry.register(Scraped(BACKLOG, one_at_a_time("postgresql", relay.backlog)))
        with process.serving(ops), publisher, outbox.closing():
            relay.run()


if __name__ == "__main__":
    main()
