"""Old idempotency keys are found without reading all of them."""

from command_service.migrations import index_while_commands_go_on

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the index that command_service/old_keys.py looks them up by."""
    index_while_commands_go_on("idempotency_keys_by_age", "idempotency_keys (written_at)")
