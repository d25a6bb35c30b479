"""The event feed: the log of all events, for anyone who wants to build a read model."""

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Request, Response

from chassis.postgres import Postgres
from chassis.problems import Problem

PAGE = 2000
log = logging.getLogger(__name__)
_POSITION = re.compile(r"([0-9]{1,19})-([0-9]{1,19})")

# Each page is a short statement of its own. So memory stays bounded, and while a client reads a
# long log, no old snapshot keeps PostgreSQL from clearing away the outbox's dead rows.
_PAGE = """
SELECT cloud_event FROM cloud_events
WHERE (transaction_id, position) > (%s::text::xid8, %s)
  AND transaction_id < log_number(pg_snapshot_xmin(pg_current_snapshot()))
ORDER BY transaction_id, position
LIMIT %s
"""
# Roughly how many events there are; the oldest transaction still open, before which the feed ends;
# and the first transaction that, like all later ones, has committed no event yet.
_STATE_HEADERS = ("Log-Length", "Log-Settled-Before", "Log-Next-Transaction")
_STATE = """
SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence('events', 'position')::regclass), 0),
       log_number(pg_snapshot_xmin(snapshot))::text, log_number(pg_snapshot_xmax(snapshot))::text
FROM pg_current_snapshot() AS snapshot
"""
_SUMMARY = "SELECT (SELECT count(*) FROM todos), (SELECT count(*) FROM events)"


@dataclass(frozen=True)
class Position:
    """A place in the log, which is in the order of transactions."""

    transaction_id: str = "0"
    number: int = 0

    @classmethod
    def of(cls, text: str) -> "Position":
        """Read a position as an event has it, such as `745-12`. Raises ValueError."""
        match = _POSITION.fullmatch(text)
        if match is None or max(int(match[1]), int(match[2])) >= 2**63:
            raise ValueError(text)
        return cls(match[1], int(match[2]))


class EventLog:
    """The log in PostgreSQL."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    def state(self) -> dict[str, str]:
        """Return how far the log goes now, as response headers.

        A log that was restored from another cluster first learns to go on in this one; otherwise
        all of it would seem to be of transactions that are yet to come.
        """
        with self._postgres.cursor() as cursor:
            cursor.execute("SELECT let_log_go_on()")
            if cursor.fetchone() == (True,):
                log.warning("the log was restored from another cluster, and goes on in this one")
            cursor.execute(_STATE)
            [row] = cursor.fetchall()
        return dict(zip(_STATE_HEADERS, map(str, row), strict=True))

    def page(self, after: Position) -> tuple[list[str], Position]:
        """Return the next events as JSON, at most PAGE, and the position of the last one."""
        with self._postgres.cursor() as cursor:
            cursor.execute(_PAGE, (after.transaction_id, after.number, PAGE))
            events = [row[0] for row in cursor.fetchall()]
        return events, Position.of(json.loads(events[-1])["position"]) if events else after

    def summary(self) -> dict[str, int]:
        """Count the todos and all events, which takes longer the more there are."""
        with self._postgres.cursor() as cursor:
            cursor.execute(_SUMMARY)
            [(todos, events)] = cursor.fetchall()
        return {"todos": todos, "events": events}


def feed_answer(request: Request, event_log: EventLog) -> Response:
    """Answer GET /events: the log from a position on, one event to a line."""
    after = _position(request)
    state = event_log.state()
    # The first page is read before the answer begins, so that it is a 503 if the server is away.
    first, last = event_log.page(after)

    def lines() -> Iterator[str]:
        events, position = first, last
        while events:
            yield "\n".join(events) + "\n"
            events, position = event_log.page(position) if len(events) == PAGE else ([], position)

    return Response(lines(), headers=state, content_type="application/x-ndjson")


def _position(request: Request) -> Position:
    value = request.args.get("after")
    if set(request.args) - {"after"}:
        raise Problem(400, "bad-parameter", "A parameter cannot be used.", "There is only after.")
    if value is None:
        return Position()
    try:
        return Position.of(value)
    except ValueError:
        detail = "after is the position of an event, such as 745-12."
        raise Problem(400, "bad-parameter", "A parameter cannot be used.", detail) from None
