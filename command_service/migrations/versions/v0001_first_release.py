"""The tables as the first release made them, without a tool."""

from command_service.migrations import run_sql_of

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make them, unless they are there: a database of that time says nothing of its version."""
    run_sql_of(__file__)
