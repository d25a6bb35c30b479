"""All that was added to the tables before the schema had versions."""

from alembic import op
from sqlalchemy import text

from command_service.migrations import run_sql_of

revision = "0002"
down_revision = "0001"

_KEY = """
SELECT i.indnkeyatts FROM pg_index AS i WHERE i.indrelid = 'events'::regclass AND i.indisprimary
"""


def upgrade() -> None:
    """Bring a database of any commit since the first release up to here."""
    if op.get_bind().execute(text(_KEY)).scalar() == 1:
        _index_the_log_in_its_order()
    run_sql_of(__file__)


def _index_the_log_in_its_order() -> None:
    """Make the index of the log's new key while commands go on, however long the log is.

    What an attempt that was cut short has left is of no use.
    Source: https://www.postgresql.org/docs/15/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
    """
    with op.get_context().autocommit_block():
        # It waits for all transactions that are open, and nobody waits for it.
        op.execute("SET lock_timeout = 0")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS events_in_order")
        op.execute(
            "CREATE UNIQUE INDEX CONCURRENTLY events_in_order ON events (transaction_id, position)"
        )
        op.execute("RESET lock_timeout")
