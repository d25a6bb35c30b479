"""The log, restored into a cluster whose transactions count from the start."""

import contextlib
import io
import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from flask.testing import FlaskClient

from command_service.migrate import migrate
from stack.local import LocalStack
from stack.passwords import Passwords
from stack.ports import LOOPBACK, Ports
from stack.programs import USER
from stack.servers import postgresql
from tests.support import Client, rows, until
from tests.unit.test_apps import command_app

# As pg_dump and pg_restore copy them.
TABLES = ("todos", "events", "outbox", "idempotency_keys")
SEQUENCES = ("todos_id_seq", "events_position_seq")
PASSWORD = Passwords().postgresql
# A new cluster has used some 700 transactions when it starts.
BURNT = "DO $$ BEGIN FOR i IN 1..3000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$"


@pytest.fixture
def new_cluster(tmp_path: Path) -> Iterator[str]:
    """The address of a database in a cluster that was just made."""
    tmp_path.chmod(0o755)
    port = Ports.free().postgresql
    program = postgresql.prepare(tmp_path, port, PASSWORD)
    server = subprocess.Popen(
        program.command, cwd=program.directory, user=program.user, stderr=subprocess.DEVNULL
    )
    try:
        given = f"{USER}:{PASSWORD}@{LOOPBACK}:{port}"
        url = f"postgresql://{given}/eventually"
        until(lambda: postgresql.accepts(url))
        yield url
    finally:
        # A fast shutdown; SIGTERM would wait for the clients to leave.
        server.send_signal(signal.SIGINT)
        server.wait(60)
        postgresql.remove(tmp_path)


def restore(source_url: str, target_url: str) -> None:
    with (
        contextlib.closing(psycopg2.connect(source_url)) as source,
        contextlib.closing(psycopg2.connect(target_url)) as target,
    ):
        with source.cursor() as reads, target.cursor() as writes:
            for table in TABLES:
                copied = io.StringIO()
                reads.copy_expert(f"COPY {table} TO STDOUT", copied)
                copied.seek(0)
                writes.copy_expert(f"COPY {table} FROM STDIN", copied)
            for sequence in SEQUENCES:
                reads.execute(f"SELECT last_value, is_called FROM {sequence}")  # noqa: S608
                writes.execute("SELECT setval(%s, %s, %s)", (sequence, *(reads.fetchone() or ())))
        target.commit()


def feed(service: FlaskClient, after: str | None = None) -> list[dict[str, str]]:
    answer = service.get("/events", query_string={"after": after} if after else {})
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_a_restored_log_is_read_whole_and_goes_on_where_it_ended(
    stack: LocalStack, client: Client, new_cluster: str
) -> None:
    with contextlib.closing(psycopg2.connect(stack.urls.database_url)) as connection:
        connection.autocommit = True
        connection.cursor().execute(BURNT)
    kept, gone = (client.post(title).json()["id"] for title in ("Kept", "Gone"))
    client.delete(gone)
    migrate(new_cluster)
    restore(stack.urls.database_url, new_cluster)
    service = command_app(DATABASE_URL=new_cluster).test_client()

    original = [tuple(row) for row in rows(stack, "SELECT id::text FROM events")]
    restored = feed(service)
    assert sorted(event["id"] for event in restored) == sorted(event_id for (event_id,) in original)
    assert str(kept) in {event["subject"] for event in restored}

    # Twice, since the numbers must go on and not only jump once.
    last = restored[-1]["position"]
    for title in ("After the restore", "And after that"):
        created = service.post("/todos", json={"title": title}).get_json()["id"]
        [event] = feed(service, last)
        assert event["subject"] == str(created)
        last = event["position"]
    summary = service.get("/events/summary").get_json()
    assert summary["events"] == len(feed(service))
