"""The write side's database: where its tables come from, and how its statements are planned."""

from pathlib import Path

from chassis.postgres import Postgres
from chassis.routes import Route

_SCHEMA = Path(__file__).with_name("schema.sql")
# One plan for each prepared statement, by key (docs/decisions/0011). Left to itself, PostgreSQL
# plans some of them every time, because the contents of an array might matter; and while a table
# is empty it chooses a plan that reads all of it, and keeps that plan when rows arrive. The outbox
# is a queue: it is empty whenever all is well.
_PLANNING = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off"


def write_database(url: str, prepared: str, route: Route | None = None) -> Postgres:
    """Return connections to the write side's tables, with these statements prepared."""
    return Postgres(url, _SCHEMA, prepared, _PLANNING, route)
