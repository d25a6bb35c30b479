"""The outbox: what is committed and not yet published, oldest first."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psycopg2.extensions import cursor as Cursor  # noqa: N812, it is a class

from chassis.errors import ServerUnavailable
from chassis.postgres import SERVER, Postgres
from command_service.events import Event

# The oldest rows first, and no cursor. A transaction that took a smaller position and commits later
# is simply among the oldest at the next look; `position > cursor` would skip it. All parts of the
# statement see the same snapshot, so the rows that it removes are left out by name.
#
# LATERAL with a LIMIT looks up each row by its key. A plain join is free to scan the whole log for
# a handful of rows, and did so whenever the planner's statistics lagged behind.
PREPARED = """
PREPARE remove_published (bigint[]) AS DELETE FROM outbox WHERE position = ANY($1);

PREPARE remove_published_and_take_oldest (bigint[], int) AS
WITH removed AS (DELETE FROM outbox WHERE position = ANY($1))
SELECT oldest.position, event.*
FROM (SELECT position, transaction_id FROM outbox
      WHERE position <> ALL($1) ORDER BY position LIMIT $2) AS oldest,
     LATERAL (SELECT id, kind, todo_id, version, traceparent, cloud_event FROM cloud_events
              WHERE transaction_id = oldest.transaction_id AND position = oldest.position
              LIMIT 1) AS event
ORDER BY oldest.position;
"""


class Outbox:
    """The outbox in PostgreSQL. For one thread.

    Taking and removing raise ServerUnavailable if the connection, and the lead with it, is lost.
    """

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._leading_backend: int | None = None

    def try_to_lead(self) -> bool:
        """Take the relay's lock if it is free: one relay is active, others stand by.

        The lock belongs to the session: it goes with the connection, however that ends.
        Source: https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS
        """
        with self._postgres.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext('eventually.relay'))")
            row = cursor.fetchone()
            leads = bool(row and row[0])
            self._leading_backend = cursor.connection.info.backend_pid if leads else None
            return leads

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
        with self._leading() as cursor:
            values = (_positions(published), limit)
            cursor.execute("EXECUTE remove_published_and_take_oldest (%s, %s)", values)
            return [Event(*row) for row in cursor.fetchall()]

    def backlog(self) -> int:
        """Return how many events wait."""
        with self._postgres.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM outbox")
            row = cursor.fetchone()
            return int(row[0]) if row else 0

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Give up the connection at the end, and the lock with it."""
        try:
            yield
        finally:
            self._postgres.close()

    @contextmanager
    def _leading(self) -> Iterator[Cursor]:
        with self._postgres.cursor() as cursor:
            if cursor.connection.info.backend_pid != self._leading_backend:
                raise ServerUnavailable(SERVER, "the lead was lost with the connection")
            yield cursor


def _positions(events: Sequence[Event]) -> list[int]:
    return [event.position for event in events]
