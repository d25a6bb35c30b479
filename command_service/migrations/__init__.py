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
