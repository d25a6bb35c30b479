"""All that was added to the tables before the schema had versions."""

from alembic import op
from sqlalchemy import text

from command_service.migrations import index_while_commands_go_on, run_sql_of

revision = "0002"
down_revision = "0001"

_KEY = """
SELECT i.indnkeyatts FROM pg_index AS i WHERE i.indrelid = 'events'::regclass AND i.indisprimary
"""


def upgrade() -> None:
    """Bring a database of any commit since the first release up to here."""
    if op.get_bind().execute(text(_KEY)).scalar() == 1:
        index_while_commands_go_on(
            "events_in_order", "events (transaction_id, position)", unique=True
        )
    run_sql_of(__file__)
