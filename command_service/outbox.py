"""3. The outbox: what is committed and not yet published, oldest first."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from chassis.errors import ServerUnavailable
from chassis.postgres import SERVER, Postgres
from command_service.events import Event

# The oldest rows first, and no cursor: a transaction that took a smaller position and commits
# later is simply among the oldest at the next look, where `position > cursor` would skip it. All
# parts of the statement see the same snapshot, so what it removes is left out by name.
#
# LATERAL with a LIMIT, so that each row is looked up by its key: a plain join is free to scan the
# whole log for a handful of rows, and did, whenever the planner's statistics lagged behind.
PREPARED = """
PREPARE next_events (bigint[], int) AS
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
    """The outbox in PostgreSQL. For one thread."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres
        self._leading_backend: int | None = None

    def try_to_lead(self) -> bool:
        """Take the relay's lock if it is free: one relay is active, others stand by.

        The lock is the session's: it goes when the connection does, whatever ends it.
        Source: https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS
        """
        with self._postgres.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext('eventually.relay'))")
            row = cursor.fetchone()
            leads = bool(row and row[0])
            self._leading_backend = cursor.connection.info.backend_pid if leads else None
            return leads

    def next(self, limit: int, published: Sequence[Event] = ()) -> list[Event]:
        """Remove what is published, and return the oldest events that are not. One round trip.

        Args:
            limit: how many events at the most.
            published: those that the broker has confirmed.

        Raises ServerUnavailable where the lead is lost, because the connection was.
        """
        with self._postgres.cursor() as cursor:
            if cursor.connection.info.backend_pid != self._leading_backend:
                raise ServerUnavailable(SERVER, "the lead was lost with the connection")
            positions = [event.position for event in published]
            cursor.execute("EXECUTE next_events (%s, %s)", (positions, limit))
            return [Event(*row) for row in cursor.fetchall()]

    def backlog(self) -> int:
        """Return how many events wait."""
        with self._postgres.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM outbox")
            row = cursor.fetchone()
            return int(row[0]) if row else 0

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Give up the connection, and the lock with it, at the end."""
        try:
            yield
        finally:
            self._postgres.close()
