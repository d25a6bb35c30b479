"""What the lab's switches do around the commit of one command.

With the outbox, a command writes once: todo, log and outbox row commit together. A dual write does
it twice, to PostgreSQL and to RabbitMQ, and may fail in between (docs/decisions/0046).
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace

from psycopg2.extensions import cursor as Cursor  # noqa: N812, it is a class

from chassis.errors import ServerUnavailable
from chassis.lab.clock import WrongClock
from chassis.lab.lab import Lab
from chassis.lab.match import Subject
from chassis.lab.points import Point
from chassis.postgres import Postgres
from command_service.commands import Accepted
from command_service.events import Event, Written
from command_service.points import AFTER_COMMIT, BEFORE_COMMIT, written_subjects
from command_service.switches import HowToPublish, NewerEvents

NEWER = 2

_MINE = "transaction_id = log_number(pg_current_xact_id())"
# The log is append-only: these are this transaction's own rows, which nobody else has seen.
_WRITE_AS = f"""
UPDATE events SET schema_version = %s, time = time + make_interval(secs => %s) WHERE {_MINE}
"""  # noqa: S608, all of it is written here
_TAKE_BACK = f"""
WITH mine AS (
    SELECT position, id, kind, todo_id, version, traceparent, cloud_event, schema_version
    FROM cloud_events WHERE {_MINE}
), taken_back AS (
    DELETE FROM outbox WHERE position IN (SELECT position FROM mine)
)
SELECT * FROM mine ORDER BY position
"""  # noqa: S608
# Tell the proof of loss that an event may yet be committed, or be published (lab.py). A lock goes
# with its transaction or its connection, so a service that dies tells nothing any more.
_TO_COMMIT = "SELECT pg_advisory_xact_lock_shared(hashtext('eventually.dual-write'))"
_TO_PUBLISH = "SELECT pg_advisory_lock_shared(hashtext('eventually.dual-write'))"
_PUBLISHED = "SELECT pg_advisory_unlock_shared(hashtext('eventually.dual-write'))"

# Whoever reads such an event remembers the id, so it is for no other todo (newest_id()). One at a
# time looks at the last and sets it.
_RETIRE_ID = """
SELECT pg_advisory_lock(hashtext('eventually.published-ids'));
SELECT setval('published_ids', greatest(%s, (SELECT last_value FROM published_ids)));
SELECT pg_advisory_unlock(hashtext('eventually.published-ids'));
"""

# Publishes events. Raises ServerUnavailable.
Publish = Callable[[Sequence[Event]], None]
log = logging.getLogger(__name__)


class Steps:
    """The steps of one command around its commit, as the switches say.

    Args:
        lab: the switches.
        postgres: the connections.
        publish: publishes events, for a command that has to do that by itself.
        traceparent: the W3C context of the command.
        sender: who sent it, if that is known.
    """

    def __init__(
        self, lab: Lab, postgres: Postgres, publish: Publish, traceparent: str, sender: str
    ) -> None:
        self._lab = lab
        self._postgres = postgres
        self._publish = publish
        self._traceparent = traceparent
        self._sender = sender
        self._firings = ExitStack()
        self._unpublished: Sequence[Event] = ()

    @staticmethod
    def are_wanted(lab: Lab) -> bool:
        """Return whether any switch acts before a commit."""
        of_commit = (HowToPublish, NewerEvents, WrongClock)
        return lab.watches(BEFORE_COMMIT) or any(lab[kind].on for kind in of_commit)

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take the steps of the command that the block carries out, and what comes after it."""
        with self._firings:
            try:
                yield
            finally:
                if self._unpublished:
                    # Unless the connection broke: then the lock is gone as well.
                    with suppress(ServerUnavailable), self._postgres.cursor() as cursor:
                        cursor.execute(_PUBLISHED)

    def commit(self, cursor: Cursor, written: Sequence[Written]) -> list[Written]:
        """Commit the transaction under way, and return what it has written in the end.

        Raises ServerUnavailable if events have to be published first, and cannot be.
        """
        subject = self._subjects(written)[-1]
        is_newer = self._acts(NewerEvents, subject)
        ahead_s = self._lab[WrongClock].ahead_s
        if is_newer or ahead_s:
            cursor.execute(_WRITE_AS, (NEWER if is_newer else 1, ahead_s))
        if self._acts(HowToPublish, subject):
            self._begin_dual_write(cursor)
        self._stop_at(BEFORE_COMMIT, written)
        cursor.execute("COMMIT")
        return [replace(each, schema_version=NEWER) if is_newer else each for each in written]

    def after_commit(self, written: Sequence[Written]) -> None:
        """Do what comes after the commit."""
        self._stop_at(AFTER_COMMIT, written)
        if self._unpublished:
            try:
                self._publish(self._unpublished)
            except ServerUnavailable as error:
                # The command has happened: who is told of an error now may do it twice.
                lost = ", ".join(f"todo {it.todo_id} v{it.version}" for it in self._unpublished)
                log.warning("lost %s: committed, and not published: %s", lost, error)

    def subject(self, accepted: Accepted) -> Subject:
        """Return what the lab may match the answer to the command by."""
        if accepted.written:
            return self._subjects(accepted.written)[-1]
        return Subject(accepted.todo_id, sender=self._sender, traceparent=self._traceparent)

    def _begin_dual_write(self, cursor: Cursor) -> None:
        cursor.execute(_TAKE_BACK)
        events = [Event(*row) for row in cursor.fetchall()]
        if self._lab[HowToPublish].value("way") == "before-commit":
            cursor.execute(_TO_COMMIT)
            cursor.execute(_RETIRE_ID, (max(it.todo_id for it in events),))
            self._publish(events)
        else:
            cursor.execute(_TO_PUBLISH)
            self._unpublished = events

    def _acts(self, kind: type[HowToPublish | NewerEvents], subject: Subject) -> bool:
        if firing := self._lab.fires(kind, subject):
            self._firings.enter_context(firing)
            return True
        return False

    def _stop_at(self, point: Point, written: Sequence[Written]) -> None:
        self._lab.at(point, self._subjects(written))

    def _subjects(self, written: Sequence[Written]) -> list[Subject]:
        return list(written_subjects(written, self._traceparent, self._sender))
