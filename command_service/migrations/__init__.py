"""The write side's schema, version by version: plain SQL, applied by Alembic.

docs/upgrades.md says what a version may change, and in which order.
"""

from pathlib import Path

from alembic import op


def run_sql_of(module: str) -> None:
    """Run the script beside a version's module, in the transaction of that version.

    As the driver's own text: SQLAlchemy would take its colons for parameters.
    """
    script = Path(module).with_suffix(".sql").read_text(encoding="utf-8")
    op.get_bind().connection.cursor().execute(script)


def index_while_commands_go_on(name: str, what: str, *, unique: bool = False) -> None:
    """Make an index, however long the table is.

    Args:
        name: the index. What an attempt that was cut short has left of it is of no use.
        what: the table and its columns.
        unique: whether no two rows may be the same in it.

    Source: https://www.postgresql.org/docs/15/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
    """
    kind = "UNIQUE INDEX" if unique else "INDEX"
    with op.get_context().autocommit_block():
        # It waits for all transactions that are open, and nobody waits for it.
        op.execute("SET lock_timeout = 0")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        op.execute(f"CREATE {kind} CONCURRENTLY {name} ON {what}")
        op.execute("RESET lock_timeout")
