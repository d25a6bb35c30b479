"""The schema goes up with data and under load, and never down."""

import contextlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg2
import pytest
from flask.testing import FlaskClient

from chassis.errors import ServerUnavailable
from command_service.database import KNOWN, write_database
from command_service.migrate import migrate
from command_service.outbox import PREPARED, Outbox
from stack.local import LocalStack
from stack.programs import ROOT
from tests.support import until
from tests.unit.test_apps import command_app
from tests.upgrade.first_release import SCHEMA, FirstRelease

# What a schema consists of, as far as a program can tell.
CONTENTS = """
SELECT 'column', table_name, column_name, data_type, is_nullable, column_default
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'index', tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'function', proname, pg_get_functiondef(oid), '', '', ''
  FROM pg_proc WHERE pronamespace = 'public'::regnamespace
UNION ALL
SELECT 'trigger', tgname, tgrelid::regclass::text, '', '', '' FROM pg_trigger
 WHERE NOT tgisinternal
ORDER BY 1, 2, 3
"""


@pytest.fixture
def url(stack: LocalStack) -> Iterator[str]:
    """The address of an empty database beside the stack's own."""
    server = stack.urls.database_url
    run(server, "CREATE DATABASE upgraded")
    yield f"{server.rpartition('/')[0]}/upgraded"
    run(server, "DROP DATABASE upgraded WITH (FORCE)")


def run(url: str, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []


def upgrade(url: str) -> None:
    """Migrate as the program does: until it is through."""

    def is_through() -> bool:
        try:
            migrate(url)
        except ServerUnavailable:
            return False
        return True

    until(is_through)


def feed(service: FlaskClient) -> list[dict[str, Any]]:
    answer = service.get("/events")
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def test_the_code_knows_the_newest_version_of_the_schema(url: str) -> None:
    migrate(url)
    assert run(url, "SELECT version_num FROM alembic_version") == [(f"{KNOWN:04d}",)]


def test_the_first_releases_schema_goes_up_while_old_and_new_programs_work(url: str) -> None:
    old = FirstRelease(url)
    old.make_tables()
    published = old.published
    with old.at_work():
        until(lambda: len(old.acknowledged) > 50)
        upgrade(url)
        service = command_app(DATABASE_URL=url).test_client()
        so_far = len(old.acknowledged)
        for number in range(50):
            created = service.post("/todos", json={"title": f"Of the new one {number}"})
            assert created.status_code == 201, created.text
            old.acknowledged[created.get_json()["id"]] = 1
        # A command of the new program on a todo of the old one.
        first = min(old.acknowledged)
        until(lambda: old.acknowledged[first] == 2)
        assert service.patch(f"/todos/{first}", json={"title": "Changed"}).status_code == 200
        old.acknowledged[first] = 3
        until(lambda: len(old.acknowledged) > so_far + 100)
    # The new relay takes over where the old one was.
    outbox = Outbox(write_database(url, PREPARED))
    with outbox.closing():
        assert outbox.try_to_lead()
        while events := outbox.take_oldest(100):
            published += [str(event.id) for event in events]
            outbox.remove_published(events)

    assert old.failures == []
    assert dict(run(url, "SELECT id, version FROM todos")) == old.acknowledged
    logged = feed(service)
    assert Counter(event["subject"] for event in logged) == Counter(
        {str(todo_id): version for todo_id, version in old.acknowledged.items()}
    )
    # Nothing lost, and nothing twice.
    assert sorted(published) == sorted(event["id"] for event in logged)


def test_it_becomes_what_a_new_database_is(url: str) -> None:
    upgrade(url)
    made = run(url, CONTENTS)
    run(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    run(url, SCHEMA)
    upgrade(url)
    assert run(url, CONTENTS) == made


def test_programs_that_migrate_at_once_wait_for_each_other(url: str) -> None:
    run(url, SCHEMA)
    with ThreadPoolExecutor(4) as starters:
        list(starters.map(upgrade, [url] * 4))
    assert run(url, "SELECT count(*) FROM alembic_version") == [(1,)]


def test_a_migration_that_finds_a_table_in_use_does_not_hold_up_the_commands(url: str) -> None:
    run(url, SCHEMA)
    with contextlib.closing(psycopg2.connect(url)) as other, other.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM outbox")
        with pytest.raises(ServerUnavailable, match="lock timeout"):
            migrate(url)
        other.rollback()
    migrate(url)


def test_a_downgrade_is_refused_with_the_reason(url: str) -> None:
    migrate(url)
    run(url, "UPDATE alembic_version SET version_num = '0099'")
    settings = {**os.environ, "DATABASE_URL": url}
    refused = subprocess.run(
        [sys.executable, "-m", "command_service.migrate"],
        cwd=ROOT,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "The database has version 0099" in refused.stderr
    assert f"this program knows {KNOWN:04d} at most" in refused.stderr
    assert run(url, "SELECT version_num FROM alembic_version") == [("0099",)]

    # What the newer one has only added does not keep an older program from its work.
    service = command_app(DATABASE_URL=url).test_client()
    assert service.post("/todos", json={"title": "By an older program"}).status_code == 201
    run(url, "UPDATE schema_needs SET version = 99")
    service = command_app(DATABASE_URL=url).test_client()
    assert service.post("/todos", json={"title": "No longer"}).status_code == 503
    assert (
        f"programs that know version 99, and this one knows {KNOWN}"
        in (service.get("/readyz").get_json()["checks"]["postgresql"])
    )


def test_a_program_whose_schema_is_not_there_yet_says_how_to_make_it(url: str) -> None:
    service = command_app(DATABASE_URL=url).test_client()
    reason = "run `python -m command_service.migrate`"
    assert reason in service.get("/readyz").get_json()["checks"]["postgresql"]
    run(url, SCHEMA)
    assert reason in service.get("/readyz").get_json()["checks"]["postgresql"]
    migrate(url)
    assert service.post("/todos", json={"title": "Now"}).status_code == 201
