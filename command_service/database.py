"""The write side's database: which schema it has to have, and how statements are planned."""

from psycopg2.errors import UndefinedTable
from psycopg2.extensions import cursor as Cursor  # noqa: N812, it is a class

from chassis.errors import ServerUnavailable
from chassis.postgres import SERVER, Postgres
from chassis.routes import Route

# The version of the schema that this code reads and writes: the newest of `migrations`.
KNOWN = 3
_VERSIONS = """
SELECT (SELECT version_num::int FROM alembic_version), (SELECT version FROM schema_needs)
"""
_MIGRATE = "run `python -m command_service.migrate`"
# One plan for each prepared statement, by key (docs/decisions/0011). Left to itself, PostgreSQL
# plans some of them every time, because the contents of an array might matter; and while a table
# is empty it chooses a plan that reads all of it, and keeps that plan when rows arrive. The outbox
# is a queue: it is empty whenever all is well.
_PLANNING = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off"


def write_database(url: str, prepared: str, route: Route | None = None) -> Postgres:
    """Return connections to the write side's tables, with these statements prepared."""
    return Postgres(url, begin_use, prepared, _PLANNING, route)


def begin_use(cursor: Cursor) -> None:
    """Have the database made ready for us. Raises ServerUnavailable if it is not for this code."""
    try:
        cursor.execute(_VERSIONS)
    except UndefinedTable:
        reason = f"its schema has no version, or is not there: {_MIGRATE}"
        raise ServerUnavailable(SERVER, reason) from None
    [(version, needed)] = cursor.fetchall()
    if version is None or version < KNOWN:
        reason = f"its schema is version {version}, and this program needs {KNOWN}: {_MIGRATE}"
        raise ServerUnavailable(SERVER, reason)
    if needed > KNOWN:
        raise ServerUnavailable(
            SERVER,
            f"its schema is version {version}, for programs that know version {needed}, and this "
            f"one knows {KNOWN}: start the newer one",
        )
    cursor.execute("SELECT begin_use()")
