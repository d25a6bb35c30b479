"""The write side's database: where its tables come from, and how its statements are planned."""

from pathlib import Path

from chassis.postgres import Postgres

_SCHEMA = Path(__file__).with_name("schema.sql")
# One plan for each prepared statement, found by key (docs/decisions/0011). Left to itself,
# PostgreSQL plans some anew each time, since what an array holds might matter; and it makes a plan
# that reads all of a table while the table is empty, and keeps it when the rows come. The outbox
# is a queue: it is empty whenever all is well.
_PLANNING = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off"


def write_database(url: str, prepared: str) -> Postgres:
    """Return the way to the write side's tables, by the statements that are prepared for it."""
    return Postgres(url, _SCHEMA, prepared, _PLANNING)
