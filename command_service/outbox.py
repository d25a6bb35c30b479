"""The outbox: what is committed and not yet published, oldest first."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from psycopg2.extensions import connection as Connection  # noqa: N812, it is a class
from psycopg2.extensions import cursor as Cursor  # noqa: N812

from chassis.errors import ServerUnavailable
from chassis.postgres import SERVER, Postgres
from command_service.events import Event

# The oldest rows first, and no cursor. A transaction that took a smaller position and commits later
# is simply among the oldest at the next look; `position > cursor` would skip it. All parts of the
# statement see the same snapshot, so the rows that it removes are left out by name.
#
# LATERAL with a LIMIT looks up each row by its key. A plain join is free to scan the whole log for
# a handful of rows, and did so whenever the planner's statistics lagged behind.
#
# A removal need not be on the disk: if PostgreSQL crashes, the last ones are published again. So no
# batch waits for an fsync.
PREPARED = """
SET synchronous_commit = off;

PREPARE remove_published (bigint[]) AS DELETE FROM outbox WHERE position = ANY($1);

PREPARE remove_published_and_take_oldest (bigint[], int) AS
WITH removed AS (DELETE FROM outbox WHERE position = ANY($1))
SELECT oldest.position, event.*
FROM (SELECT position, transaction_id FROM outbox
      WHERE position <> ALL($1) ORDER BY position LIMIT $2) AS oldest,
     LATERAL (SELECT id, kind, todo_id, version, traceparent, cloud_event, schema_version
              FROM cloud_events
              WHERE transaction_id = oldest.transaction_id AND position = oldest.position
              LIMIT 1) AS event
ORDER BY oldest.position;
"""
# What the lab can have a relay do instead of that: the rows behind a cursor, and those before it
# that nobody will look at again.
_WITHOUT_REMOVED = """
WITH removed AS (DELETE FROM outbox WHERE position = ANY(%(removed)s))
SELECT waiting.position, event.*
FROM (SELECT position, transaction_id FROM outbox
      WHERE position <> ALL(%(removed)s) AND position {side} %(cursor)s
      ORDER BY position LIMIT %(limit)s) AS waiting,
     LATERAL (SELECT id, kind, todo_id, version, traceparent, cloud_event, schema_version
              FROM cloud_events
              WHERE transaction_id = waiting.transaction_id AND position = waiting.position
              LIMIT 1) AS event
ORDER BY waiting.position;
"""
_REMOVE_AND_TAKE_AFTER = _WITHOUT_REMOVED.format(side=">")
_SKIPPED = _WITHOUT_REMOVED.format(side="<=")
_BACKLOG = """
SELECT (SELECT count(*) FROM outbox),
       coalesce((SELECT extract(epoch FROM clock_timestamp() - time)
                 FROM (SELECT position, transaction_id FROM outbox
                       ORDER BY position LIMIT 1) AS oldest
                 JOIN events USING (transaction_id, position)), 0)
"""
# While the relay holds it, what commits sends a notice (the trigger wake_relay is the other side).
_SLEEPS = "hashtext('eventually.relay.sleeps')"


class Outbox:
    """The outbox in PostgreSQL. For one thread.

    Taking and removing raise ServerUnavailable if the connection, and the lead with it, is lost.

    Args:
        postgres: where it is.
        looks: the way to it of whoever only looks, if that is another one; from any thread.
    """

    def __init__(self, postgres: Postgres, looks: Postgres | None = None) -> None:
        self._postgres = postgres
        self._looks = looks or postgres
        # The lock is the connection's. The number of its backend may come again.
        self._leading_on: Connection | None = None
        self._asleep = False
        self._noticed = False
        self._fileno = -1

    def try_to_lead(self) -> bool:
        """Take the relay's lock if it is free: one relay is active, others stand by.

        The lock belongs to the session: it goes with the connection, however that ends.
        Source: https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS
        """
        with self._postgres.cursor() as cursor:
            self._postgres.arrived()
            cursor.execute("SELECT pg_try_advisory_lock(hashtext('eventually.relay'))")
            row = cursor.fetchone()
            if not row or not row[0]:
                self._leading_on = None
                return False
            cursor.execute("LISTEN outbox")
            if cursor.connection is not self._leading_on:
                self._leading_on, self._asleep = cursor.connection, False
            self._fileno = cursor.connection.fileno()
            return True

    @property
    def asleep(self) -> bool:
        """Return whether what commits sends a notice."""
        return self._asleep

    @property
    def may_wait(self) -> bool:
        """Return whether `fileno()` will become readable when there is something to take.

        That is so if the relay fell asleep, then took nothing although it would have, and was not
        sent a notice since (docs/decisions/0031).
        """
        return self._asleep and not self._noticed

    def fileno(self) -> int:
        """Return what becomes readable by a notice, or if the connection is lost."""
        return self._fileno

    def fall_asleep(self) -> bool:
        """Make what commits from now on send a notice; return whether that is so.

        It is not while a transaction is under way that found the relay awake. Take the oldest once
        more afterwards: what had committed before sends none.
        """
        with self._leading() as cursor:
            cursor.execute(f"SELECT pg_try_advisory_lock({_SLEEPS})")
            row = cursor.fetchone()
            self._asleep = bool(row and row[0])
            self._noticed = True
            return self._asleep

    def wake_up(self) -> None:
        """Spare what commits the notice, if it is not spared already."""
        if self._asleep:
            with self._leading() as cursor:
                cursor.execute(f"SELECT pg_advisory_unlock({_SLEEPS})")
                self._asleep = False

    def take_oldest(self, limit: int) -> list[Event]:
        """Return at most this many of the oldest events. They stay until they are removed."""
        return self.remove_published_and_take_oldest((), limit)

    def remove_published(self, published: Sequence[Event]) -> None:
        """Remove events that the broker has confirmed."""
        with self._leading() as cursor:
            cursor.execute("EXECUTE remove_published (%s)", (_positions(published),))

    def remove_published_and_take_oldest(
        self, published: Sequence[Event], limit: int
    ) -> list[Event]:
        """Do both in one round trip; the oldest are those that it does not remove."""
        values = (_positions(published), limit)
        return self._take("EXECUTE remove_published_and_take_oldest (%s, %s)", values)

    def remove_published_and_take_after(
        self, after: int, published: Sequence[Event], limit: int
    ) -> list[Event]:
        """Do both, but take only events after a position, as a relay with a cursor would."""
        values = {"cursor": after, "removed": _positions(published), "limit": limit}
        return self._take(_REMOVE_AND_TAKE_AFTER, values)

    def skipped(self, upto: int, limit: int) -> list[Event]:
        """Return the oldest events up to a position that are still there."""
        values = {"cursor": upto, "removed": [], "limit": limit}
        with self._leading() as cursor:
            cursor.execute(_SKIPPED, values)
            return [Event(*row) for row in cursor.fetchall()]

    def _take(self, statement: str, values: Any) -> list[Event]:
        with self._leading() as cursor:
            # What they tell of can be seen by now. A notice that comes with the answer may tell of
            # what could not, so it counts.
            notices = cursor.connection.notifies
            notices.clear()
            cursor.execute(statement, values)
            self._noticed = bool(notices)
            return [Event(*row) for row in cursor.fetchall()]

    def backlog(self) -> int:
        """Return how many events wait. Raises ServerUnavailable."""
        return self.backlog_and_age()[0]

    def backlog_and_age(self) -> tuple[int, float]:
        """Return how many events wait, and for how long the oldest has, in s.

        Raises ServerUnavailable.
        """
        with self._looks.cursor() as cursor:
            cursor.execute(_BACKLOG)
            [(events, oldest_s)] = cursor.fetchall()
            return events, float(oldest_s)

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Give up the connection at the end, and the lock with it."""
        try:
            yield
        finally:
            self._postgres.close()

    @property
    def has_to_move(self) -> bool:
        """Return whether the connection, and the lead with it, is to be given up for another."""
        return self._postgres.has_to_move

    def move(self) -> None:
        """Give it up; try to lead again."""
        self._postgres.close()

    @contextmanager
    def _leading(self) -> Iterator[Cursor]:
        with self._postgres.cursor(stays=True) as cursor:
            if cursor.connection is not self._leading_on:
                raise ServerUnavailable(SERVER, "the lead was lost with the connection")
            yield cursor


def _positions(events: Sequence[Event]) -> list[int]:
    return [event.position for event in events]
