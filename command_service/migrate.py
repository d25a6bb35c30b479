"""Brings the write side's schema to the newest version: `python -m command_service.migrate`.

It waits for PostgreSQL, and for others that do the same. Whoever it is killed by, each version is
there as a whole or not at all, and the next start goes on from there.
"""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from chassis.backoff import Backoff
from chassis.errors import ServerUnavailable, first_line
from chassis.lifecycle import stop_on_signals
from chassis.log import set_up_logging
from chassis.postgres import SERVER
from chassis.settings import Environment
from command_service.settings import MigrationSettings

_HERE = Path(__file__).parent
# Which of the roles may do what, as far as they exist.
_GRANTS = _HERE / "grants.sql"
# A command that comes meanwhile waits behind us for so long at most. It is less than the server's
# deadlock_timeout, so if we and a command wait for each other, we are the one to give way.
_OPTIONS = "-c timezone=UTC -c lock_timeout=500ms"
_LOCK = "SELECT pg_try_advisory_lock(hashtext('eventually.schema'))"

log = logging.getLogger(__name__)


class Refused(Exception):
    """The schema cannot be brought to the newest version; the text says why."""


def migrate(url: str) -> None:
    """Bring the schema to the newest version.

    Args:
        url: a libpq URL.

    Raises:
        Refused: waiting does not help.
        ServerUnavailable: it may help.
    """
    config = Config()
    config.set_main_option("script_location", str(_HERE / "migrations"))
    with _translated(), _alone(url) as connection:
        versions = ScriptDirectory.from_config(config)
        found, newest = _version_of(connection), versions.get_current_head()
        if found is not None and found not in {it.revision for it in versions.walk_revisions()}:
            raise Refused(
                f"The database has version {found} of the schema, and this program knows {newest} "
                "at most. A newer one has changed it, and nothing changes it back. Start the newer "
                "one, or restore a backup from before (docs/upgrades.md)."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        log.info("the schema has version %s; it had %s", newest, found or "none")
        if _GRANTS.exists():
            connection.connection.cursor().execute(_GRANTS.read_text(encoding="utf-8"))
            connection.commit()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, psycopg2.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
        if isinstance(cause, psycopg2.OperationalError):
            raise ServerUnavailable(SERVER, first_line(cause)) from error
        raise Refused(f"PostgreSQL refused: {first_line(cause)}") from error


@contextmanager
def _alone(url: str) -> Iterator[Connection]:
    """Connect, and be the only one that changes the schema; the lock goes with the connection."""
    engine = create_engine(
        "postgresql+psycopg2://",
        creator=lambda: psycopg2.connect(url, connect_timeout=2, options=_OPTIONS),
        poolclass=NullPool,
    )
    with engine.connect() as connection:
        if not connection.exec_driver_sql(_LOCK).scalar():
            raise ServerUnavailable(SERVER, "another program is changing the schema")
        connection.commit()
        yield connection


def _version_of(connection: Connection) -> str | None:
    """Return which version of the schema is there, if it says so."""
    found = MigrationContext.configure(connection).get_current_revision()
    connection.commit()
    return found


def main() -> int:
    """Migrate, however long the server takes to come up. Returns the exit status."""
    settings = MigrationSettings.read(Environment.of_process())
    set_up_logging("migrations", settings.log_format)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    stop = threading.Event()
    stop_on_signals(stop)
    backoff = Backoff()
    while not stop.is_set():
        try:
            migrate(settings.database_url)
        except Refused as refused:
            log.critical("%s", refused)
            return 1
        except ServerUnavailable as error:
            if backoff.begins:
                log.warning("waiting for %s", error)
            stop.wait(backoff.next_s())
        else:
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
